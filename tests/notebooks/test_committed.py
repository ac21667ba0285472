"""The committed notebooks keep the rules, and their heroes are those of the landing page."""

import io

import nbformat
import numpy as np
import pytest
from PIL import Image

from coursetools import heroes
from coursetools.notebooks import hero_file
from tests.notebooks.rules import ROOT, committed, findings

COMMITTED = committed()
CHAPTERS = sorted(ROOT.glob("notebooks/*.ipynb"))


def test_there_are_notebooks_to_check():
    assert COMMITTED, "no notebook under notebooks/ or book/: the rules would prove nothing"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_committed_notebook_keeps_the_rules(path):
    found = findings(path, COMMITTED[path])
    assert not found, "\n".join(["", *found])


def test_every_chapter_has_its_exercises():
    exercises = {path.name for path in ROOT.glob("notebooks/exercises/*.ipynb")}
    assert {path.name for path in CHAPTERS} == exercises


def test_every_chapter_has_its_hero_and_no_hero_is_left_over():
    assert set(ROOT.glob("book/_static/heroes/*")) == {hero_file(path) for path in CHAPTERS}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_hero_is_the_picture_that_its_chapter_shows(path):
    stored = heroes.png(nbformat.read(path, as_version=4))
    assert stored, "no cell tagged hero"
    assert hero_file(path).is_file(), f"run python -m coursetools run {path.name[:2]}"
    shown, kept = (np.asarray(Image.open(file)) for file in (io.BytesIO(stored), hero_file(path)))
    assert shown.shape == kept.shape and np.allclose(shown, kept, atol=8), "run the chapter again"
