"""Numbers and claims over seeds: what held, what was not run, and how much room is left."""

import math

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from coursetools.spread import Row, Spread, report, spread

SETUP = """
import os
from coursekit.checks import claim, expect
seed, threads = int(os.environ["COURSEKIT_SEED"]), os.environ["OMP_NUM_THREADS"]
print("error: 7")
"""


@pytest.fixture
def measure(tmp_path):
    """The spread of a notebook of these code cells over the seeds 0, 1, 2, in quick."""

    def measure(*sources):
        path = tmp_path / "01_tiny.ipynb"
        cells = [new_code_cell(source) for source in (SETUP, *sources)]
        nbformat.write(new_notebook(cells=cells), path)
        before = path.read_bytes()
        found = spread(path, "quick", seeds=[0, 1, 2], jobs=2)
        assert path.read_bytes() == before
        return found

    return measure


def held(row):
    return {seed: entry["holds"] for seed, entry in row.entries.items()}


def test_numbers_and_claims_of_every_seed(measure):
    found = measure(
        "expect('test error: MSE', 10 + seed, quick=(8, 11.5), full=(0, 1))",
        "claim('one thread', threads == '1')\nclaim('small', seed < 2)\nclaim('behind', 0 <= seed)",
        "if seed == 0:\n    os._exit(1)",
        "for k in (1, 2):\n    claim('twice', k < 9)\nclaim(f'{seed} is late', True)",
        "1 / 0\nclaim(text='')\nclaim(os.sep, True)",
        "1 / 0\nclaim('never', True)\nexpect('never', 1, quick=(0, 2), full=(0, 2))",
    )
    (number, never), claims = found.numbers, {row.name: row for row in found.claims}
    assert number.name == "test error: MSE" and never.entries == {}
    assert {seed: entry["value"] for seed, entry in number.entries.items()} == {0: 10, 1: 11, 2: 12}
    assert number.margin == -0.5  # of a deviation of 1
    assert held(claims["one thread"]) == {0: True, 1: True, 2: True}
    assert held(claims["small"]) == {0: True, 1: True, 2: False}
    assert held(claims["behind"]) == {0: True, 1: True}
    assert held(claims["twice"]) == held(claims["twice [2]"]) == {1: True, 2: True}
    assert claims["never"].entries == {} and set(claims["1 is late"].entries) == {1}
    lines = report(found).splitlines()
    assert max(map(len, lines)) <= 120
    following = dict(zip(lines, lines[1:]))
    remarks = {line.split("  ")[0]: following[line].strip() for line in lines[:-1]}
    assert remarks["test error: MSE"] == "no: seed 2"
    assert remarks["small"] == "no: seed 2" and remarks["behind"] == "not run: seed 2"
    assert [line.split() for line in lines if line.startswith("never")] == [
        ["never", "not", "run"],
        ["never", "not", "run", "–"],
    ]
    assert found.failures[0] == "seed 0: 01_tiny.ipynb: the kernel died; was there enough memory?"
    assert [line.partition(" raised")[0] for line in found.failures[1:]] == [
        "seed 1: cell 5",
        "seed 1: cell 6",
        "seed 2: cell 1",
        "seed 2: cell 2",
        "seed 2: cell 5",
        "seed 2: cell 6",
    ]


def claim(*gaps):
    """A claim with these gaps by seed."""
    return Row("so", {n: {"claim": "so", "holds": True, "gaps": g} for n, g in enumerate(gaps)})


@pytest.mark.parametrize(
    ("row", "margin"),
    [
        (claim({"a < b": 3.0}, {"a < b": 5.0}), 3 / math.sqrt(2)),
        (claim({"a < b": 3.0, "b < c": 0.5}, {"a < b": 5.0, "b < c": 1.5}), 0.5 / math.sqrt(0.5)),
        (claim({"a < b": -1.0}, {"a < b": 1.0}), -1 / math.sqrt(2)),
        (claim({"a < b": 2.0}, {"a < b": 2.0}), math.inf),
        (claim({"a < b": -2.0}, {"a < b": -2.0}), -math.inf),
        (claim({"a < b": 2.0}), math.nan),
        (claim({}, {}), math.nan),
    ],
)
def test_a_margin_is_the_least_room_in_standard_deviations(row, margin):
    assert row.margin == pytest.approx(margin, nan_ok=True)
    line = report(Spread([0, 1], [], [row], [])).splitlines()[1]
    assert line.endswith(" !") is (margin < 2)


def test_the_report_is_narrow_and_says_when_there_is_nothing():
    long = Row("word " * 40, {0: {"value": -1.234567e-12, "low": -1e99, "high": 1e99}})
    other = Row("word " * 40, {0: {"claim": "", "holds": True, "gaps": {}}})
    assert max(map(len, report(Spread([0], [long], [other], [])).splitlines())) <= 120
    assert report(Spread([0], [], [], [])) == "no number, no claim"
