"""Release: from the author's exercise notebooks to what the reader opens.

| file | what it is |
|---|---|
| notebooks/exercises/NN_name.ipynb | the author's notebook, the only source |
| book/exercises/NN_name.ipynb | students' notebook: stubs for solutions, no outputs |
| book/solutions/NN_name.md | the statements with their solutions, folded |

Below a solution stand the cells that put it to use, with the text that they put out in the author's
run. The same source gives the same bytes. The stubs are those of nbgrader's ClearSolutions, so
that `nbgrader generate_assignment` makes the same cells of the author's notebook.
"""

import copy
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursekit.exercises import chapters, exercises
from coursetools.files import write
from coursetools.grading import author
from coursetools.grading.author import BEGIN, END, Task

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"


def release(root: Path) -> list[Path]:
    """Write the students' notebook and the solutions page of each chapter; return the paths."""
    files = generate(root)
    for path, text in files.items():
        write(path, text)
    return list(files)


def stale(root: Path) -> list[Path]:
    """Released files that are missing, differ from their source, or have none any more."""
    files = generate(root)
    old = [path for path, text in files.items() if not _holds(path, text)]
    present = [*root.glob("book/exercises/*.ipynb"), *root.glob("book/solutions/*.md")]
    return sorted(old + [path for path in present if path not in files])


def generate(root: Path) -> dict[Path, str]:
    """The text of every released file by its path; ReleaseError for a source with mistakes.

    A source that is missing is one: every exercise that has tests must stand in a notebook.
    """
    files, untold = {}, [number for chapter in chapters() for number in exercises(chapter)]
    for path in sorted(root.glob("notebooks/exercises/*.ipynb")):
        notebook, tasks = author.read(path)
        students = nbformat.writes(students_notebook(notebook), version=4)
        files[root / "book" / "exercises" / path.name] = students.rstrip("\n") + "\n"
        files[root / "book" / "solutions" / f"{path.stem}.md"] = solutions_page(
            notebook, tasks, path.name
        )
        untold = [number for number in untold if number not in {task.number for task in tasks}]
    if untold:
        raise author.ReleaseError(
            f"no author's notebook in {root / 'notebooks' / 'exercises'} has exercise "
            f"{', '.join(untold)}; bring the notebook back, or remove the tests in "
            "coursekit/exercises"
        )
    return files


def students_notebook(notebook: NotebookNode) -> NotebookNode:
    """The author's notebook with stubs for solutions, without outputs and run metadata."""
    students = copy.deepcopy(notebook)
    for cell in students.cells:
        cell.source = without_solution(cell)
        cell.metadata = {key: cell.metadata[key] for key in ("nbgrader",) if key in cell.metadata}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    students.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    students.nbformat, students.nbformat_minor = 4, 5
    return students


def without_solution(cell: NotebookNode) -> str:
    """The source of the cell, each solution region replaced by the stub at its indentation."""
    stub = CODE_STUB if cell.cell_type == "code" else TEXT_STUB
    lines, inside = [], False
    for line in cell.source.split("\n"):
        if BEGIN in line:
            indent = re.match(r"\s*", line)[0]
            lines += [indent + text for text in stub.split("\n")]
            inside = True
        elif END in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def solutions_page(notebook: NotebookNode, tasks: list[Task], source: str) -> str:
    """The page of folded solutions, in MyST Markdown."""
    title = notebook.cells[0].source.split("\n")[0].removeprefix("# Exercises: ")
    parts = [
        f"% Generated from notebooks/exercises/{source} by `python -m coursetools release`.\n"
        "% Do not edit here.",
        f"# Solutions: {title}",
        f"To the exercises of chapter {source[:2]}, which you can try in their\n"
        f"[notebook](../exercises/{source}) first. Open a solution by a click on its title.",
    ]
    return "\n\n".join(parts + [_solution(task) for task in tasks]) + "\n"


def _solution(task: Task) -> str:
    """One exercise and its solution; four backticks, as code blocks inside have three."""
    label = task.number.replace(".", "-")
    lines = task.answer.source.split("\n")[1:]  # without the marker line
    text = "\n".join(line for line in lines if BEGIN not in line and END not in line)
    if task.answer.cell_type == "code":
        text = f"```python\n{text}\n```"
    text = "\n\n".join([text, *map(_use, task.uses)])
    return (
        f"## {task.number} {task.title}\n\n"
        f"````{{exercise}}\n:label: exercise-{label}\n:nonumber:\n\n"
        f"*{task.kind}, {task.points} points*\n\n{task.statement}\n````\n\n"
        f"````{{solution}} exercise-{label}\n:label: solution-{label}\n:class: dropdown\n\n"
        f"{text}\n````"
    )


def _use(cell: NotebookNode) -> str:
    """A cell that puts the solution to use, and the text that it put out."""
    if cell.cell_type == "markdown":
        return cell.source
    texts = [
        output.text if output.output_type == "stream" else output.data["text/plain"]
        for output in cell.outputs
    ]
    shown = "".join(f"\n\n```text\n{text.rstrip()}\n```" for text in texts)
    return f"```python\n{cell.source}\n```{shown}"


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()
