"""The repository agrees with itself: files, sizes, floors, and what imports what."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("coursekit", "coursetools")

TOP_LEVEL = {
    ".ci",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "REPRODUCTION.md",
    "_config.yml",
    "_toc.yml",
    "benchmarks",
    "book",
    "constraints.txt",
    "coursekit",
    "coursetools",
    "environment.yml",
    "notebooks",
    "pyproject.toml",
    "tests",
}
FLOORS = {
    "arguments": -1,
    "compat": 0,
    "session": 0,
    "data": 0,
    "layers": 0,
    "losses": 0,
    "metrics": 0,
    "models": 1,
    "training": 1,
    "inspection": 1,
    "plots": 2,
    "live": 2,
    "comparisons": 0,
    "checks": 2,
    "exercises": 1,
    "__main__": 3,
}
MOST_LINES = 310  # aim: 200
MACHINE_PATH = re.compile(r"(?<![\w.:])/(?:root|work|tmp|farm|Users|home/\w+)/")


def tracked():
    """Files that git has or would take, as paths below the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def text_files():
    """Pairs (path, text) of the tracked files that are text and the project's own."""
    for path in tracked():
        if path.is_relative_to("book/_static/mathjax"):
            continue
        try:
            yield path, (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            pass


# ---------------------------------------------------------------------------- files


def test_the_top_level_is_what_the_readme_promises():
    assert {path.parts[0] for path in tracked()} == TOP_LEVEL


def test_no_path_of_one_machine():
    found = [
        f"{path}: {match.group()}"
        for path, text in text_files()
        for match in [MACHINE_PATH.search(text)]
        if match
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /" + "tmp/x", True),
        ("'/" + "home/anna/x'", True),
        ("example.org/tmp/x", False),
        ("tests/tmp/x", False),
    ],
)
def test_machine_paths_are_recognised(text, found):
    assert bool(MACHINE_PATH.search(text)) is found


def modules():
    """The Python files of the two packages, without the `__init__.py`."""
    files = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
    return [path.relative_to(ROOT) for path in files if path.name != "__init__.py"]


@pytest.mark.parametrize("module", modules(), ids=str)
def test_every_module_has_tests(module):
    folder = Path("tests", *module.parent.parts[module.parts[0] == "coursekit" :])
    name = module.stem.strip("_")
    assert list((ROOT / folder).glob(f"test_{name}*.py")), f"no {folder}/test_{name}.py"


def python_files():
    return [path for path in tracked() if path.suffix == ".py"]


def test_files_stay_short():
    long = {
        str(path): count
        for path in python_files()
        if (count := len((ROOT / path).read_text().splitlines())) > MOST_LINES
    }
    assert not long, f"over {MOST_LINES} lines, one idea a file: {long}"


# ---------------------------------------------------------------------------- floors


def imported(source, module):
    """The full names of what `module`, such as "coursekit.data.digits", imports anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imported_rooms(source, module):
    """The rooms of coursekit that a module imports; `module` is "plots" or "data.digits"."""
    names = imported(source, f"coursekit.{module}")
    return [name.split(".")[1] for name in names if name.startswith("coursekit.")]


def wrong_imports(source, module):
    """Imports of rooms that are not on a floor below (a room's own modules are allowed)."""
    room = module.split(".")[0]
    rooms = set(imported_rooms(source, module)) - {room}
    return sorted(other for other in rooms if FLOORS[other] >= FLOORS[room])


def test_a_room_imports_only_floors_below():
    wrong = {}
    for path in sorted((ROOT / "coursekit").rglob("*.py")):
        module = path.relative_to(ROOT / "coursekit").with_suffix("")
        if module.parts != ("__init__",):
            wrong[str(module)] = wrong_imports(path.read_text(), ".".join(module.parts))
    assert {module: rooms for module, rooms in wrong.items() if rooms} == {}


def of_the_tools(source):
    """What a module of the readers' library imports of the tools."""
    return [name for name in imported(source, "coursekit.x") if name.startswith("coursetools")]


def test_the_readers_library_imports_nothing_of_the_tools():
    files = sorted((ROOT / "coursekit").rglob("*.py"))
    found = {str(path.relative_to(ROOT)): of_the_tools(path.read_text()) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import coursetools",
        "from coursetools import tables",
        "def f():\n    import coursetools.tables",
    ],
)
def test_an_import_of_the_tools_is_found(source):
    assert of_the_tools(source) and not of_the_tools("from coursekit import exercises")


def test_the_tools_import_the_library_and_themselves_only():
    for path in sorted((ROOT / "coursetools").rglob("*.py")):
        names = imported(path.read_text(), "coursetools")
        assert not [name for name in names if name.split(".")[0] in ("tests", "benchmarks")], path


@pytest.mark.parametrize(
    ("source", "module", "wrong"),
    [
        ("from coursekit.plots import show", "training", ["plots"]),
        ("from coursekit import plots, losses", "training", ["plots"]),
        ("import coursekit.checks", "plots", ["checks"]),
        ("def f():\n    from ..training import fit", "data.digits", ["training"]),
        ("from .store import fetch", "data.digits", []),
        ("from .store import fetch\nfrom coursekit import session", "data.__init__", ["session"]),
        ("from coursekit.data.store import fetch", "data.digits", []),
        ("import torch\nfrom coursekit.losses import mse", "training", []),
    ],
)
def test_a_wrong_import_is_found(source, module, wrong):
    assert wrong_imports(source, module) == wrong
