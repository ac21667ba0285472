"""Grading one notebook, one student, one exercise; a second grading of what was copied."""

import os

import pytest

from coursetools.grading import grade as module
from coursetools.grading import records
from tests.coursetools.grading.batch import HANDED_IN, SOURCE, examined, hand_in, statuses


def test_one_notebook_is_graded_alone(log, grade, out, tmp_path):
    grade({"ada": b"1", "bob": b"2"})
    hand_in(tmp_path, {"bob": b"2b"})
    arguments = {"source": SOURCE, "jobs": 1}
    assert module.grade(tmp_path / "submissions/bob.ipynb", out, **arguments) == 0
    assert examined(log) == ["ada", "bob", "bob"]
    assert statuses(out) == {"ada": "ok", "bob": "ok"}


def test_a_copy_is_not_graded_again_and_the_first_time_at_which_it_was_seen_stays(log, grade, out):
    grade({"ada": b"1", "bob": b"2"})
    for path in (folder := out.parent / "submissions").iterdir():
        os.utime(path, (HANDED_IN + 86_400, HANDED_IN + 86_400))
    examined(log)
    module.grade(folder, out, source=SOURCE, jobs=1)
    assert examined(log) == []
    module.grade(folder, out, source=SOURCE, jobs=1, students=["bob"])
    (folder / "ada.ipynb").write_bytes(b"1b")
    os.utime(folder / "ada.ipynb", (HANDED_IN + 3600, HANDED_IN + 3600))
    module.grade(folder, out, source=SOURCE, jobs=1)
    times = [record["handed_in"] for record in records.load(out)]
    assert times == ["2026-11-21T19:30:00Z", "2026-11-21T18:30:00Z"]


# ---------------------------------------------------------------------------- named


def test_the_students_named_are_examined_again_and_nobody_else(log, grade, out, tmp_path):
    students = {"ada": b"1", "bob": b"2", "eve": b"3"}
    (roster := tmp_path / "roster.csv").write_text("student\nada\nbob\neve\nzoe\n")
    grade({"ada": b"1", "bob": b"2"})
    before = examined(log) and records.load(out)
    assert grade(students, students=["bob", "ada", "bob"], roster=roster) == 0
    assert examined(log) == ["ada", "bob"]
    after = records.load(out)
    assert [r["key"] for r in after] == [r["key"] for r in before] and len(after) == 2
    grade(students, students=["bob"], part=(1, 3))  # who is not in this part is another's
    assert examined(log) == []


def test_a_student_that_handed_in_nothing_is_refused_with_the_nearest_names(
    log, grade, out, tmp_path
):
    (roster := tmp_path / "roster.csv").write_text("student\nada\nzoe\n")
    for name, message in {
        "adda": "; the nearest: ada$",
        "zoe": "'zoe' handed in; known: ada",
    }.items():
        with pytest.raises(ValueError, match=f"--student: nobody called .*{message}"):
            grade({"ada": b"1"}, students=["ada", name], roster=roster)
    assert not out.exists()


def test_an_exercise_is_examined_again_and_the_other_rows_stay(log, grade, out, monkeypatch):
    students = {"ada": b"rows", "bob": b"rows 2", "eve": b"rows 3"}
    monkeypatch.setenv("GRADE_ROUND", "first")
    grade(students)
    keys = [record["key"] for record in records.load(out)]
    monkeypatch.setenv("GRADE_ROUND", "second")
    students["bob"] = b"rows 2b"  # handed in anew meanwhile
    assert grade(students, exercises=["02.3"], jobs=2) == 0
    rounds = [
        {row["reason"] for row in record["tests"] if (row["exercise"] == "02.3") == named}
        for record in records.load(out)
        for named in (True, False)
    ]
    assert rounds == [{"second"}, {"first"}, {"second"}, {"second"}, {"second"}, {"first"}]
    ada, bob, eve = records.load(out)
    assert ada["score"] == ada["possible"] == 26 and bob["regraded"] is None
    assert ada["regraded"] == {"exercises": ["02.3"], "others_from": keys[0]}
    examined(log)
    grade(students)
    assert examined(log) == []
    monkeypatch.setenv("GRADE_ROUND", "third")
    grade(students, exercises=["02.1", "02.3"], students=["eve"])
    assert records.load(out)[0] == ada and examined(log) == ["eve"]
    assert [row["reason"] for row in records.load(out)[2]["tests"]].count("first") > 0


def test_an_unknown_exercise_is_refused_before_anything_runs(log, grade, out):
    for number in ("02.9", "2.3", "", "01.2"):
        with pytest.raises(ValueError, match="--exercise: .* has no tests; these have: 02.1, 02.2"):
            grade({"ada": b"1"}, exercises=["02.3", number])
    assert not out.exists()


def test_what_was_not_judged_is_examined_as_a_whole_and_the_missing_are_left_alone(
    log, grade, out, tmp_path
):
    (roster := tmp_path / "roster.csv").write_text("student\nada\nbob\nzoe\n")
    grade({"ada": b"rows", "bob": b"mistake"}, roster=roster)
    examined(log)
    assert grade({"ada": b"rows", "bob": b"mistake"}, roster=roster, exercises=["02.1"]) == 1
    assert examined(log) == ["ada", "bob"]
    assert statuses(out) == {"ada": "ok", "bob": "infra_error", "zoe": "missing"}
    grade({"zoe": b"rows"}, roster=roster, exercises=["02.1"])
    assert examined(log) == ["zoe"]
    assert statuses(out) == {"ada": "ok", "bob": "infra_error", "zoe": "ok"}


@pytest.mark.box
def test_an_exercise_by_itself_is_judged_as_in_the_whole(out, tmp_path):
    path = hand_in(tmp_path, {"ada": SOURCE.read_bytes()})
    assert module.grade(path, out, source=SOURCE, seed=3) == 0
    (whole,) = records.load(out)
    assert module.grade(path, out, source=SOURCE, exercises=["02.3"]) == 0
    (again,) = records.load(out)
    assert again["regraded"] == {"exercises": ["02.3"], "others_from": whole["key"]}
    for name in ("tests", "score", "texts", "flags", "status", "key"):
        assert again[name] == whole[name]
