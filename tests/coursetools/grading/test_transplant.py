"""Transplant of honest notebooks: they keep all that they can do, checks never come along."""

import json

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from coursetools.grading.assignment import load
from coursetools.grading.transplant import OTHER, authors
from tests.coursetools.grading.students import (
    ASSIGNMENT,
    AUC,
    ROOT,
    SOURCES,
    answered,
    cell,
    insert,
    moved,
    released,
)


def run(cells, names):
    """What the names stand for after the cells; an error ends only its cell."""
    namespace = {}
    for source in cells:
        try:
            exec(TransformerManager().transform_cell(source), namespace)
            namespace["check"] = lambda *arguments: None
        except NotImplementedError:
            pass
    return {number: eval(name, namespace) for number, name in names.items()}


def auc(notebook):
    """What the answer to 02.3 returns."""
    result = moved(notebook)
    return run(result.cells, result.names)["02.3"](None, None)


# ---------------------------------------------------------------------------- honest notebooks


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_author_s_answers_score_full_after_the_transplant(source):
    assignment = load(source)
    notebook = json.loads((ROOT / "book/exercises" / source.name).read_text(encoding="utf-8"))
    for task in assignment.tasks:
        cell(notebook, task.answer.id)["source"] = task.answer.source.splitlines(keepends=True)
    result = moved(notebook, assignment)
    assert result.flags == [] and set(result.names) == set(assignment.exercises)
    answers = run(result.cells, result.names)
    for number, exercise in assignment.exercises.items():
        for test in exercise.tests:
            test.run(answers[number], seed=7)  # raises NotYet
    for task in assignment.open:
        assert result.texts[task.number] == task.answer.source.partition("\n")[2].strip()


def test_an_untouched_notebook_gives_the_author_s_code_with_stubs_and_nothing_locked():
    result = moved(released())
    code = [cell for cell in released()["cells"] if cell["cell_type"] == "code"]
    locked = [cell["metadata"].get("nbgrader", {}).get("locked", False) for cell in code]
    expected = ["".join(cell["source"]) for cell, lock in zip(code, locked) if not lock]
    assert result.cells == expected and sum(locked) == 8  # 5 checks, 3 cells that use an answer
    assert result.texts == {"02.6": ""} and result.flags == []


def test_names_are_what_the_author_s_checks_pass():
    assert moved(released()).names == {
        "02.1": "sizes_and_errors",
        "02.2": "cross_entropy",
        "02.3": "auc",
        "02.4": "reconstruct",
        "02.5": "precision_at_k",
    }


def test_added_cells_stay_between_the_cells_around_them():
    notebook = answered()
    insert(notebook, "answer-02-3", "after = 1")
    insert(notebook, "check-02-2", "before = 1")
    cells = moved(notebook).cells
    assert cells.index("before = 1") + 1 == cells.index(AUC) == cells.index("after = 1") - 1


def test_an_added_cell_may_come_first():
    notebook = released()
    notebook["cells"].insert(0, {"cell_type": "code", "source": "first = 1"})
    assert moved(notebook).cells[0] == "first = 1"


def test_magics_pass_as_written():
    notebook = released()
    insert(notebook, "setup", "%pip install x\n!ls")
    assert moved(notebook).cells[1] == "%pip install x\n!ls"


def test_a_changed_cell_of_the_author_runs_after_the_author_s():
    notebook = released()
    setup = "".join(cell(notebook, "setup")["source"])
    cell(notebook, "setup")["source"] = "import scipy"
    assert moved(notebook).cells[:2] == [setup, "import scipy"]


def test_white_space_and_line_ends_change_nothing():
    notebook = released()
    for each in notebook["cells"]:
        each["source"] = "\n" + "".join(each["source"]).replace("\n", "  \r\n") + "\n\n"
    assert moved(notebook) == moved(released())


def test_the_order_of_answers_is_the_author_s():
    notebook = answered()
    place = notebook["cells"].index(cell(notebook, "answer-02-3"))
    notebook["cells"].insert(1, notebook["cells"].pop(place))
    assert moved(notebook).cells == moved(answered()).cells


def test_an_open_answer_is_its_cell_and_the_text_below():
    answer = "<!-- exercise 02.6, keep this line -->\n**Yes**\x00\x1b, \u202eno.\n"
    notebook = answered(answer, "02-6")
    insert(notebook, "answer-02-6", "# Also this", "markdown")
    insert(notebook, "answer-02-4", "Not this.", "markdown")
    result = moved(notebook)
    assert result.texts == {"02.6": "**Yes**, no.\n\n# Also this"}


def test_a_long_open_answer_is_cut():
    result = moved(answered("<!-- exercise 02.6, keep this line -->" + "x" * 20_001, "02-6"))
    assert len(result.texts["02.6"]) == 20_000
    assert result.flags == ["exercise 02.6: only the first 20000 characters are kept"]


# ---------------------------------------------------------------------------- finding answers


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {}, "id": "x"},
        {"metadata": None},
        {"metadata": {"nbgrader": {"grade_id": "answer-02-1", "schema_version": 99}}},
        {"id": "check-02-1"},
        {"cell_type": "markdown"},
        {"source": "\n\n  " + AUC.replace(", keep", ",  keep")},
        {"source": AUC.replace("# exercise", "#exercise")},
        {"source": "<!-- exercise 02.3, keep this line -->" + AUC.partition("\n")[2]},
        {"source": "import os\n\n" + AUC},
    ],
)
def test_a_marker_line_finds_the_answer_whatever_else_changed(change):
    notebook = answered()
    cell(notebook, "answer-02-3").update(change)
    result = moved(notebook)
    assert result.flags == [] and len(result.cells) == 7
    assert (result.cells[3] == change.get("source", AUC)) and "raise" in result.cells[2]


def test_without_a_marker_line_the_metadata_find_the_answer():
    notebook = answered("def auc(scores, labels):\n    return 0.25")
    assert auc(notebook) == 0.25
    flag = "exercise 02.3: its marker line is missing; found by the cell's metadata"
    assert moved(notebook).flags == [flag]


def test_without_either_an_added_cell_still_counts():
    notebook = answered("def auc(scores, labels):\n    return 0.25")
    cell(notebook, "answer-02-3").update({"id": "x", "metadata": {}})
    assert auc(notebook) == 0.25
    assert moved(notebook).flags == ["exercise 02.3: there is no cell with its marker line"]


def test_a_deleted_answer_is_a_stub_again():
    notebook = released()
    notebook["cells"].remove(cell(notebook, "answer-02-3"))
    with pytest.raises(NotImplementedError):
        auc(notebook)
    assert moved(notebook).flags == ["exercise 02.3: there is no cell with its marker line"]


@pytest.mark.parametrize("last", [AUC.replace("0.5", "0.75"), None])
def test_of_duplicates_the_last_that_was_written_counts(last):
    notebook = answered()
    stub = "".join(cell(released(), "answer-02-3")["source"])
    insert(notebook, "answer-02-4", last or stub)
    assert auc(notebook) == (0.75 if last else 0.5)
    flag = "exercise 02.3: 2 cells have its marker line; the last one counts"
    assert moved(notebook).flags == [flag]


def test_an_answer_that_was_split_runs_in_both_parts():
    notebook = answered(AUC.replace("0.5", "half"))
    insert(notebook, "answer-02-3", "half = 0.5")
    second = notebook["cells"][notebook["cells"].index(cell(notebook, "answer-02-3")) + 1]
    second["metadata"] = cell(notebook, "answer-02-3")["metadata"]  # as JupyterLab does
    assert auc(notebook) == 0.5 and moved(notebook).flags == []


def test_two_answers_in_one_cell_run_once():
    both = AUC + "\n\n# exercise 02.4, keep this line\ndef reconstruct(*_):\n    return auc(1, 2)"
    notebook = answered(both)
    notebook["cells"].remove(cell(notebook, "answer-02-4"))
    result = moved(notebook)
    assert result.cells.count(both) == 1
    assert run(result.cells, result.names)["02.4"]() == 0.5
    assert result.flags == ["exercises 02.3 and 02.4: they stand in one cell"]


def test_an_unknown_exercise_is_flagged_and_its_cell_runs():
    notebook = released()
    insert(notebook, "setup", "# exercise 01.3, keep this line\nx = 1")
    result = moved(notebook)
    assert result.flags == ["exercise 01.3: there is none with this marker line"]
    assert result.cells[1].endswith("x = 1")


# ---------------------------------------------------------------------------- check cells


def test_a_student_s_check_cells_never_run():
    notebook = answered()
    insert(notebook, "answer-02-3", '# try\ncheck("02.3", auc);\ncheck("02.1", auc)  # again')
    cell(notebook, "check-02-3")["source"] = 'check("02.3", lambda *_: 1.0)'
    result = moved(notebook)
    assert not any("check(" in source for source in result.cells)
    assert result.flags == ["the check cell 'check(\"02.3\", auc)' was changed"]


def test_code_in_a_check_cell_is_kept():
    notebook = answered()
    cell(notebook, "check-02-3")["source"] = 'check("02.3", auc)\nhelper = 1'
    assert 'check("02.3", auc)\nhelper = 1' in moved(notebook).cells


def test_deleted_cells_of_the_author_are_restored():
    notebook = released()
    notebook["cells"] = [cell(notebook, "answer-02-3")]
    assert set(moved(notebook).cells) == set(moved(released()).cells)


# ---------------------------------------------------------------------------- to be read


def test_an_untouched_notebook_has_no_code_of_its_student():
    assert moved(released()).answers == {}


def test_the_author_s_answers_are_kept_as_they_run():
    result = authors(ASSIGNMENT)
    assert result.answers == {
        task.number: task.answer.source for task in ASSIGNMENT.tasks if task.check
    }


def test_code_is_kept_where_it_stands_as_it_runs():
    notebook = answered()
    insert(notebook, "answer-02-3", "after = 1\n")
    insert(notebook, "check-02-3", "%timeit later = 1")
    insert(notebook, "check-02-2", "before = 1")  # above the heading of 02.3
    insert(notebook, "answer-02-6", "drawn = 1")
    insert(notebook, "setup", "import scipy")
    insert(notebook, "setup", "some words", "markdown")
    result = moved(notebook)
    assert result.answers == {
        OTHER: "import scipy",
        "02.2": "before = 1",
        "02.3": f"{AUC}\n\nafter = 1\n\n\n%timeit later = 1",
        "02.6": "drawn = 1",
    }
    assert {"import scipy", "before = 1", AUC, "drawn = 1"} < set(result.cells)


def test_two_answers_in_one_cell_are_shown_with_both_and_checks_with_none():
    both = AUC + "\n\n# exercise 02.4, keep this line\ndef reconstruct(*_):\n    return 1"
    notebook = answered(both)
    notebook["cells"].remove(cell(notebook, "answer-02-4"))
    insert(notebook, "answer-02-3", 'check("02.3", auc)')
    assert moved(notebook).answers == {"02.3": both, "02.4": both}


def test_long_code_is_cut_and_flagged_but_runs_whole():
    long = AUC + "  # " + "x" * 20_000
    result = moved(answered(long))
    assert result.answers["02.3"] == long[:20_000] and long in result.cells
    assert result.flags == ["code of 02.3: only the first 20000 characters are kept"]
