"""The benchmarks run: a few steps of each way to train, where the peers are installed."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "training.py"


@pytest.mark.skipif(not find_spec("lightning"), reason="pip install '.[bench]' for the peers")
def test_every_way_to_train_is_timed_for_both_networks():
    run = subprocess.run([sys.executable, SCRIPT, "--quick"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for way in ("fit", "plain loop", "DataLoader, 0 workers", "DataLoader, 2 workers",
                "Lightning, 0 workers", "Lightning, 2 workers"):
        rows = [line for line in run.stdout.splitlines() if line.startswith(f"{way}  ")]
        assert len(rows) == 2, run.stdout
        assert all(float(row.removeprefix(way).split()[0]) > 0 for row in rows)
    assert run.stdout.count("goal: at most 1.05") == 2
