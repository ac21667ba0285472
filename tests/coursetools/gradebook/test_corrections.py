"""Corrections by hand: applied with their reason, checked line by line, never lost."""

import copy
import json
import re

import pytest

from coursetools.gradebook import corrections, report
from coursetools.gradebook.corrections import NAME, begin, to_do
from coursetools.grading import records
from coursetools.tables import csv_text
from tests.coursetools.gradebook.test_report import ASSIGNMENT, NAMES, read, record, results

HEADER = "student,exercise,test,points,reason\n"
BEGUN = "student,exercise,test,points,reason,hand_in\n"
LINE = "ada,02.3,limits,3,the statement said otherwise\n"
__all__ = ["results"]  # a fixture


def apply(folder, found):
    """The records of as many students, as the table in `folder` corrects them."""
    own = corrections.read(folder, {one["student"]: [one] for one in found})
    return [corrections.apply(one, own.get(one["student"], [])) for one in found]


def corrected(folder, lines, *found):
    """The records with these lines of corrections."""
    (folder / NAME).write_text(HEADER + lines, encoding="utf-8")
    return apply(folder, list(found) or [record()])


# ------------------------------------------------------------------------------- applying


def test_the_test_gets_the_points_and_the_reason_beside_what_it_said(tmp_path):
    (found,) = corrected(tmp_path, LINE)
    assert found["score"] == 5 and found["tests"][0] == record()["tests"][0]
    assert found["tests"][1] == record()["tests"][1] | {
        "earned": 3,
        "verdict": "corrected",
        "before": "failed",
        "correction": "the statement said otherwise",
    }
    assert to_do([found]) == []


def test_nothing_else_changes_and_the_given_records_stay(tmp_path):
    given = [record("ada"), record("bob")]
    before = copy.deepcopy(given)
    ada, bob = corrected(tmp_path, LINE, *given)
    assert given == before and bob == record("bob") | {"to_do": []}
    assert {key for key in ada if ada[key] != before[0].get(key, [])} == {"tests", "score"}


def test_a_part_of_the_points_and_several_tests_add_up(tmp_path):
    lines = "ada,02.3,limits,1.5,half\nada,02.3,ties,0,copied\n"
    (found,) = corrected(tmp_path, lines)
    assert found["score"] == 1.5
    assert to_do([found]) == [
        f"'ada': {NAME} line 3 lowers 02.3 ties from 2 to 0 points, though the test is passed"
    ]


def test_what_the_test_gives_by_itself_is_no_correction_and_is_noted(tmp_path):
    (found,) = corrected(tmp_path, "ada,02.3,ties,2,by hand\n")
    assert found["tests"] == record()["tests"]
    note = f"'ada': {NAME} line 2 changes nothing: 02.3 ties has 2 points without it; delete"
    assert to_do([found])[0].startswith(note)


def test_after_an_infra_error_a_correction_gives_no_score_and_waits(tmp_path):
    failed = record(status="infra_error")
    (found,) = corrected(tmp_path, LINE, failed)
    assert found["score"] is None and found["tests"] == failed["tests"]
    assert to_do([found]) == [
        f"'ada': {NAME} line 2 waits: the submission could not be judged; grade it again"
    ]


@pytest.mark.parametrize("status", ["unreadable", "limit", "died", "missing"])
def test_what_was_not_run_can_be_given_points(tmp_path, status):
    tests = [test | {"earned": 0, "verdict": "not run"} for test in record()["tests"]]
    (found,) = corrected(tmp_path, LINE, record(status=status, tests=tests, score=0.0))
    assert found["score"] == 3 and found["tests"][1]["before"] == "not run"


@pytest.mark.parametrize("name", NAMES)
def test_a_line_is_copied_from_tests_csv(tmp_path, results, name):
    folder = results(record(name), record("zoe"))
    report.write(folder, ASSIGNMENT)
    (row,) = [
        row
        for row in read(folder / "report/tests.csv")
        if row[2] == "limits" and row[0] not in ("zoe", "student")
    ]
    with open(folder / NAME, "a", encoding="utf-8", newline="") as file:
        file.write(csv_text([[*row[:3], 1, "as said", row[-1]]]))
    found, _ = report.load(folder, ASSIGNMENT)
    assert {one["student"]: one["score"] for one in found} == {name: 3, "zoe": 2}


def test_spreadsheets_and_extra_columns_are_understood(tmp_path):
    text = "mine;student;test;exercise;points;reason\r\nx;ada;limits;2,3;1,5;a, b\r\n"
    (tmp_path / NAME).write_bytes(b"\xef\xbb\xbf" + text.encode())
    (found,) = apply(tmp_path, [record()])
    assert found["tests"][1]["earned"] == 1.5 and found["tests"][1]["correction"] == "a, b"
    assert (tmp_path / NAME).read_bytes() == b"\xef\xbb\xbf" + text.encode()


# ------------------------------------------------------------------------------- refusing


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("eva,02.3,limits,1,x", "'eva' is not the name of one student; the nearest: eve"),
        ("zzz,02.3,limits,1,x", "'zzz' is not the name of one student; known: ada, eve"),
        ("ada,02.4,limits,1,x", "no exercise '02.4' with tests; known: 02.3. Marks of free text"),
        ("ada,,limits,1,x", "no exercise '' with tests"),
        ("ada,02.3,limit,1,x", "'limit' is not the name of one test of 02.3; the nearest: limits"),
        ("ada,02.3,,1,x", "'' is not the name of one test of 02.3; known: limits, ties"),
        ("ada,02.3,limits,4,x", "points '4' are not a number between 0 and 3"),
        ("ada,02.3,limits,-1,x", "points '-1' are not"),
        ("ada,02.3,limits,nan,x", "points 'nan' are not"),
        ("ada,02.3,limits,,x", "points '' are not"),
        ("ada,02.3,limits,1,", "a reason is missing"),
        ("ada,02.3,limits,1, ", "a reason is missing"),
        ("eve,2.3,limits,1,again", "line 2 corrects the same test"),
        ("ada,02.3,limits,1,good, but", "6 cells where the header has 5; quote a cell"),
        ("ada,02.3,limits,1", "4 cells where the header has 5"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    lines = 'eve,02.3,limits,1,"two\nlines"\n\n' + line + "\n"
    with pytest.raises(ValueError, match=f"^{NAME} line 5: {re.escape(message)}"):
        corrected(tmp_path, lines, record("ada"), record("eve"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no column student, exercise, test, points, reason"),
        (b"student,points\nada,3\n", "has no column exercise, test, reason"),
        (b"\xff\xfe\x00", "cannot be read"),
        (HEADER.encode() + b'ada,02.3,limits,3,"open\n', "cannot be read"),
    ],
)
def test_a_damaged_table_is_named_and_left_alone(tmp_path, content, message):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ValueError, match=f"^{NAME} {message}"):
        apply(tmp_path, [record()])
    begin(tmp_path)
    assert (tmp_path / NAME).read_bytes() == content


def test_the_whole_of_tests_csv_is_no_table_of_corrections(results):
    folder = results(record())  # its points are what each test can give: full points for all
    report.write(folder, ASSIGNMENT)
    (folder / NAME).write_bytes((folder / "report/tests.csv").read_bytes())
    with pytest.raises(ValueError, match=f"{NAME} line 2: this is a copy of tests.csv; keep stud"):
        report.load(folder, ASSIGNMENT)


def test_of_two_students_whose_names_look_alike_in_a_table_none_is_guessed(tmp_path):
    with pytest.raises(ValueError, match="is not the name of one student"):
        corrected(tmp_path, "'=x,02.3,limits,1,why\n", record("=x"), record("'=x"))


# ------------------------------------------------------------------------------- in the report


def test_report_begins_the_table_and_never_changes_it(results):
    folder = results(record())
    report.write(folder, ASSIGNMENT)
    assert (folder / NAME).read_text(encoding="utf-8-sig") == BEGUN
    assert (folder / NAME).stat().st_mode & 0o077 == 0
    (folder / NAME).write_text(HEADER + LINE)
    report.write(folder, ASSIGNMENT)
    assert (folder / NAME).read_text() == HEADER + LINE


def test_tables_and_pages_follow_and_the_record_stays(results):
    folder = results(record(), record("bob"))
    (folder / NAME).write_text(HEADER + LINE + "bob,02.3,ties,2,<b>no\n")
    page = report.write(folder, ASSIGNMENT).read_text()
    header, ada, bob = (dict(enumerate(row)) for row in read(folder / "report/students.csv"))
    at = {name: i for i, name in header.items()}
    assert (ada[at["score"]], ada[at["corrected"]]) == ("5", "02.3 limits")
    assert (bob[at["score"]], bob[at["corrected"]]) == ("2", "")
    assert f"{NAME} line 3 changes nothing" in bob[at["flags"]]
    tests = [row for row in read(folder / "report/tests.csv") if row[0] == "ada"]
    assert tests[1][4:] == ["3", "3", "corrected", "'=1+1", "failed"] + [
        LINE.strip().split(",")[-1],
        "",
    ]
    assert tests[0][-3:] == ["", "", ""]
    assert "Corrected by hand:</strong> <bdi>ada</bdi>" in page and "Corrected: " not in page
    assert json.loads(next(folder.glob("records/0-*")).read_text()) == record()


def test_grading_again_keeps_a_correction_and_a_pass_tells_that_it_is_needless(results):
    folder = results(record())
    (folder / NAME).write_text(HEADER + LINE)
    later = record(graded="2026-11-21T12:00:00Z", score=5.0)
    later["tests"][1] |= {"verdict": "failed", "reason": "another one"}
    (folder / "records/1-000000000001.json").write_text(json.dumps(later | {"score": 2.0}))
    assert report.load(folder, ASSIGNMENT)[0][0]["score"] == 5
    later["tests"][1] |= {"verdict": "passed", "earned": 3, "reason": ""}
    (folder / "records/1-000000000001.json").write_text(json.dumps(later))
    (found,), _ = report.load(folder, ASSIGNMENT)
    assert found["tests"] == later["tests"] and "changes nothing" in to_do([found])[0]


# ------------------------------------------------------------------------------- hand-ins


def hand_ins(folder, lines, policy=""):
    """What counts of two hand-ins, the first of digest "a...", after these corrections."""
    (folder / "policy.toml").write_text(policy)
    (folder / NAME).write_text(BEGUN + lines)
    for letter, day in (("a", "20"), ("b", "21")):
        one = record(key=letter * 20, digest=letter * 64, graded=f"2026-11-{day}T12:00:00Z")
        records.save(folder, one)
    (found,), _ = report.load(folder, ASSIGNMENT)
    return found


def test_a_correction_of_one_hand_in_does_not_hold_for_another(tmp_path):
    line = "ada,02.3,limits,3,seen,aaaaaaaa\n"
    found = hand_ins(tmp_path, line)
    assert found["score"] == 2 and found["digest"][0] == "b"
    assert to_do([found])[0].endswith("is for the hand-in aaaaaaaa, which does not count")
    found = hand_ins(tmp_path, line, 'attempts = "best"\n')  # corrected, it is the best
    assert found["score"] == 5 and found["digest"][0] == "a" and to_do([found]) == []


def test_without_a_hand_in_it_holds_for_each_and_one_that_is_unknown_is_named(tmp_path):
    assert hand_ins(tmp_path, LINE.replace("\n", ",\n"))["score"] == 5
    with pytest.raises(ValueError, match="line 2: no hand-in 'c' of 'ada'; known: a{12}, b{12}"):
        hand_ins(tmp_path, "ada,02.3,limits,3,seen,c\n")
