"""The answers in the exercise notebooks, and what they score."""

from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from coursekit.exercises import NotYet

ROOT = Path(__file__).parents[2]


def _answers(folder):
    """What each check cell of the notebooks in `folder` would check: {"01.1": function}.

    The cells below a check, which put its answer to use, stay out: stubs are of no use.
    """
    found = {}
    for path in sorted((ROOT / folder).glob("*.ipynb")):
        namespace = {}
        for cell in nbformat.read(path, as_version=4).cells:
            nbgrader = cell.metadata.get("nbgrader", {"locked": False})
            use = nbgrader["locked"] and not nbgrader["grade"]
            if cell.cell_type == "code" and not use:
                exec(TransformerManager().transform_cell(cell.source), namespace)
                namespace["check"] = found.__setitem__
    return found


@pytest.fixture(scope="session")
def solutions():
    """The author's answers, by exercise number."""
    return _answers("notebooks/exercises")


@pytest.fixture(scope="session")
def stubs():
    """What the students' notebooks start with, by exercise number."""
    return _answers("book/exercises")


@pytest.fixture(scope="session")
def score():
    """The points that an answer to an exercise earns with a given seed."""

    def points(exercise, answer, seed):
        earned = 0
        for test in exercise.tests:
            try:
                test.run(answer, seed)
                earned += test.points
            except NotYet:
                pass
        return earned

    return points
