"""What the tests of grading share."""

import os
import time
from importlib import import_module
from pathlib import Path

import pytest

from coursetools.grading import cluster, pool
from coursetools.grading import grade as grading
from coursetools.grading.assignment import load
from coursetools.grading.box import Limits
from coursetools.grading.records import Job
from tests.coursetools.grading.batch import SOURCE, hand_in

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fakes(monkeypatch):
    """`FakeBox` and `fake_examine` of fakes.py in place of the real ones, in all processes."""
    monkeypatch.syspath_prepend(Path(__file__).parent)  # where other processes find them
    here = import_module("fakes")
    monkeypatch.setattr(pool, "Box", here.FakeBox)
    for module in (cluster, pool):
        monkeypatch.setattr(module, "examine", here.fake_examine)


@pytest.fixture
def log(tmp_path, monkeypatch, fakes):
    """No boxes; fake_examine leaves a file "student-process" here for each examination."""
    monkeypatch.setenv("GRADE_LOG", str(tmp_path / "log"))
    monkeypatch.setattr(grading, "self_test", lambda slot=0: None)
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def grade(tmp_path, out):
    """Grade a class given as {student: content} into a folder; return the exit status."""

    def run(handed_in, folder=out, **options):
        options = {"source": SOURCE, "jobs": 1, "seed": 3} | options
        return grading.grade(hand_in(tmp_path, handed_in), folder, **options)

    return run


@pytest.fixture(scope="module")
def job():
    return Job(
        load(ROOT / "notebooks/exercises/02_fully_connected_autoencoders.ipynb"), Limits(), seed=5
    )


@pytest.fixture(scope="session")
def ask():
    """What the body `code` of a function of *arguments returns in a box, or its error's text."""

    def ask(box, code, *arguments, seconds=60):
        deadline = time.monotonic() + seconds
        lines = "".join(f"    {line}\n" for line in code.strip().split("\n"))
        source = f"import os, sys, signal, socket, subprocess, time\ndef f(*arguments):\n{lines}"
        reply = box.request({"cell": source, "name": "cell"}, deadline)
        assert "error" not in reply, reply
        message = {"call": os.urandom(4).hex(), "answer": "f", "arguments": list(arguments)}
        reply = box.request(message, deadline)
        return reply["error"] if "error" in reply else reply["value"]

    return ask


@pytest.fixture
def run(box):
    """Runs a cell; returns its error."""

    def run(source):
        message = {"cell": source, "name": "cell 1"}
        return box.request(message, time.monotonic() + 60).get("error")

    return run


@pytest.fixture
def call(box):
    """Calls what an expression names."""

    def call(answer, *arguments, number=None):
        number = number or os.urandom(4).hex()
        message = {"call": number, "answer": answer, "arguments": list(arguments)}
        return box.request(message, time.monotonic() + 60)

    return call
