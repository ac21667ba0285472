"""Rules for pages that are read, the chapters and the data page: compute, draw, claim, apart."""

import ast

from coursetools.cells import calls, syntax, tags
from tests.notebooks.rules.reading import code_cells, defines, draws, folded

COMPUTES = "fit", "train", "evaluate", "predict", "encode", "decode", "no_grad"
FITS = "fit_transform", "fit_predict"  # scikit-learn's; the hero may draw its own small map
CLAIMS = "claim", "expect"


def starts_first(notebook):
    """`start` belongs to the set-up: the first code cell, or the one after the installation."""
    setup = [cell for _, cell in code_cells(notebook)][:2]
    if not any(calls(cell, "start") for cell in setup):
        yield "neither of the first two code cells calls start()"


def setup_folded(notebook):
    """Installation, imports and `start` are one or two folded cells."""
    for number, cell in list(code_cells(notebook))[:2]:
        if not folded(cell):
            yield f"cell {number}: the set-up is not folded (hide-input)"
        if calls(cell, "start"):
            return


def words_between_code(notebook):
    """Text stands between two visible code cells; folded ones are none."""
    before = None
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            before = None
        elif not folded(cell):
            if before is not None:
                yield f"cell {number}: visible code after that of cell {before} without a word"
            before = number


def drawings_apart(notebook):
    """A cell that draws is folded, and neither computes nor defines."""
    for number, cell in code_cells(notebook):
        if not draws(cell):
            continue
        if not folded(cell):
            yield f"cell {number}: draws a figure and is not folded (hide-input)"
        hero = "hero" in tags(cell)
        for call in calls(cell, *COMPUTES, *CLAIMS, *(() if hero else FITS)):
            yield f"cell {number}: draws a figure and calls {ast.unparse(call.func)}"
        for node in filter(defines, ast.walk(syntax(cell))):
            yield f"cell {number}: draws a figure and defines {node.name}"


def claims_folded(notebook):
    for number, cell in code_cells(notebook):
        if calls(cell, *CLAIMS) and not folded(cell):
            yield f"cell {number}: claim or expect in a cell that is not folded (hide-input)"
