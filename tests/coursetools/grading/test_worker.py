"""The program in a box: cells, calls and errors. Runs without isolation, so anywhere."""

import numpy as np
import pytest

from coursekit.exercises.codec import Foreign
from coursetools.grading.box import Box, Limits
from coursetools.grading.worker import ERROR_CHARACTERS, describe


@pytest.fixture(scope="module")
def box():
    with Box(Limits(memory_mb=512), unsafe=True) as box:
        yield box


def test_cells_share_one_namespace_and_an_error_ends_one_cell_only(run, call):
    assert run("first = 1") is None
    assert run("second = first + 1\n1 / 0\nthird = 3") == "ZeroDivisionError: division by zero"
    assert call("lambda: second") == {"value": 2}
    assert call("third") == {"error": "Missing: no cell that ran defines third"}


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


def test_code_that_starts_a_process_for_each_core_starts_few(run, call):
    run("import multiprocessing, os")
    assert call("lambda: [os.cpu_count(), multiprocessing.cpu_count()]") == {"value": [2, 2]}


def test_a_fork_that_comes_back_does_not_answer(run, call):
    assert run("import os, time\nchild = os.fork()") is None
    assert call("lambda: os.waitpid(child, 0)[1]") == {"value": 0}


def test_an_error_that_cannot_be_printed_and_one_that_is_long():
    class Unprintable(Exception):
        def __str__(self):
            raise SystemExit

    assert describe(Unprintable()) == "Unprintable: its text cannot be printed"
    assert len(describe(ValueError("x" * 10_000))) == ERROR_CHARACTERS
