"""Examining on this machine: every submission gets one record, whatever happens."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coursetools.grading import pool
from coursetools.grading.box import Limits
from coursetools.grading.records import Job
from tests.coursetools.grading.fakes import run, submissions

ROOT = Path(__file__).parents[3]


def test_one_job_and_three_jobs_give_the_same_records(fakes, job):
    todo = submissions(b"a", b"b", b"", b"c", None, b"d")
    one = run(todo, job, jobs=1)
    assert run([], job) == {}
    assert one == run(todo, job, jobs=3) and list(one) == [s.student for s in todo]
    assert len({record["score"] for record in one.values()}) == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"crash", "the process that examined it ended with exit code -11"),
        (b"exit", "the process that examined it ended with exit code 0"),
        (b"mistake", "a mistake in the grader or a test: ZeroDivisionError: in a test"),
    ],
)
def test_a_test_that_crashes_costs_one_submission(fakes, job, content, message):
    found = run(submissions(b"a", content, b"b", content, b"c"), job, jobs=1)
    assert [found[f"s0{n}"]["status"] for n in range(5)] == ["ok", "infra_error"] * 2 + ["ok"]
    assert found["s01"]["message"].startswith(message) and found["s01"]["score"] is None
    assert found["s02"] == run(submissions(None, None, b"b"), job)["s02"]


def test_a_test_that_hangs_is_stopped_after_its_time(fakes, job, monkeypatch):
    monkeypatch.setattr(pool, "GRACE_SECONDS", 20.0)  # for honest ones on a busy machine
    monkeypatch.setattr(pool, "STOP_SECONDS", 0.2)
    quick = Job(job.assignment, Limits(total_seconds=0.0), job.seed)
    found = run(submissions(b"a", b"hang", b"b"), quick)
    assert [found[f"s0{n}"]["status"] for n in range(3)] == ["ok", "infra_error", "ok"]
    assert "was stopped after 20 s" in found["s01"]["message"]


@pytest.mark.parametrize(("jobs", "status"), [(2, "ok"), (1, "limit")])
def test_a_time_limit_on_a_busy_machine_is_examined_again_alone(fakes, job, tmp_path, jobs, status):
    todo = submissions(b"a", b"crowded" + str(tmp_path / "met").encode(), b"b", b"c")
    found = run(todo, job, jobs)
    assert [found[f"s0{n}"]["status"] for n in range(4)] == ["ok", status, "ok", "ok"]
    assert ([*found][-1] == "s01") == (jobs > 1)


def test_the_next_box_starts_before_the_one_in_use_closes_and_has_another_slot(fakes, job):
    found = run(submissions(b"a", None, b"boxes"), job, jobs=1)
    slot, used, *story = json.loads(found["s02"]["message"])
    a, b = (line.split()[1] for line in story[:2])
    assert a != b and int(b) == slot == used
    assert story == [f"start {a}", f"start {b}", f"close {a}", f"start {a}"]  # none for None


def test_where_no_box_starts_examine_is_asked_without_one(fakes, job):
    without = Job(job.assignment, Limits(disk_mb=1), job.seed)
    assert json.loads(run(submissions(b"boxes"), without)["s00"]["message"])[1] is None


def test_slots_are_held_by_one_process_at_a_time_and_given_back(monkeypatch):
    name = f"\0coursekit-test-{os.getpid()}-"  # no grader beside this test takes from these
    monkeypatch.setattr(pool, "CLAIM", name)
    with pool.slots(2) as first, pool.slots(2) as second:
        assert len({*first, *second}) == 4
        code = (
            "from coursetools.grading import pool\n"
            f"pool.CLAIM = {name!r}\nwith pool.slots(2) as n: print(n)"
        )
        other = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
        assert not {*json.loads(other)} & {*first, *second}
    with pool.slots(2) as again:
        assert again == first == [0, 1]


def test_a_grader_that_stops_early_ends_its_processes(fakes, job):
    found = pool.run(submissions(b"a", b"b", b"c", b"d"), job, 2)
    next(found)
    children = set(pool.multiprocessing.active_children())
    assert len(children) == 2
    found.close()
    assert not any(child.is_alive() for child in children)
