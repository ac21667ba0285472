"""Reading an author's exercise notebook: its tasks, and every rule that it must keep.

A task is a heading `## Exercise 01.2: Title`, a line `*code, 4 points*`, a statement, perhaps
example cells, one answer cell (nbgrader's `solution`) with the marker line
`exercise 01.2, keep this line` first and a solution region in it, and, unless the task is
open, one cell `check("01.2", ...)` (nbgrader's `grade`). Cells below the check put the answer to
use. Their code is locked (nbgrader's `locked`), and the grader does not run it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursekit import exercises

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
FORBIDDEN = ("BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")
NBGRADER_KEYS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
HEADING = re.compile(
    r"## Exercise (?P<number>\d\d\.\d+): (?P<title>[^\n]+)\n\n"
    r"\*(?P<kind>by hand|code|open), (?P<points>\d+) points?\*\n\n(?P<statement>.+)",
    re.DOTALL,
)


class ReleaseError(ValueError):
    """An author's notebook breaks a rule; the message names notebook, cell and remedy."""


@dataclass(frozen=True)
class Task:
    """One exercise as the author wrote it; an open one has no `check` cell and no `uses`."""

    number: str
    title: str
    kind: str
    points: int
    statement: str
    answer: NotebookNode
    check: NotebookNode | None
    uses: list[NotebookNode]


def read(path: Path) -> tuple[NotebookNode, list[Task]]:
    """The author's notebook at `path` and its tasks; ReleaseError where it breaks a rule."""
    notebook = nbformat.read(path, as_version=4)
    try:
        _check_cells(notebook.cells)
        tasks = [_task(cells) for cells in _sections(notebook.cells)]
        for task in tasks:
            _check_tests(task, chapter=path.name[:2])
        if not tasks:
            raise ReleaseError("it has no heading of the form ## Exercise 01.2: Title")
    except ReleaseError as error:
        raise ReleaseError(f"{path.name}: {error}") from None
    return notebook, tasks


def _role(cell: NotebookNode, name: str) -> bool:
    """Whether nbgrader's metadata give the cell this role: "solution", "grade" or "locked"."""
    return cell.metadata.get("nbgrader", {}).get(name, False)


def _fail(cell: NotebookNode, problem: str):
    raise ReleaseError(f"cell {cell.id!r}: {problem}")


def _check_cells(cells: list[NotebookNode]) -> None:
    """Rules for single cells: regions, nbgrader metadata, grade_id used once."""
    seen = set()
    for cell in cells:
        _check_region(cell)
        if "nbgrader" not in cell.metadata:
            continue
        nbgrader = cell.metadata.nbgrader
        needed = NBGRADER_KEYS | ({"points"} if nbgrader.get("grade") else set())
        missing = needed - set(nbgrader)
        if missing:
            _fail(cell, f"nbgrader metadata lack {', '.join(sorted(missing))}")
        if nbgrader.schema_version != 3:
            _fail(cell, f"nbgrader schema_version is {nbgrader.schema_version}, should be 3")
        if nbgrader.grade_id in seen:
            _fail(cell, f"grade_id {nbgrader.grade_id!r} is used twice; give each cell its own")
        seen.add(nbgrader.grade_id)


def _check_region(cell: NotebookNode) -> None:
    """Solution markers come in pairs, in answer cells only; no other hidden text."""
    inside = False
    for line in cell.source.split("\n"):
        for text in FORBIDDEN:
            if text in line:
                _fail(cell, f"{text} is not used here; tests live in coursekit/exercises")
        if (BEGIN in line and inside) or (END in line and not inside):
            _fail(cell, f"solution markers do not pair up at {line.strip()!r}")
        inside = (inside or BEGIN in line) and END not in line
    if inside:
        _fail(cell, f"{BEGIN} without {END}")
    if (BEGIN in cell.source) != _role(cell, "solution"):
        _fail(cell, "a solution region and nbgrader's 'solution: true' go together; one is missing")


def _sections(cells: list[NotebookNode]) -> list[list[NotebookNode]]:
    """The cells of each task, cut at the headings."""
    sections = []
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## Exercise"):
            sections.append([])
        if sections:
            sections[-1].append(cell)
        elif "nbgrader" in cell.metadata:
            _fail(cell, "it stands before the first heading ## Exercise 01.2: Title")
    return sections


def _task(cells: list[NotebookNode]) -> Task:
    """One task from its cells."""
    heading = HEADING.fullmatch(cells[0].source)
    if not heading:
        _fail(
            cells[0],
            "expected '## Exercise 01.2: Title', an empty line, '*code, 4 points*' (or "
            "'by hand', 'open'), an empty line and the statement",
        )
    is_open = heading["kind"] == "open"
    answers = [cell for cell in cells if _role(cell, "solution")]
    checks = [cell for cell in cells if _role(cell, "grade") and not _role(cell, "solution")]
    if (len(answers), len(checks)) != (1, 0 if is_open else 1):
        _fail(
            cells[0],
            f"the exercise has {len(answers)} answer cells and {len(checks)} check cells; "
            "it should have one of each, an open one no check",
        )
    _check_marker(answers[0], heading["number"])
    _check_points(*(answers if is_open else checks), int(heading["points"]))
    fields = heading.groupdict() | {"points": int(heading["points"])}
    if is_open:
        return Task(**fields, answer=answers[0], check=None, uses=[])
    uses = cells[cells.index(checks[0]) + 1 :]
    _check_locked(uses)
    return Task(**fields, answer=answers[0], check=checks[0], uses=uses)


def _check_locked(uses: list[NotebookNode]) -> None:
    for cell in uses:
        if cell.cell_type == "code" and not _role(cell, "locked"):
            _fail(
                cell,
                "code below a check needs nbgrader metadata with 'locked: true', or the grader "
                "runs it for every student",
            )


def _check_marker(cell: NotebookNode, number: str) -> None:
    marker = f"# exercise {number}, keep this line"
    if cell.cell_type == "markdown":
        marker = f"<!-- {marker[2:]} -->"
    if cell.source.split("\n")[0] != marker:
        _fail(cell, f"its first line should be {marker!r}")


def _check_points(cell: NotebookNode, points: int) -> None:
    if cell.metadata.nbgrader.points != points:
        _fail(cell, f"nbgrader says {cell.metadata.nbgrader.points} points, the heading {points}")


def _check_tests(task: Task, chapter: str) -> None:
    """The task and its tests in `coursekit.exercises` agree."""
    if not task.number.startswith(f"{chapter}."):
        raise ReleaseError(f"exercise {task.number} does not belong to chapter {chapter}")
    if task.kind == "open":
        return
    if f'check("{task.number}", ' not in task.check.source:
        _fail(task.check, f'expected check("{task.number}", ...)')
    try:
        exercise = exercises.find(task.number)
    except ValueError as error:
        _fail(task.check, f"{error}; write its tests in coursekit/exercises/chapter_{chapter}.py")
    if (exercise.title, exercise.points) != (task.title, task.points):
        _fail(
            task.check,
            f"the notebook has {task.title!r} with {task.points} points, "
            f"coursekit.exercises {exercise.title!r} with {exercise.points}",
        )
