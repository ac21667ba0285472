"""Marks for free text: a page to read one question across all students, and RESULTS/marks.csv.

The page names answers by codes, so one marks without knowing whose answer it is. In the CSV
the codes stand in the same order; fill in `points` and `comment`. The program adds rows for
new answers and never changes a row that is there, so marks survive re-grading.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from coursetools.files import write
from coursetools.gradebook import sheets
from coursetools.gradebook.pages import document, table, tag, theirs
from coursetools.grading.release import TEXT_STUB
from coursetools.tables import MARK, Table, cell, csv_text

NAME = "marks.csv"
COLUMNS = ["exercise", "answer", "points", "comment", "student"]
NEEDED = ("student", "exercise", "points", "comment")
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no code is a word, a number or a date


@dataclass(frozen=True)
class Mark:
    """Points `of` a maximum for one answer, None where it is not marked yet."""

    points: float | None
    of: int
    comment: str = ""


def answers(records: list[dict], assignment) -> list[tuple]:
    """(task, code, student, text) of every answer to an open question, in marking order.

    The order and the codes look random, differ from question to question, and stay the same
    when students are added.
    """
    found = []
    for task in assignment.open:
        own = []
        for record in records:
            text = record["texts"].get(task.number, "").strip()
            if text and text != TEXT_STUB:
                code = _code(task.number, record["student"])
                own.append((task, code, record["student"], text))
        found += sorted(own, key=lambda answer: answer[1:3])
    return found


def _code(number: str, student: str) -> str:
    digest = hashlib.sha256(f"{number} {student}".encode("utf-8", "backslashreplace")).digest()
    letters = [LETTERS[byte % len(LETTERS)] for byte in digest[:8]]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def page(records: list[dict], assignment) -> str:
    """The page to mark from; the key, code by code, stands folded at its end."""
    found = answers(records, assignment)
    sections = []
    for task in assignment.open:
        own = [answer for answer in found if answer[0] is task]
        sections += [
            tag("h2", f"Exercise {task.number} {task.title}"),
            tag("p", f"{task.points} points, {len(own)} answers"),
            tag("div", task.statement, class_="written"),
            *[_answer(code, text) for _, code, _, text in own],
        ]
    key = table(
        "Who wrote which answer",
        ["Answer", "Exercise", "Student"],
        [[code, task.number, theirs(who)] for task, code, who, _ in found],
    )
    return document(
        f"Free text of chapter {assignment.chapter}",
        tag("p", f"Fill in points and comments in {NAME}. Its rows have the order of this page."),
        *sections,
        tag("h2", "Key"),
        tag("details", tag("summary", "Show the students' names"), key),
    )


def _answer(code: str, text: str):
    heading = tag("h3", f"Answer {code}")
    length = tag("p", f"{len(text.split())} words")
    return tag(
        "article", heading, length, tag("div", theirs(text), class_="written"), class_="answer"
    )


# ------------------------------------------------------------------------------- marks.csv


def update(folder: Path, records: list[dict], assignment) -> list[str]:
    """Add rows with empty marks for new answers to the marks of `folder`; return notes.

    What is in the file stays, byte for byte. A file that is no such table is put aside under
    a name that the notes give, and a new one is begun.
    """
    path, notes = Path(folder) / NAME, []
    found = answers(records, assignment)
    marks = Table.read(MARK + csv_text([COLUMNS]))
    if path.exists():
        try:
            marks = sheets.load(path, NEEDED)
        except ValueError as damage:
            notes.append(f"{damage}; it is now {_put_aside(path).name}, {NAME} begins anew")
    rows = [row for _, row in marks.records()]
    have = {(row.get("student"), sheets.number(row.get("exercise", ""))) for row in rows}
    new = [
        {"exercise": task.number, "answer": code, "student": student}
        for task, code, student, _ in found
        if (cell(student), sheets.number(task.number)) not in have
    ]
    if new or not path.exists():
        text = marks.write()
        text += "" if text.endswith(("\n", "\r")) else "\n"
        added = [[row.get(column, "") for column in marks.columns] for row in new]
        write(path, text + csv_text(added, marks.delimiter), private=True)
        notes.append(f"{NAME}: {len(new)} new to mark")
    return notes


def read(folder: Path, records: list[dict], assignment) -> dict[str, dict[str, Mark]]:
    """{student: {"02.5": Mark}} for every student of `records` and every open question.

    An answer without a mark has None points, no answer 0. Raises ValueError naming the line
    of a mark that is not between 0 and the maximum, or of an unknown student or exercise.
    """
    tasks = {sheets.number(task.number): task for task in assignment.open}
    students = {cell(record["student"]): record["student"] for record in records}
    written = {(student, task.number) for task, _, student, _ in answers(records, assignment)}
    marks = {
        student: {
            task.number: Mark(None if (student, task.number) in written else 0, task.points)
            for task in assignment.open
        }
        for student in students.values()
    }
    seen = {}
    for line, row in sheets.lines(Path(folder) / NAME, NEEDED):
        where = f"{NAME} line {line}: "
        task, student = tasks.get(sheets.number(row["exercise"])), row["student"]
        if task is None:
            known = ", ".join(task.number for task in assignment.open) or "none"
            raise ValueError(f"{where}unknown exercise {row['exercise']!r}; open ones: {known}")
        if student not in students:
            raise ValueError(f"{where}unknown student {student!r}; correct or delete the line")
        first = seen.setdefault((student, task.number), line)
        if first != line:
            raise ValueError(f"{where}{student!r} has a mark for {task.number} in line {first} too")
        old, points = marks[students[student]][task.number].points, row["points"]
        marks[students[student]][task.number] = Mark(
            sheets.points(points, task.points, where) if points.strip() else old,
            task.points,
            row["comment"],
        )
    return marks


def _put_aside(path: Path) -> Path:
    """Rename a damaged file to the first free name beside it."""
    names = (path.with_name(f"{path.stem}.damaged-{i}{path.suffix}") for i in range(1, 10_000))
    free = next(name for name in names if not name.exists())
    return path.rename(free)
