"""Examining submissions on this machine, in processes of their own.

Each submission is a job of its own: bytes in, a record out. A process that is lost costs at most
the submission that it was at.
"""

import itertools
import json
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from multiprocessing.connection import wait

from coursetools.grading import records
from coursetools.grading.box import BUSY, SLOTS, Box, BoxError
from coursetools.grading.examine import examine
from coursetools.grading.intake import Submission
from coursetools.grading.records import Job

GRACE_SECONDS = 180.0  # beyond a submission's limit: start of the box, the tests' own work
STOP_SECONDS = 5.0  # to close a box in an orderly way
SPAWN = multiprocessing.get_context("spawn")
CLAIM = "\0coursekit-slot-"  # begins a socket's name that is no file and goes with the process


@contextmanager
def slots(count: int) -> Iterator[list[int]]:
    """Hold numbers of box slots that nobody else on this machine holds; see `Box`."""
    numbers = []
    with ExitStack() as claims:
        for number in range(SLOTS):
            claim = claims.enter_context(socket.socket(socket.AF_UNIX))
            with suppress(OSError):  # taken
                claim.bind(f"{CLAIM}{number}")
                numbers.append(number)
            if len(numbers) == count:
                break
        else:
            raise BoxError(f"all {SLOTS} slots of this machine are in use by other graders")
        yield numbers


def run(todo: list[Submission], job: Job, jobs: int) -> Iterator[dict]:
    """The record of each submission as it is finished, `jobs` at a time.

    Who met a time limit on a busy machine is examined again at the end, alone: the load of
    others is no fault of theirs.
    """
    slots, again = [_Slot(job) for _ in range(min(jobs, len(todo)))], []
    try:
        for submission, record in _examine(iter(todo), slots):
            if BUSY in record["message"] and len(slots) > 1:
                again.append(submission)
            else:
                yield record
        yield from (record for _, record in _examine(iter(again), slots[:1]))
    finally:
        for slot in slots:
            slot.process.terminate()
        for slot in slots:
            slot.stop()


def _examine(queue: Iterator[Submission], slots: list["_Slot"]) -> Iterator[tuple]:
    """Each submission of `queue` and its record, as the slots finish it."""
    for slot in slots:
        slot.give(next(queue, None))
    while busy := [slot for slot in slots if slot.submission]:
        left = min(slot.deadline for slot in busy) - time.monotonic()
        wait([slot.pipe for slot in busy], max(0, left))
        for slot in busy:
            if record := slot.record():
                submission = slot.submission
                slot.give(next(queue, None))
                yield submission, record


class _Slot:
    """A process that examines one submission after the other.

    Processes, because a test's function runs in the grader and may hang or crash in NumPy.
    """

    def __init__(self, job: Job):
        self.job, self.submission = job, None
        self._start()

    def _start(self) -> None:
        self.pipe, end = SPAWN.Pipe()
        arguments = (end, self.job, examine, Box)
        self.process = SPAWN.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        end.close()  # so that the pipe ends with the process

    def give(self, submission: Submission | None) -> None:
        """Let the process examine `submission`."""
        self.submission = submission
        self.deadline = time.monotonic() + self.job.limits.total_seconds + GRACE_SECONDS
        if submission:
            with suppress(OSError):  # a process that is gone shows in `record`
                self.pipe.send(submission)

    def record(self) -> dict | None:
        """The record, if there is one by now; a process that hangs or died is replaced."""
        try:
            if self.pipe.poll():
                return json.loads(self.pipe.recv_bytes())
            if time.monotonic() < self.deadline:
                return None
            reason = f"was stopped after {self.job.limits.total_seconds + GRACE_SECONDS:g} s"
        except (EOFError, OSError):
            self.process.join()
            reason = f"ended with exit code {self.process.exitcode}"
        self.stop()
        self._start()
        message = f"the process that examined it {reason}; a test may hang or crash"
        return records.infra_error(self.submission, self.job, message)

    def stop(self) -> None:
        """End the process and its boxes."""
        self.process.terminate()
        self.process.join(STOP_SECONDS)
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe, job: Job, examine, box_class) -> None:
    """The work of a slot's process; while it examines, the box of the next one starts."""
    for number in (signal.SIGINT, signal.SIGHUP):  # the parent decides what they mean
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with nullcontext([0]) if job.unsafe else slots(2) as numbers, suppress(EOFError):
        turns = itertools.cycle(numbers)
        warm = _warm(box_class, job, next(turns))
        try:
            while True:
                submission, (slot, box) = pipe.recv(), (numbers[0], None)
                if submission.content:
                    (slot, box), warm = warm, _warm(box_class, job, next(turns))
                record = examined(examine, submission, job, slot, box)
                pipe.send_bytes(json.dumps(record).encode())
        finally:
            if warm[1]:
                warm[1].close()


def _warm(box_class, job: Job, slot: int):
    """The slot and its starting box; without one `examine` tries again, and says why."""
    try:
        return slot, box_class(job.limits, slot=slot, unsafe=job.unsafe)
    except BoxError:
        return slot, None


def examined(examine, submission: Submission, job: Job, slot: int, box=None) -> dict:
    """What `examine` says; a mistake in it or in a test is no fault of the student's."""
    shared, only = (job.assignment, job.limits, job.seed), job.only.get(submission.student)
    try:
        return examine(submission, *shared, slot=slot, unsafe=job.unsafe, box=box, only=only)
    except Exception as error:
        message = f"a mistake in the grader or a test: {type(error).__name__}: {error}"
        return records.infra_error(submission, job, message)
    finally:
        if box:
            box.close()


def _end_with_parent() -> None:
    """Wait for the grader's end, however it comes, and end at once; the boxes follow."""
    multiprocessing.parent_process().join()
    os.kill(os.getpid(), signal.SIGKILL)
