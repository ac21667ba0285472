"""The committed notebooks keep the rules."""

import pytest

from tests.notebooks.rules import ROOT, committed, findings

COMMITTED = committed()


def test_there_are_notebooks_to_check():
    assert COMMITTED, "no notebook under notebooks/ or book/: the rules would prove nothing"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_committed_notebook_keeps_the_rules(path):
    found = findings(path, COMMITTED[path])
    assert not found, "\n".join(["", *found])


def test_every_chapter_has_its_exercises():
    chapters = {path.name for path in ROOT.glob("notebooks/*.ipynb")}
    exercises = {path.name for path in ROOT.glob("notebooks/exercises/*.ipynb")}
    assert chapters == exercises
