"""What a run writes into cells, and how their code is read."""

import ast
import copy

import pytest
from nbformat.v4 import new_code_cell, new_output

from coursetools.cells import calls, fold, join_streams, label_figure, picture, syntax

TEXTS = {"coursekit": {"alt": "A red dot on a white square.", "caption": "A dot"}}
STILL = new_output("display_data", data={"image/png": "iVBORw0KGgo="}, metadata=TEXTS)
ALIVE = new_output("display_data", data={**STILL.data, "text/html": "<figure>"}, metadata=TEXTS)
DESCRIBED = {
    "image": {"alt": "A red dot on a white square."},
    "figure": {"caption": "A dot", "name": "fig-01-tiny-dot"},
}


def cell(*outputs, **metadata):
    return new_code_cell("1", id="dot", outputs=copy.deepcopy(list(outputs)), metadata=metadata)


@pytest.mark.parametrize("shown", [STILL, ALIVE])
def test_a_figure_is_labelled_as_often_as_one_likes(shown):
    given = cell(shown)
    for _ in range(2):
        label_figure(given, "01_tiny")
        assert given.metadata.mystnb == DESCRIBED and given.outputs == [shown]


def test_a_living_figure_is_no_plain_picture():
    assert picture(cell(STILL)) == STILL
    assert picture(cell(ALIVE)) is None


def test_a_label_of_the_author_stays_and_old_texts_go():
    old = {"figure": {"name": "fig-dot", "caption": "Old"}}
    given, gone = cell(STILL, mystnb=copy.deepcopy(old)), cell(mystnb={"image": {"alt": "gone"}})
    label_figure(given, "01_tiny")
    label_figure(gone, "01_tiny")
    assert given.metadata.mystnb.figure == {"name": "fig-dot", "caption": "A dot"}
    assert "mystnb" not in gone.metadata


def test_other_settings_of_the_book_stay():
    given = cell(mystnb={"code_prompt_show": "open"})
    label_figure(given, "01_tiny")
    assert given.metadata.mystnb == {"code_prompt_show": "open"}


def test_fold_follows_the_tag_and_keeps_what_else_is_there():
    given = cell(tags=["hide-input"], jupyter={"outputs_hidden": False})
    fold(given)
    assert given.metadata.cellView == "form"
    assert given.metadata.jupyter == {"outputs_hidden": False, "source_hidden": True}
    given.metadata.tags = []
    fold(given)
    assert given.metadata == {"tags": [], "jupyter": {"outputs_hidden": False}}
    bare = cell(cellView="form", jupyter={"source_hidden": True})
    fold(bare)
    assert bare.metadata == {}


def test_streams_of_one_name_are_joined():
    def printed(text, name="stdout"):
        return new_output("stream", name=name, text=text)

    given = cell(printed("a"), printed("b"), printed("c", "stderr"), STILL, STILL, printed("d"))
    join_streams(given)
    assert [output.get("text") for output in given.outputs] == ["ab", "c", None, None, "d"]


def test_code_with_magics_is_read():
    given = new_code_cell(
        "try:\n    import x\nexcept ImportError:\n    %pip install x\n!ls\nfit(a)\nm.fit(fit)"
    )
    assert isinstance(syntax(given).body[0], ast.Try)
    assert [call.lineno for call in calls(given, "fit")] == [6, 7]
    assert calls(given, "train") == []
    with pytest.raises(SyntaxError):
        calls(new_code_cell("fit("), "fit")
