"""The hero of a chapter: which cell it is, and the picture that is stored."""

import base64
import io

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from coursetools import heroes


def notebook(*sizes, tags=("hide-input", "hero"), mode="RGB"):
    """A notebook of a text cell and hero cells with pictures of these sizes; None: no picture."""
    cells = [new_markdown_cell("# Title", metadata={"tags": ["hero"]}), new_code_cell("1")]
    for size in sizes:
        buffer = io.BytesIO()
        Image.new(mode, size or (1, 1), 1).save(buffer, "png")
        data = {"image/png": base64.b64encode(buffer.getvalue()).decode()} if size else {}
        cell = new_code_cell("show()", outputs=[new_output("display_data", data=data)])
        cell.metadata["tags"] = list(tags)
        cells.append(cell)
    return new_notebook(cells=cells)


@pytest.mark.parametrize("mode", ["RGB", "P"])
@pytest.mark.parametrize(
    ("size", "stored"), [((2400, 900), (1200, 450)), ((300, 2000), (300, 2000))]
)
def test_a_hero_is_scaled_down_to_the_width(size, stored, mode):
    content = heroes.png(notebook(size, mode=mode))
    assert Image.open(io.BytesIO(content)).size == stored
    assert heroes.problems(notebook(size)) == []


def test_a_notebook_without_a_hero_is_fine():
    assert heroes.png(notebook()) is None and heroes.problems(notebook()) == []
    assert heroes.png(notebook((9, 9), tags=["hide-input"])) is None


def test_two_heroes_and_one_without_a_picture_are_problems():
    (two,) = heroes.problems(notebook((9, 9), (9, 9)))
    assert two == "cells 2, 3 are tagged hero; a chapter has one hero"
    (none,) = heroes.problems(notebook(None))
    assert none == "cell 2 is tagged hero and shows no picture; end it with show(...)"
