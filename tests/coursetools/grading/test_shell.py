"""Cells in a box: magics, await, what is compiled. Runs without isolation, so anywhere."""

import numpy as np
import pytest

from coursetools.grading.box import Box, Limits


@pytest.fixture(scope="module")
def box():
    with Box(Limits(memory_mb=512), unsafe=True) as box:
        yield box


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
