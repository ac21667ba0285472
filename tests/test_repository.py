"""The repository agrees with itself: files, address, versions, floors, sizes."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ADDRESS = PROJECT["urls"]["Repository"]

TOP_LEVEL = {
    ".ci",
    ".github",
    ".gitignore",
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
    """The Python files of the package, without the `__init__.py`, below coursekit/."""
    files = sorted((ROOT / "coursekit").rglob("*.py"))
    return [path.relative_to(ROOT / "coursekit") for path in files if path.name != "__init__.py"]


@pytest.mark.parametrize("module", modules(), ids=str)
def test_every_module_has_tests(module):
    name = module.stem.strip("_")
    tests = list((ROOT / "tests" / module.parent).glob(f"test_{name}*.py"))
    assert tests, f"coursekit/{module} has no tests/{module.parent}/test_{name}.py"


def python_files():
    return [path for path in tracked() if path.suffix == ".py"]


def test_files_stay_short():
    long = {
        str(path): count
        for path in python_files()
        if (count := len((ROOT / path).read_text().splitlines())) > MOST_LINES
    }
    assert not long, f"over {MOST_LINES} lines, one idea a file: {long}"


# ---------------------------------------------------------------------------- address, versions


def test_the_address_stands_the_same_everywhere():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert config["repository"]["url"] == ADDRESS
    assert citation["repository-code"] == ADDRESS
    assert str(citation["version"]) == PROJECT["version"]


def requirements():
    """Every requirement of pyproject.toml, of all its lists."""
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return [Requirement(text) for entries in lists for text in entries]


def pins():
    """{name: version} of constraints.txt, where every line is name==version."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_every_requirement_has_a_tested_version_within_its_bounds(requirement):
    assert requirement.specifier, f"{requirement.name} has no lower bound"
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_pins_hold_for_every_build_of_torch():
    assert not [name for name, version in pins().items() if "+" in version]
    assert not [name for name in pins() if name.startswith(("nvidia-", "cuda-", "triton"))]


def test_the_conda_environment_is_the_same_as_the_projects():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, packages = environment["dependencies"]
    lowest, highest = python_range()
    above = highest.split(".")[0] + f".{int(highest.split('.')[1]) + 1}"
    assert python == f"python>={lowest},<{above}" and pip == "pip"
    # The packages are those of pyproject.toml by reference, so nothing can drift.
    assert packages == {"pip": ["-c constraints.txt", "-e .[book,test]"]}


def python_range():
    """The lowest and the highest Python that the Makefile accepts."""
    found = re.search(r"\((3), (\d+)\) <= .* <= \((3), (\d+)\)", (ROOT / "Makefile").read_text())
    return f"{found[1]}.{found[2]}", f"{found[3]}.{found[4]}"


def test_one_range_of_python_versions():
    assert PROJECT["requires-python"] == f">={python_range()[0]}"
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python"] == list(python_range())


# ---------------------------------------------------------------------------- floors


def imported_rooms(source, module):
    """The rooms of coursekit that a module imports; `module` is "plots" or "data.digits"."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = f"coursekit.{module}".split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("coursekit."))


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
