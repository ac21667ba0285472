"""REPRODUCTION.md says what the tests and the notebooks show."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


class Row(NamedTuple):
    what: str
    source: str
    published: str
    ours: str
    checked_by: str


def rows(text):
    """The rows of all tables of five columns."""
    lines = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [Row(*(cell.strip() for cell in line)) for line in lines]
    return [row for row in cells if row.ours != "ours" and set(row.ours) != {"-"}]


TABLE = rows((ROOT / "REPRODUCTION.md").read_text())


def shown(path):
    """The text in which a number must stand: a test's code, or what a notebook printed."""
    if path.suffix == ".py":
        return path.read_text()
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join("".join(output.get("text", output.get("data", {}).get("text/plain", "")))
                     for output in outputs)


def problem(row, root=ROOT):
    """What is wrong with a row, or None."""
    path = root / row.checked_by.strip("`")
    if not path.is_file():
        return f"{row.checked_by}: no such file"
    number = row.ours.replace(",", "_" if path.suffix == ".py" else ",")
    if not re.search(rf"(?<![\w.]){re.escape(number)}(?![\w.])", shown(path)):
        return f"{number} does not stand in {row.checked_by}"
    return None


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_every_number_of_ours_stands_where_it_is_checked(row):
    assert problem(row) is None


def test_parameter_counts_are_exact():
    counts = [row for row in TABLE if row.checked_by.startswith("`tests/models")]
    assert len(counts) > 40
    assert [row.what for row in counts if row.published != row.ours] == []


@pytest.mark.parametrize(("ours", "checked_by", "expected"), [
    ("61,706", "`test_lenet.py`", None),
    ("61,70", "`test_lenet.py`", "61_70 does not stand in `test_lenet.py`"),
    ("1,706", "`test_lenet.py`", "1_706 does not stand in `test_lenet.py`"),
    ("61,706", "`test_vgg.py`", "`test_vgg.py`: no such file"),
    ("13.87", "`01.ipynb`", None),
    ("4.51", "`01.ipynb`", "4.51 does not stand in `01.ipynb`"),
])
def test_a_number_that_nothing_shows_is_found(tmp_path, ours, checked_by, expected):
    (tmp_path / "test_lenet.py").write_text("assert count(model) == 61_706")
    cell = {"source": "print(4.51)", "outputs": [{"text": ["error: 13.87 (expected", " 13.9)"]}]}
    (tmp_path / "01.ipynb").write_text(json.dumps({"cells": [{"source": "text"}, cell]}))
    assert problem(Row("", "", "", ours, checked_by), tmp_path) == expected
