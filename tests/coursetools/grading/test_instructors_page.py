"""The example of the instructors' page runs as it is printed."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coursetools.gradebook import corrections
from coursetools.grading import records

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "book/instructors.md").read_text()
SECTION = re.search(r"## The whole way on four notebooks\n(.+?)\n## ", PAGE, re.DOTALL)[1]
COMMANDS = re.search(r"```bash\n(.+?)```", SECTION, re.DOTALL)[1]
PRINTED = re.search(r"```\n(\d+ submissions.+?)```", SECTION, re.DOTALL)[1]


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """What the commands print, and the folder that they leave beside a copy of the notebooks."""
    course = tmp_path_factory.mktemp("example") / "course"
    for folder in ("notebooks/exercises", "book/exercises"):
        shutil.copytree(ROOT / folder, course / folder)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        ["bash", "-euc", COMMANDS],
        cwd=course,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path, "TQDM_DISABLE": "1"},
    )
    assert run.returncode == 0, run.stderr
    return run.stdout, course.parent / "class" / "results"


@pytest.mark.box
def test_it_prints_what_the_page_shows(example):
    assert PRINTED in example[0]


@pytest.mark.box
def test_everybody_gets_what_the_page_says(example):
    with open(example[1] / "report/students.csv", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {name: (row["status"], float(row["score"])) for name, row in rows.items()} == {
        "ada": ("ok", 26),
        "alan": ("missing", 0),
        "grace": ("ok", 0),
        "linus": ("ok", 21),
    }


@pytest.mark.box
def test_every_file_that_the_page_names_is_there(example):
    results = example[1]
    for name in (
        "marking.html",
        "marks.csv",
        "corrections.csv",
        "run.json",
        "report/students.csv",
        "report/tests.csv",
        "report/index.html",
        "report/students/linus.html",
    ):
        assert (results / name).is_file(), name


@pytest.mark.box
def test_the_correction_of_the_page_holds_and_code_stands_beside_the_verdicts(example):
    lines = re.search(r"```\n(student,exercise,test,.+?)```", PAGE, re.DOTALL)[1]
    begun = (example[1] / "corrections.csv").read_text(encoding="utf-8-sig")
    assert lines.startswith(begun)
    page = (example[1] / "report/students/linus.html").read_text()
    assert "- (count - 1) / 2" not in page and "cumsum(count)" in page
    linus = records.history(example[1])["linus"]
    own = corrections.read(_with(example[1], lines), {"linus": linus})
    assert corrections.apply(linus[-1], own["linus"])["score"] == 22


def _with(results, lines):
    """A folder beside `results` with these corrections."""
    folder = results.with_name("corrected")
    folder.mkdir()
    (folder / "corrections.csv").write_text(lines)
    return folder


@pytest.mark.box
def test_the_secret_seed_is_in_no_file_for_students(example):
    seed = str(json.loads((example[1] / "run.json").read_text())["seed"])
    assert not [
        path
        for path in (example[1] / "report").rglob("*.*")
        if seed in path.read_text(encoding="utf-8")
    ]


def test_the_options_of_the_page_are_those_of_the_command():
    help_text = subprocess.run(
        [sys.executable, "-m", "coursetools", "grade", "--help"], capture_output=True, text=True
    ).stdout
    used = set(re.findall(r"`(--[a-z-]+)`", PAGE)) | set(
        re.findall(
            r" (--[a-z-]+)", "".join(re.findall(r"python -m coursetools grade [^`]+?\n(?! )", PAGE))
        )
    )
    assert used and not [option for option in used if option not in help_text]
