"""Examining one submission: the student's code in a box, the tests and the points out here.

A test calls `answer(...)` as it does in `check`. The call goes to the box as plain values and
comes back as plain values, so what earns points is decided where no student's code runs.
"""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from coursekit import exercises
from coursekit.exercises import NotYet
from coursetools.grading import records
from coursetools.grading.assignment import Assignment
from coursetools.grading.box import Box, BoxError, Limits
from coursetools.grading.code import STUB, AnswerError, Code
from coursetools.grading.intake import Submission
from coursetools.grading.transplant import Transplant, Unreadable, authors, transplant

REASON_CHARACTERS, FLAGS = 500, 30
AGAIN = ("failed", "error", "missing")  # verdicts that a second try may change
MISSING = "Missing: "  # as the box reports a name that the cells do not define


class Mistake(Exception):
    """A test fails with the author's own answer too; the text names it."""


def examine(
    submission: Submission,
    assignment: Assignment,
    limits: Limits,
    seed: int,
    slot: int = 0,
    unsafe: bool = False,
    box: Box | None = None,
    only: list[str] | None = None,
) -> dict:
    """The record of one submission, judged by tests that draw from a seed of its own.

    That seed follows from the run's secret `seed` and from the submission. `box` is one that
    already warms up, with these limits and this slot; it is closed in any case. `only` are the
    exercises to examine (default: all); the others are not in the record. Whatever the student's
    code does stands in it; where no box starts or a test is at fault, its status is infra_error.
    """
    started = time.monotonic()
    record = records.blank(submission, assignment, limits, seed) | {"unsafe": unsafe}
    chosen = [(n, e) for n, e in assignment.exercises.items() if only is None or n in only]
    tests = [(number, test) for number, exercise in chosen for test in exercise.tests]
    record["tests"] = [_row(number, test, "not run", "") for number, test in tests]
    code = Code(limits, lambda: Box(limits, slot, unsafe), box)
    try:
        if submission.content is None:
            status = "unreadable" if submission.problem else "missing"
            record |= {"status": status, "message": _clip(submission.problem or "")}
        else:
            _judge(record, submission, assignment, code, tests)
    except Unreadable as error:
        record |= {"status": "unreadable", "message": _clip(error)}
    except (BoxError, Mistake) as error:
        record |= {"status": "infra_error", "message": _clip(error), "score": None}
    finally:
        code.close()
    return record | {"seconds": round(time.monotonic() - started, 2)}


def _row(number: str, test: exercises.Test, verdict: str, reason: str) -> dict:
    """What a record says of one test."""
    return {
        "exercise": number,
        "test": test.name,
        "message": test.message,
        "points": test.points,
        "earned": test.points if verdict == "passed" else 0,
        "verdict": verdict,
        "reason": _clip(reason),
    }


def _judge(
    record: dict,
    submission: Submission,
    assignment: Assignment,
    code: Code,
    tests: list[tuple[str, exercises.Test]],
) -> None:
    """Run the student's cells and `tests`, and write what comes of it into `record`."""
    parts = transplant(submission.content, assignment)
    code.open(parts)
    flags, rows, doubts = [submission.problem] if submission.problem else [], [], []
    for number, test in tests:
        if code.runs():
            verdict, reason = _verdict(number, test, code, record["seed"], doubts)
        else:
            verdict, reason = "not run", f"the code was stopped before ({code.stops[-1]})"
        rows.append(_row(number, test, verdict, reason))
        if verdict == "missing":
            flags.append(f"exercise {number}: {reason}")
    flags += _try_above(tests, rows, doubts, parts, code, record["seed"])
    if doubts:
        code.close()
        _try_authors(doubts, assignment, code, record["seed"])
    flags += [f"{number}, test {test.name}: {error}" for number, test, error in doubts]
    errors = [f"code cell {n}: {text}" for n, text in code.errors.items()]
    found = [_clip(flag) for flag in dict.fromkeys([*parts.flags, *flags, *errors])]
    more = [f"and {len(found) - FLAGS} more"] if len(found) > FLAGS else []
    record["flags"] = found[:FLAGS] + more
    record |= {"texts": parts.texts, "answers": parts.answers, "tests": rows}
    record["score"] = float(sum(row["earned"] for row in rows))
    if code.stops:
        record["status"] = code.stops[0].verdict
        record["message"] = _clip("; ".join(map(str, code.stops)))


def _verdict(
    number: str, test: exercises.Test, code: Code, seed: int, doubts: list
) -> tuple[str, str]:
    """The verdict of one test, and the reason; (number, test, error) goes to `doubts`.

    There an exception inside the test may be the answer's fault, for its value, or the test's.
    """
    stops = len(code.stops)
    try:
        with np.errstate(all="ignore"):
            test.run(lambda *arguments: code.call(number, arguments), seed)
        verdict, reason = "passed", ""
    except NotYet as error:
        verdict, reason = "failed", str(error)
    except AnswerError as error:
        verdict, reason = _raised(str(error))
    except Exception as error:
        verdict, reason = "failed", "the test cannot read what the answer returned"
        if len(code.stops) == stops:
            doubts.append((number, test, f"{type(error).__name__} in it: {error}"))
    if len(code.stops) > stops:
        return code.stops[-1].verdict, str(code.stops[-1])
    return verdict, reason


def _raised(error: str) -> tuple[str, str]:
    """The verdict on an answer that raised an exception, and the reason."""
    if error == STUB:
        return "failed", "not started yet"
    if error.startswith(MISSING):
        return "missing", error.removeprefix(MISSING)
    return "error", error


def _try_above(
    tests, rows: list[dict], doubts: list, parts: Transplant, code: Code, seed: int
) -> Iterator[str]:
    """Try what did not pass once more where its check stands, without the cells below.

    In a fresh box, and only where a cell below defines a name again: so an answer passes with
    what it passed with in the notebook. Changes `rows` and `doubts`; yields what to flag.
    """
    for number, (above, names) in parts.above.items():
        failed = [i for i, row in enumerate(rows) if row["exercise"] == number]
        failed = [i for i in failed if rows[i]["verdict"] in AGAIN]
        if not failed:
            continue
        code.close()
        early = Code(code.limits, code.start, None)
        try:
            early.open(replace(parts, cells=parts.cells[:above]), code.deadline)
            for i in failed:
                test = tests[i][1]
                if early.runs() and _verdict(number, test, early, seed, [])[0] == "passed":
                    rows[i] = _row(number, test, "passed", "")
                    doubts[:] = [doubt for doubt in doubts if doubt[:2] != (number, test)]
                    again = f"cells below its check define again: {', '.join(sorted(names))}"
                    yield f"exercise {number} counts as it stood at its check; {again}"
        finally:
            early.close()


def _try_authors(doubts: list, assignment: Assignment, code: Code, seed: int) -> None:
    """Raise Mistake where one of these tests does not pass the author's answer either."""
    author = Code(code.limits, code.start, None)
    try:
        author.open(authors(assignment))
        for number, test, error in doubts:
            verdict = author.runs() and _verdict(number, test, author, seed, [])[0]
            if verdict != "passed":
                raise Mistake(
                    f"{number}, test {test.name}: {error}; it does not pass the author's own "
                    "answer either: mend it, then grade again"
                )
    finally:
        author.close()


def _clip(text) -> str:
    """A text of bounded length that can be written as UTF-8."""
    return str(text)[:REASON_CHARACTERS].encode("utf-8", "replace").decode()
