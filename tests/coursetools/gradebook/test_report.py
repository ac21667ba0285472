"""Frames, CSV files and the folder of the report, for every status and for hostile names."""

import csv
import io
import json
import math
from types import SimpleNamespace

import pandas as pd
import pytest

from coursetools.__main__ import main
from coursetools.gradebook import charts, pages, report
from coursetools.gradebook.marking import NAME, Mark
from coursetools.grading import records

TASKS = [
    SimpleNamespace(number="02.3", title="ROC AUC from ranks", points=5, statement="?"),
    SimpleNamespace(number="02.5", title="An inspector", points=4, statement="How?"),
]
ASSIGNMENT = SimpleNamespace(chapter="02", tasks=TASKS, open=TASKS[1:])
NAMES = [
    "=cmd|'/c calc'!A0",
    'O\'Brien, "Pat"',
    "line\nbreak",
    "<script>alert(1)</script>",
    "+49",
    "@sum",
    "-1",
    "\tx",
    "../../escape",
    "CON",
    "NA",
    "a" * 300,
]


def record(student="ada", status="ok", **changes):
    """A record as the grader writes it, one passed and one failed test."""
    ran = status in charts.RAN
    tests = [
        {
            "exercise": "02.3",
            "test": "ties",
            "message": "scores with $ties$",
            "points": 2,
            "earned": 2,
            "verdict": "passed",
            "reason": "",
        },
        {
            "exercise": "02.3",
            "test": "limits",
            "message": "constant scores",
            "points": 3,
            "earned": 0,
            "verdict": "failed",
            "reason": "=1+1",
        },
    ]
    return {
        "student": student,
        "file": f"{student}.ipynb",
        "chapter": "02",
        "key": student * 20,
        "digest": None,
        "seed": 987654321,
        "status": status,
        "message": "",
        "late": status == "late",
        "score": None if status == "infra_error" else 2.0 * ran,
        "possible": 5,
        "tests": tests if ran else [],
        "texts": {"02.5": "my answer"} if ran else {},
        "answers": {"02.3": "def auc(): ..."} if ran else {},
        "flags": [],
        "seconds": 7.1,
        "unsafe": False,
        "versions": {},
        "graded": "2026-11-20T12:00:00Z",
    } | changes


@pytest.fixture
def results(tmp_path):
    """A function that saves records and returns their results folder."""

    def save(*found):
        (tmp_path / "records").mkdir()
        for i, one in enumerate(found):
            (tmp_path / f"records/{i}-{i:012x}.json").write_text(json.dumps(one))
        return tmp_path

    return save


def read(path):
    """A CSV file as lists of text."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


# ------------------------------------------------------------------------------- frames


@pytest.mark.parametrize("status", pages.STATUSES)
def test_every_status_has_a_row(status):
    students, tests = report.frame([record(status=status)])
    row = students.iloc[0]
    assert (row["status"], row["possible"], row["late"]) == (status, 5, status == "late")
    assert math.isnan(row["score"]) == (status == "infra_error")
    assert len(tests) == (2 if status in charts.RAN else 0)


def test_an_unknown_status_is_refused():
    with pytest.raises(ValueError, match="'ada' has the unknown status 'fine'"):
        report.frame([record() | {"status": "fine"}])


def test_no_records_make_empty_frames_with_the_same_columns():
    for empty, full in zip(report.frame([]), report.frame([record()])):
        assert list(empty.columns) == list(full.columns) and len(empty) == 0


@pytest.mark.parametrize(
    ("points", "total", "words"),
    [(3.5, 5.5, "5.5 of 9"), (None, math.nan, "2 + ? of 9"), (0, 2, "2 of 9")],
)
def test_the_total_waits_for_the_marks(points, total, words):
    students, _ = report.frame([record()], {"ada": {"02.5": Mark(points, 4, "Good.")}})
    row = students.iloc[0].to_dict()
    assert row["total"] == pytest.approx(total, nan_ok=True)
    assert report.standing(row) == words
    assert row["unmarked"] == ("02.5" if points is None else "")
    assert row["comment"] == "02.5: Good."


def test_after_an_infra_error_there_is_no_total_either():
    marks = {"ada": {"02.5": Mark(4, 4)}}
    row = report.frame([record(status="infra_error")], marks)[0].iloc[0].to_dict()
    assert math.isnan(row["total"]) and report.standing(row) == "none yet"


# ------------------------------------------------------------------------------- files


def test_a_report_has_both_tables_the_class_and_a_page_a_student(results):
    folder = results(*[record(status, status) for status in pages.STATUSES])
    index = report.write(folder, ASSIGNMENT)
    assert index == folder / "report/index.html" and index.is_file()
    assert len(list(folder.glob("report/students/*.html"))) == len(pages.STATUSES)
    scores = {row[0]: row[2] for row in read(folder / "report/students.csv")[1:]}
    assert scores["infra_error"] == "" and scores["missing"] == "0" and scores["ok"] == "2"
    assert len(read(folder / "report/tests.csv")) == 1 + 2 * len(charts.RAN)


def test_marks_reach_the_report(results):
    folder = results(record())
    (folder / NAME).write_text("student,exercise,points,comment\nada,02.5,3.5,Well argued\n")
    report.write(folder, ASSIGNMENT)
    row = pd.read_csv(folder / "report/students.csv").iloc[0]
    assert (row["manual"], row["total"], row["total_possible"]) == (3.5, 5.5, 9)
    assert "Well argued" in (folder / "report/students/ada.html").read_text()


def test_names_survive_the_tables_and_none_is_a_formula(results):
    folder = results(*map(record, NAMES))
    report.write(folder, ASSIGNMENT)
    found = [row[0] for row in read(folder / "report/students.csv")[1:]]
    assert not [name for name in found if name[0] in "=+-@\t\r"]
    dangerous = tuple("=+-@\t\r")
    assert sorted(found) == sorted(f"'{n}" if n.startswith(dangerous) else n for n in NAMES)
    frame = pd.read_csv(folder / "report/students.csv", keep_default_na=False)
    assert list(frame["student"]) == found
    assert {row[7] for row in read(folder / "report/tests.csv")[1:]} == {"", "'=1+1"}


def test_no_name_leads_out_of_the_report(results):
    folder = results(*map(record, NAMES))
    report.write(folder, ASSIGNMENT)
    assert {path.name for path in folder.iterdir()} == {"records", "report", "corrections.csv"}
    assert len(list((folder / "report/students").iterdir())) == len(NAMES)


def test_the_links_of_the_class_page_lead_to_the_students_pages(results):
    folder = results(*map(record, NAMES))
    index = pages.html.unescape(report.write(folder, ASSIGNMENT).read_text())
    for path in (folder / "report/students").iterdir():
        assert f'href="students/{path.name}"' in index


def test_hidden_things_are_in_no_file(results):
    folder = results(record(), record("bob", "died"))
    report.write(folder, ASSIGNMENT)
    for path in folder.glob("report/**/*.*"):
        assert "987654321" not in path.read_text()


def test_the_same_records_give_the_same_bytes(results):
    folder = results(record(), record("bob", "died"))
    first = report.write(folder, ASSIGNMENT).read_bytes()
    assert report.write(folder, ASSIGNMENT).read_bytes() == first


def test_the_old_report_stays_when_the_new_one_fails(results, monkeypatch):
    folder = results(record())
    index = report.write(folder, ASSIGNMENT)
    before = index.read_bytes()
    monkeypatch.setattr(report.student, "page", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.write(folder, ASSIGNMENT)
    assert index.read_bytes() == before
    assert {path.name for path in folder.iterdir()} == {"records", "report", "corrections.csv"}


def test_the_old_report_comes_back_when_the_exchange_fails(results, monkeypatch):
    folder = results(record())
    index = report.write(folder, ASSIGNMENT)
    (folder / "report/notes.txt").write_text("mine")
    replace = report.os.replace

    def fail(source, target):
        if target.name == "report" and not source.name.endswith("-old"):
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(report.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        report.write(folder, ASSIGNMENT)
    assert index.is_file() and (folder / "report/notes.txt").read_text() == "mine"
    assert {path.name for path in folder.iterdir()} == {"records", "report", "corrections.csv"}


def test_a_new_report_drops_old_students_and_keeps_what_a_user_put_there(results):
    folder = results(record(), record("bob"))
    report.write(folder, ASSIGNMENT)
    (folder / "report/notes.txt").write_text("mine")
    (folder / "records/1-000000000001.json").unlink()
    report.write(folder, ASSIGNMENT)
    assert (folder / "report/notes.txt").read_text() == "mine"
    assert [path.name for path in (folder / "report/students").iterdir()] == ["ada.html"]


def test_without_records_there_is_no_report(tmp_path):
    with pytest.raises(ValueError, match="has no records; run"):
        report.write(tmp_path, ASSIGNMENT)


def test_records_are_read_as_they_are_saved(tmp_path):
    records.save(tmp_path, record(key="0" * 64))
    assert report.write(tmp_path, ASSIGNMENT).is_file()


# ------------------------------------------------------------------------------- what is absent


def test_damaged_records_and_strays_are_named_on_the_page_of_the_class(results):
    folder = results(record(), record("bob"))
    (folder / "records/1-000000000001.json").write_text("{")
    records.keep_strays(folder, ["<b>marks.csv"])
    page = report.write(folder, ASSIGNMENT).read_text()
    assert f"{report.DAMAGED}</strong> <bdi>1-000000000001.json</bdi>" in page
    assert "and not graded:</strong> <bdi>&lt;b&gt;marks.csv</bdi>" in page
    assert "bob" not in page


def test_the_command_ends_with_1_when_a_record_is_damaged(results, monkeypatch, capsys):
    folder = results(record(), record("bob"))
    monkeypatch.setattr("coursetools.teaching._graded", lambda options: (folder, ASSIGNMENT))
    assert main(["report", str(folder)]) == 0
    (folder / "records/1-000000000001.json").write_text("{")
    assert main(["report", str(folder)]) == 1
    assert "1-000000000001.json is damaged" in capsys.readouterr().err
