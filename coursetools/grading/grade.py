"""Grade a class: examine what is new, changed or named; keep each record as soon as it is there.

Submissions are examined in processes of their own, one a slot: a test that hangs or crashes
costs one submission, never the batch. A grader that was stopped, even killed, goes on where
it was when the same command is given again.
"""

import os
import signal
import sys
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from coursetools.characters import distinct
from coursetools.grading import cluster, pool, records, regrade, run
from coursetools.grading.assignment import detect, load
from coursetools.grading.box import BoxError, Limits
from coursetools.grading.intake import Submission, collect
from coursetools.grading.records import Job
from coursetools.grading.selftest import self_test
from coursetools.tables import Table

ROOT = Path(__file__).parents[2]
UNSAFE = (
    "WARNING: without a box the students' code runs as you, with your files and your network. "
    "Every record and report of this grading says so."
)


def grade(
    path,
    out,
    source=None,
    jobs=None,
    limits=Limits(),
    seed=None,
    scheduler=None,
    roster=None,
    unsafe=False,
    part=(1, 1),
    students=(),
    exercises=(),
) -> int:
    """Grade the submissions at `path` into the folder `out`; return the exit status.

    `source` is the author's notebook (default: the one that the submissions fit), `jobs` how
    many are examined at once (default: the cores), `scheduler` the address of a Dask
    scheduler, `roster` a CSV of the class; `part` (i, n) takes every n-th from the i-th on.
    Whoever `students` names is examined again though nothing changed, and nobody else; so are
    the `exercises` named, of everybody or of these students (see `regrade`).

    0: done; 1: some could not be judged; 2: no working box, nothing graded; 130: Ctrl-C, SIGTERM
    or SIGHUP.
    Raises ValueError for input that makes no sense, RuntimeError when another grader is at
    work in `out`.
    """
    out, (index, of) = Path(out), part
    if not 1 <= index <= of:
        raise ValueError(f"part {index} of {of}: parts are numbered from 1 to {of}")
    source = Path(source or detect(collect(path).submissions, ROOT))
    assignment = load(source)
    found = collect(path, assignment.chapter)
    students = regrade.named_students(students, found.submissions)
    exercises = regrade.named_exercises(exercises, assignment)
    everyone = with_roster(found.submissions, roster)[index - 1 :: of]
    everyone = [one for one in everyone if one.student in students or not students]
    settings = {"notebook": source.name, "limits": asdict(limits), "unsafe": unsafe}
    with run.lock(out / "lock", shared=of > 1), run.lock(out / f"lock-{index}-of-{of}"):
        run.agree(out, settings, seed)
        records.keep_strays(out, found.strays)
        try:
            with _stopping_as_ctrl_c_does():
                if unsafe:
                    print(UNSAFE, file=sys.stderr)
                elif not scheduler:
                    with pool.slots(1) as (slot,):
                        self_test(slot)
                job = Job(assignment, limits, run.open_run(out, settings, seed), unsafe)
                history = records.history(out)
                todo = _to_do(everyone, history, job, bool(students or exercises))
                job = replace(job, only=regrade.partly(todo, history, assignment, exercises))
                _examine_all(todo, history, out, job, jobs, scheduler)
        except BoxError as error:
            print(f"nothing more is graded: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print(
                f"\nstopped; what is finished is in {out}. Give the same command again to go on.",
                file=sys.stderr,
            )
            return 130
        return _summary(everyone, out)


@contextmanager
def _stopping_as_ctrl_c_does():
    """SIGTERM and SIGHUP raise KeyboardInterrupt in here, unless they are ignored (nohup)."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def with_roster(submissions: list[Submission], roster=None) -> list[Submission]:
    """`submissions` and an empty one for everybody else on the roster, by student.

    The roster is a CSV with a column `student`; ValueError where it has none or a name twice.
    """
    if roster is None:
        return submissions
    table = Table.load(roster)
    if "student" not in table.columns:
        raise ValueError(f"{roster} has no column 'student', only {table.columns}")
    students = [distinct(row.get("student", "").strip()) for _, row in table.records()]
    twice = sorted(name for name, count in Counter(students).items() if count > 1)
    if twice:
        raise ValueError(f"{roster} has a student more than once: {', '.join(twice)}")
    handed_in = {submission.student for submission in submissions}
    strangers = sorted(handed_in.difference(students))
    if strangers:
        print(f"graded, but not on the roster: {', '.join(strangers)}", file=sys.stderr)
    missing = [Submission(name, "", None) for name in students if name not in handed_in | {""}]
    return sorted([*submissions, *missing], key=lambda submission: submission.student)


def is_missing(submission: Submission) -> bool:
    """Whether the student handed in nothing."""
    return submission.content is None and submission.problem is None


def _to_do(
    everyone: list[Submission], history: dict[str, list[dict]], job: Job, again: bool
) -> list[Submission]:
    """The submissions whose newest record does not say what they would get now; `again`: all.

    Somebody with a record of an earlier collection is not missing. What was handed in has the
    time at which the same content was first seen, so that a copy does not make it late.
    """

    def is_new(submission):
        record = history.get(submission.student, [None])[-1]
        if record and record["file"] and is_missing(submission):
            return False
        if record is None or record["status"] == "infra_error":
            return True
        if again and not is_missing(submission):
            return True
        return record["key"] != records.key(submission, job.assignment, job.limits, job.seed)

    def first_seen(submission):
        known = [
            record["handed_in"]
            for record in history.get(submission.student, [])
            if submission.digest and record["digest"] == submission.digest
        ] + [submission.handed_in]
        return replace(submission, handed_in=min(filter(None, known), default=None))

    return [first_seen(submission) for submission in everyone if is_new(submission)]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _examine_all(todo: list[Submission], history, out: Path, job: Job, jobs, scheduler) -> None:
    """Examine `todo` and save each record, merged with an earlier one, when it is finished."""
    if scheduler:
        found = cluster.run(todo, job, scheduler)
    else:
        found = pool.run(todo, job, jobs or cores())
    with closing(found), tqdm(total=len(todo), desc="grading", unit="notebook") as bar:
        for record in found:
            if record["student"] in job.only:
                record = regrade.merged(record, history[record["student"]][-1], job.assignment)
            records.save(out, record)
            bar.set_postfix_str(f"{record['student']}: {record['status']}", refresh=False)
            bar.update()


def _summary(everyone: list[Submission], out: Path) -> int:
    """Print one line of counts and what to do next; return the exit status."""
    students = {submission.student for submission in everyone}
    found = [record for record in records.load(out) if record["student"] in students]
    number = Counter(record["status"] for record in found)
    counts = ", ".join(f"{count} {status}" for status, count in number.most_common())
    failed = [record for record in found if record["status"] == "infra_error"]
    print(f"{len(found)} submissions: {counts or 'nothing to grade'}; records in {out}. ", end="")
    if failed:
        print(
            f"Not judged: {', '.join(r['student'] for r in failed)} "
            f"({failed[0]['message']}). Give the same command again."
        )
    else:
        print(f"Next: python -m coursetools report {out}")
    return int(bool(failed))
