"""Stop a grader at fifty moments, half of them while an answer runs, and look for what is lost.

One class of submissions is graded into one folder. Each round starts the grader again and sends
SIGKILL, SIGTERM or SIGHUP to it, or SIGKILL to one of its slots; then no process of it may be left,
and every record that was there must be there, whole. The last run goes to the end, where every
record must be as expected. An answer that runs gives its process a name, which shows from outside.
Exit status 1 where something is left or lost.
Usage: python benchmarks/kills.py [--rounds 50] [--count 150]
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
from classwork import authors_notebook, handed_in, write

NUMBERS = ["02.2", "02.3"]
NAME = "answering"
ANSWER = f"""
import time
def auc(scores, labels):
    with open("/proc/self/comm", "w") as file:
        file.write("{NAME}")
    time.sleep(0.5)
    gap = scores[labels == 1][:, None] - scores[labels == 0]
    return float((gap > 0).mean() + (gap == 0).mean() / 2)"""
EXPECTED = "ok", 10
TARGETS = {
    "grader, SIGKILL": signal.SIGKILL,
    "grader, SIGTERM": signal.SIGTERM,
    "grader, SIGHUP": signal.SIGHUP,
    "slot, SIGKILL": signal.SIGKILL,
}
PATIENCE = 10  # seconds in which what was stopped has to be gone


def family(process):
    """The processes below one, as far as they are still there."""
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def answers(process):
    """Whether an answer runs below a process."""
    for child in family(process):
        try:
            if child.name() == NAME:
                return True
        except psutil.Error:
            continue
    return False


def slots(process):
    """The processes in which a grader examines, those that have boxes."""
    found = [child for child in family(process) if child.name() == "bwrap"]
    return [box.parent() for box in found if box.ppid() != process.pid]


def stop(grader, target, during):
    """Stop it at a random moment; return whether an answer ran and who was seen alive."""
    process = psutil.Process(grader.pid)
    time.sleep(random.uniform(0.2, 8))
    while during and grader.poll() is None and not answers(process):
        time.sleep(0.02)
    ran, seen = answers(process), [process, *family(process)]
    try:
        victim = random.choice(slots(process) or [process]) if "slot" in target else process
        victim.send_signal(TARGETS[target])
    except psutil.Error:
        ran = False
    if "slot" in target:  # the grader goes on without it
        time.sleep(1)
        seen += family(process)
        grader.send_signal(signal.SIGTERM)
    grader.wait(timeout=60)
    return ran, seen


def left(seen):
    """What is still there of these processes when PATIENCE is over."""
    _, alive = psutil.wait_procs(seen, timeout=PATIENCE)
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def whole(folder):
    """{name: text} of the records."""
    found = {path.name: path.read_text() for path in folder.glob("records/*.json")}
    for text in found.values():
        json.loads(text)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=50, help="how many stops (default 50)")
    parser.add_argument("--count", type=int, default=150, help="submissions (default 150)")
    options = parser.parse_args()
    random.seed(0)
    author = authors_notebook(NUMBERS)
    names = [f"student{i:03}" for i in range(options.count)]
    students = {name: handed_in(author, name, {"02.3": ANSWER.strip()}) for name in names}
    rows, alive, lost = Counter(), Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        course, out = Path(folder), Path(folder) / "results"
        source = write(course, author, students)
        command = [sys.executable, "-m", "coursetools", "grade", course / "submitted"]
        command += ["--out", out, "--source", source, "--jobs", "2"]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}

        def start():
            return subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

        for number in range(options.rounds):
            target, before = list(TARGETS)[number % len(TARGETS)], whole(out)
            ran, seen = stop(start(), target, during=number // len(TARGETS) % 2 == 0)
            after = whole(out)
            moment = target, "while an answer runs" if ran else "at another moment"
            rows[moment] += 1
            still = left(seen)
            alive[moment] += len(still)
            lost[moment] += sum(after.get(name) != before[name] for name in before)
            print(f"{number + 1:3} {', '.join(moment):45} records {len(after)}", *still, flush=True)
        start().wait()
        records = [json.loads(text) for text in whole(out).values()]
    print(f"\n{'stopped':42}{'times':>6}{'processes left':>16}{'records lost':>14}")
    for moment, times in sorted(rows.items()):
        print(f"{', '.join(moment):42}{times:6}{alive[moment]:16}{lost[moment]:14}")
    good = sum((record["status"], record["score"]) == EXPECTED for record in records)
    print(f"at the end {good} of {options.count} records as expected")
    return int(bool(alive.total() + lost.total()) or good != options.count)


if __name__ == "__main__":
    sys.exit(main())
