"""The report of a grading: pandas frames, CSV files, pages.

| file under RESULTS/report | what it is |
|---|---|
| students.csv | a row a student |
| tests.csv | a row for each test of each student |
| index.html | the class: warnings, plots, table |
| students/NAME.html | what one student may read |

Beside that folder lies corrections.csv, made empty where it is missing.
"""

import math
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from coursetools.files import write as write_file
from coursetools.gradebook import attempts, charts, corrections, marking, pages, student
from coursetools.grading import records
from coursetools.grading.intake import slug
from coursetools.tables import MARK, csv_text

STUDENT = [
    "student",
    "status",
    "score",
    "possible",
    "manual",
    "manual_possible",
    "total",
    "total_possible",
    "unmarked",
    "corrected",
    "handed_in",
    "late",
    "days_late",
    "penalty",
    "attempt",
    "notes",
    "seconds",
    "flags",
    "message",
    "comment",
    "unsafe",
    "file",
    "chapter",
]
TEST = ["student", "exercise", "test", "message", "points", "earned", "verdict", "reason"]
TEST += ["before", "correction", "hand_in"]
DAMAGED = "Damaged records, not in this report; grade these submissions again:"
STRAYS = "Handed in, but nobody's and not graded:"


def load(folder: Path, assignment) -> tuple[list[dict], dict]:
    """The records that count in the results `folder`, and the marks by hand, as `frame` takes them.

    Raises ValueError where there is no record, or corrections.csv, marks.csv or policy.toml is
    wrong.
    """
    found = attempts.load(folder)
    if not found:
        raise ValueError(f"{folder} has no records; run python -m coursetools grade first")
    return found, marking.read(folder, found, assignment)


def frame(found: list[dict], marks: dict | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row a student and a row a student's test, from records and `marking.read`'s marks.

    `score` counts the tests, `manual` the marks given so far, `total` both without the share
    `penalty`; it is NaN after an infra_error and while an answer is unmarked. ValueError for an
    unknown status.
    """
    students, tests = [], []
    for record in found:
        if record["status"] not in pages.STATUSES:
            raise ValueError(f"{record['student']!r} has the unknown status {record['status']!r}")
        students.append(_row(record, (marks or {}).get(record["student"], {})))
        own = {"student": record["student"], "hand_in": corrections.hand_in(record)}
        tests += [{"before": "", "correction": ""} | test | own for test in record["tests"]]
    return pd.DataFrame(students, columns=STUDENT), pd.DataFrame(tests, columns=TEST)


def _row(record: dict, marks: dict) -> dict:
    """The row of one student."""
    score = math.nan if record["status"] == "infra_error" else float(record["score"])
    given = [mark.points for mark in marks.values() if mark.points is not None]
    unmarked = [number for number, mark in marks.items() if mark.points is None]
    manual, of = float(sum(given)), sum(mark.of for mark in marks.values())
    corrected = [test for test in record["tests"] if test["verdict"] == corrections.CORRECTED]
    penalty = record.get("penalty", 0.0)
    comments = [f"{number}: {mark.comment}" for number, mark in marks.items() if mark.comment]
    return record | {
        "score": score,
        "manual": manual,
        "manual_possible": of,
        "total": math.nan if unmarked else (score + manual) * (1 - penalty),
        "total_possible": record["possible"] + of,
        "unmarked": ", ".join(unmarked),
        "corrected": ", ".join(f"{test['exercise']} {test['test']}" for test in corrected),
        "handed_in": record.get("handed_in") or "",
        "penalty": penalty,
        "notes": " ".join(record.get("notes", [])),
        "flags": "; ".join([*record["flags"], *record.get("to_do", ())]),
        "comment": "\n".join(comments),
    }


def standing(row: dict) -> str:
    """The points of a row of `frame` in words.

    >>> row = {"score": 17.0, "manual": 0.0, "unmarked": "02.5", "total_possible": 25}
    >>> standing(row | {"penalty": 0.0})
    '17 + ? of 25'
    """
    if math.isnan(row["score"]):
        return "none yet"
    points = (row["score"] + row["manual"]) * (1 - row["penalty"])
    points = f"{points:g}{' + ?' if row['unmarked'] else ''}"
    return f"{points} of {row['total_possible']:g}"


def write(folder: Path, assignment) -> Path:
    """Write the report of the results in `folder` anew; return the path of its index.html.

    The old report stays until the new one is complete. Raises ValueError as `load` does.
    """
    folder = Path(folder)
    found, marks = load(folder, assignment)
    corrections.begin(folder)
    titles = {task.number: task.title for task in assignment.tasks}
    absent = {DAMAGED: records.damaged(folder), STRAYS: records.strays(folder)}
    fresh = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        for name, text in _files(found, marks, titles, absent).items():
            write_file(fresh / name, text, private=True)
        _swap(fresh, folder / "report")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder / "report" / "index.html"


def _files(found: list[dict], marks: dict, titles: dict[str, str], absent: dict) -> dict[str, str]:
    """The text of every file of the report."""
    students, tests = frame(found, marks)
    rows = students.to_dict("records")
    standings = [standing(row) for row in rows]
    files = {
        "students.csv": _csv(students),
        "tests.csv": _csv(tests),
        "index.html": pages.overview(rows, standings, charts.plots(students, tests), absent),
    }
    for record, text in zip(found, standings):
        name = record["student"]
        page = student.page(record, marks[name], text, titles)
        files[f"students/{slug(name)}.html"] = page
    return files


def _csv(table: pd.DataFrame) -> str:
    """CSV with a byte order mark, by which spreadsheets know UTF-8."""
    rows = table.astype(object).values.tolist()
    return MARK + csv_text([list(table.columns), *rows])


def _swap(fresh: Path, place: Path) -> None:
    """Put the folder `fresh` in `place`; what else a user keeps there moves along."""
    old = fresh.with_name(fresh.name + "-old")
    if place.exists():
        os.replace(place, old)
    try:
        os.replace(fresh, place)
    except OSError:
        if old.exists():
            os.replace(old, place)
        raise
    for path in old.iterdir() if old.exists() else ():
        if path.name not in {"students.csv", "tests.csv", "index.html", "students"}:
            os.replace(path, place / path.name)
    shutil.rmtree(old, ignore_errors=True)
