"""Rules for the shape of a chapter, and of the author's exercises.

The numbers are hard limits, in part wider than what authors aim at; the aim stands beside each.
"""

import math
import re
import statistics
from typing import NamedTuple

from coursetools.cells import calls, picture, tags
from tests.notebooks.rules.reading import (
    alive,
    code_cells,
    figures,
    folded,
    headings,
    lines,
    prose,
    visible_cells,
)


class Limits(NamedTuple):
    """The least and the most of what a chapter has."""

    words: tuple[int, int] = (1350, 3850)  # aim: 1,500 to 3,500
    sections: tuple[int, int] = (5, 7)  # without the closing ones
    figures: tuple[int, int] = (5, 10)
    claims: tuple[int, int] = (3, 8)


USUAL = Limits()
LONG = Limits(words=(1350, 5500), sections=(5, 9), figures=(5, 14), claims=(3, 12))
LONG_CHAPTERS = "02", "04", "05", "08"
CLOSING = ["Summary", "Check yourself", "Exercises", "Further reading"]
QUESTIONS = 3, 6
LIVING = 1, 3  # aim: 1 or 2
MEDIAN_LINES = 3, 10  # of the visible code cells; aim: 5 to 8
LINES = 16  # that nine visible cells in ten keep to
WORDS_PER_LINE = 8, 24  # of visible code; aim: 10 to 20
EXERCISES = 4


def limits(path):
    """The limits of the chapter in this file."""
    return LONG if path.name[:2] in LONG_CHAPTERS else USUAL


def outside(value, limits, what):
    """A finding where a value lies outside its limits."""
    low, high = limits
    if not low <= value <= high:
        yield f"{value:g} {what}; the limits are {low} and {high}"


def opening(notebook):
    """The first screen: title, hero, Colab link, reading and running time, no visible code."""
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        yield "cell 0: does not begin with the title, '# ...'"
    first = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and not folded(cell):
            yield f"cell {number}: visible code before the first section"
        first.append(cell)
        if cell.cell_type == "markdown" and re.search("^## ", cell.source, re.MULTILINE):
            break
    text = "\n".join(cell.source for cell in first if cell.cell_type == "markdown")
    text = re.split("^## ", text, flags=re.MULTILINE)[0]
    if "](https://colab.research.google.com/" not in text:
        yield "no link to Colab before the first section"
    for kind in ("reading", "running"):
        if not re.search(rf"\b{kind}\b.*\d+ min|\d+ min.*\b{kind}\b", text, re.IGNORECASE):
            yield f"no {kind} time in minutes before the first section"
    if not any("hero" in tags(cell) for cell in first):
        yield "no cell tagged hero before the first section"


def one_hero(notebook):
    """The chapter's best picture, of a folded cell; the landing page shows it."""
    found = [(number, cell) for number, cell in code_cells(notebook) if "hero" in tags(cell)]
    yield from outside(len(found), (1, 1), "cells tagged hero")
    for number, cell in found:
        if "hide-input" not in tags(cell):
            yield f"cell {number}: the hero's code is not folded (hide-input)"
        if not picture(cell):
            yield f"cell {number}: the hero shows no picture"


def sections(notebook, limits=USUAL):
    names = [name for name, _ in headings(notebook)]
    if names[-len(CLOSING) :] != CLOSING:
        yield f"the last sections are not {', '.join(CLOSING)}, in this order"
    told = [name for name in names if name not in CLOSING]
    yield from outside(len(told), limits.sections, "sections before the closing ones")


def questions(notebook):
    text = dict(headings(notebook)).get("Check yourself", "")
    yield from outside(text.count("<details"), QUESTIONS, "folded answers in 'Check yourself'")


def size(notebook, limits=USUAL):
    cells = [cell for _, cell in code_cells(notebook)]
    yield from outside(len(prose(notebook)), limits.words, "words")
    yield from outside(sum(len(figures(cell)) for cell in cells), limits.figures, "figures")
    yield from outside(sum(len(calls(cell, "claim")) for cell in cells), limits.claims, "claims")


def living(notebook):
    found = [o for _, cell in code_cells(notebook) for o in cell.outputs if alive(o)]
    yield from outside(len(found), LIVING, "living figures in the stored outputs")


def rhythm(notebook):
    """Short pieces of visible code in enough words."""
    counts = {number: lines(cell) for number, cell in visible_cells(notebook)}
    median = statistics.median(counts.values()) if counts else 0
    yield from outside(median, MEDIAN_LINES, "lines in the median visible code cell")
    long = [number for number, count in counts.items() if count > LINES]
    if 10 * len(long) > len(counts):
        yield f"cells {long}: over {LINES} lines of code in more than one visible cell in ten"
    rate = len(prose(notebook)) / sum(counts.values()) if counts else math.inf
    yield from outside(round(rate, 1), WORDS_PER_LINE, "words of prose a line of visible code")


def enough_exercises(notebook):
    names = [name for name, _ in headings(notebook)]
    numbers = {name for name in names if re.match(r"Exercise \d\d\.\d+", name)}
    if len(numbers) < EXERCISES:
        yield f"{len(numbers)} exercises; at least {EXERCISES}"
