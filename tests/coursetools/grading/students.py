"""Students' notebooks of chapter 02 for the tests of the transplant, as JSON."""

import json
from pathlib import Path

from coursetools.grading.assignment import load
from coursetools.grading.transplant import transplant

ROOT = Path(__file__).parents[3]
SOURCES = sorted(ROOT.glob("notebooks/exercises/*.ipynb"))
ASSIGNMENT = load(SOURCES[1])
AUC = "# exercise 02.3, keep this line\ndef auc(scores, labels):\n    return 0.5"


def released():
    """The students' notebook of chapter 02, as JSON."""
    return json.loads((ROOT / "book/exercises" / SOURCES[1].name).read_text(encoding="utf-8"))


def answered(source=AUC, number="02-3"):
    """The students' notebook with one answer in it."""
    notebook = released()
    cell(notebook, f"answer-{number}")["source"] = source
    return notebook


def cell(notebook, name):
    """The cell with this id."""
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def insert(notebook, after, source, kind="code"):
    """Add a cell below another."""
    place = notebook["cells"].index(cell(notebook, after)) + 1
    notebook["cells"].insert(place, {"cell_type": kind, "source": source})


def moved(notebook, assignment=ASSIGNMENT):
    """What the transplant makes of it."""
    return transplant(json.dumps(notebook).encode(), assignment)
