"""The assignment: what it says of an author's notebook, and which one submissions answer."""

from pathlib import Path

import pytest

from coursetools.grading.assignment import detect, load
from coursetools.grading.intake import Submission

ROOT = Path(__file__).parents[3]
SOURCES = sorted(ROOT.glob("notebooks/exercises/*.ipynb"))


def marked(*numbers, file="x.ipynb"):
    """A submission with these marker lines."""
    lines = [f"# exercise {number}, keep this line" for number in numbers]
    return Submission("ada", file, "\n".join(lines).encode())


# ---------------------------------------------------------------------------- loading


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_an_assignment_has_tests_for_all_but_its_open_tasks(source):
    assignment = load(source)
    assert assignment.chapter == source.name[:2] and assignment.source == source
    numbers = [task.number for task in assignment.tasks]
    assert [*assignment.exercises, *(task.number for task in assignment.open)] == numbers
    assert all(task.kind == "open" for task in assignment.open) and assignment.open


def test_the_possible_points_are_those_of_the_tested_tasks():
    assert load(SOURCES[1]).possible == 26


def test_no_author_s_notebook_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no author's notebook .*; name one like notebooks/"):
        load(tmp_path / "01_x.ipynb")
    with pytest.raises(ValueError, match="a solution region and nbgrader's"):
        load(ROOT / "book/exercises" / SOURCES[0].name)  # the students' version


# ---------------------------------------------------------------------------- detecting


def test_the_chapter_of_most_submissions_is_found():
    submissions = [marked("02.1"), marked("01.1", "02.1", "02.3"), marked("01.1"), marked()]
    assert detect(submissions, ROOT) == SOURCES[1]


def test_one_submission_has_one_vote():
    loud = marked(*(f"02.{number}" for number in range(100)))
    assert detect([loud, marked("01.1"), marked("01.1")], ROOT) == SOURCES[0]


def test_a_submission_without_marker_lines_votes_by_its_name():
    assert detect([marked(file=f"ada_1_2_{SOURCES[1].stem}-1.ipynb")], ROOT) == SOURCES[1]
    unread = Submission("bob", f"bob/{SOURCES[1].name}", None, "a link")
    assert detect([unread], ROOT) == SOURCES[1]
    assert detect([marked("01.1", file=SOURCES[1].name)], ROOT) == SOURCES[0]


def test_an_unknown_chapter_has_no_vote():
    assert detect([marked("99.1"), marked("99.2"), marked("01.1")], ROOT) == SOURCES[0]


@pytest.mark.parametrize(
    ("submissions", "message"),
    [
        ([], "no submission has a line like '# exercise 01.2, keep this line'"),
        ([marked("99.1")], "no submission has a line like"),
        ([marked("02.1"), marked("01.1")], "chapters 01 and 02 have equally many submissions"),
    ],
)
def test_no_vote_and_a_tie_ask_for_the_source(submissions, message):
    with pytest.raises(ValueError, match=message) as caught:
        detect(submissions, ROOT)
    assert f"with --source: {SOURCES[0].name}, " in str(caught.value)


def test_a_course_without_exercises_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"--source: \(none here\)"):
        detect([marked("01.1")], tmp_path)
