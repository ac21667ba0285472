"""Examining one submission: the student's code in a box, the tests and the points out here.

A test calls `answer(...)` as it does in `check`. The call goes to the box as plain values and
comes back as plain values, so what earns points is decided where no student's code runs.
"""

import time
from collections.abc import Callable

import numpy as np

from coursekit import exercises
from coursekit.exercises import NotYet
from coursetools.grading import records
from coursetools.grading.assignment import Assignment
from coursetools.grading.box import Box, BoxError, Limits, Stopped
from coursetools.grading.intake import Submission
from coursetools.grading.transplant import Transplant, Unreadable, authors, transplant

REASON_CHARACTERS, FLAGS = 500, 30
STUB = "NotImplementedError: "  # as the box reports what a stub raises,
MISSING = "Missing: "  # and a name that the cells do not define
BOXES = 2  # the first, and one more where the code stops it


class AnswerError(Exception):
    """The student's code raised an exception when it was called; the text is that one's."""


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
) -> dict:
    """The record of one submission, judged by tests that draw from a seed of its own.

    That seed follows from the run's secret `seed` and from the submission. `box` is one that
    already warms up, with these limits and this slot; it is closed in any case. Whatever the
    student's code does stands in the record; where no box starts or a test is at fault, its
    status is infra_error.
    """
    started = time.monotonic()
    record = _blank(submission, assignment, limits, seed) | {"unsafe": unsafe}
    code = _Code(limits, lambda: Box(limits, slot, unsafe), box)
    try:
        if submission.content is None:
            status = "unreadable" if submission.problem else "missing"
            record |= {"status": status, "message": _clip(submission.problem or "")}
        else:
            _judge(record, submission, assignment, code)
    except Unreadable as error:
        record |= {"status": "unreadable", "message": _clip(error)}
    except (BoxError, Mistake) as error:
        record |= {"status": "infra_error", "message": _clip(error), "score": None}
    finally:
        code.close()
    return record | {"seconds": round(time.monotonic() - started, 2)}


def _blank(submission: Submission, assignment: Assignment, limits: Limits, seed: int) -> dict:
    """The record before anything has run: no test, no point."""
    return {
        "student": submission.student,
        "file": submission.file,
        "chapter": assignment.chapter,
        "key": records.key(submission, assignment, limits, seed),
        "seed": records.own_seed(seed, submission),
        "status": "late" if submission.late else "ok",
        "message": "",
        "late": submission.late,
        "score": 0.0,
        "possible": assignment.possible,
        "tests": [
            _row(number, test, "not run", "")
            for number, exercise in assignment.exercises.items()
            for test in exercise.tests
        ],
        "texts": {},
        "answers": {},
        "flags": [],
        "versions": records.versions(),
        "graded": records.now(),
    }


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


def _judge(record: dict, submission: Submission, assignment: Assignment, code: "_Code") -> None:
    """Run the student's cells and every test, and write what comes of it into `record`."""
    parts = transplant(submission.content, assignment)
    code.open(parts)
    flags, rows, doubts = [submission.problem] if submission.problem else [], [], []
    for number, exercise in assignment.exercises.items():
        for test in exercise.tests:
            if code.runs():
                verdict, reason = _verdict(number, test, code, record["seed"], doubts)
            else:
                verdict, reason = "not run", f"the code was stopped before ({code.stops[-1]})"
            rows.append(_row(number, test, verdict, reason))
            if verdict == "missing":
                flags.append(f"exercise {number}: {reason}")
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
    number: str, test: exercises.Test, code: "_Code", seed: int, doubts: list
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


def _try_authors(doubts: list, assignment: Assignment, code: "_Code", seed: int) -> None:
    """Raise Mistake where one of these tests does not pass the author's answer either."""
    author = _Code(code.limits, code.start, None)
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


class _Code:
    """A student's code in a box, and in one more box where it stops the first.

    `stops` are the deaths and hangs so far, `errors` the exceptions of cells by their number.
    """

    def __init__(self, limits: Limits, start: Callable[[], Box], box: Box | None):
        self.limits, self.start, self.box = limits, start, box
        self.stops, self.errors, self.skipped = [], {}, set()
        self.loaded = False

    def open(self, parts: Transplant) -> None:
        """Take the code; from when the box is warm on, the total time counts."""
        self.parts = parts
        self.box = self.box or self.start()
        self.box.wait()
        self.deadline = time.monotonic() + self.limits.total_seconds

    def runs(self) -> bool:
        """Whether there is a box in which the cells have run; starts the second if need be."""
        while not self.loaded:
            if self.box is None:
                if len(self.stops) == BOXES or time.monotonic() >= self.deadline:
                    return False
                self.box = self.start()
                self.box.wait()
            self._load()
        return True

    def _load(self) -> None:
        """Run the cells, except for one at which a box stopped; an error ends only its cell."""
        for number, cell in enumerate(self.parts.cells, 1):
            if number in self.skipped:
                continue
            try:
                reply = self._ask({"cell": cell, "name": f"cell {number}"}, f"code cell {number}")
            except Stopped:
                self.skipped.add(number)
                return
            if reply.get("error", STUB) != STUB:
                self.errors[number] = reply["error"]
        self.loaded = True

    def call(self, number: str, arguments: tuple):
        """What the answer to an exercise returns; AnswerError with its exception, or Stopped."""
        message = {"call": number, "answer": self.parts.names[number]}
        reply = self._ask(message | {"arguments": list(arguments)}, f"exercise {number}")
        if "error" in reply:
            raise AnswerError(reply["error"])
        return reply["value"]

    def _ask(self, message: dict, where: str) -> dict:
        if self.box is None:  # a test that goes on after its answer was stopped
            raise self.stops[-1]
        deadline = min(self.deadline, time.monotonic() + self.limits.call_seconds)
        try:
            return self.box.request(message, deadline)
        except Stopped as stop:
            self.stops.append(Stopped(stop.verdict, f"{where}: {stop}"))
            self.box, self.loaded = None, False
            raise self.stops[-1] from None

    def close(self) -> None:
        """Close the box that is still open."""
        if self.box:
            self.box.close()


def _clip(text) -> str:
    """A text of bounded length that can be written as UTF-8."""
    return str(text)[:REASON_CHARACTERS].encode("utf-8", "replace").decode()
