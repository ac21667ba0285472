"""Corrections of single tests by hand, each with its reason: RESULTS/corrections.csv.

A line gives a student's test other points: its student, exercise and test are copied from
tests.csv, its reason is what student and colleagues will read. The record stays as it was graded,
so that grading again neither loses a correction nor takes it for the test's own verdict.
"""

from pathlib import Path

from coursetools.files import write
from coursetools.gradebook import sheets
from coursetools.tables import MARK, cell, csv_text

NAME = "corrections.csv"
COLUMNS = ["student", "exercise", "test", "points", "reason"]
CORRECTED = "corrected"  # the verdict


def begin(folder: Path) -> None:
    """Make the table with its header in `folder`; one that is there stays."""
    path = Path(folder) / NAME
    if not path.exists():
        write(path, MARK + csv_text([COLUMNS]), private=True)


def apply(folder: Path, found: list[dict]) -> list[dict]:
    """The records `found`, one a student, as the corrections in `folder` have them.

    A corrected test has the verdict "corrected", its own one as `before`, and the reason as
    `correction`; the score follows. A correction that changes nothing, lowers what a test gives
    now, or has to wait after an infra_error is told in the record's `notes`. Raises ValueError
    naming the line that cannot be understood.
    """
    found, names, seen = list(found), [cell(record["student"]) for record in found], {}
    for line, row in sheets.lines(Path(folder) / NAME, COLUMNS):
        where = f"{NAME} line {line}: "
        if "earned" in row:  # of tests.csv, where `points` are the most that a test gives
            raise ValueError(f"{where}this is a copy of tests.csv; keep {', '.join(COLUMNS)}")
        if names.count(row["student"]) != 1:
            hint = sheets.nearest(row["student"], names)
            raise ValueError(f"{where}{row['student']!r} is not the name of one student; {hint}")
        student = names.index(row["student"])
        record = found[student]
        if record["status"] == "infra_error":
            problem = "waits: the submission could not be judged; grade it again"
            found[student] = _noted(record, line, problem)
            continue
        place = _place(row, record["tests"], where)
        if seen.setdefault((student, place), line) != line:
            raise ValueError(f"{where}line {seen[student, place]} corrects the same test")
        if not row["reason"].strip():
            raise ValueError(f"{where}a reason is missing")
        points = sheets.points(row["points"], record["tests"][place]["points"], where)
        found[student] = _corrected(record, place, points, row["reason"].strip(), line)
    return found


def notes(found: list[dict]) -> list[str]:
    """What `apply` noted in the records, a line each."""
    return [
        f"{record['student']!r}: {note}" for record in found for note in record.get("notes", ())
    ]


def _place(row: dict, tests: list[dict], where: str) -> int:
    """Which of a record's tests a row means."""
    number = sheets.number(row["exercise"])
    own = [i for i, test in enumerate(tests) if sheets.number(test["exercise"]) == number]
    if not own:
        known = ", ".join(dict.fromkeys(test["exercise"] for test in tests)) or "none"
        raise ValueError(
            f"{where}no exercise {row['exercise']!r} with tests; known: {known}. "
            "Marks of free text stand in marks.csv"
        )
    name = row["test"].strip()
    fits = [i for i in own if cell(tests[i]["test"]) == name]
    if len(fits) != 1:
        hint = sheets.nearest(name, [tests[i]["test"] for i in own])
        exercise = tests[own[0]]["exercise"]
        raise ValueError(f"{where}{name!r} is not the name of one test of {exercise}; {hint}")
    return fits[0]


def _corrected(record: dict, place: int, points: float, reason: str, line: int) -> dict:
    """A copy of `record` in which one test has other points."""
    test = record["tests"][place]
    label, given = f"{test['exercise']} {test['test']}", f"{test['earned']:g}"
    if points == test["earned"]:
        problem = f"changes nothing: {label} has {given} points without it; delete the line"
        return _noted(record, line, problem)
    if test["verdict"] == "passed":
        problem = f"lowers {label} from {given} to {points:g} points, though the test is passed"
        record = _noted(record, line, problem)
    now = {"earned": points, "verdict": CORRECTED, "before": test["verdict"], "correction": reason}
    tests = [test | now if i == place else each for i, each in enumerate(record["tests"])]
    return record | {"tests": tests, "score": float(sum(each["earned"] for each in tests))}


def _noted(record: dict, line: int, problem: str) -> dict:
    return record | {"notes": [*record.get("notes", ()), f"{NAME} line {line} {problem}"]}
