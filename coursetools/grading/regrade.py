"""Grading again: who and what was named, and which rows of an earlier record stay.

Where only some exercises are examined again, the others keep the rows of the student's newest
record. They keep them if that record judged the same content by tests that are called, worded
and weighted as today's, and ran all of them; else they are examined again too.
"""

from collections.abc import Iterable

from coursetools.characters import distinct
from coursetools.grading.assignment import Assignment
from coursetools.grading.intake import Submission
from coursetools.grading.records import RAN
from coursetools.names import nearest

STOPS = ("limit", "died")


def named_students(names: Iterable[str], submissions: list[Submission]) -> set[str]:
    """The students called so; ValueError with the nearest names where nobody is."""
    known, found = {submission.student for submission in submissions}, set()
    for name in names:
        student = name if name in known else distinct(name)
        if student not in known:
            hint = nearest(name, known)
            raise ValueError(f"--student: nobody called {name!r} handed in; {hint}")
        found.add(student)
    return found


def named_exercises(numbers: Iterable[str], assignment: Assignment) -> list[str]:
    """The exercises with these numbers; ValueError where one is unknown or has no tests."""
    numbers = list(dict.fromkeys(numbers))
    for number in numbers:
        if number not in assignment.exercises:
            known = ", ".join(assignment.exercises)
            raise ValueError(f"--exercise: {number!r} has no tests; these have: {known}")
    return numbers


def partly(
    todo: list[Submission],
    history: dict[str, list[dict]],
    assignment: Assignment,
    exercises: list[str],
) -> dict[str, list[str]]:
    """{student: exercises to examine}, the named `exercises` and those whose rows cannot stay.

    Who is examined as a whole is not in it; so is everybody where no exercise is named.
    """
    found = {}
    for submission in todo if exercises else []:
        kept = _kept(submission, history.get(submission.student, [None])[-1], assignment)
        again = [n for n in assignment.exercises if n in exercises or n not in kept]
        if len(again) < len(assignment.exercises):
            found[submission.student] = again
    return found


def _kept(submission: Submission, record: dict | None, assignment: Assignment) -> set[str]:
    """The exercises whose rows of a student's newest record may stay for this submission."""
    if not record or record["status"] not in RAN or record["digest"] != submission.digest:
        return set()
    kept = set()
    for number, exercise in assignment.exercises.items():
        rows = [row for row in record["tests"] if row["exercise"] == number]
        judged = [(row["test"], row["message"], row["points"]) for row in rows]
        tests = [(test.name, test.message, test.points) for test in exercise.tests]
        if judged == tests and all(row["verdict"] != "not run" for row in rows):
            kept.add(number)
    return kept


def merged(new: dict, old: dict, assignment: Assignment) -> dict:
    """The record `new` of some exercises, with the rows of the others from `old`.

    Text, seconds and what concerns the whole notebook are those of the new examination. Where
    that failed, its record stays as it is, for no row is worth keeping then.
    """
    if new["status"] not in RAN:
        return new
    examined = list(dict.fromkeys(row["exercise"] for row in new["tests"]))
    others = [number for number in assignment.exercises if number not in examined]
    kept = [row for row in old["tests"] if row["exercise"] in others]
    order = list(assignment.exercises).index
    rows = sorted([*new["tests"], *kept], key=lambda row: order(row["exercise"]))
    stops = [row for row in kept if row["verdict"] in STOPS]
    status = next((row["verdict"] for row in stops), new["status"])
    about = tuple(start for n in others for start in (f"exercise {n}: ", f"{n}, test "))
    return new | {
        "tests": rows,
        "score": float(sum(row["earned"] for row in rows)),
        "status": new["status"] if new["status"] in STOPS else status,
        "message": "; ".join(filter(None, [new["message"], *(row["reason"] for row in stops)])),
        "flags": list(
            dict.fromkeys([*new["flags"], *(f for f in old["flags"] if f.startswith(about))])
        ),
        "regraded": {"exercises": examined, "others_from": old["key"]},
    }
