"""Every room has a face: an index and its public names, typed, with nothing defined in it."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FACES = sorted(path.parent for path in ROOT.glob("coursekit/*/__init__.py"))
MODULES = sorted(path for path in ROOT.glob("coursekit/**/*.py") if path.stem[:2] != "__")


def definitions(source):
    """What a module does beside importing and listing its names."""
    for node in ast.parse(source).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        names = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if not (docstring or names or isinstance(node, ast.Import | ast.ImportFrom)):
            yield ast.unparse(node).splitlines()[0]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_a_face_defines_nothing(face):
    assert list(definitions((face / "__init__.py").read_text())) == []


@pytest.mark.parametrize("source", ["def f(): pass", "X = 1", "class A: pass", "for i in (): pass"])
def test_a_definition_is_found(source):
    assert len(list(definitions(f'"""Index."""\nimport math\n{source}\n__all__ = ["f"]'))) == 1


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_a_face_lists_its_modules_and_no_name_hides_one(face):
    room = importlib.import_module(f"coursekit.{face.name}")
    modules = {path.stem for path in face.glob("*.py")} - {"__init__"}
    missing = [name for name in modules if name not in room.__doc__ and name[:8] != "chapter_"]
    assert not missing, f"the index of coursekit.{face.name} lacks {missing}"
    assert not modules & set(room.__all__), "a public name hides the module that it lies in"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_names_its_chapters(module):
    docstring = ast.get_docstring(ast.parse(module.read_text()))
    assert "chapter" in (docstring or ""), (
        f"say at the end of {module.name}'s docstring who uses it"
    )


def untyped(function):
    """The arguments of a function, and "return", that carry no annotation."""
    signature = inspect.signature(function)
    for name, parameter in signature.parameters.items():
        if parameter.annotation is parameter.empty and name not in ("self", "cls"):
            yield name


def public_functions():
    for face in FACES:
        room = importlib.import_module(f"coursekit.{face.name}")
        for name in room.__all__:
            value = getattr(room, name)
            if inspect.isfunction(value):
                yield pytest.param(value, id=f"{face.name}.{name}")
            elif inspect.isclass(value) and "__init__" in vars(value):
                yield pytest.param(value.__init__, id=f"{face.name}.{name}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_public_signatures_are_typed(function):
    anything = ("check_choice", "check_kind", "describe")  # for values of any type
    assert not list(untyped(function)) or function.__name__ in anything, list(untyped(function))


def test_a_missing_type_is_found():
    def f(x: int, y):
        return x, y

    assert list(untyped(f)) == ["y"]
