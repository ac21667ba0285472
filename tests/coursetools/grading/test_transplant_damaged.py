"""Transplant of what is damaged or forged: Unreadable with the reason, or all that is sound."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetools.grading import transplant as module
from coursetools.grading.transplant import Unreadable, transplant
from tests.coursetools.grading.students import ASSIGNMENT, AUC, answered, insert, moved, released

# ---------------------------------------------------------------------------- damaged files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"<html>", "not JSON"),
        (b"PK\x03\x04\xff", "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"null", "no list of cells"),
        (b"[]", "no list of cells"),
        (b"{}", "no list of cells"),
        (b'{"cells": {}}', "no list of cells"),
        (b'{"cells": "abc"}', "no list of cells"),
        (b'{"worksheets": [{"cells": []}], "nbformat": 3}', "old format 3; open it in Jupyter"),
        (b"[" * 1_000_000, "nested too deeply"),
        (b'{"cells":' + b'[{"a":' * 300_000, "nested too deeply"),
        (b'{"cells": [' + b"1" * 5000 + b"]}", "not JSON"),
        (b'{"cells": [' + b"1," * 10_000 + b"1]}", "more than 10000"),
        (b" " * 10_000_001, "larger than 10 MB"),
    ],
)
def test_what_is_no_notebook_is_unreadable_and_says_why(content, message):
    with pytest.raises(Unreadable, match=message):
        transplant(content, ASSIGNMENT)


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata": {}, "nbformat": 4},
        {"metadata": {"kernelspec": {"name": "julia"}}},
        {"metadata": [], "nbformat": "x", "nbformat_minor": None},
        {"nbformat": 99, "worksheets": []},
    ],
)
def test_metadata_kernel_and_format_do_not_matter(changes):
    assert moved(released() | changes) == moved(released())


def test_a_byte_order_mark_does_not_matter():
    assert transplant(b"\xef\xbb\xbf" + json.dumps(released()).encode(), ASSIGNMENT).flags == []


def test_cell_ids_that_collide_lose_nothing():
    notebook = answered()
    insert(notebook, "answer-02-3", "x = 1")
    for each in notebook["cells"]:
        each["id"] = "setup"
    cells = moved(notebook).cells
    assert {AUC, "x = 1"} <= set(cells) and set(cells) - {"x = 1"} == set(moved(answered()).cells)


def test_a_damaged_cell_costs_only_itself():
    notebook = answered()
    notebook["cells"][1:1] = [7, {}, {"source": 1}, {"source": [1]}, {"source": None}]
    result = moved(notebook)
    assert result.cells == moved(answered()).cells
    assert result.flags == ["5 damaged cells left out, the first is cell 1"]


def test_lone_surrogates_do_not_reach_the_code():
    notebook = answered(AUC + "  # \ud800")
    assert AUC + "  # ?" in moved(notebook).cells


def test_the_flags_are_bounded(monkeypatch):
    notebook = released()
    for number in range(100):
        insert(notebook, "setup", f"# exercise 99.{number}, keep this line")
    assert len(moved(notebook).flags) == module.MAX_FLAGS


# ---------------------------------------------------------------------------- anything at all

NAMES = st.sampled_from(["setup", "answer-02-3", "check-02-3", "answer-02-6", ""]) | st.text()
SOURCES_OF_CELLS = st.text(max_size=20) | st.sampled_from(
    [AUC, "# exercise 02.3, keep this line", "# exercise 07.1, keep this line", 'check("02.3", x)']
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=10,
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | ANYTHING,
        "id": NAMES | ANYTHING,
        "source": SOURCES_OF_CELLS | st.lists(SOURCES_OF_CELLS, max_size=3) | ANYTHING,
        "metadata": st.fixed_dictionaries(
            {"nbgrader": st.fixed_dictionaries({"grade_id": NAMES | ANYTHING}) | ANYTHING}
        )
        | ANYTHING,
    },
)


def attempt(content):
    """Transplant; what comes of it can be written as UTF-8 and holds the author's code."""
    try:
        result = transplant(content, ASSIGNMENT)
    except Unreadable:
        return
    assert set(moved(released()).cells[:1]) <= set(result.cells)
    assert all(isinstance(source, str) and source for source in result.cells)
    json.dumps(vars(result), ensure_ascii=False).encode("utf-8")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(content):
    attempt(content)


@given(ANYTHING)
def test_any_json_is_read_or_unreadable(value):
    attempt(json.dumps(value).encode())


@given(st.lists(CELLS | ANYTHING, max_size=8))
def test_any_cells_are_read_or_unreadable(cells):
    attempt(json.dumps({"cells": cells}).encode())


@given(st.data())
def test_a_notebook_damaged_anywhere_is_read_or_unreadable(data):
    content = bytearray(json.dumps(answered()).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    attempt(bytes(content[: data.draw(st.integers(0, len(content)))]))
