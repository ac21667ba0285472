"""Grade hundreds of submissions, one in ten broken or hostile, and look for what is lost.

Every record must be there with the expected status and score, and the grader's memory at the
end about what it was after fifty. It grades two exercises of chapter 02; the hostile students
solve the first, and attack in the second. Memory is the resident size of the grader and of its
pool, without the boxes. Exit status 1 where a record is not as expected.
Usage: python benchmarks/soak.py [--count 500] [--quick] [--jobs N]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import nbformat
import psutil
from classwork import authors_notebook, handed_in, honest, write

NUMBERS = ["02.2", "02.3"]
EARLY = 50  # records after which the memory is noted first

ANSWER = "def auc(scores, labels):\n"
RIGHT = """
    gap = scores[labels == 1][:, None] - scores[labels == 0]
    return float((gap > 0).mean() + (gap == 0).mean() / 2)"""
ATTACKS = {
    "endless loop": "    while True: pass",
    "loop, signals ignored": """
    import signal, time
    for number in range(1, 32):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True:
        try: time.sleep(1)
        except BaseException: pass""",
    "ends its process": "    import os; os._exit(0)",
    "memory hog": "    return [bytearray(1 << 26) for _ in range(10_000)]",
    "flood of output": "    while True: print('x' * 1_000_000)",
    "process left behind": """
    import os, time
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)"""
    + RIGHT,
    "network": "    import socket; socket.create_connection(('127.0.0.1', PORT))" + RIGHT,
    "tests patched away": """
    import sys
    import coursekit.exercises
    for module in list(sys.modules.values()):
        for name in ("check", "NotYet", "require", "require_close", "Test", "allclose", "max"):
            if hasattr(module, name) and module.__name__ not in ("builtins",):
                setattr(module, name, lambda *a, **k: 0)
    class Always(float):
        __eq__ = __le__ = __lt__ = __ge__ = lambda *a: True
    return Always(0.123)""",
}
# kind: (status, score) of the record; all who attack solved 02.2, which gives 5 points
EXPECTED = {
    "endless loop": ("limit", 5),
    "loop, signals ignored": ("limit", 5),
    "ends its process": ("died", 5),
    "memory hog": ("ok", 5),
    "flood of output": ("limit", 5),
    "process left behind": ("ok", 10),
    "network": ("ok", 5),
    "tests patched away": ("ok", 5),
    "file cut in half": ("unreadable", 0),
    "metadata and checks lost": ("ok", 10),
}


def bad(author, name, kind, port):
    """The submission of one kind: a notebook, or bytes; a server listens on `port`."""
    if kind in ATTACKS:
        attack = ATTACKS[kind].lstrip("\n").replace("PORT", str(port))
        return handed_in(author, name, {"02.3": ANSWER + attack})
    notebook = handed_in(author, name)
    if kind == "file cut in half":
        data = nbformat.writes(notebook).encode()
        return data[: len(data) // 2]
    notebook.metadata = {}
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("check(")]
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def submissions(author, count, port):
    """{student: (content, kind, status, score)}: each tenth is bad, the kinds take turns."""
    students, kinds = {}, list(EXPECTED)
    for i, (name, (notebook, score)) in enumerate(honest(author, NUMBERS, count).items()):
        students[name] = notebook, "honest", "ok", score
        if i % 10 == 5:
            kind = kinds[i // 10 % len(kinds)]
            students[name] = bad(author, name, kind, port), kind, *EXPECTED[kind]
    return students


def pool(process):
    """The grader's process and those of its pool; what runs in a box is not among them."""
    yield process
    for child in process.children():
        if child.name() not in ("bwrap", "setpriv"):
            yield from pool(child)


def resident(process):
    """MiB of the grader and its pool; 0 where one of them has just ended."""
    try:
        return sum(part.memory_info().rss for part in pool(process)) / 2**20
    except psutil.Error:
        return 0


def grade(command, out):
    """Run the grader; return seconds and [(records so far, MiB)], one a second."""
    started, seen = time.perf_counter(), []
    command, environment = [str(part) for part in command], os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as grader:
        process = psutil.Process(grader.pid)
        while grader.poll() is None:
            seen.append((len(list(out.glob("records/*.json"))), resident(process)))
            time.sleep(1)
    return time.perf_counter() - started, seen


def report(students, out, seconds, seen):
    """Print the tables; return how many records are missing or not as expected."""
    records = {}
    for path in out.glob("records/*.json"):
        record = json.loads(path.read_text())
        records[record["student"]] = record["status"], record["score"]
    kinds, wrong = Counter(), {}
    for name, (_, kind, status, score) in students.items():
        kinds[kind] += 1
        if records.get(name) != (status, score):
            wrong.setdefault(kind, []).append(f"{name}: {records.get(name, 'lost')}")
    print(f"\n{'kind':28}{'number':>7}  {'expected':16}as expected")
    for kind, number in kinds.items():
        status, score = EXPECTED.get(kind, ("ok", "5, 10"))
        good = number - len(wrong.get(kind, []))
        print(
            f"{kind:28}{number:7}  {f'{status}, {score}':16}{good}  "
            f"{'; '.join(wrong.get(kind, [])[:3])}"
        )
    lost = len(set(students) - set(records))
    print(
        f"\n{len(students)} submissions, {lost} lost, {seconds:.0f} s, "
        f"{seconds / len(students):.2f} s a submission"
    )
    for least in sorted({min(EARLY, len(students) // 2), seen[-1][0]}):
        memory = next((mib for count, mib in seen if count >= least and mib), None)
        print(f"memory of the grader after {least} records: {memory or 0:.0f} MiB")
    return sum(map(len, wrong.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=500, help="how many (default 500)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="default: the cores")
    parser.add_argument("--quick", action="store_true", help="100, each bad kind once")
    options = parser.parse_args()
    author = authors_notebook(NUMBERS)
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryDirectory() as folder:
        students = submissions(
            author, 100 if options.quick else options.count, server.getsockname()[1]
        )
        course, out = Path(folder), Path(folder) / "results"
        source = write(course, author, {name: content for name, (content, *_) in students.items()})
        command = [
            sys.executable,
            "-m",
            "coursetools",
            "grade",
            course / "submitted",
            "--out",
            out,
            "--source",
            source,
            "--jobs",
            options.jobs,
            "--call-time",
            5,
            "--memory",
            1024,
        ]
        print(
            f"{len(students)} submissions, {options.jobs} jobs, cores {os.cpu_count()}, "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        seconds, seen = grade(command, out)
        return int(bool(report(students, out, seconds, seen)))


if __name__ == "__main__":
    sys.exit(main())
