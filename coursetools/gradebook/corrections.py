"""Corrections of single tests by hand, each with its reason: RESULTS/corrections.csv.

A line gives a student's test other points: its student, exercise, test and hand-in are copied from
tests.csv, its reason is what student and colleagues will read. The record stays as it was graded,
so that grading again neither loses a correction nor takes it for the test's own verdict. A line
without a hand-in holds for whatever this student hands in.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from coursetools.files import write
from coursetools.gradebook import sheets
from coursetools.names import nearest
from coursetools.tables import MARK, cell, csv_text

NAME = "corrections.csv"
NEEDED = ["student", "exercise", "test", "points", "reason"]
COLUMNS = [*NEEDED, "hand_in"]
CORRECTED = "corrected"  # the verdict


@dataclass(frozen=True)
class Correction:
    """What one line of the table gives."""

    line: int
    exercise: str
    test: str
    points: float
    reason: str
    hand_in: str  # the beginning of its digest; "" for all


def begin(folder: Path) -> None:
    """Make the table with its header in `folder`; one that is there stays."""
    path = Path(folder) / NAME
    if not path.exists():
        write(path, MARK + csv_text([COLUMNS]), private=True)


def hand_in(record: dict) -> str:
    """What a record's hand-in is called in tables: the beginning of its digest."""
    return (record["digest"] or "")[:12]


def read(folder: Path, history: dict[str, list[dict]]) -> dict[str, list[Correction]]:
    """{student: corrections} of the table in `folder`; `history` has all records of each student.

    Raises ValueError naming the line that cannot be understood.
    """
    names, found, seen = defaultdict(list), defaultdict(list), {}
    for student in history:
        names[cell(student)].append(student)
    for line, row in sheets.lines(Path(folder) / NAME, NEEDED):
        where = f"{NAME} line {line}: "
        if "earned" in row:  # of tests.csv, where `points` are the most that a test gives
            raise ValueError(f"{where}this is a copy of tests.csv; keep {', '.join(COLUMNS)}")
        if len(names.get(row["student"], ())) != 1:
            hint = nearest(row["student"], names)
            raise ValueError(f"{where}{row['student']!r} is not the name of one student; {hint}")
        (student,) = names[row["student"]]
        one = _correction(line, row, _meant(row, history[student], where), where)
        same = student, one.exercise, one.test, one.hand_in
        if seen.setdefault(same, line) != line:
            raise ValueError(f"{where}line {seen[same]} corrects the same test")
        found[student].append(one)
    return found


def _meant(row: dict, records: list[dict], where: str) -> dict:
    """The newest of a student's records that a row is about."""
    wanted = row.get("hand_in", "").strip()
    fits = [record for record in records if hand_in(record).startswith(wanted)]
    if not fits:
        known = ", ".join(dict.fromkeys(filter(None, map(hand_in, records)))) or "none"
        raise ValueError(f"{where}no hand-in {wanted!r} of {row['student']!r}; known: {known}")
    return fits[-1]


def _correction(line: int, row: dict, record: dict, where: str) -> Correction:
    """What a row gives; its test is one of `record`'s, unless that could not be judged."""
    if not row["reason"].strip():
        raise ValueError(f"{where}a reason is missing")
    exercise, test, most = sheets.number(row["exercise"]), row["test"].strip(), float("inf")
    if record["status"] != "infra_error":
        meant = _test(row, record["tests"], where)
        exercise, test, most = sheets.number(meant["exercise"]), meant["test"], meant["points"]
    points = sheets.points(row["points"], most, where)
    reason, wanted = row["reason"].strip(), row.get("hand_in", "").strip()
    return Correction(line, exercise, test, points, reason, wanted)


def _test(row: dict, tests: list[dict], where: str) -> dict:
    """Which of a record's tests a row means."""
    number = sheets.number(row["exercise"])
    own = [test for test in tests if sheets.number(test["exercise"]) == number]
    if not own:
        known = ", ".join(dict.fromkeys(test["exercise"] for test in tests)) or "none"
        raise ValueError(
            f"{where}no exercise {row['exercise']!r} with tests; known: {known}. "
            "Marks of free text stand in marks.csv"
        )
    name = row["test"].strip()
    fits = [test for test in own if cell(test["test"]) == name]
    if len(fits) != 1:
        hint = nearest(name, [test["test"] for test in own])
        exercise = own[0]["exercise"]
        raise ValueError(f"{where}{name!r} is not the name of one test of {exercise}; {hint}")
    return fits[0]


# ------------------------------------------------------------------------------- applying


def apply(record: dict, own: list[Correction]) -> dict:
    """`record` as the corrections of its student have it.

    A corrected test has the verdict "corrected", its own one as `before`, and the reason as
    `correction`; the score follows. A correction that changes nothing, lowers what a test gives,
    is for another hand-in, or has to wait after an infra_error is told in `to_do`.
    """
    record = record | {"to_do": []}
    for one in own:
        tests = [(sheets.number(test["exercise"]), test["test"]) for test in record["tests"]]
        if not hand_in(record).startswith(one.hand_in):
            _note(record, one, f"is for the hand-in {one.hand_in}, which does not count")
        elif record["status"] == "infra_error":
            _note(record, one, "waits: the submission could not be judged; grade it again")
        elif (one.exercise, one.test) in tests:  # an older hand-in met other tests
            record = _corrected(record, tests.index((one.exercise, one.test)), one)
    return record


def to_do(found: list[dict]) -> list[str]:
    """What `apply` told in the records, a line each."""
    return [f"{record['student']!r}: {note}" for record in found for note in record["to_do"]]


def _corrected(record: dict, place: int, one: Correction) -> dict:
    """A copy of `record` in which one test has other points."""
    test = record["tests"][place]
    label, given = f"{test['exercise']} {test['test']}", f"{test['earned']:g}"
    if one.points == test["earned"]:
        _note(record, one, f"changes nothing: {label} has {given} points without it; delete it")
        return record
    if test["verdict"] == "passed":
        lower = f"lowers {label} from {given} to {one.points:g} points, though the test is passed"
        _note(record, one, lower)
    before = {"before": test["verdict"], "correction": one.reason}
    now = test | {"earned": one.points, "verdict": CORRECTED} | before
    tests = [now if i == place else each for i, each in enumerate(record["tests"])]
    return record | {"tests": tests, "score": float(sum(each["earned"] for each in tests))}


def _note(record: dict, one: Correction, problem: str) -> None:
    record["to_do"].append(f"{NAME} line {one.line} {problem}")
