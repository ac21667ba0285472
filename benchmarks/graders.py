"""The graders that grading.py measures: for each its commands, and how to read its scores."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from coursekit.exercises import PUBLIC_SEED, find

BARE = """
import json, sys
import torch
from IPython.core.inputtransformer2 import TransformerManager
from coursekit import checks
from coursekit.exercises import PUBLIC_SEED, find

answers, namespace = {}, {}
checks.check = answers.__setitem__
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        exec(TransformerManager().transform_cell("".join(cell["source"])), namespace)
earned = 0
for number, answer in answers.items():
    for test in find(number).tests:
        try:
            test.run(answer, PUBLIC_SEED)
            earned += test.points
        except (AssertionError, NotImplementedError):
            pass
open(sys.argv[2], "w").write(str(earned))
"""
OTTER_TEST = """
from otter.test_files import test_case
from coursekit.exercises import PUBLIC_SEED, find

OK_FORMAT = False
name = "{number}"
tests = {{test.name: test for test in find(name).tests}}
"""
OTTER_CASE = """
@test_case(name="{test}", points={points})
def case_{place}({answer}):
    tests["{test}"].run({answer}, PUBLIC_SEED)
"""


@dataclass(frozen=True)
class Way:
    """One way to grade: its commands, one after another, and a function that reads the scores."""

    commands: list[list[str]]
    scores: Callable[[], dict[str, float]]


def run(command, folder):
    """Run one command to its end; RuntimeError with what it said where it fails."""
    python = Path(command[0])
    environment = os.environ | {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",  # nbgrader calls alembic
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [str(part) for part in command], env=environment, cwd=folder, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command[:4]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def with_coursekit(course, source, jobs):
    out = course / f"results{jobs}"
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
        jobs,
        "--seed",
        PUBLIC_SEED,
    ]

    def scores():
        records = [json.loads(path.read_text()) for path in out.glob("records/*.json")]
        return {record["student"]: record["score"] for record in records}

    return Way([command], scores)


def with_bare_script(course, source):
    notebooks = {path.parts[-3]: path for path in course.glob("submitted/*/*/*.ipynb")}
    out = course / "bare"
    out.mkdir()
    commands = [[sys.executable, "-c", BARE, path, out / name] for name, path in notebooks.items()]
    return Way(commands, lambda: {name: float((out / name).read_text()) for name in notebooks})


def with_nbgrader(course, source, python):
    root = f"--CourseDirectory.root={course}"
    run([python, "-m", "nbgrader", "generate_assignment", "02", root], course)
    command = [
        python,
        "-m",
        "nbgrader",
        "autograde",
        "02",
        root,
        "--ExecutePreprocessor.timeout=120",
    ]

    def scores():
        run([python, "-m", "nbgrader", "export", f"--to={course / 'grades.csv'}", root], course)
        with open(course / "grades.csv", newline="") as file:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}

    return Way([command], scores)


def with_otter(course, source, python):
    """The check cells go: otter would run them and then its own copy of the tests."""
    folder = course / "otter"
    folder.mkdir()
    answers = write_otter_tests(folder / "autograder.zip", nbformat.read(source, as_version=4))
    commands, names = [], []
    for path in course.glob("submitted/*/*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if cell.source not in answers]
        names.append(path.parts[-3])
        (folder / names[-1]).mkdir()
        nbformat.write(notebook, folder / names[-1] / source.name)
        commands.append(
            [
                python,
                "-m",
                "otter",
                "run",
                "--no-logo",
                "-a",
                folder / "autograder.zip",
                "-o",
                folder / names[-1],
                folder / names[-1] / source.name,
            ]
        )

    def scores():
        tests = {
            name: json.loads((folder / name / "results.json").read_text())["tests"]
            for name in names
        }
        return {name: sum(test.get("score", 0) for test in tests[name]) for name in names}

    return Way(commands, scores)


def write_otter_tests(path, author):
    """Write the tests of the notebook's exercises for otter; return the check cells' sources."""
    checks = [cell.source for cell in author.cells if cell.source.startswith("check(")]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
        for check in checks:
            number, answer = check.removeprefix('check("').removesuffix(")").split('", ')
            cases = [
                OTTER_CASE.format(test=test.name, points=test.points, place=place, answer=answer)
                for place, test in enumerate(find(number).tests)
            ]
            text = OTTER_TEST.format(number=number) + "".join(cases)
            archive.writestr(f"tests/exercise_{number.replace('.', '_')}.py", text)
    return checks


def importable(python, *modules):
    code = "import " + ", ".join(modules)
    return not subprocess.run([python, "-c", code], capture_output=True).returncode


def ways_here(course, source, peers):
    """{name: Way} of what can run here; a line for each peer that is missing."""
    ways = {"coursekit, 1 job": with_coursekit(course, source, 1)}
    ways[f"coursekit, {os.cpu_count()} jobs"] = with_coursekit(course, source, os.cpu_count())
    ways["bare script"] = with_bare_script(course, source)
    python = Path(peers).absolute() / "bin/python" if peers else Path(sys.executable)
    for name, prepare in (("nbgrader", with_nbgrader), ("otter", with_otter)):
        if importable(python, name, "torch", "coursekit"):
            ways[name] = prepare(course, source, python)
        else:
            print(f"{name}: skipped, {python} lacks {name}, torch or coursekit")
    return ways
