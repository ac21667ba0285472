"""Records of submissions: verdicts and points, with a stand-in for the box."""

import json

import numpy as np
import pytest

from coursekit.exercises import Exercise
from coursekit.exercises.answers import read_number, require
from coursetools.grading import examine as examining
from coursetools.grading import records
from coursetools.grading.box import BoxError, Limits, Stopped
from coursetools.grading.examine import examine
from coursetools.grading.intake import Submission
from coursetools.grading.transplant import Transplant, Unreadable
from tests.coursetools.grading.boxes import RIGHT, Box, fail

LIMITS = Limits(call_seconds=30, total_seconds=120)
SUBMISSION = Submission("ada", "02_x.ipynb", b"{}")


class Assignment:
    """Two exercises: double a number (two tests), and sum an array."""

    chapter, possible = "02", 7

    def __init__(self):
        double, total = Exercise("02.1", "Double"), Exercise("02.2", "Sum")

        @double.test(points=1, message="of three")
        def of_three(answer, rng):
            require(read_number(answer(3), "it") == 6, "not six")

        @double.test(points=2, message="of a drawn number")
        def drawn(answer, rng):
            number = float(rng.normal())
            require(abs(answer(number) - 2 * number) < 1e-9, "not twice")

        @total.test(points=4, message="of an array")
        def of_array(answer, rng):
            require(read_number(answer(np.arange(4)), "it") == 6, "not six")

        self.exercises = {"02.1": double, "02.2": total}


@pytest.fixture
def judge(monkeypatch):
    """Examines a stand-in submission with boxes, one after the other."""
    names, code = {"02.1": "double", "02.2": "total"}, {"02.1": "double = 2"}
    parts = Transplant(["a", "b"], names, {"02.5": "t"}, code, ["odd"])
    monkeypatch.setattr(examining, "transplant", lambda content, assignment: parts)
    monkeypatch.setattr(examining, "authors", lambda assignment: parts)
    monkeypatch.setattr(records, "key", lambda *arguments: "k" * 64)
    monkeypatch.setattr(records, "judge", lambda *arguments: "j" * 64)

    def judge(*boxes, submission=SUBMISSION, limits=LIMITS, given=None, only=None):
        spare = iter(boxes)
        monkeypatch.setattr(examining, "Box", lambda limits, slot, unsafe: next(spare))
        record = examine(submission, Assignment(), limits, 5, box=given, only=only)
        assert record == json.loads(json.dumps(record, allow_nan=False))
        assert not any(box.open for box in boxes)
        return record

    return judge


def verdicts(record):
    return [(test["verdict"], test["earned"]) for test in record["tests"]]


def test_a_right_answer_has_every_field_of_the_record(judge):
    box = Box(RIGHT)
    record = judge(box)
    assert box.ran == ["cell 1", "cell 2", "02.1", "02.1", "02.2"]
    assert record.pop("seconds") >= 0 and record.pop("graded").endswith("Z")
    assert set(record.pop("versions")) == {"coursekit", "python", "torch"}
    assert record.pop("tests")[1] == {
        "exercise": "02.1",
        "test": "drawn",
        "message": "of a drawn number",
        "points": 2,
        "earned": 2,
        "verdict": "passed",
        "reason": "",
    }
    assert record == {
        "student": "ada",
        "file": "02_x.ipynb",
        "chapter": "02",
        "key": "k" * 64,
        "judge": "j" * 64,
        "digest": SUBMISSION.digest,
        "handed_in": None,
        "seed": records.own_seed(5, SUBMISSION),
        "status": "ok",
        "message": "",
        "late": False,
        "score": 7.0,
        "possible": 7,
        "texts": {"02.5": "t"},
        "answers": {"02.1": "double = 2"},
        "flags": ["odd"],
        "unsafe": False,
    }


def test_only_the_exercises_asked_for_are_run_and_in_the_record(judge):
    box = Box(RIGHT)
    record = judge(box, only=["02.2"])
    assert box.ran == ["cell 1", "cell 2", "02.2"]
    assert [row["exercise"] for row in record["tests"]] == ["02.2"]
    assert (record["score"], record["possible"], record["texts"]) == (4, 7, {"02.5": "t"})


def test_failed_error_and_not_started_yet(judge):
    first = judge(Box({"02.1": lambda x: 6, "02.2": fail(NotImplementedError())}))
    assert verdicts(first) == [("passed", 1), ("failed", 0), ("failed", 0)]
    assert [test["reason"] for test in first["tests"]] == ["", "not twice", "not started yet"]
    second = judge(Box({**RIGHT, "02.2": fail(ValueError("<b>" + "x" * 1000 + "\udc80"))}))
    reason = second["tests"][2]["reason"]
    assert second["tests"][2]["verdict"] == "error" and second["score"] == 3
    assert reason.startswith("ValueError: <b>x") and len(reason) == 500


@pytest.mark.parametrize("value", [None, "six", {}, [1, [2]], np.ones((2, 2))])
def test_a_value_that_a_test_cannot_read_fails_and_is_flagged(judge, value):
    record = judge(Box({**RIGHT, "02.1": lambda x: value}), Box(RIGHT))
    assert verdicts(record) == [("failed", 0), ("failed", 0), ("passed", 4)]
    assert record["status"] == "ok"
    assert any(flag.startswith("02.1, test drawn: ") for flag in record["flags"])


def test_a_test_that_fails_with_the_author_s_answer_too_is_no_fault_of_the_student(
    judge, monkeypatch
):
    def mistaken(answer, rng):
        read_number(answer(3), "it")
        [][0]

    assigned = Assignment()
    object.__setattr__(assigned.exercises["02.1"].tests[0], "function", mistaken)
    monkeypatch.setitem(judge.__globals__, "Assignment", lambda: assigned)
    student, author = Box(RIGHT), Box(RIGHT)
    record = judge(student, author)
    assert (record["status"], record["score"]) == ("infra_error", None)
    assert verdicts(record) == [("not run", 0)] * 3
    assert record["message"].startswith("02.1, test of_three: IndexError in it: list index out")
    assert "mend it" in record["message"]
    assert author.ran == ["cell 1", "cell 2", "02.1"]  # after the student's box was closed
    # An answer that does not come as far as the mistake is judged as ever.
    assert judge(Box({**RIGHT, "02.1": lambda x: "six"}), Box(RIGHT))["score"] == 4


def test_a_seed_that_no_test_can_use_is_no_fault_of_the_student(judge, monkeypatch):
    monkeypatch.setattr(records, "own_seed", lambda seed, submission: -1)
    record = judge(Box(RIGHT), Box(RIGHT))
    assert (record["status"], record["score"]) == ("infra_error", None)
    assert "seed must be a whole number from 0 on, got -1" in record["message"]


def test_an_author_s_answer_that_stops_its_box_settles_nothing(judge):
    author = Box({**RIGHT, "02.1": fail(Stopped("limit", "slow"))})
    record = judge(Box({**RIGHT, "02.1": lambda x: None}), author)
    assert (record["status"], record["score"]) == ("infra_error", None)


def test_tests_draw_from_the_submission_s_own_seed(judge):
    drawn = []
    answers = {**RIGHT, "02.1": lambda x: drawn.append(x) or 2 * x}
    for content in (b"a", b"a", b"b"):
        judge(Box(answers), submission=Submission("ada", "x.ipynb", content))
    first, again, other = drawn[1::2]
    assert first == again != other


def test_an_answer_that_is_not_there_is_shown_as_that(judge):
    class Missing(Exception):
        pass

    missing = Missing("no cell that ran defines double")
    record = judge(Box({**RIGHT, "02.1": fail(missing)}))
    assert verdicts(record) == [("missing", 0), ("missing", 0), ("passed", 4)]
    assert record["tests"][0]["reason"] == "no cell that ran defines double"
    assert record["flags"] == ["odd", "exercise 02.1: no cell that ran defines double"]


def test_errors_of_cells_are_flagged_and_stop_nothing(judge):
    cells = {"cell 1": fail(NameError("name 'x'")), "cell 2": fail(NotImplementedError())}
    record = judge(Box(RIGHT, cells))
    assert record["score"] == 7 and record["flags"] == ["odd", "code cell 1: NameError: name 'x'"]


@pytest.mark.parametrize("verdict", ["died", "limit"])
def test_after_a_stop_the_rest_runs_in_a_second_box(judge, verdict):
    second = Box(RIGHT)
    record = judge(Box({**RIGHT, "02.1": fail(Stopped(verdict, "gone"))}), second)
    assert verdicts(record) == [(verdict, 0), ("passed", 2), ("passed", 4)]
    assert second.ran == ["cell 1", "cell 2", "02.1", "02.2"]
    assert (record["status"], record["message"]) == (verdict, "exercise 02.1: gone")
    assert record["tests"][0]["reason"] == "exercise 02.1: gone"


def test_after_a_second_stop_nothing_runs_and_earned_points_stay(judge):
    stopping = {**RIGHT, "02.1": lambda x: 6 if x == 3 else fail(Stopped("died", "gone"))()}
    last = {**RIGHT, "02.2": fail(Stopped("limit", "slow"))}
    record = judge(Box(stopping), Box(last))
    assert verdicts(record) == [("passed", 1), ("died", 0), ("limit", 0)]
    assert (record["status"], record["score"]) == ("died", 1)
    first, second = (Box({"02.1": fail(Stopped("died", text))}) for text in "ab")
    record = judge(first, second)
    assert verdicts(record) == [("died", 0), ("died", 0), ("not run", 0)]
    assert "stopped before" in record["tests"][2]["reason"]


def test_a_cell_that_stops_the_box_is_left_out_in_the_second(judge):
    cells = {"cell 1": fail(Stopped("limit", "slow"))}
    second = Box(RIGHT)
    record = judge(Box(RIGHT, cells), second)
    assert second.ran[0] == "cell 2" and record["score"] == 7
    assert (record["status"], record["message"]) == ("limit", "code cell 1: slow")


def test_cells_that_stop_both_boxes_leave_every_test_not_run(judge):
    first, second = {"cell 1": fail(Stopped("died", "a"))}, {"cell 2": fail(Stopped("died", "b"))}
    record = judge(Box(RIGHT, first), Box(RIGHT, second))
    assert verdicts(record) == [("not run", 0)] * 3 and record["status"] == "died"


def test_without_time_left_there_is_no_second_box(judge):
    def slow(number):
        raise Stopped("limit", "slow")

    record = judge(Box({**RIGHT, "02.1": slow}), limits=Limits(total_seconds=0))
    assert verdicts(record) == [("limit", 0), ("not run", 0), ("not run", 0)]


def test_a_test_that_swallows_a_stop_does_not_hide_it(judge, monkeypatch):
    def swallowing(answer, rng):
        for _ in range(2):
            try:
                answer(3)
            except Exception:
                pass

    assigned = Assignment()
    object.__setattr__(assigned.exercises["02.1"].tests[0], "function", swallowing)
    monkeypatch.setitem(judge.__globals__, "Assignment", lambda: assigned)
    record = judge(Box({**RIGHT, "02.1": fail(Stopped("died", "gone"))}), Box(RIGHT))
    assert verdicts(record)[0] == ("died", 0)


def test_late_is_told_also_beside_a_stop(judge):
    late = Submission("ada", "x.ipynb", b"{}", problem="two files", late=True)
    record = judge(Box(RIGHT), submission=late)
    assert (record["status"], record["late"], record["score"]) == ("late", True, 7)
    assert "two files" in record["flags"]
    stopped = judge(Box({"02.1": fail(Stopped("died", "a"))}), Box(RIGHT), submission=late)
    assert (stopped["status"], stopped["late"]) == ("died", True)


@pytest.mark.parametrize(("problem", "status"), [("a link", "unreadable"), (None, "missing")])
def test_without_content_no_box_is_started(judge, problem, status):
    given = Box(RIGHT)
    record = judge(submission=Submission("ada", "", None, problem), given=given)
    assert (record["status"], record["message"], record["score"]) == (status, problem or "", 0)
    assert verdicts(record) == [("not run", 0)] * 3 and not given.open and not given.ran


def test_an_unreadable_notebook_scores_zero_with_the_reason(judge, monkeypatch):
    monkeypatch.setattr(examining, "transplant", fail(Unreadable("no JSON")))
    record = judge()
    assert (record["status"], record["message"], record["score"]) == ("unreadable", "no JSON", 0)


def test_a_box_that_does_not_start_is_no_fault_of_the_student(judge):
    class Broken(Box):
        def wait(self):
            raise BoxError("no bubblewrap")

    record = judge(Broken(RIGHT))
    assert (record["status"], record["score"]) == ("infra_error", None)
    assert record["message"] == "no bubblewrap"
    again = judge(Box({**RIGHT, "02.1": fail(Stopped("died", "a"))}), Broken(RIGHT))
    assert (again["status"], again["score"]) == ("infra_error", None)
