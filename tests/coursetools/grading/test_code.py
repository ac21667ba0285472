"""A student's code: when it is loaded, when again, and what is known after it stopped its box."""

import pytest

from coursetools.grading.box import Limits, Stopped
from coursetools.grading.code import STUB, AnswerError, Code
from coursetools.grading.transplant import Transplant
from tests.coursetools.grading.boxes import RIGHT, Box, fail

PARTS = Transplant(["a", "b"], {"02.1": "double", "02.2": "total"}, {}, {}, [])


def opened(*boxes, seconds=60):
    """The code with a first box and spare ones."""
    spare = iter(boxes[1:])
    code = Code(Limits(total_seconds=seconds), lambda: next(spare), boxes[0])
    code.open(PARTS)
    return code


def test_the_cells_run_once_before_the_first_call():
    code = opened(box := Box(RIGHT))
    assert box.ran == []
    assert code.runs() and code.runs()
    assert code.call("02.1", (3,)) == 6 and code.call("02.2", ([1, 2],)) == 3
    assert box.ran == ["cell 1", "cell 2", "02.1", "02.2"]
    code.close()
    assert not box.open


def test_errors_of_cells_are_known_by_their_number_but_those_of_stubs():
    cells = {"cell 1": fail(NotImplementedError()), "cell 2": fail(NameError("x"))}
    code = opened(Box(RIGHT, cells))
    assert code.runs() and code.errors == {2: "NameError: x"}


def test_an_exception_of_an_answer_stops_nothing():
    code = opened(Box({**RIGHT, "02.1": fail(NotImplementedError())}))
    assert code.runs()
    with pytest.raises(AnswerError, match=f"^{STUB}$"):
        code.call("02.1", (3,))
    assert code.runs() and code.call("02.2", ([1],)) == 1 and code.stops == []


def test_after_a_stop_the_code_is_loaded_once_more_and_not_a_third_time():
    stopping = {**RIGHT, "02.1": fail(Stopped("died", "gone"))}
    code = opened(Box(stopping), second := Box(stopping))
    for _ in range(2):
        assert code.runs()
        with pytest.raises(Stopped):
            code.call("02.1", (3,))
        with pytest.raises(Stopped):  # a test that goes on meanwhile
            code.call("02.2", ([1],))
    assert not code.runs() and second.ran == ["cell 1", "cell 2", "02.1"]
    assert [(stop.verdict, str(stop)) for stop in code.stops] == [
        ("died", "exercise 02.1: gone")
    ] * 2


def test_a_cell_that_stops_a_box_is_left_out_in_the_next():
    slow = {"cell 1": fail(Stopped("limit", "slow"))}
    code = opened(Box(RIGHT, slow), second := Box(RIGHT, slow))
    assert code.runs() and second.ran == ["cell 2"]
    assert str(code.stops[0]) == "code cell 1: slow"


def test_without_time_left_there_is_no_second_box():
    code = opened(Box({"02.1": fail(Stopped("limit", "slow"))}), seconds=0)
    assert code.runs()
    with pytest.raises(Stopped):
        code.call("02.1", (3,))
    assert not code.runs()
