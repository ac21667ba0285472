"""Wall time, CPU time and memory of grading, beside nbgrader, otter and a bare script.

    coursekit     python -m coursetools grade: a box a submission, with its self-test and start
    bare script   a fresh Python a submission imports torch, runs the cells and then the tests in
                  the same process: what any grader must do, and no safety at all
    nbgrader      nbgrader autograde, which runs the check cells in a kernel a submission
    otter         otter run: a process and a kernel a submission, the same tests in otter's format

All grade the same honest notebooks with the same tests on the same inputs, one after another,
OMP_NUM_THREADS=1; "coursekit, N jobs" uses all cores. A score that is not the expected one stops
the benchmark. Memory is the highest sum, over a grader and all its children, of proportional set
sizes (shared pages are divided among those who share them), looked at four times a second. CPU
time is what the kernel reports of the children that ended, or what was last seen of each process,
twenty times a second, where that is more: of a box that is killed the kernel reports nothing.
nbgrader and otter may live in an environment of their own, which needs torch and coursekit too.
Usage: python benchmarks/grading.py [--quick] [--rounds 3] [--peers path/to/venv]
"""

import argparse
import ctypes
import itertools
import os
import random
import resource
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from classwork import authors_notebook, honest, write
from graders import run, ways_here

from coursetools.grading.processes import descendants

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    wall: float  # seconds
    cpu: float
    peak: float  # MiB


def watch(stop, memory, cpu):
    """Until `stop`, note the memory of all that runs (bytes), and CPU seconds by process."""
    for look in itertools.count():
        total = 0
        for pid in descendants(os.getpid())[1:]:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                cpu[pid, fields[19]] = (int(fields[11]) + int(fields[12])) / TICKS
                if look % 5 == 0:
                    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                    total += int(rollup.partition("\nPss:")[2].split()[0]) << 10
            except (OSError, IndexError):  # it has ended
                continue
        memory.append(total)
        if stop.wait(0.05):
            return


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(way, folder):
    """What the commands of `way` use, from the start of the first to the end of the last."""
    stop, memory, cpu, before = threading.Event(), [], {}, children_cpu()
    watcher = threading.Thread(target=watch, args=(stop, memory, cpu))
    watcher.start()
    try:
        started = time.perf_counter()
        for command in way.commands:
            run(command, folder)
        wall = time.perf_counter() - started
    finally:
        stop.set()
        watcher.join()
    reap()
    return Usage(wall, max(children_cpu() - before, sum(cpu.values())), max(memory) / 2**20)


def adopt_orphans():
    """Let processes whose parents die become children of this one, so their time is counted."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def reap():
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def one_round(numbers, count, peers):
    """{name: Usage} of each way, in random order, each on the same notebooks."""
    author = authors_notebook(numbers)
    students = honest(author, numbers, count)
    expected = {name: score for name, (_, score) in students.items()}
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        source = write(course, author, {name: notebook for name, (notebook, _) in students.items()})
        ways = ways_here(course, source, peers)
        used = {}
        for name in random.sample(list(ways), len(ways)):
            used[name] = measure(ways[name], course)
            scores = ways[name].scores()
            if scores != expected:
                raise SystemExit(f"{name} gave {scores}, expected {expected}")
        return {name: used[name] for name in ways}


def spread(values):
    """The median, and the range where there are several."""
    text = f"{np.median(values):.2f}"
    return text if len(values) == 1 else f"{text} ({min(values):.2f} to {max(values):.2f})"


def report(rounds, count):
    """Print the table, a line a way, and whether the goals are reached."""
    ours = [used["coursekit, 1 job"].wall for used in rounds]
    print(f"\n{'a submission':20}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}   wall, times ours")
    ratios = {}
    for name in rounds[0]:
        used = [used[name] for used in rounds]
        wall, cpu, peak = (
            np.median([getattr(usage, field) for usage in used])
            for field in ("wall", "cpu", "peak")
        )
        ratios[name] = [usage.wall / own for usage, own in zip(used, ours, strict=True)]
        print(
            f"{name:20}{wall / count:9.2f}{cpu / count:9.2f}{peak:10.0f}   {spread(ratios[name])}"
        )
    for name, least, goal in (
        ("nbgrader", 2, "at least 2 times ours"),
        ("bare script", 1 / 1.1, "ours is at most 10 % more"),
    ):
        if name in ratios:
            verdict = "reached" if np.median(ratios[name]) >= least else "NOT reached"
            print(f"goal for {name}: {goal}: {verdict}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="two exercises, three submissions, one round"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often (default 3)")
    parser.add_argument(
        "--peers",
        default=os.environ.get("COURSEKIT_PEERS"),
        metavar="VENV",
        help="environment of nbgrader and otter (default: COURSEKIT_PEERS or this)",
    )
    options = parser.parse_args()
    numbers = ["02.2", "02.3"] if options.quick else ["02.1", "02.2", "02.3", "02.4"]
    count, most = (3, 1) if options.quick else (20, options.rounds)
    random.seed(0)
    adopt_orphans()
    print(
        f"{count} honest submissions of {', '.join(numbers)}; cores {os.cpu_count()}, "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    rounds = [one_round(numbers, count, options.peers) for _ in range(most)]
    report(rounds, count)


if __name__ == "__main__":
    main()
