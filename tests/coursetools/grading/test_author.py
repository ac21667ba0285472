"""The mistakes in an author's notebook that stop a release, each with the message it gives."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest

from coursetools.grading.author import ReleaseError
from coursetools.grading.release import release

ROOT = Path(__file__).parents[3]
NAME = "01_dimensionality_reduction.ipynb"


@pytest.fixture
def course(tmp_path):
    """A copy of the authors' notebooks, from which nothing is released yet.

    Below the check of 01.2 stands a locked cell, "use-01-2", that puts the answer to use.
    """
    notebook = nbformat.read(ROOT / "notebooks/exercises" / NAME, as_version=4)
    place = next(n for n, cell in enumerate(notebook.cells) if cell.id == "check-01-2")
    use = nbformat.v4.new_code_cell("components_for(np.eye(3), 0.5)", id="use-01-2")
    answer = notebook.cells[place - 1].metadata.nbgrader
    use.metadata["nbgrader"] = answer | {"grade_id": use.id, "solution": False, "locked": True}
    use.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "2"})]
    notebook.cells.insert(place + 1, use)
    shutil.copytree(ROOT / "notebooks/exercises", tmp_path / "notebooks/exercises")
    nbformat.write(notebook, tmp_path / "notebooks/exercises" / NAME)
    return tmp_path


def test_the_use_of_an_answer_stands_in_both_files_its_output_beside_the_solution(course):
    students, page = (path.read_text(encoding="utf-8") for path in release(course)[:2])
    assert "components_for(np.eye(3), 0.5)" in students
    shown = "```python\ncomponents_for(np.eye(3), 0.5)\n```\n\n```text\n2\n```\n````"
    assert page.count(shown) == 1 and page.index("solution-01-2") < page.index(shown)


def edit(course, change, cell_id):
    """Let `change` alter one cell of the author's notebook."""
    path = course / "notebooks/exercises" / NAME
    notebook = nbformat.read(path, as_version=4)
    change(next(cell for cell in notebook.cells if cell.id == cell_id))
    nbformat.write(notebook, path)


def replace(old, new):
    def change(cell):
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def append(text):
    return lambda cell: cell.update(source=cell.source + text)


def mark(**values):
    return lambda cell: cell.metadata.nbgrader.update(values)


def unmark(cell):
    del cell.metadata["nbgrader"]


def drop_grade_id(cell):
    del cell.metadata["nbgrader"]["grade_id"]


CELL_MISTAKES = [
    ("answer-01-2", replace("### END SOLUTION", ""), "BEGIN SOLUTION without END SOLUTION"),
    ("answer-01-2", replace("### BEGIN SOLUTION", ""), "do not pair up at '### END SOLUTION'"),
    ("answer-01-2", append("\n### BEGIN SOLUTION"), "BEGIN SOLUTION without END SOLUTION"),
    (
        "answer-01-2",
        replace("### END SOLUTION", "### BEGIN SOLUTION"),
        "do not pair up at '### BEGIN SOLUTION'",
    ),
    (
        "setup",
        append("\n### BEGIN SOLUTION\n### END SOLUTION"),
        "a solution region and nbgrader's 'solution: true' go together",
    ),
    ("answer-01-2", unmark, "a solution region and nbgrader's 'solution: true' go together"),
    ("check-01-2", mark(solution=True), "a solution region and nbgrader's 'solution: true' go"),
    (
        "check-01-2",
        append("\n### BEGIN HIDDEN TESTS"),
        "BEGIN HIDDEN TESTS is not used here; tests live in coursekit/exercises",
    ),
    ("answer-01-5", append("\n=== BEGIN MARK SCHEME ==="), "BEGIN MARK SCHEME is not used here"),
    ("answer-01-2", mark(grade_id="answer-01-1"), "grade_id 'answer-01-1' is used twice"),
    ("answer-01-2", drop_grade_id, "nbgrader metadata lack grade_id"),
    ("answer-01-2", mark(schema_version=2), "nbgrader schema_version is 2, should be 3"),
    (
        "answer-01-2",
        replace("# exercise 01.2, keep this line\n", ""),
        "its first line should be '# exercise 01.2, keep this line'",
    ),
    (
        "answer-01-2",
        replace("exercise 01.2", "exercise 01.3"),
        "its first line should be '# exercise 01.2, keep this line'",
    ),
    (
        "answer-01-5",
        replace("<!-- exercise 01.5, keep this line -->\n", ""),
        "its first line should be '<!-- exercise 01.5, keep this line -->'",
    ),
    ("check-01-2", mark(points=9), "nbgrader says 9 points, the heading 4"),
    ("statement-01-2", replace("4 points", "9 points"), "nbgrader says 4 points, the heading 9"),
    (
        "statement-01-2",
        replace("How many", "How few"),
        "the notebook has 'How few components?' with 4 points, "
        "coursekit.exercises 'How many components?' with 4",
    ),
    ("statement-01-2", replace("*code,", "*hard,"), "expected '## Exercise 01.2: Title'"),
    ("statement-01-1", replace("## Exercise", "## Task"), "it stands before the first heading"),
    ("check-01-2", unmark, "the exercise has 1 answer cells and 0 check cells"),
    ("statement-01-2", replace("*code,", "*open,"), "it should have one of each, an open one no"),
    ("check-01-2", replace("01.2", "01.3"), 'expected check("01.2", ...)'),
    ("use-01-2", unmark, "code below a check needs nbgrader metadata with 'locked: true'"),
    ("use-01-2", mark(locked=False), "code below a check needs nbgrader metadata with 'locked"),
]


@pytest.mark.parametrize(("cell_id", "change", "message"), CELL_MISTAKES)
def test_a_mistake_in_a_cell_is_named_with_notebook_and_cell(course, cell_id, change, message):
    edit(course, change, cell_id)
    with pytest.raises(ReleaseError, match=re.escape(message)) as caught:
        release(course)
    assert str(caught.value).startswith(f"{NAME}: cell ")
    assert not (course / "book").exists()


def renumber(course, old, new):
    path = course / "notebooks/exercises" / NAME
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_an_exercise_without_tests(course):
    renumber(course, "01.2", "01.9")
    with pytest.raises(
        ReleaseError,
        match=r"'check-01-2': unknown exercise number '01\.9'; known: 01\.1, .*"
        r"write its tests in coursekit/exercises/chapter_01\.py",
    ):
        release(course)


def test_an_exercise_of_another_chapter(course):
    renumber(course, "01.2", "02.2")
    with pytest.raises(ReleaseError, match="exercise 02.2 does not belong to chapter 01"):
        release(course)


def test_a_notebook_without_exercises(course):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Exercises: X")])
    nbformat.write(notebook, course / "notebooks/exercises/03_empty.ipynb")
    with pytest.raises(ReleaseError, match="03_empty.ipynb: it has no heading"):
        release(course)
