"""Release: what it writes, and what must never be in it."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from coursekit.exercises import find
from coursetools.grading import author
from coursetools.grading.release import release, stale, without_solution

ROOT = Path(__file__).parents[3]
SOURCES = sorted(ROOT.glob("notebooks/exercises/*.ipynb"))


@pytest.fixture
def course(tmp_path):
    """A copy of the authors' notebooks, from which nothing is released yet."""
    shutil.copytree(ROOT / "notebooks/exercises", tmp_path / "notebooks/exercises")
    return tmp_path


# ---------------------------------------------------------------------------- what is written


def test_the_released_files_are_those_of_the_sources_byte_for_byte():
    assert stale(ROOT) == []


def test_release_writes_two_files_a_chapter_and_the_same_again(course):
    paths = release(course)
    assert [str(path.relative_to(course)) for path in paths] == [
        f"book/{name}"
        for source in SOURCES
        for name in (f"exercises/{source.name}", f"solutions/{source.stem}.md")
    ]
    first = [path.read_bytes() for path in paths]
    release(course)
    assert [path.read_bytes() for path in paths] == first
    assert all(text.endswith(b"\n") and not text.endswith(b"\n\n") for text in first)


def test_stale_names_what_is_missing_edited_or_left_behind(course):
    students, page, *_ = release(course)
    orphan = course / "book/exercises/03_gone.ipynb"
    shutil.copy(students, orphan)
    students.write_bytes(students.read_bytes() + b" ")
    page.unlink()
    assert stale(course) == [students, orphan, page]


def test_a_run_of_the_source_changes_nothing(course):
    before = [path.read_bytes() for path in release(course)]
    path = course / "notebooks/exercises" / SOURCES[0].name
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata["execution"] = {"iopub.status.busy": "2020-01-01"}
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = 7, []
    nbformat.write(notebook, path)
    assert [path.read_bytes() for path in release(course)] == before


@pytest.mark.parametrize("check", [release, stale])
def test_a_missing_authors_notebook_is_named_by_its_exercises(course, check):
    release(course)
    before = {path: path.read_bytes() for path in course.glob("book/*/*")}
    (course / "notebooks/exercises" / SOURCES[1].name).unlink()
    with pytest.raises(
        author.ReleaseError, match=r"no author's notebook in .* has exercise 02\.1, "
    ):
        check(course)
    assert {path: path.read_bytes() for path in course.glob("book/*/*")} == before


def test_an_exercise_that_only_its_tests_know_is_named(course):
    path = course / "notebooks/exercises" / SOURCES[0].name
    notebook = nbformat.read(path, as_version=4)
    start, stop = (
        next(n for n, cell in enumerate(notebook.cells) if f"Exercise {number}:" in cell.source)
        for number in ("01.2", "01.3")
    )
    del notebook.cells[start:stop]
    nbformat.write(notebook, path)
    with pytest.raises(author.ReleaseError, match=r"has exercise 01\.2; bring the notebook back"):
        release(course)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_students_notebook_is_valid_and_has_no_outputs(source):
    students = nbformat.read(ROOT / "book/exercises" / source.name, as_version=4)
    nbformat.validate(students)
    code = [cell for cell in students.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert all(set(cell.metadata) <= {"nbgrader"} for cell in students.cells)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_solution_reaches_the_students_notebook(source):
    text = (ROOT / "book/exercises" / source.name).read_text(encoding="utf-8")
    for word in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert word not in text
    for task in author.read(source)[1]:
        lines = task.answer.source.split("\n")
        start, stop = (
            next(n for n, line in enumerate(lines) if word in line)
            for word in (author.BEGIN, author.END)
        )
        solution = [line.strip() for line in lines[start + 1 : stop] if len(line.strip()) > 20]
        assert solution
        for line in solution:
            assert json.dumps(line, ensure_ascii=False)[1:-1] not in text, line


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_solutions_page_folds_every_solution_under_its_exercise(source):
    page = (ROOT / "book/solutions" / f"{source.stem}.md").read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in page and "keep this line" not in page
    tasks = author.read(source)[1]
    for task in tasks:
        label = task.number.replace(".", "-")
        assert page.count(f":label: exercise-{label}\n") == 1
        solution = f"{{solution}} exercise-{label}\n:label: solution-{label}\n:class: dropdown\n"
        assert page.count(solution) == 1
    assert page.count("{exercise}") == page.count("{solution}") == len(tasks)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_chapter_has_exercises_of_every_kind_in_order(source):
    tasks = author.read(source)[1]
    numbers = [task.number for task in tasks]
    assert numbers == [f"{source.name[:2]}.{place}" for place in range(1, len(tasks) + 1)]
    kinds = [task.kind for task in tasks]
    assert len(kinds) >= 4 and kinds.count("code") >= 2 and {"by hand", "open"} <= set(kinds)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_stored_outputs_of_the_author_show_full_points(source):
    for task in author.read(source)[1]:
        if task.check:
            result = task.check.outputs[-1]["data"]["text/plain"]
            assert float(result) == find(task.number).points, task.number


# ---------------------------------------------------------------------------- stubs


def test_a_stub_takes_the_place_and_indentation_of_the_region():
    source = (
        "def f(x):\n    if x:\n        ### BEGIN SOLUTION\n        return 1\n"
        "        ### END SOLUTION\n    return 0"
    )
    assert without_solution(nbformat.v4.new_code_cell(source)) == (
        "def f(x):\n    if x:\n        # YOUR CODE HERE\n        raise NotImplementedError()\n"
        "    return 0"
    )


def test_every_region_of_a_cell_is_replaced_and_words_get_their_own_stub():
    source = "a\n### BEGIN SOLUTION\nb\n### END SOLUTION\nc\n### BEGIN SOLUTION\n### END SOLUTION"
    words = nbformat.v4.new_markdown_cell(source)
    assert without_solution(words) == "a\nYOUR ANSWER HERE\nc\nYOUR ANSWER HERE"
