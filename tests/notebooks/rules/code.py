"""Rules for the code of any notebook: size of cells, installation, claims, checked cells."""

import re
import tomllib

from coursetools.cells import calls, tags
from tests.notebooks.rules.reading import (
    ROOT,
    checked,
    code_cells,
    compared,
    figures,
    lines,
    visible_cells,
)

ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]

MOST_LINES = 25  # of a visible cell
COLUMNS = 88


def short_cells(notebook):
    for number, cell in visible_cells(notebook):
        if lines(cell) > MOST_LINES:
            yield f"cell {number}: {lines(cell)} visible lines of code; at most {MOST_LINES}"


def short_lines(notebook):
    for number, cell in code_cells(notebook):
        columns = max(map(len, cell.source.splitlines()))
        if columns > COLUMNS:
            yield f"cell {number}: a line of {columns} columns; at most {COLUMNS}"


def installs_first(notebook):
    """The first code cell, and no other, installs coursekit where it is missing."""
    cells = list(code_cells(notebook))
    install = re.compile(rf"pip install -q git\+{re.escape(ADDRESS)}$", re.MULTILINE)
    if not cells or not install.search(cells[0][1].source):
        yield f"the first code cell does not run: pip install -q git+{ADDRESS}"
    for number, cell in cells[1:]:
        if "pip install" in cell.source:
            yield f"cell {number}: installs packages; that is the setup cell's task"


def folded_everywhere(notebook):
    """Colab and JupyterLab fold what the book folds: a run writes their marks."""
    for number, cell in code_cells(notebook):
        marked = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        if not ("hide-input" in tags(cell)) == marked == (cell.metadata.get("cellView") == "form"):
            yield f"cell {number}: the tag hide-input changed after the run; run it again"


def claims_checked(notebook):
    for number, cell in code_cells(notebook):
        if calls(cell, "claim") and not checked(cell):
            yield f"cell {number}: a claim without the tag nbval-check-output"


def tags_not_comments(notebook):
    for number, cell in code_cells(notebook):
        if re.search(r"#\s*NBVAL_", cell.source):
            yield f"cell {number}: a comment for nbval; give the cell the tag nbval-check-output"


def checked_outputs_stable(notebook):
    """A compared output holds nothing that profiles, seeds or machines change."""
    for number, cell in code_cells(notebook):
        if not checked(cell):
            continue
        if calls(cell, "expect"):
            yield f"cell {number}: expect(...) in a checked cell; its value differs by profile"
        if figures(cell):
            yield f"cell {number}: a figure in a checked cell; its bytes differ by machine"
        for match in map(re.compile(r"\d\.\d{4,}").search, compared(cell)):
            if match:
                yield f"cell {number}: {match.group()} in a checked cell; round it"
