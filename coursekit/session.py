"""The first call of every notebook: seed, device, threads, profile, plot style.

Used by every chapter.
"""

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from coursekit.arguments import check_seed

__all__ = ["Session", "profile", "start"]

PROFILES = ("quick", "full")


def profile() -> str:
    """The profile named by `COURSEKIT_PROFILE`: "full" (real data, the default) or "quick".

    Raises ValueError for any other name.
    """
    name = os.environ.get("COURSEKIT_PROFILE", "full")
    if name not in PROFILES:
        raise ValueError(
            f"COURSEKIT_PROFILE={name!r} is not a profile; set it to one of {', '.join(PROFILES)}"
        )
    return name


@dataclass(frozen=True)
class Session:
    """What a notebook runs with. `start` makes it."""

    profile: str
    device: torch.device
    seed: int

    def pick(self, *, quick: Any, full: Any) -> Any:
        """The value for this profile.

        >>> Session("quick", torch.device("cpu"), 0).pick(quick=2, full=20)
        2
        """
        return quick if self.profile == "quick" else full


def start(seed: int = 0) -> Session:
    """Seed the global generators, pick device and threads, read the profile, set the plot style.

    `COURSEKIT_SEED` in the environment overrides `seed`: that is how the spread of a chapter's
    results over seeds is measured. The library itself never draws from the global generators;
    noise that a notebook's objective draws (dropout, corruption, sampling) does.

    Torch gets as many threads as there are idle cores. Threads of one step wait for each other, so
    one thread too many, which shares its core with another program, makes small networks slower by
    a factor of two to sixty. `OMP_NUM_THREADS` in the environment overrides this.

    Prints one line. Raises TypeError and ValueError for a seed or a profile that cannot be used.
    """
    seed = _seed(seed)
    name = profile()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.set_float32_matmul_precision("high")  # TF32 on CUDA; no effect on a CPU
    if "OMP_NUM_THREADS" not in os.environ:  # torch has read it
        torch.set_num_threads(max(1, round(min(_idle_cores(), _cores_allowed()))))
    import matplotlib.pyplot as plt  # here: a grader's box imports this module and draws nothing

    plt.style.use("coursekit.style")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    threads = torch.get_num_threads()
    print(
        f"profile {name}, device {device}, {threads} thread{'s' if threads > 1 else ''}, "
        f"seed {seed}, torch {torch.__version__}"
    )
    return Session(name, device, seed)


def _seed(seed):
    """The seed of the environment, or the given one."""
    text = os.environ.get("COURSEKIT_SEED")
    if text is not None:
        if not (text.isascii() and text.isdecimal()):
            raise ValueError(
                f"COURSEKIT_SEED: the seed must be a whole number from 0 on, got {text!r}"
            )
        seed = int(text)
    if check_seed("seed", seed) is None:
        raise TypeError("seed must be a whole number, got None")
    return int(seed)


def _cores():
    """The numbers of the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _cores_allowed(root=Path("/sys/fs/cgroup")):
    """How many cores a container may use at a time: its quota, or infinity."""
    try:
        quota, period = (root / "cpu.max").read_text().split()
        return float("inf") if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    try:
        quota = int((root / "cpu/cpu.cfs_quota_us").read_text())
        return quota / int((root / "cpu/cpu.cfs_period_us").read_text()) if quota > 0 else np.inf
    except (OSError, ValueError):
        return float("inf")


def _idle_cores(seconds=0.2):
    """How many of our cores' time was free while we waited; all of it where one cannot tell."""
    cores = _cores()
    before = _clocks(cores)
    time.sleep(seconds)
    total, idle = (b - a for a, b in zip(before, _clocks(cores)))
    return len(cores) * idle / total if total > 0 else len(cores)


def _clocks(cores, file=Path("/proc/stat")):
    """The time that these cores have counted so far, and how much of it they were idle."""
    try:
        rows = [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return 0, 0
    times = [list(map(int, row[1:9])) for row in rows if row[0] in {f"cpu{i}" for i in cores}]
    return sum(map(sum, times)), sum(time[3] + time[4] for time in times)
