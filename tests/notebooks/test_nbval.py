"""nbval, the gate that `make test` sends every notebook through, goes red when it should."""

import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output


def cell(source, stored):
    output = new_output("stream", name="stdout", text=f"{stored}\n")
    return new_code_cell(f"# NBVAL_CHECK_OUTPUT\n{source}", execution_count=1, outputs=[output])


def test_nbval_accepts_what_holds_and_rejects_what_does_not(tmp_path):
    cells = [
        cell("from coursekit.checks import claim\nclaim('one is small', True)", "✓ one is small"),
        cell("claim('two is small', True)", "✓ two is tiny"),
        cell("claim('three is small', 3 < 2)", "✓ three is small"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "claims.ipynb")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "-v", "claims.ipynb"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Cell 0 PASSED" in run.stdout
    assert "Cell 1 FAILED" in run.stdout and "two is tiny" in run.stdout
    assert "Cell 2 FAILED" in run.stdout and "does not hold: three is small" in run.stdout
