"""What stands in for boxes and examinations where a test is about the batch around them.

The processes that examine import this file by its name, `fakes`.
"""

import json
import os
import signal
import time
from pathlib import Path

import numpy as np

from coursetools.grading import pool, records
from coursetools.grading.box import BUSY, BoxError
from coursetools.grading.examine import _row
from coursetools.grading.intake import Submission
from coursetools.grading.records import Job

PASSING = {"seconds": 0, "graded": ""}  # what differs between two gradings


def submissions(*contents):
    return [Submission(f"s{n:02}", "x.ipynb", content) for n, content in enumerate(contents)]


def run(todo, job, jobs=2):
    """Records by student, examined on this machine; fails when a student has two."""
    found = list(pool.run(todo, job, jobs))
    assert len({record["student"] for record in found}) == len(found)
    return {record["student"]: record | PASSING for record in found}


class FakeBox:
    """Remembers its slot, and in `story` what all boxes of the process did."""

    story = []

    def __init__(self, limits, slot=0, unsafe=False):
        self.slot = slot
        self.story.append(f"start {slot}")
        if limits.disk_mb == 1:
            raise BoxError("no bubblewrap")

    def close(self):
        self.story.append(f"close {self.slot}")


def fake_examine(submission, assignment, limits, seed, slot=0, unsafe=False, box=None, only=None):
    """A record that depends on content and seed; some contents harm the process instead.

    Where $GRADE_LOG names a folder, an empty file there names the student and the process. The
    content b"rows" has a row a test, all passed, whose reason is $GRADE_ROUND.
    """
    content = submission.content or b""
    if log := os.environ.get("GRADE_LOG"):
        Path(log, f"{submission.student}-{os.getpid()}").touch()
    if content == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if content == b"exit":
        os._exit(0)
    if content == b"hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(60)
    if content == b"mistake":
        raise ZeroDivisionError("in a test")
    if content.startswith(b"worker") and not Path(content[6:].decode()).exists():
        Path(content[6:].decode()).write_text(str(os.getpid()))  # the first worker is held up
        time.sleep(600)
    crowded = content.startswith(b"crowded") and not Path(content[7:].decode()).exists()
    if crowded:  # the first time only
        Path(content[7:].decode()).touch()
    record = records.infra_error(submission, Job(assignment, limits, seed, unsafe), "")
    chosen = [(n, e) for n, e in assignment.exercises.items() if only is None or n in only]
    reason = os.environ.get("GRADE_ROUND", "")
    rows = [_row(n, test, "passed", reason) for n, e in chosen for test in e.tests]
    return record | {
        "tests": rows * content.startswith(b"rows"),
        "status": "missing" if submission.content is None else "limit" if crowded else "ok",
        "score": float(np.random.default_rng([seed, *content]).uniform()),
        "message": json.dumps([slot, box and box.slot, *FakeBox.story] * (content == b"boxes"))
        + BUSY * crowded,
    }
