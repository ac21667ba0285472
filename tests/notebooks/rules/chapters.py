"""Rules for the shape of a chapter, of the data page, and of the author's exercises.

The numbers are hard limits, wider than what authors aim at; the aim stands beside each.
"""

import re
import statistics

from tests.notebooks.rules.reading import claims, code_cells, figures, lines, prose

WORDS = 1500, 3850  # aim: 1,500 to 3,500
CODE_CELLS = 10, 45  # aim: 10 to 30
MEDIAN_LINES = 3, 14  # aim: 5 to 10
FIGURES = 5, 18  # aim: 5 to 10
EXERCISES = 4
SECTIONS = "What you will learn", "Before you start", "Summary", "Exercises", "Further reading"


def starts_first(notebook):
    """`start` belongs to the set-up: the first code cell, or the one after the installation."""
    setup = [cell.source for _, cell in code_cells(notebook)][:2]
    if not any(re.search(r"\bstart\(", source) for source in setup):
        yield "neither of the first two code cells calls start()"


def words_between_code(notebook):
    run = 0
    for number, cell in enumerate(notebook.cells):
        run = run + 1 if cell.cell_type == "code" else 0
        if run == 3:
            yield f"cell {number}: the third code cell in a row without a word"


def opening(notebook):
    """One title, a Colab badge, reading and running time before the first code cell."""
    first = next((number for number, _ in code_cells(notebook)), len(notebook.cells))
    text = "\n".join(cell.source for cell in notebook.cells[:first])
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        yield "cell 0: does not begin with the title, '# ...'"
    if "colab.research.google.com" not in text:
        yield "no Colab badge before the first code cell"
    for kind in ("reading", "running"):
        if not re.search(rf"\b{kind}\b.*\d+ min|\d+ min.*\b{kind}\b", text, re.IGNORECASE):
            yield f"no {kind} time in minutes before the first code cell"


def sections(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    headings = [h.strip().lower() for h in re.findall(r"^##+ (.*)$", text, re.MULTILINE)]
    for section in SECTIONS:
        if section.lower() not in headings:
            yield f"no section {section!r}"


def length(notebook):
    cells = [cell for _, cell in code_cells(notebook)]
    median = statistics.median(map(lines, cells)) if cells else 0
    measured = {
        "words": (len(prose(notebook)), WORDS),
        "code cells": (len(cells), CODE_CELLS),
        "code lines in the median cell": (median, MEDIAN_LINES),
        "figures": (sum(len(figures(cell)) for cell in cells), FIGURES),
    }
    for what, (value, (low, high)) in measured.items():
        if not low <= value <= high:
            yield f"{value:g} {what}; the limits are {low} and {high}"


def makes_claims(notebook):
    if not any(claims(cell) for _, cell in code_cells(notebook)):
        yield "no claim(...): what does the chapter show?"


def enough_exercises(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    numbers = set(re.findall(r"^## Exercise (\d\d\.\d+)", text, re.MULTILINE))
    if len(numbers) < EXERCISES:
        yield f"{len(numbers)} exercises; at least {EXERCISES}"
