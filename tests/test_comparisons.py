"""What a claim shows of its comparisons: the right values, short, and nothing run twice."""

import json
import random
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from coursekit.checks import claim
from coursekit.comparisons import WIDEST

errors = {"PCA": 13.86, "deep": 4.213}
run = SimpleNamespace(loss=0.5, shape=(3, 4))
a, b, n, one = 0.9, 0.4, 60000, torch.tensor(1.0)
frame = pd.DataFrame({"x": [1.5, 2.5]})
long = "x" * 60


def shown(capsys, function):
    """The bracket behind the claim that `function` makes."""
    function()
    return capsys.readouterr().out.removeprefix("✓ so").rstrip("\n").removeprefix(" ")


SHOWN = [
    (lambda: claim("so", a > 0.8), "(0.9 > 0.8)"),
    (lambda: claim("so", a > 0.2 > 0.1 >= -b), "(0.9 > 0.2 > 0.1 >= -0.4)"),
    (lambda: claim("so", a > 0.8 and b < 0.5), "(0.9 > 0.8 and 0.4 < 0.5)"),
    (lambda: claim("so", a < 0.8 or b < 0.5), "(0.9 < 0.8 or 0.4 < 0.5)"),
    (lambda: claim("so", a > 0 and (a < 0 or b > 0)), "(0.9 > 0 and {0.9 < 0 or 0.4 > 0})"),
    (lambda: claim("so", not a < b), "(not 0.9 < 0.4)"),
    (lambda: claim("so", errors["deep"] < errors["PCA"] / 2), "(4.21 < 6.93)"),
    (lambda: claim("so", 2 * run.loss - 1 == 0), "(0 == 0)"),
    (lambda: claim("so", abs(a - 1) < min(b, 3)), "(0.1 < 0.4)"),
    (lambda: claim("so", max([a, b]) <= round(a)), "(0.9 <= 1)"),
    (lambda: claim("so", len(errors) == 2), "(2 == 2)"),
    (lambda: claim("so", run.shape == (3, 4)), "([3, 4] == [3, 4])"),
    (lambda: claim("so", torch.zeros(2, 3).shape == (2, 3)), ""),
    (lambda: claim("so", one.shape != (1,)), "([] != [1])"),
    (lambda: claim("so", one > np.float32(0.25)), ""),
    (lambda: claim("so", one >= frame.x[0] - 1), "(1 >= 0.5)"),
    (lambda: claim("so", sorted(errors)[1] == "deep" and "a" < "b"), "('a' < 'b')"),
    (lambda: claim("so", n == 60000), "(60000 == 60000)"),
    (lambda: claim("so", n * 1.00001 > n), "(60001 > 60000)"),
    (lambda: claim("so", 1234.5678 > 1e-7), "(1235 > 1e-07)"),
    (lambda: claim("so", 0.99951 < 0.99962), "(0.9995 < 0.9996)"),
    (lambda: claim("so", float("inf") > n), ""),
    (lambda: claim("so", a < 1 and b < random.random() + 1), "(0.9 < 1)"),
    (lambda: claim("so", b > 1 or b < random.random() + 1), ""),
    (lambda: claim("so", None is None), ""),
    (lambda: claim("so", bool(a > b)), ""),
    (lambda: claim("so", "a (b)" < "b"), ""),
    (lambda: claim("so", long == "x" * 60 and a > b), "(0.9 > 0.4)"),
]


@pytest.mark.parametrize(("function", "bracket"), SHOWN, ids=range(len(SHOWN)))
def test_the_bracket(capsys, function, bracket):
    assert shown(capsys, function) == bracket


def test_a_line_that_would_be_too_long_ends_in_dots(capsys):
    chain = lambda: claim("so", a > 0 and b > 0 and "y" * 9 and long > "a" and long > "b")  # noqa: E731
    bracket = shown(capsys, chain)
    assert bracket == f"(0.9 > 0 and 0.4 > 0 and '{long}' > 'a' and …)"
    assert len(bracket) <= WIDEST + 2


def test_code_of_the_notebook_is_not_run_for_the_bracket(capsys):
    calls = []

    class Number(float):
        def __lt__(self, other):
            calls.append("<")
            return True

        def __neg__(self):
            calls.append("-")
            return self

        def __str__(self):
            calls.append("str")
            return "1"

        __repr__ = __format__ = __str__

    number = Number(1.0)
    abs = lambda value: calls.append("abs") or value  # noqa: E731
    assert shown(capsys, lambda: claim("so", number < 3)) == ""
    assert shown(capsys, lambda: claim("so", -number < 3)) == ""
    assert shown(capsys, lambda: claim("so", abs(b) < 3)) == ""
    assert shown(capsys, lambda: claim("so", min([2, number]) < 3)) == ""
    assert calls == ["<", "-", "<", "abs", "<", "<"]  # by the conditions alone


def test_a_name_that_the_condition_assigns_is_not_shown(capsys):
    assert shown(capsys, lambda: claim("so", (new := 5) > 3 and new < 9 and a < 1)) == "(0.9 < 1)"


@pytest.mark.parametrize(
    ("function", "gaps"),
    [
        (lambda: claim("so", a > 0.5 >= b and n < 70000), [0.4, 0.1, 10000]),
        (lambda: claim("so", abs(a - 1) < 0.5 and a == a), [0.4]),
        (lambda: claim("so", a > 0.5 or b < 0.5), []),
        (lambda: claim("so", a < float("inf") and a < frame.x.max()), []),
    ],
)
def test_gaps_are_the_distances_of_what_must_differ(monkeypatch, tmp_path, function, gaps):
    monkeypatch.setenv("COURSEKIT_RECORD", str(tmp_path / "record"))
    function()
    (entry,) = map(json.loads, (tmp_path / "record").read_text().splitlines())
    assert list(entry["gaps"].values()) == pytest.approx(gaps)


def test_the_bracket_is_there_in_plain_ipython():
    code = "from coursekit.checks import claim\nsmall = 83\nclaim('so', small <= 100)"
    run = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=NoColor", "-c", code],
        capture_output=True,
        text=True,
    )
    assert run.stdout == "✓ so (83 <= 100)\n"
