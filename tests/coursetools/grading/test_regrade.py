"""Which rows of an earlier record stay, and what the merged record says."""

import pytest

from coursekit.exercises import Exercise
from coursetools.grading import regrade
from coursetools.grading.intake import Submission

ADA = Submission("ada", "x.ipynb", b"{}")
REGRADED = {"exercises": ["02.2"], "others_from": "old"}


class Assignment:
    """Three exercises, of two, one and one tests."""

    def __init__(self):
        self.exercises = {n: Exercise(n, n) for n in ("02.1", "02.2", "02.10")}
        for number, names in (("02.1", "ab"), ("02.2", "a"), ("02.10", "a")):
            for name in names:
                self.exercises[number].test(2, f"of {name}", name)(lambda answer, rng: None)


def row(exercise, test="a", verdict="passed", **more):
    """A row of a record."""
    earned = 2 * (verdict == "passed")
    reason = f"exercise {exercise}: gone" if verdict in regrade.STOPS else ""
    return {
        "exercise": exercise,
        "test": test,
        "message": f"of {test}",
        "points": 2,
        "earned": earned,
        "verdict": verdict,
        "reason": reason,
    } | more


def record(*rows, **more):
    """A record of Ada's, all passed if no row is given."""
    rows = rows or (row("02.1"), row("02.1", "b"), row("02.2"), row("02.10"))
    return {
        "student": "ada",
        "key": "old",
        "digest": ADA.digest,
        "status": "ok",
        "message": "",
        "score": sum(one["earned"] for one in rows),
        "tests": list(rows),
        "texts": {},
        "flags": [],
        "seconds": 9.0,
    } | more


def partly(found, exercises=("02.2",), submission=ADA):
    history = {"ada": [record(key="older"), found]} if found else {}
    return regrade.partly([submission], history, Assignment(), list(exercises))


# ---------------------------------------------------------------------------- who and what


def test_students_are_named_as_they_are_shown_or_as_they_are_typed():
    found = [Submission(name, "x.ipynb", b"") for name in ("ada", "Zo\xeb", "b⟨U+200B⟩")]
    names = ["Zoe\u0308", "b⟨U+200B⟩", "b\u200b", "ada", "ada"]
    assert regrade.named_students(names, found) == {"ada", "Zo\xeb", "b⟨U+200B⟩"}
    assert regrade.named_students([], found) == set()
    with pytest.raises(ValueError, match="nobody called 'zoe' handed in; known: "):
        regrade.named_students(["zoe"], found[:1])


def test_exercises_are_named_by_their_whole_number():
    assert regrade.named_exercises(["02.2", "02.10", "02.2"], Assignment()) == ["02.2", "02.10"]
    with pytest.raises(ValueError, match="--exercise: '2.2' has no tests; these have: 02.1, 02.2"):
        regrade.named_exercises(["02.1", "2.2"], Assignment())


# ---------------------------------------------------------------------------- which rows stay


def test_only_what_is_named_is_examined_where_the_rest_can_stay():
    assert partly(record()) == {"ada": ["02.2"]}
    assert partly(record(), ["02.10", "02.1"]) == {"ada": ["02.1", "02.10"]}
    assert partly(record(), ()) == {}
    for status in ("late", "limit", "died"):
        assert partly(record(status=status)) == {"ada": ["02.2"]}


@pytest.mark.parametrize(
    "found",
    [
        None,
        record(digest="another"),
        record(digest=None),
        record(status="infra_error"),
        record(status="unreadable"),
        record(status="missing"),
        record(row("02.1"), row("02.2")),
    ],
    ids=["new", "changed", "unknown", "infra_error", "unreadable", "missing", "other tests"],
)
def test_the_whole_is_examined_where_no_row_can_stay(found):
    assert partly(found) == {}


@pytest.mark.parametrize("change", [{"points": 3}, {"message": "of z"}, {"test": "z"}])
def test_rows_of_a_test_that_is_another_today_do_not_stay(change):
    rows = record()["tests"]
    rows[3] |= change
    assert partly(record(*rows)) == {"ada": ["02.2", "02.10"]}


def test_what_was_not_run_because_another_exercise_stopped_the_code_does_not_stay():
    rows = [row("02.1"), row("02.1", "b"), row("02.2", verdict="died")]
    assert partly(record(*rows, row("02.10", verdict="not run"))) == {"ada": ["02.2", "02.10"]}


# ---------------------------------------------------------------------------- merging


def merged(new, old=None):
    return regrade.merged(new, old or record(), Assignment())


def new(verdict="failed", **more):
    return record(row("02.2", verdict=verdict), **{"key": "new", "seconds": 2.0} | more)


def test_rows_are_in_order_and_points_add_up():
    found = merged(new(texts={"02.3": "t"}))
    places = [(one["exercise"], one["test"], one["earned"]) for one in found["tests"]]
    assert places == [("02.1", "a", 2), ("02.1", "b", 2), ("02.2", "a", 0), ("02.10", "a", 2)]
    assert (found["score"], found["status"], found["key"]) == (6, "ok", "new")
    assert found["regraded"] == REGRADED and found["texts"] == {"02.3": "t"}
    assert found["seconds"] == 2


def test_an_exercise_that_is_gone_leaves_no_row():
    old = record(*record()["tests"], row("02.7"))
    assert "02.7" not in [one["exercise"] for one in merged(new(), old)["tests"]]


@pytest.mark.parametrize("verdict", regrade.STOPS)
def test_a_stop_in_a_row_that_stays_is_the_status(verdict):
    rows = record()["tests"]
    rows[0] = row("02.1", verdict=verdict)
    old = record(*rows, status=verdict, message="exercise 02.1: gone; code cell 3: slow")
    found = merged(new("passed", status="late"), old)
    assert (found["status"], found["message"]) == (verdict, "exercise 02.1: gone")
    stopped = merged(new("limit", status="limit", message="exercise 02.2: slow"), old)
    assert stopped["status"] == "limit"
    assert stopped["message"] == "exercise 02.2: slow; exercise 02.1: gone"


def test_a_stop_of_what_was_examined_again_is_forgotten():
    rows = [row("02.1"), row("02.1", "b"), row("02.2", verdict="died"), row("02.10")]
    old = record(*rows, status="died", message="exercise 02.2: gone")
    found = merged(new("passed", status="late"), old)
    assert (found["status"], found["message"], found["score"]) == ("late", "", 8)


def test_flags_are_the_new_ones_and_those_of_the_rows_that_stay():
    stay = ["exercise 02.1: no cell defines f", "02.10, test a: IndexError in it"]
    gone = ["exercise 02.2: no cell defines g", "02.2, test a: odd", "code cell 1: NameError"]
    flags = ["code cell 2: NameError", stay[0]]
    found = merged(new(flags=flags), record(flags=[*stay, *gone]))
    assert found["flags"] == [*flags, stay[1]]


@pytest.mark.parametrize("status", ["infra_error", "unreadable"])
def test_an_examination_that_failed_is_not_merged(status):
    failed = new(status=status, score=None)
    assert merged(failed) == failed
