"""What ranks as similar: copies at the top of a class of honest answers, and nothing else."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from coursetools.gradebook import similar
from coursetools.grading.assignment import load
from coursetools.grading.release import without_solution
from tests.coursetools.gradebook.classmates import BASE, COPIES, HONEST, STUB, answer
from tests.coursetools.gradebook.test_report import record

ROOT = Path(__file__).parents[3]
ASSIGNMENT = load(ROOT / "notebooks/exercises/02_fully_connected_autoencoders.ipynb")
TASKS = {task.number: task for task in ASSIGNMENT.tasks}
TEXT = (
    "I would hold out ten thousand good tiles that the network never saw and set the alarm at "
    "the ninety-ninth percentile of their errors, so that one good tile in a hundred is looked at."
)


def of(answers, number="02.3"):
    """The comparison of these answers, {student: text}."""
    kept = "texts" if number == "02.6" else "answers"
    found = [record(student) | {kept: {number: text}} for student, text in answers.items()]
    compared = {one.task.number: one for one in similar.compare(found, ASSIGNMENT)}
    return compared[number]


def marked(pieces):
    return [text for shared, text in pieces if shared]


# ------------------------------------------------------------------------------- ranking


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_ranks_above_every_honest_pair(copy):
    one = of({**HONEST, "base": BASE, "copy": COPIES[copy]})
    assert [(pair.students, pair.others) for pair in one.listed] == [(["base"], ["copy"])]
    assert one.listed[0].share > 0.8 and one.listed[0].so_alike == 1
    assert len(one.shares) == 14 * 13 / 2


def test_honest_answers_are_not_listed():
    one = of(HONEST)
    assert one.listed == [] and one.more == 0 and len(one.students) == len(HONEST)
    assert 0 < one.shares.max() < 0.3


def test_the_same_answer_of_several_is_one_pair_and_counts_as_all_of_theirs():
    copies = {"ann": BASE, "bob": COPIES["renamed"], "cyd": BASE, "dan": COPIES["reordered"]}
    one = of({**HONEST, **copies})
    assert [(pair.students, pair.others) for pair in one.listed] == [
        (["ann"], ["bob", "cyd"]),
        (["ann", "bob", "cyd"], ["dan"]),
    ]
    assert [pair.so_alike for pair in one.listed] == [3, 6]
    assert len(one.shares) == 16 * 15 / 2


def test_only_the_most_alike_are_listed_and_the_others_counted(monkeypatch):
    monkeypatch.setattr(similar, "RANK", 2)
    one = of({"base": BASE, **{f"copy-{i}": f"{BASE}\nseed = {i}" for i in range(4)}})
    assert (len(one.listed), one.more) == (2, 8)
    assert one.listed[0].share >= one.listed[1].share


def test_what_both_share_with_the_published_solution_is_told():
    solution = "\n".join(
        line for line in TASKS["02.3"].answer.source.split("\n") if "SOLUTION" not in line
    )
    pair = of({**HONEST, "ann": solution, "bob": solution}).listed[0]
    assert pair.authors == (1, 1)
    assert max(of({"ann": BASE, "bob": BASE}).listed[0].authors) < 0.2


# ------------------------------------------------------------------------------- what counts


def test_what_everybody_was_given_does_not_count():
    cells = [cell for cell in ASSIGNMENT.notebook.cells if cell.cell_type == "code"]
    given = max(map(without_solution, cells), key=len)
    one = of({"ann": f"{given}\n{HONEST['honest-02']}", "bob": f"{given}\n{HONEST['honest-07']}"})
    assert len(given) > 500 and one.listed == [] and one.shares.max() < 0.2


def test_a_stub_and_nothing_are_no_answers_and_short_ones_are_named():
    short = {"cyd": answer("    return 0.5"), "eve": "auc = 1"}
    one = of({"ann": STUB, "bob": "", **short, "dan": BASE})
    assert (one.students, one.short, one.long, len(one.shares)) == (["dan"], [*short], [], 0)
    assert of({"ann": "YOUR ANSWER HERE", "bob": "", "cyd": "Yes."}, "02.6").short == ["cyd"]


def test_an_answer_without_end_is_named_and_not_compared():
    one = of({"ann": BASE, "bob": BASE, "eve": "x = 1\n" * 10_000})
    assert one.long == ["eve"] and one.students == ["ann", "bob"]


def test_exercises_by_hand_are_left_out_and_free_text_is_compared():
    compared = similar.compare([record()], ASSIGNMENT)
    assert [one.task.number for one in compared] == ["02.2", "02.3", "02.4", "02.5", "02.6"]


def test_free_text_may_be_wrapped_in_another_way():
    other = "Threshold: look at a histogram of good tiles. Choose a number that costs least."
    wrapped = TEXT.replace(" and ", "\n\nand ")
    question = TASKS["02.6"].statement
    one = of({"ann": TEXT, "bob": wrapped, "cyd": other, "dan": question, "eve": question}, "02.6")
    assert [(pair.students, pair.others) for pair in one.listed] == [(["ann"], ["bob"])]
    assert one.students == ["ann", "bob", "cyd"]


@pytest.mark.parametrize("source", ["%%time\nx = (", "\ufeff\n\nx = 1\r\n", "\0\t'", "é" * 99])
def test_what_is_no_python_does_not_stop_the_comparison(source):
    one = of({"ann": f"{BASE}\n{source}", "bob": f"{BASE}\n{source}", "cyd": source})
    assert one.listed[0].share == 1


# ------------------------------------------------------------------------------- marks in the texts


def test_the_marks_are_where_the_texts_agree():
    both = "class Network(nn.Module):\n    def forward(self, x):\n        return x @ y\n"
    renamed = both.replace("Network", "An")
    one, other = f"import math\n\n\n{both}del y", f"names = [1, 2, 3]\n\n\n{renamed}print(5)"
    pair = of({"ann": one, "bob": other}).listed[0]
    assert ["".join(text for _, text in side) for side in pair.texts] == [one, other]
    assert [marked(side) for side in pair.texts] == [[both], [renamed]]


def test_the_marks_are_right_beside_the_name_of_a_class_that_was_given(monkeypatch):
    """There copydetect 0.5.0 loses count of what it left out."""
    given = "class A(B):\n    x = 5\n    y = 6"
    monkeypatch.setattr(similar, "_given", lambda *_: [given])
    own = "Network(Base):\n    x = 5\n    y = 6\n    z = f(x) + g(y) * h(x, y, 7) / (8 + 9)"
    answer = f"# a comment of many words\nclass {own}"
    pair = of({"ann": answer, "bob": answer}).listed[0]
    assert "".join(text for _, text in pair.texts[0]) == answer
    assert marked(pair.texts[0]) == [own]


def test_what_is_repeated_is_marked_each_time():
    layer = "self.layer = torch.nn.Linear(features, 2 * features, bias=False, dtype=torch.double)"
    layers = f"{layer}\n{layer}"
    pair = of({"ann": layers, "bob": f"pass\n{layers}"}).listed[0]
    assert "".join(marked(pair.texts[0])) == layers


# ------------------------------------------------------------------------------- around it


def test_the_same_in_every_process():
    code = (
        "from tests.coursetools.gradebook.test_similar import *\n"
        "for one in similar.compare([record(s) | {'answers': {'02.3': a}} "
        "for s, a in {**HONEST, **COPIES}.items()], ASSIGNMENT): print(one)"
    )

    def run(seed):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )

    first, second = run("1"), run("2")
    assert first.stdout == second.stdout and "rewrapped" in first.stdout
    assert first.stderr == ""  # no progress bar


def test_the_library_changes_no_setting_of_matplotlib():
    before = dict(matplotlib.rcParams)
    of({"ann": BASE, "bob": BASE})
    assert dict(matplotlib.rcParams) == before


def test_the_order_of_the_class_makes_no_difference():
    answers = {**HONEST, **COPIES, "base": BASE}
    one, other = of(answers), of(dict(reversed(answers.items())))
    assert np.allclose(np.sort(one.shares), np.sort(other.shares))
    assert [pair.share for pair in one.listed] == [pair.share for pair in other.listed]


def test_nothing_that_makes_a_score_reads_it():
    """Only the command and the page import the module, and only it the library."""
    users = {}
    for path in sorted((ROOT / "coursetools").rglob("*.py")):
        names = {
            f"{getattr(node, 'module', '')}.{alias.name}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        for word in ("similar", "copydetect"):
            if any(word in name for name in names):
                users.setdefault(word, []).append(path.name)
    assert users == {"similar": ["similar_pages.py", "teaching.py"], "copydetect": ["similar.py"]}
