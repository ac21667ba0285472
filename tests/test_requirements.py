"""Address, versions and packages stand in one place each, and the others agree with it."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ADDRESS = PROJECT["urls"]["Repository"]
CONDA_NAMES = {"torch": "pytorch", "playwright": "playwright-python"}  # where conda-forge differs
PIP_NAMES = {"PIL": "pillow", "sklearn": "scikit-learn"}  # where the import differs


def test_the_address_stands_the_same_everywhere():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert config["repository"]["url"] == ADDRESS
    assert citation["repository-code"] == ADDRESS
    assert str(citation["version"]) == PROJECT["version"]


def requirements():
    """Every requirement of pyproject.toml, of all its lists; an extra may include another one."""
    return needed(*PROJECT["optional-dependencies"])


def needed(*extras):
    """The requirements of the project and of these extras, each once."""
    texts = [*PROJECT["dependencies"]]
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    found = {text: Requirement(text) for text in texts}
    for requirement in [one for one in found.values() if one.name == PROJECT["name"]]:
        del found[str(requirement)]
        found |= {str(one): one for one in needed(*requirement.extras)}
    return list(found.values())


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


def test_the_conda_environment_names_what_the_project_needs():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, *packages, course = environment["dependencies"]
    lowest, highest = python_range()
    above = highest.split(".")[0] + f".{int(highest.split('.')[1]) + 1}"
    assert python == f"python>={lowest},<{above}" and pip == "pip"
    assert course["pip"][0] == "-e ."
    packages += course["pip"][1:]
    by_conda = {
        CONDA_NAMES.get(requirement.name, requirement.name): requirement.specifier
        for requirement in needed("book", "test")
    }
    listed = {Requirement(text).name: Requirement(text).specifier for text in packages}
    assert listed == by_conda and len(listed) == len(packages)


def python_range():
    """The lowest and the highest Python that the Makefile accepts."""
    found = re.search(r"\((3), (\d+)\) <= .* <= \((3), (\d+)\)", (ROOT / "Makefile").read_text())
    return f"{found[1]}.{found[2]}", f"{found[3]}.{found[4]}"


def test_one_range_of_python_versions():
    assert PROJECT["requires-python"] == f">={python_range()[0]}"
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python"] == list(python_range())


def imported(package):
    """The packages that the modules of a package import, by the names that pip knows."""
    own = {"coursekit", "coursetools", *sys.stdlib_module_names}
    found = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.split(".")[0])
    return {PIP_NAMES.get(name, canonicalize_name(name)) for name in found - own}


def test_a_reader_installs_what_the_library_imports_and_nothing_else():
    """In Colab each package more is time before the first cell."""
    assert {canonicalize_name(requirement.name) for requirement in needed()} == imported(
        "coursekit"
    )


def test_the_tools_bring_what_their_code_imports():
    optional = {"distributed"}  # the extra cluster; the command that needs it says so
    brought = {canonicalize_name(requirement.name) for requirement in needed("tools")}
    brought.add("jupyter-client")  # of nbclient, whose kernels it starts
    assert imported("coursetools") - optional <= brought
