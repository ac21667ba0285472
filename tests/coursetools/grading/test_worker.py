"""The program in a box: cells, calls and errors. Runs without isolation, so anywhere."""

import itertools
import time

import numpy as np
import pytest

from coursekit.exercises.codec import Foreign
from coursetools.grading.box import Box, Limits
from coursetools.grading.worker import ERROR_CHARACTERS, describe

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def box():
    with Box(Limits(memory_mb=512), unsafe=True) as box:
        yield box


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
        number = number or f"call {next(NUMBERS)}"
        message = {"call": number, "answer": answer, "arguments": list(arguments)}
        return box.request(message, time.monotonic() + 60)

    return call


def test_cells_share_one_namespace_and_an_error_ends_one_cell_only(run, call):
    assert run("first = 1") is None
    assert run("second = first + 1\n1 / 0\nthird = 3") == "ZeroDivisionError: division by zero"
    assert call("lambda: second") == {"value": 2}
    assert call("third") == {"error": "Missing: no cell that ran defines third"}


def test_magics_and_commands_do_nothing(run):
    assert run("%pip install -q x\n!false\nfiles = !ls\n%matplotlib inline\ndisplay(1)") is None
    assert run("%%bash\nexit 3") is None


@pytest.mark.parametrize(
    "cells",
    [
        ["%%time\n# exercise 02.3, keep this line\ndef f():\n    return 5"],
        ["%%capture out\n%%time\ndef f():\n    return 5", "out.stdout"],
        ["%%writefile g2_helper.py\ndef f():\n    return 5", "from g2_helper import f"],
        ["%%file g2_other.py\nf = lambda: 5", "%run g2_other.py"],
        ["%time five = 5", "def f():\n    return five"],
        ["%%memit -r 1\nf = lambda: 5", "%load_ext memory_profiler", "%%timeit\nf = None"],
        ["%%prun\nf = lambda: 5", "%%script false --no-raise-error\nf = None"],
        ["import asyncio\nasync def five():\n    return 5", "n = await five()", "f = lambda: n"],
        ["later = asyncio.create_task(asyncio.sleep(0, 5))\nn = await later", "f = lambda: n"],
        ["from __future__ import annotations", "def f(x: Unknown = 5):\n    return x"],
    ],
    ids=lambda cells: cells[0].split()[0],
)
def test_what_defines_an_answer_in_a_notebook_defines_it_here(run, call, cells):
    run("import asyncio")
    assert [run(cell) for cell in cells] == [None] * len(cells)
    assert call("f") == {"value": 5}
    run("del f")


@pytest.mark.parametrize("magic", ["%%memit", "%%time", "%%capture", "%%prun", "%time"])
def test_an_error_below_a_magic_is_the_cell_s(run, magic):
    between = " " if magic == "%time" else "\n"
    assert run(f"{magic}{between}1 / 0") == "ZeroDivisionError: division by zero"
    assert run("1") is None


@pytest.mark.parametrize("cell", ["  x = 1\n y", "%%time\ndef", "return 1", "x = 'a", "await ("])
def test_syntax_errors_say_in_which_cell(run, cell):
    error = run(cell)
    assert "Error: " in error and ("cell 1" in error or cell.startswith("%%"))


@pytest.mark.parametrize("options", ["", "fullgraph=True", "mode='max-autotune'", "dynamic=True"])
def test_what_is_compiled_runs_eagerly(run, call, options):
    run("import os, torch\nos.environ['PATH'] = '/nowhere'")  # no C compiler
    assert run(f"@torch.compile({options})\ndef f(x):\n    return 2 * torch.as_tensor(x)") is None
    assert call("f", np.ones(2))["value"].tolist() == [2, 2]
    assert run("net = torch.compile(torch.nn.Linear(1, 1))\nnet._orig_mod.bias") is None
    assert call("net", np.ones((3, 1)))["value"].shape == (3, 1)


def test_what_cannot_be_passed_on_is_named(run, call):
    run("import torch\ndef f():\n    return {'auc': 0.5, 'net': torch.nn.ReLU(), 'more': ...}")
    value = {"auc": 0.5, "net": Foreign("ReLU"), "more": Foreign("ellipsis")}
    assert call("f") == {"value": value}
    assert call("lambda: {1, 2}") == {"value": Foreign("set")}
    assert "detach" in str(call("lambda: torch.ones(1, requires_grad=True)")["value"])


def test_a_name_that_no_cell_defines_is_missing(run, call):
    run("def f():\n    return nothing")
    assert call("g") == {"error": "Missing: no cell that ran defines g"}
    assert call("f") == {"error": "NameError: name 'nothing' is not defined"}


def test_what_notebooks_rely_on(run):
    cell = """
from dataclasses import dataclass
import inspect
from coursekit.checks import check, claim

@dataclass
class Point:
    x: int

def auc(scores):
    return scores

assert check("02.3", auc) == 0.0
claim("one is one", 1 == 1)
assert "return scores" in inspect.getsource(auc)
assert __name__ == "__main__"
"""
    assert run(cell) is None
    assert run("claim('one is two', 1 == 2)").startswith("AssertionError: does not hold: one is")


def test_syntax_errors_are_errors_of_the_cell(run):
    assert run("def").startswith("SyntaxError")


def test_the_answer_is_taken_once_for_all_calls(run, call):
    run("made = []\ndef make():\n    made.append(1)\n    return lambda: len(made)")
    assert call("make()", number="1.1") == {"value": 1}
    assert call("make()", number="1.1") == {"value": 1}


def test_arrays_go_in_and_tensors_come_out_as_arrays(run, call):
    run("import torch\ndef double(x):\n    x *= 2\n    return {'twice': torch.as_tensor(x)}")
    got = call("double", np.arange(3))
    assert got["value"]["twice"].tolist() == [0, 2, 4]


def test_modules_answer_in_evaluation_mode(run, call):
    run("class Net(torch.nn.Dropout):\n    pass")
    for answer in ("Net", "Net()"):
        assert call(answer, np.ones(100))["value"].tolist() == [1.0] * 100


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise KeyboardInterrupt", "KeyboardInterrupt: "),
        ("sys.exit(3)", "SystemExit: 3"),
        ("return f()", "RecursionError: maximum recursion depth exceeded"),
        ("return bytearray(1 << 40)", "MemoryError: "),
        ("raise NotImplementedError()", "NotImplementedError: "),
        ("return input()", "EOFError: "),
    ],
)
def test_errors_come_back_as_text(run, call, body, error):
    run(f"import sys, torch\ndef f():\n    {body}")
    assert call("f")["error"].startswith(error)


def test_what_cannot_be_called_is_an_error(call):
    assert call("3")["error"].startswith("TypeError: expected a function or a torch module")


def test_a_fork_that_comes_back_does_not_answer(run, call):
    assert run("import os, time\nchild = os.fork()") is None
    assert call("lambda: os.waitpid(child, 0)[1]") == {"value": 0}


def test_an_error_that_cannot_be_printed_and_one_that_is_long():
    class Unprintable(Exception):
        def __str__(self):
            raise SystemExit

    assert describe(Unprintable()) == "Unprintable: its text cannot be printed"
    assert len(describe(ValueError("x" * 10_000))) == ERROR_CHARACTERS
