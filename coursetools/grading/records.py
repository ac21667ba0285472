"""The records of a grading: a file a submission.

A record is named by its student and by a key of all that it follows from, so a second run
grades only what is new or changed. Marks given by hand are kept elsewhere.
"""

import hashlib
import hmac
import json
import platform
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from coursekit import exercises
from coursetools.files import write
from coursetools.grading import times
from coursetools.grading.assignment import Assignment
from coursetools.grading.box import Limits
from coursetools.grading.intake import Submission, slug

# The modules of the grader that decide what a record says.
GRADER = (
    "archives",
    "assignment",
    "author",
    "box",
    "code",
    "confinement",
    "examine",
    "frames",
    "intake",
    "order",
    "processes",
    "release",
    "shell",
    "syscalls",
    "transplant",
    "worker",
)
RAN = ("ok", "late", "limit", "died")  # the statuses with which code was run
FIELDS = dict.fromkeys(("student", "file", "key", "status", "graded", "message", "chapter"), str)
FIELDS |= {"late": bool, "unsafe": bool, "flags": list, "texts": dict, "tests": list}
FIELDS |= {"score": int | float | None, "possible": int | float, "seconds": int | float}
# What an older record lacks; it is None there.
LATER = dict.fromkeys(("handed_in", "digest", "judge"), str | None) | dict.fromkeys(
    ("answers", "regraded"), dict | None
)
TEST = dict.fromkeys(("exercise", "test", "message", "verdict", "reason"), str)
TEST |= {"points": int | float, "earned": int | float}
DAMAGE = (OSError, ValueError, RecursionError)


@dataclass(frozen=True)
class Job:
    """What all submissions of a grading share.

    `only` names, by student, the exercises to examine where that is not all of them.
    """

    assignment: Assignment
    limits: Limits
    seed: int
    unsafe: bool = False
    only: dict[str, list[str]] = field(default_factory=dict)


# ---------------------------------------------------------------------------- records


def versions() -> dict[str, str]:
    """The versions that a record names."""
    return {
        "coursekit": version("coursekit"),
        "python": platform.python_version(),
        "torch": version("torch"),
    }


def now() -> str:
    """The time in UTC, as records store it."""
    return datetime.now(UTC).strftime(times.FORM)


def key(submission: Submission, assignment: Assignment, limits: Limits, seed: int) -> str:
    """sha256 of everything that the record of `submission` follows from.

    That is what judges it, and the submission without the time of its hand-in: a copy of the
    same file is not graded again.
    """
    parts = asdict(submission) | {"content": submission.digest, "handed_in": None}
    return _sha256([parts, judge(assignment, limits, seed)])


def judge(assignment: Assignment, limits: Limits, seed: int) -> str:
    """sha256 of everything that all records of a grading follow from.

    That is the author's cells (not their outputs), the source of the tests and of the grader,
    limits, seed and versions.
    """
    parts = {
        "chapter": assignment.chapter,
        "cells": [[cell.cell_type, cell.source] for cell in assignment.notebook.cells],
        "source": _source(),
        "limits": asdict(limits),
        "seed": seed,
        "versions": versions() | {"numpy": version("numpy")},
    }
    return _sha256(parts)


def _sha256(parts) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def own_seed(secret: int, submission: Submission) -> int:
    """The seed of one submission: an HMAC of the run's secret and of the digest of its content.

    So another hand-in meets other inputs, and the same one the same.
    """
    digest = hashlib.sha256(submission.content or b"").digest()
    return int.from_bytes(hmac.digest(str(secret).encode(), digest, "sha256")[:8], "big")


def blank(submission: Submission, assignment: Assignment, limits: Limits, seed: int) -> dict:
    """The record of a submission before anything has run: no test, no point."""
    return {
        "student": submission.student,
        "file": submission.file,
        "digest": submission.digest,
        "handed_in": submission.handed_in,
        "late": submission.late,
        "chapter": assignment.chapter,
        "key": key(submission, assignment, limits, seed),
        "judge": judge(assignment, limits, seed),
        "seed": own_seed(seed, submission),
        "status": "late" if submission.late else "ok",
        "message": "",
        "score": 0.0,
        "possible": assignment.possible,
        "tests": [],
        "texts": {},
        "answers": {},
        "flags": [],
        "seconds": 0.0,
        "unsafe": False,
        "versions": versions(),
        "graded": now(),
    }


def infra_error(submission: Submission, job: Job, message: str) -> dict:
    """The record of a submission that could not be judged, for no fault of the student's."""
    record = blank(submission, job.assignment, job.limits, job.seed)
    failed = {"status": "infra_error", "message": message, "score": None, "unsafe": job.unsafe}
    return record | failed


def save(folder: Path, record: dict) -> Path:
    """Write `record` to its file under the results `folder`, whole or not at all."""
    path = Path(folder) / "records" / f"{slug(record['student'])}-{record['key'][:12]}.json"
    write(path, json.dumps(record, indent=1, allow_nan=False) + "\n", private=True)
    return path


def load(folder: Path) -> list[dict]:
    """The newest record of each student, by student; damaged files are named on stderr."""
    return [found[-1] for found in history(folder).values()]


def history(folder: Path) -> dict[str, list[dict]]:
    """All records of each student, the newest last, by student; damaged ones as `load` has it."""
    found = defaultdict(list)
    for path in Path(folder).glob("records/*.json"):
        record = _read(path)
        if record is not None:
            found[record["student"]].append((record["graded"], path.stat().st_mtime_ns, record))
    return {
        student: [record for *_, record in sorted(found[student], key=lambda one: one[:2])]
        for student in sorted(found)
    }


def damaged(folder: Path) -> list[str]:
    """The names of the damaged files among the records, which `load` leaves out."""
    names = []
    for path in sorted(Path(folder).glob("records/*.json")):
        try:
            _parse(path)
        except DAMAGE:
            names.append(path.name)
    return names


def keep_strays(folder: Path, names: list[str]) -> None:
    """Keep the names of files that were handed in and are nobody's, for the report."""
    if names:
        print(f"nobody's, not graded: {', '.join(names)}", file=sys.stderr)
    if names != strays(folder):
        write(Path(folder) / "strays.json", json.dumps(names, indent=1) + "\n", private=True)


def strays(folder: Path) -> list[str]:
    """The names that `keep_strays` kept last."""
    path = Path(folder) / "strays.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def find(folder: Path, key: str) -> dict | None:
    """The record with this key, if it is there and whole."""
    found = (_read(path) for path in Path(folder).glob(f"records/*-{key[:12]}.json"))
    return next((record for record in found if record and record["key"] == key), None)


def _read(path: Path) -> dict | None:
    """The record at `path`; None, and a line on stderr, where it is damaged."""
    try:
        return _parse(path)
    except DAMAGE as error:
        print(f"{path} is damaged ({error}); grade its submission again", file=sys.stderr)
        return None


def _parse(path: Path) -> dict:
    """The record at `path`; one of DAMAGE where it has not all that a report reads."""
    text = path.read_text(encoding="utf-8")
    record = json.loads(text, parse_constant=int)  # which refuses NaN and Infinity
    _check(record, FIELDS)
    record = dict.fromkeys(LATER) | record
    _check(record, LATER)
    if record["handed_in"] is not None:
        times.read(record["handed_in"])
    for test in record["tests"]:
        _check(test, TEST)
    for written in (record["texts"], record["answers"] or {}):
        _check(written, dict.fromkeys(written, str))
    return record


def _check(part: dict, kinds: dict) -> None:
    """ValueError unless `part` has a value of the right kind for every name."""
    for name, kind in kinds.items():
        if not isinstance(part, dict) or not isinstance(part.get(name), kind):
            raise ValueError(f"{name!r} is missing or of the wrong kind")


def _source() -> list[str]:
    """sha256 of the modules that hold the tests, and of those that judge."""
    tests = sorted(Path(exercises.__file__).parent.glob("*.py"))
    grader = (Path(__file__).with_name(f"{name}.py") for name in GRADER)
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in (*tests, *grader)]
