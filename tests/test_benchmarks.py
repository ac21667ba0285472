"""The benchmarks run: a few steps of each side, where the peers are installed."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(script, *arguments):
    """The lines that a benchmark prints."""
    done = subprocess.run(
        [sys.executable, BENCHMARKS / script, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(not find_spec("lightning"), reason="pip install '.[bench]' for the peers")
def test_every_way_to_train_is_timed_for_both_networks():
    lines = run("training.py", "--quick")
    for way in (
        "fit",
        "plain loop",
        "DataLoader, 0 workers",
        "DataLoader, 2 workers",
        "Lightning, 0 workers",
        "Lightning, 2 workers",
    ):
        rows = [line for line in lines if line.startswith(f"{way}  ")]
        assert len(rows) == 2, lines
        assert all(float(row.removeprefix(way).split()[0]) > 0 for row in rows)
    assert sum("goal: at most 1.05" in line for line in lines) == 2


@pytest.mark.skipif(not find_spec("pythae"), reason="pip install '.[bench]' for the peers")
def test_a_model_is_timed_and_weighed_beside_its_peer():
    *_, row = run("models.py", "--quick", "--only", "VAE 784-512-16", "--device", "cpu")
    name, ours, peer, milliseconds, ratio, *_, mib, peer_mib, verdict = row.removeprefix(
        "VAE 784-512-16"
    ).split()
    assert name == "pythae" and ours == peer == "829,232" and verdict in ("ok", "SLOWER")
    assert all(float(value) > 0 for value in (milliseconds, ratio, mib, peer_mib))


@pytest.mark.data("mnist.npz")
def test_a_reader_of_pen_digits_reads_more_of_mnist_than_chance():
    *_, mean, deviation = run("realism.py", "--quick")
    assert mean.startswith("mean") and 30 < float(mean.split()[-1]) <= 100
    assert deviation.startswith("deviation")


@pytest.mark.box
def test_a_grader_that_is_stopped_leaves_and_loses_nothing():
    *_, last = run("kills.py", "--rounds", "2", "--count", "3")
    assert last == "at the end 3 of 3 records as expected"


@pytest.mark.box
def test_a_short_soak_loses_nothing_and_finds_every_score_as_expected():
    lines = run("soak.py", "--count", "10")  # exit status 1 where a score is another
    assert any(line.startswith("10 submissions, 0 lost, ") for line in lines)
    rows = {
        line[:28].strip(): line[28:].split() for line in lines if line[:7] in ("honest ", "endless")
    }
    assert (rows["honest"][0], rows["honest"][-1]) == ("9", "9")
    assert (rows["endless loop"][0], rows["endless loop"][-1]) == ("1", "1")
