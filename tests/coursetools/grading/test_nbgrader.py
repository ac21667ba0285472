"""nbgrader, where it is installed, makes the same notebooks of ours and gives the same marks.

Only for honest work: see book/instructors.md for what it does with the rest.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from coursekit.exercises import PUBLIC_SEED, NotYet
from coursekit.exercises import exercises as of_chapter
from coursetools.grading.author import BEGIN, END, NBGRADER_KEYS

pytest.importorskip("nbgrader", reason="pip install '.[nbgrader]' compares with nbgrader")

ROOT = Path(__file__).parents[3]
SOURCES = sorted(ROOT.glob("notebooks/exercises/*.ipynb"))
AUTOGRADED = next(path for path in SOURCES if path.name.startswith("02_"))
ASSIGNMENT = "all"

# Half-right answers to the exercises of AUTOGRADED. The first two also write to stderr, by
# print and by NumPy's warnings, for which nbgrader gives a cell no points unless `check` helps.
HALF_RIGHT = {
    "02.1": """def sizes_and_errors():
    print("a progress bar", file=__import__("sys").stderr)
    return {"parameters": 419120, "tied_parameters": 209560, "mse": 0.0319, "blank_bce": 0.693}""",
    "02.2": """def cross_entropy(logits, images):
    levels = np.round(15 * images).astype(int)
    p = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    return -np.log(np.take_along_axis(p, levels[..., None], axis=2)).sum(axis=(1, 2)).mean()""",
    "02.3": """def auc(scores, labels):
    rank = scores.argsort().argsort() + 1
    anomalies, normals = (labels == 1).sum(), (labels == 0).sum()
    return (rank[labels == 1].sum() - anomalies * (anomalies + 1) / 2) / (anomalies * normals)""",
    "02.4": """def reconstruct(train, test, code_size):
    mean = train.mean(axis=0)
    v = np.linalg.svd(train - mean, full_matrices=False)[2][:code_size]
    return mean + (test - mean) @ v.T @ v""",
    "02.5": """def precision_at_k(queries, query_labels, items, item_labels, k):
    distances = np.linalg.norm(queries[:, None] - items[::-1], axis=2)
    nearest = len(items) - 1 - distances.argsort(axis=1, kind="stable")[:, :k]
    return (item_labels[nearest] == query_labels[:, None]).mean()""",
}


def nbgrader(course, *arguments):
    """Run one of nbgrader's commands in the folder `course`; its output where it fails."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # for alembic
        "JUPYTER_CONFIG_DIR": str(course / "jupyter"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course of nbgrader with one assignment generated from all authors' notebooks."""
    folder = tmp_path_factory.mktemp("course")
    source = folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    for path in SOURCES:
        (source / path.name).write_bytes(path.read_bytes())
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    return folder


def students():
    """The submissions of the author, of a student half way and of one with untouched stubs."""
    stub = (ROOT / "book/exercises" / AUTOGRADED.name).read_text(encoding="utf-8")
    author, half = nbformat.reads(stub, as_version=4), nbformat.reads(stub, as_version=4)
    solved = {cell.id: cell.source for cell in nbformat.read(AUTOGRADED, as_version=4).cells}
    for cell in author.cells:
        lines = solved[cell.id].split("\n")
        cell.source = "\n".join(line for line in lines if BEGIN not in line and END not in line)
    for cell in half.cells:
        number = re.match(r"# exercise (\S+), keep this line", cell.source)
        if number:
            cell.source = f"{number[0]}\n{HALF_RIGHT[number[1]]}"
    return {"ada": author, "blaise": half, "carl": nbformat.reads(stub, as_version=4)}


@pytest.fixture(scope="session")
def marks(course):
    """What `nbgrader autograde` gives each student: {student: {exercise: points}}."""
    from nbgrader.api import Gradebook

    for student, notebook in students().items():
        folder = course / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / AUTOGRADED.name)
    nbgrader(course, "autograde", ASSIGNMENT, "--ExecutePreprocessor.timeout=120")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            student: {
                grade.name.removeprefix("check-").replace("-", "."): grade.auto_score
                for grade in gradebook.find_submission_notebook(
                    AUTOGRADED.stem, ASSIGNMENT, student
                ).grades
                if grade.name.startswith("check-")
            }
            for student in students()
        }


def our_marks(notebook):
    """The points of the tests that pass on the public seed, by exercise."""
    answers, namespace = {}, {}
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {"locked": False})
        use = nbgrader["locked"] and not nbgrader["grade"]
        if cell.cell_type == "code" and not use:
            exec(TransformerManager().transform_cell(cell.source), namespace)
            namespace["check"] = answers.__setitem__
    return {
        number: sum(test.points for test in exercise.tests if passes(test, answers[number]))
        for number, exercise in of_chapter(AUTOGRADED.name[:2]).items()
    }


def passes(test, answer):
    try:
        test.run(answer, PUBLIC_SEED)
    except (NotYet, NotImplementedError):
        return False
    return True


def form(notebook):
    """What a cell is to student and grader, without the checksums that nbgrader adds."""
    return [
        (
            cell.id,
            cell.cell_type,
            cell.source,
            {
                key: value
                for key, value in cell.metadata.get("nbgrader", {}).items()
                if key in NBGRADER_KEYS | {"points"}
            },
        )
        for cell in notebook.cells
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_generate_assignment_makes_the_cells_of_our_students_notebook(course, source):
    theirs = nbformat.read(course / "release" / ASSIGNMENT / source.name, as_version=4)
    ours = nbformat.read(ROOT / "book/exercises" / source.name, as_version=4)
    assert form(theirs) == form(ours)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of the half-right 02.2
@pytest.mark.parametrize("student", students())
def test_autograde_gives_honest_work_the_marks_of_our_own_tests(marks, student):
    assert marks[student] == our_marks(students()[student])


def test_the_three_students_earn_all_some_and_none_of_the_points(marks):
    for number, exercise in of_chapter(AUTOGRADED.name[:2]).items():
        full, some, none = (marks[student][number] for student in ("ada", "blaise", "carl"))
        assert (full, none) == (exercise.points, 0) and 0 < some < full, number
