"""A small assignment cut from chapter 02 and what students hand in, for the grader's benchmarks."""

import re
from pathlib import Path

import nbformat

from coursekit.exercises import find
from coursetools.grading.author import BEGIN, END
from coursetools.grading.release import students_notebook

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "notebooks/exercises/02_fully_connected_autoencoders.ipynb"


def authors_notebook(numbers):
    """The author's notebook of chapter 02 with these exercises only: ["02.2", "02.3"]."""
    notebook = nbformat.read(SOURCE, as_version=4)
    cells, keep = [], True
    for cell in notebook.cells:
        heading = re.match(r"## Exercise (\S+):", cell.source)
        keep = heading[1] in numbers if heading else keep
        cells += [cell] * keep
    notebook.cells = cells
    return notebook


def handed_in(author, name, answers=None):
    """The students' notebook with the author's answers, or those of `answers` by exercise.

    An answer of None is the untouched stub. The name in a comment makes each notebook unique.
    """
    if answers is None:
        answers = {}
    notebook = students_notebook(author)
    for cell, source in zip(notebook.cells, (cell.source for cell in author.cells), strict=True):
        marker = re.match(r"# exercise (\S+), keep this line", source)
        if marker:
            own = without_markers(source)
            answer = answers.get(marker[1], own.partition("\n")[2])
            if answer is not None:
                cell.source = f"{marker[0]}\n{answer}\n# {name}"
    return notebook


def without_markers(source):
    """The author's answer as a student would write it."""
    return "\n".join(line for line in source.split("\n") if BEGIN not in line and END not in line)


def honest(author, numbers, count):
    """{student: (notebook, score)}: everybody leaves one exercise undone, some none."""
    students = {}
    for i in range(count):
        undone = [*numbers, None][i % (len(numbers) + 1)]
        score = sum(find(number).points for number in numbers if number != undone)
        name = f"student{i:03d}"
        students[name] = handed_in(author, name, {undone: None}), score
    return students


def write(folder, author, students):
    """Lay the assignment out as nbgrader and our grader both read it; return the source.

    folder/source/02/NAME.ipynb and folder/submitted/STUDENT/02/NAME.ipynb
    """
    source = folder / "source" / "02" / SOURCE.name
    source.parent.mkdir(parents=True)
    nbformat.write(author, source)
    for name, content in students.items():
        path = folder / "submitted" / name / "02" / SOURCE.name
        path.parent.mkdir(parents=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            nbformat.write(content, path)
    return source
