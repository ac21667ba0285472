"""Examining submissions on the workers of a Dask scheduler, on any number of machines.

A worker that is lost costs at most the submission that it was at, which another one takes over.
"""

import functools
import threading
from collections.abc import Iterator
from contextlib import ExitStack

from coursetools.grading import records
from coursetools.grading.box import BoxError
from coursetools.grading.examine import examine
from coursetools.grading.intake import Submission
from coursetools.grading.pool import examined, slots
from coursetools.grading.records import Job
from coursetools.grading.selftest import self_test

INSTALL = "a Dask scheduler needs the package distributed: pip install distributed"


def run(todo: list[Submission], job: Job, scheduler: str) -> Iterator[dict]:
    """The record of each submission as the workers of `scheduler` finish it.

    A worker that dies is made up for by the others. Raises BoxError, before anything is
    graded, where a worker has no working box; RuntimeError without workers or distributed.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise RuntimeError(INSTALL) from None
    with Client(scheduler, timeout=30) as client:
        _check_workers(client, job.unsafe, scheduler)
        shared = client.submit(_same, job, pure=False)  # a task: made again if it is lost
        futures = {
            client.submit(
                _examine_there, examine, submission, shared, pure=False, retries=2
            ): submission
            for submission in todo
        }
        for future in as_completed(futures):
            yield _arrived(future, futures.pop(future), job)


def _check_workers(client, unsafe: bool, scheduler: str) -> None:
    found = client.run(_failure, unsafe, on_error="return")
    if not found:
        raise RuntimeError(
            f"no workers at {scheduler}; start some: dask worker {scheduler} --nthreads 1"
        )
    failed = [f"{address}: {text}" for address, text in found.items() if text]
    if failed:
        raise BoxError(f"workers without a working box: {'; '.join(failed)}")


def _failure(unsafe: bool) -> str | None:
    """On a worker: why its box does not work."""
    try:
        _worker_slot(unsafe)
    except (BoxError, OSError) as error:
        return str(error)


@functools.cache
def _worker_slot(unsafe: bool) -> int:
    """On a worker: the number of its slot, tested once."""
    if unsafe:
        return 0
    slot = _KEPT.enter_context(slots(1))[0]
    self_test(slot)
    return slot


_KEPT = ExitStack()


def _same(job: Job) -> Job:
    return job


def _examine_there(examine, submission: Submission, job: Job) -> dict:
    """On a worker, one at a time."""
    with _ONE:
        return examined(examine, submission, job, _worker_slot(job.unsafe))


_ONE = threading.Lock()


def _arrived(future, submission: Submission, job: Job) -> dict:
    """The record of a finished job; infra_error where there is none, or another one's."""
    try:
        record = future.result()
    except Exception as error:
        message = f"no worker could examine it: {type(error).__name__}: {error}"
        return records.infra_error(submission, job, message)
    if record["key"] != records.key(submission, job.assignment, job.limits, job.seed):
        message = "the worker has another version of coursekit, its exercises or PyTorch"
        return records.infra_error(submission, job, message)
    return record
