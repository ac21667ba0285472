"""Memory and load of processes as a whole: memory that they share counts once."""

import os
import subprocess
import sys
import time

import pytest

from coursetools.grading import processes
from coursetools.grading.processes import descendants, exceed, waiting

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux' /proc")
FORKS = """
import mmap, os, signal, sys
held = mmap.mmap(-1, 60 << 20) if sys.argv[1] == "mapped" else bytearray(60 << 20)
held[::4096] = b"x" * (60 << 8)
for _ in range(3):
    if not os.fork():
        if sys.argv[1] == "own":
            held[::4096] = b"y" * (60 << 8)
        os.write(1, b"ready\\n")
        signal.pause()
signal.pause()
"""


@pytest.mark.parametrize(("kind", "megabytes"), [("shared", 60), ("mapped", 60), ("own", 240)])
def test_memory_is_that_of_all_processes_and_shared_one_counts_once(kind, megabytes):
    command = [sys.executable, "-c", FORKS, kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as first:
        try:
            assert [first.stdout.readline() for _ in range(3)] == [b"ready\n"] * 3
            assert len(descendants(first.pid)) == 4
            assert exceed(first.pid, (megabytes - 10) << 20)
            assert not exceed(first.pid, (megabytes + 60) << 20)
        finally:
            os.killpg(first.pid, 9)


def test_a_process_that_has_ended_takes_none():
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
        assert descendants(ended.pid) == [ended.pid] and not exceed(ended.pid, 0)


@pytest.mark.parametrize("error", [FileNotFoundError, ProcessLookupError])
def test_one_that_ends_while_it_is_looked_at_takes_none(monkeypatch, error):
    def ended(path):
        raise error(path)

    monkeypatch.setattr(os, "listdir", ended)
    monkeypatch.setattr(os, "scandir", ended)
    assert descendants(os.getpid()) == [os.getpid()] and waiting(os.getpid()) == 1


def test_two_that_share_a_core_wait_half_of_the_time():
    core = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{core}]); os.fork()\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as first:
        try:
            time.sleep(2)
            assert len(descendants(first.pid)) == 2 and 0.3 < waiting(first.pid) < 1
        finally:
            os.killpg(first.pid, 9)


def test_without_an_answer_of_the_kernel_the_machine_counts_as_busy(monkeypatch):
    monkeypatch.setattr(processes, "_read", lambda path: "")
    assert waiting(os.getpid()) == 1
