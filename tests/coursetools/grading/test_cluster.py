"""Examining on Dask: every submission gets one record, whatever happens to the workers."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from coursetools.grading import cluster, records
from coursetools.grading.box import BoxError
from coursetools.grading.records import Job
from tests.coursetools.grading.fakes import PASSING, run, submissions

ROOT = Path(__file__).parents[3]


def test_without_distributed_the_message_tells_how_to_install_it(job, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RuntimeError, match="pip install distributed"):
        next(cluster.run([], job, "tcp://127.0.0.1:9"))


@pytest.fixture
def scheduler(tmp_path):
    """The address of a real scheduler, and a function that starts a worker process."""
    pytest.importorskip("distributed", reason="needs the extra 'cluster' (distributed)")
    with ExitStack() as stack:

        def start(*arguments):
            command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
            environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=tmp_path,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            stack.callback(process.wait)
            stack.callback(lambda: process.poll() is None and os.killpg(process.pid, 9))
            return process

        file = tmp_path / "scheduler.json"
        start(
            "dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )
        while not file.is_file() or not file.read_text().strip():
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        options = ["--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", "here"]
        yield address, lambda: start("dask_worker", address, *options)


def wait_for_workers(address, count):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


def test_a_worker_killed_in_the_middle_costs_no_record(fakes, job, scheduler, tmp_path):
    address, start_worker = scheduler
    workers = [start_worker(), start_worker()]
    wait_for_workers(address, 2)
    unsafe = Job(job.assignment, job.limits, job.seed, unsafe=True)
    trap = tmp_path / "victim"
    todo = submissions(*(bytes([n]) for n in range(20)), f"worker{trap}".encode())
    found = []
    for record in cluster.run(todo, unsafe, address):
        found.append(record | PASSING)
        if len(found) == 20:  # all but the one that holds a worker up
            victim = int(trap.read_text())
            assert victim in [worker.pid for worker in workers]
            os.kill(victim, signal.SIGKILL)
    assert len(found) == 21
    assert {record["student"]: record for record in found} == run(todo, unsafe)


def test_records_of_a_worker_with_other_exercises_are_not_taken(fakes, job, scheduler, monkeypatch):
    address, start_worker = scheduler
    start_worker()
    wait_for_workers(address, 1)
    unsafe = Job(job.assignment, job.limits, job.seed, unsafe=True)
    monkeypatch.setattr(records, "versions", lambda: {"torch": "0"})
    [record] = cluster.run(submissions(b"a"), unsafe, address)
    assert record["status"] == "infra_error" and "another version" in record["message"]


def test_without_workers_the_message_tells_how_to_start_one(job, scheduler):
    with pytest.raises(RuntimeError, match="no workers at tcp://.*; start some: dask worker tcp"):
        next(cluster.run(submissions(b"a"), job, scheduler[0]))


def test_a_worker_whose_box_does_not_work_stops_the_grading_first(job, scheduler, monkeypatch):
    address, start_worker = scheduler
    monkeypatch.setenv("PATH", "/nowhere")  # no bwrap there
    start_worker()
    wait_for_workers(address, 1)
    with pytest.raises(BoxError, match="workers without a working box: .*bwrap.* is not installed"):
        next(cluster.run(submissions(b"a"), job, address))
