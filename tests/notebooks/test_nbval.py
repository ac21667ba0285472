"""nbval, the gate that `make test` sends every notebook through, goes red when it should."""

import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.notebooks.rules.reading import ROOT

SANITIZE = Path(__file__).with_name("sanitize.cfg")
IMPORTS = new_code_cell("from coursekit.checks import claim\nsmall, large = 83, 100")


def cell(source, stored, tags=("nbval-check-output",)):
    outputs = [new_output("stream", name="stdout", text=stored)] if stored else []
    return new_code_cell(source, execution_count=1, outputs=outputs, metadata={"tags": list(tags)})


CELLS = {
    "the same": (cell("claim('so', small <= large)", "✓ so (83 <= 100)\n"), ""),
    "other values": (cell("claim('so', small <= large)", "✓ so (7.5 <= 1e+06)\n"), ""),
    "another comparison": (cell("claim('so', large > small > 3)", "✓ so (1 < 2 and 3 < 4)\n"), ""),
    "no values": (cell("claim('so', True)", "✓ so (7 <= 9)\n"), ""),
    "two claims": (
        cell("claim('a', small < 99)\nclaim('b (c)', 0 < 1)", "✓ a (1 < 2)\n✓ b (c) (8 < 9)\n"),
        "",
    ),
    "another text": (
        cell("claim('two is small', 2 < 3)", "✓ two is tiny (2 < 3)\n"),
        "two is tiny",
    ),
    "another bracket in the text": (
        cell("claim('so (k = 2)', small <= large)", "✓ so (k = 3) (83 <= 100)\n"),
        "k = 3",
    ),
    "a claim that is missing": (cell("small", "✓ so (83 <= 100)\n"), "83"),
    "a second claim that is missing": (
        cell("claim('a', small < 99)", "✓ a (83 < 99)\n✓ b (1 < 2)\n"),
        "✓ b",
    ),
    "a claim that is new": (cell("claim('so', small <= large)", ""), "so"),
    "a claim that is false": (
        cell("claim('so', large < small)", "✓ so (1 < 2)\n"),
        "does not hold: so",
    ),
    "without the tag": (cell("print('new')", "old\n", tags=()), ""),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What nbval says of a notebook of all these cells."""
    folder = tmp_path_factory.mktemp("nbval")
    cells = [IMPORTS, *(given for given, _ in CELLS.values())]
    nbformat.write(new_notebook(cells=cells), folder / "claims.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-v", "claims.ipynb"]
    run = subprocess.run(
        [*command, f"--nbval-sanitize-with={SANITIZE}"], capture_output=True, text=True, cwd=folder
    )
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout


def test_every_run_of_pytest_masks_the_values():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]
    assert (
        f"--nbval-sanitize-with={SANITIZE.relative_to(ROOT)}" in settings["ini_options"]["addopts"]
    )


@pytest.mark.parametrize("name", CELLS)
def test_nbval_accepts_what_holds_and_rejects_what_does_not(report, name):
    number, (_, message) = 1 + list(CELLS).index(name), CELLS[name]
    assert f"Cell {number} {'FAILED' if message else 'PASSED'}" in report
    assert message in report
