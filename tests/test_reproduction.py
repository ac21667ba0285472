"""REPRODUCTION.md says what the tests and the notebooks show."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


class Row(NamedTuple):
    what: str
    ours: str
    checked_by: str
    published: str | None = None


def rows(text):
    """The rows of all tables: five columns with a published number, or three without."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("| ").split("|")]
        if not line.startswith("|") or set(cells[0]) == {"-"} or "checked" in cells[-1]:
            continue
        what, *source, ours, checked_by = cells
        found.append(Row(what, ours, checked_by, source[1] if source else None))
    return found


TABLE = rows((ROOT / "REPRODUCTION.md").read_text())


def shown(path):
    """The text in which a number must stand: a test's code, or what a notebook printed."""
    if path.suffix == ".py":
        return path.read_text()
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(
        "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
        for output in outputs
    )


def problem(row, root=ROOT):
    """What is wrong with a row, or None."""
    name = row.checked_by
    places = [
        root / "tests/models" / f"{name}.py",
        root / "tests" / f"{name}.py",
        root / "notebooks" / f"{name}.ipynb",
    ]
    path = next(filter(Path.is_file, places), None)
    if path is None:
        return f"{name}: no such test, no such notebook"
    number = row.ours.replace(",", "_" if path.suffix == ".py" else ",")
    there = re.search(rf"(?<![\w.]){re.escape(number)}(?![\w.])", shown(path))
    return None if there or number == "exact" else f"{number} does not stand in {name}"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_every_number_of_ours_stands_where_it_is_checked(row):
    assert problem(row) is None


def test_parameter_counts_are_exact():
    counts = [row for row in TABLE if row.published and row.checked_by.startswith("test_")]
    assert len(counts) > 40
    assert [row.what for row in counts if row.published != row.ours] == []


@pytest.mark.parametrize(
    ("ours", "checked_by", "expected"),
    [
        ("61,706", "test_lenet", None),
        ("61,70", "test_lenet", "61_70 does not stand in test_lenet"),
        ("1,706", "test_lenet", "1_706 does not stand in test_lenet"),
        ("61,706", "test_vgg", "test_vgg: no such test, no such notebook"),
        ("13.87", "01", None),
        ("4.51", "01", "4.51 does not stand in 01"),
        ("exact", "test_lenet", None),
        ("exact", "losses/test_gone", "losses/test_gone: no such test, no such notebook"),
    ],
)
def test_a_number_that_nothing_shows_is_found(tmp_path, ours, checked_by, expected):
    for folder in ("tests/models", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tests/models/test_lenet.py").write_text("assert count(model) == 61_706")
    cell = {"source": "print(4.51)", "outputs": [{"text": ["error: 13.87 (expected", " 13.9)"]}]}
    notebook = {"cells": [{"source": "text"}, cell]}
    (tmp_path / "notebooks/01.ipynb").write_text(json.dumps(notebook))
    assert problem(Row("", ours, checked_by), tmp_path) == expected


def test_tables_are_read_with_and_without_a_published_number():
    text = """| network | source | published | ours | checked by |
|---|---|---|---|---|
| LeNet-5 | LeCun 1998 | 60,000 | 59,999 | `test_lenet` |

| identity | up to | checked in `tests/` by |
|---|---|---|
| a = b | 1e-12 | `losses/test_rain` |"""
    assert rows(text) == [
        Row("LeNet-5", "59,999", "test_lenet", "60,000"),
        Row("a = b", "1e-12", "losses/test_rain"),
    ]
