"""One gradebook over all chapters, from the results of each: a table and a page.

| file | what it is |
|---|---|
| gradebook.csv | a row a student: points of each chapter, total, percent, what is missing |
| gradebook.html | the same as a page, with the distribution of the totals |

Who handed in nothing for a chapter has no points there, and the chapter counts. Where points are
not known yet, after an infra_error or before free text is marked, the total is blank.
"""

import math
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from coursetools.characters import CODE
from coursetools.files import write as write_file
from coursetools.gradebook import charts, report
from coursetools.gradebook.pages import document, picture, table, tag, theirs, warning, wide
from coursetools.grading import records
from coursetools.tables import MARK, csv_text

LAST = ["total", "total_possible", "percent", "missing", "waiting_for", "unsafe"]
NOTES = {
    "alike": "Perhaps one student under several names; rename the files, delete the records of the "
    "old name and grade again:",
    "damaged": "Damaged records, not in this gradebook; grade these submissions again:",
    "waiting": "Without a total yet:",
    "unsafe": "Graded without the sandbox (unsafe run); do not publish:",
}


@dataclass(frozen=True)
class Chapter:
    """The results of one chapter: its number, its folder, {student: row of `report.frame`}."""

    number: str
    folder: Path
    possible: float
    rows: dict[str, dict]

    def handed_in(self, student: str) -> bool:
        """Whether there is something of the student's, or points for another reason."""
        row = self.rows.get(student)
        return bool(row) and not (row["status"] == "missing" and row["total"] == 0)


def load(graded: list[tuple]) -> list[Chapter]:
    """The chapters by number, from (folder, assignment) of each results folder.

    Raises ValueError where two folders hold the same chapter, or for what `report.load` does.
    """
    chapters = {}
    for folder, assignment in graded:
        if other := chapters.get(assignment.chapter):
            raise ValueError(
                f"{other.folder} and {folder} are both of chapter {other.number}; name one of them"
            )
        students, _ = report.frame(*report.load(folder, assignment))
        possible = assignment.possible + sum(task.points for task in assignment.open)
        rows = {row["student"]: row for row in students.to_dict("records")}
        chapters[assignment.chapter] = Chapter(assignment.chapter, Path(folder), possible, rows)
    return [chapters[number] for number in sorted(chapters)]


def frame(chapters: list[Chapter]) -> pd.DataFrame:
    """A row a student, by name; `points_01` is NaN where nothing was handed in or known yet.

    `total` is NaN while points of some chapter are not known; `waiting_for` says of which.
    """
    students = sorted({student for chapter in chapters for student in chapter.rows})
    columns = [f"{what}_{c.number}" for c in chapters for what in ("points", "possible")]
    rows = [_row(student, chapters) for student in students]
    return pd.DataFrame(rows, columns=["student", *columns, *LAST])


def _row(student: str, chapters: list[Chapter]) -> dict:
    """What a student has in each chapter, and in all."""
    row, total = {"student": student, "total_possible": 0}, 0.0
    missing, waiting, unsafe = [], [], []
    for chapter in chapters:
        there, number = chapter.rows.get(student), chapter.number
        points = there["total"] if chapter.handed_in(student) else 0.0
        possible = there["total_possible"] if there else chapter.possible
        row[f"points_{number}"] = points if chapter.handed_in(student) else math.nan
        row[f"possible_{number}"] = possible
        total += points
        row["total_possible"] += possible
        if not chapter.handed_in(student):
            missing.append(number)
        elif math.isnan(points):
            waiting.append(f"{number}: {_reason(there)}")
        if there and there["unsafe"]:
            unsafe.append(number)
    row |= {"total": total, "percent": 100 * total / row["total_possible"]}
    lists = {"missing": missing, "unsafe": unsafe}
    return row | {k: ", ".join(v) for k, v in lists.items()} | {"waiting_for": "; ".join(waiting)}


def _reason(row: dict) -> str:
    """Why the points of a row of `report.frame` are not known."""
    if row["status"] == "infra_error":
        return "infra_error, grade again"
    return f"not marked yet {row['unmarked']}"


def notes(chapters: list[Chapter], gradebook: pd.DataFrame) -> dict[str, list[str]]:
    """{sentence: names} of what to look at before the points are used."""
    rows = gradebook.to_dict("records")
    damaged = [f"{c.folder}/{name}" for c in chapters for name in records.damaged(c.folder)]
    found = {
        "alike": _alike(gradebook["student"]),
        "damaged": damaged,
        "waiting": [f"{r['student']} ({r['waiting_for']})" for r in rows if r["waiting_for"]],
        "unsafe": [f"{r['student']} ({r['unsafe']})" for r in rows if r["unsafe"]],
    }
    return {NOTES[name]: names for name, names in found.items() if names}


def _alike(students) -> list[str]:
    """The names that differ in case and spaces only, those of one student in one text."""
    groups = defaultdict(list)
    for name in students:
        seen = unicodedata.normalize("NFKC", CODE.sub("", name)).casefold()
        groups["".join(seen.split())].append(name)
    return [" / ".join(names) for names in groups.values() if len(names) > 1]


def write(chapters: list[Chapter], out: Path) -> dict[str, list[str]]:
    """Write the table and the page into the folder `out`; return the notes."""
    gradebook = frame(chapters)
    found = notes(chapters, gradebook)
    rows = gradebook.astype(object).values.tolist()
    text = MARK + csv_text([list(gradebook.columns), *rows])
    write_file(out / "gradebook.csv", text, private=True)
    write_file(out / "gradebook.html", page(chapters, gradebook, found), private=True)
    return found


def page(chapters: list[Chapter], gradebook: pd.DataFrame, found: dict[str, list[str]]) -> str:
    """The gradebook as a page, from its frame and `notes`."""
    header = ["Student", *[f"{c.number}, of {c.possible:g}" for c in chapters]]
    header += ["Total", "Percent", "Missing"]
    rows = [
        [
            theirs(row["student"]),
            *[_points(row, chapter) for chapter in chapters],
            _total(row),
            "?" if math.isnan(row["percent"]) else f"{row['percent']:.1f}",
            row["missing"],
        ]
        for row in gradebook.to_dict("records")
    ]
    numbers = tuple(range(1, len(header) - 1))
    return document(
        f"Gradebook of chapters {', '.join(chapter.number for chapter in chapters)}",
        *[warning(why, names) for why, names in found.items()],
        tag("div", picture(*charts.totals(gradebook["percent"].dropna())), class_="plots"),
        tag("p", "–: nothing was handed in, which counts as 0. ?: not known yet."),
        wide("Students", table(f"{len(rows)} students", header, rows, numbers)),
    )


def _points(row: dict, chapter: Chapter) -> str:
    """A cell; with its maximum where that is not the one of the header."""
    points, possible = row[f"points_{chapter.number}"], row[f"possible_{chapter.number}"]
    if math.isnan(points):
        return "?" if chapter.handed_in(row["student"]) else "–"
    return f"{points:g}" if possible == chapter.possible else f"{points:g} of {possible:g}"


def _total(row: dict) -> str:
    points = "?" if math.isnan(row["total"]) else f"{row['total']:g}"
    return f"{points} of {row['total_possible']:g}"
