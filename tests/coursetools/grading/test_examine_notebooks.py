"""Records of whole notebooks, run in real boxes."""

import dataclasses
import json
import time
from pathlib import Path

import numpy as np
import pytest

from coursekit import exercises
from coursetools.grading import assignment
from coursetools.grading.box import Limits
from coursetools.grading.examine import examine
from coursetools.grading.intake import Submission

ROOT = Path(__file__).parents[3]
NAME = "02_fully_connected_autoencoders.ipynb"
LIMITS = Limits(call_seconds=60, total_seconds=300)


def handed_in(replace=(), added=()):
    """The author's notebook as a submission, the sources in `replace` exchanged."""
    notebook = json.loads((ROOT / "notebooks" / "exercises" / NAME).read_text())
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        for old, new in replace:
            source = source.replace(old, new)
        cell["source"] = source
    notebook["cells"][1:1] = [{"cell_type": "code", "source": source} for source in added]
    return Submission("ada", NAME, json.dumps(notebook).encode())


@pytest.fixture(scope="module")
def chapter():
    return assignment.load(ROOT / "notebooks" / "exercises" / NAME)


@pytest.mark.box
def test_the_author_scores_full_with_any_seed(chapter):
    record = examine(handed_in(), chapter, LIMITS, seed=time.time_ns(), slot=890)
    assert (record["status"], record["score"]) == ("ok", chapter.possible), record


@pytest.mark.box
def test_what_check_accepts_scores_full(chapter):
    mark = "# exercise 02.{}, keep this line"
    changes = [
        ("784 * np.log(2),", "784 * np.log(2), 'net': nn.ReLU(), 'more': ..., 1: {2},"),
        (mark.format(2), f"%%time\n{mark.format(2)}"),
        (mark.format(3), f"%%capture printed\n{mark.format(3)}"),
        ("    optimizer = ", "    model = torch.compile(model, fullgraph=True)\n    optimizer = "),
        (mark.format(5), f"{mark.format(5)}\nimport asyncio\nawait asyncio.sleep(0)"),
        ("    nearest = distances", "    distances = same(distances)\n    nearest = distances"),
    ]
    added = ["%%writefile helper.py\ndef same(x):\n    return x", "from helper import same"]
    record = examine(handed_in(changes, added), chapter, LIMITS, seed=1, slot=890)
    assert (record["status"], record["score"]) == ("ok", chapter.possible), record
    assert record["flags"] == []


def test_an_answer_counts_with_the_helper_that_its_check_saw(chapter):
    """The next exercise has a helper of the same name; the answer of before uses its own."""
    mark = "# exercise 02.{}, keep this line"
    changes = [
        (mark.format(3), f"{mark.format(3)}\ndef half(count):\n    return (count - 1) / 2\n"),
        ("- (count - 1) / 2", "- half(count)"),
        (mark.format(4), f"{mark.format(4)}\ndef half(rows):\n    return rows[::2]\n"),
    ]
    alone = dataclasses.replace(chapter, tasks=[t for t in chapter.tasks if t.number < "02.4"])
    record = examine(handed_in(changes), alone, LIMITS, seed=1, unsafe=True)
    assert record["score"] == alone.possible, record
    assert [flag for flag in record["flags"] if "define again: half" in flag] == [
        "exercise 02.3 counts as it stood at its check; cells below its check define again: half"
    ]


@pytest.mark.box
def test_a_death_and_a_hang_cost_their_own_points_only(chapter):
    changes = [
        ("    weights = 784", "    import os; os._exit(0)\n    weights = 784"),
        ("    levels = np", "    import sys; sys.exit()\n    levels = np"),
    ]
    record = examine(handed_in(changes), chapter, LIMITS, seed=1, slot=890)
    found = {(test["exercise"], test["verdict"]) for test in record["tests"]}
    assert record["status"] == "died" and ("02.1", "died") in found
    assert ("02.2", "not run") in found  # every test of 02.1 stops a box, and there are two


@pytest.mark.box
def test_a_cell_that_hangs_costs_only_its_time(chapter):
    changes = [("train.shape, test.shape", "while True: pass")]
    limits = Limits(call_seconds=3, total_seconds=120)
    record = examine(handed_in(changes), chapter, limits, seed=1, slot=890)
    assert record["status"] == "limit" and "took too long" in record["message"]
    quick = [test["verdict"] for test in record["tests"] if test["exercise"] < "02.4"]
    # 02.4 trains: it may need more than 3 seconds, and stop the second box before 02.5.
    assert set(quick) == {"passed"}


def test_an_exception_inside_a_test_is_the_student_s_only_if_the_author_s_answer_passes(
    chapter, monkeypatch
):
    def constant_scores(answer, rng):
        {0.5: "right"}[answer(np.full(4, 0.3), np.array([0, 1, 0, 1]))]

    def mistaken(answer, rng):
        constant_scores(answer, rng)
        raise ZeroDivisionError("of the test")

    exercise = exercises.find("02.3")
    only = [task for task in chapter.tasks if task.number == exercise.number]
    alone = dataclasses.replace(chapter, tasks=only)
    wrong = handed_in([("own = anomalies * (anomalies + 1) / 2", "own = 4")])

    def judged(test, submission):
        monkeypatch.setitem(vars(exercise), "tests", [exercises.Test("t", 5, "public", test)])
        return examine(submission, alone, LIMITS, seed=1, unsafe=True)

    record = judged(constant_scores, wrong)
    assert (record["status"], record["score"]) == ("ok", 0)
    assert record["flags"][-1] == "02.3, test t: KeyError in it: 0.25"
    record = judged(mistaken, handed_in())
    assert (record["status"], record["score"]) == ("infra_error", None)
    assert record["message"].startswith("02.3, test t: ZeroDivisionError in it: of the test")


def test_unsafe_is_stamped(chapter):
    record = examine(handed_in(), chapter, LIMITS, seed=1, unsafe=True)
    assert record["unsafe"] and record["score"] == chapter.possible
