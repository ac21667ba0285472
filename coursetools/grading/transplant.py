"""Transplant: a student's answers into the author's notebook, whatever else they changed.

An answer cell is found by its marker line, else by nbgrader's `grade_id`. What runs is the
author's code in the author's order, with the student's answers in their places and the
cells that the student added or changed after the same author's cell as in their notebook.
Their check cells never count, nor do outputs, metadata and format version of their file.

Here the student's notebook is only text: nothing of it is parsed as Python or run.
"""

import ast
import json
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from coursetools.grading.archives import MAX_BYTES
from coursetools.grading.assignment import Assignment
from coursetools.grading.author import HEADING
from coursetools.grading.order import again
from coursetools.grading.release import without_solution

MAX_CELLS = 10_000
MAX_FLAGS = 50
MAX_TEXT = 20_000  # characters of an answer that are kept to be read
OTHER = "other cells"  # where code stands above the first exercise
MARKER = re.compile(
    r"^[ \t]*(?:#+|<!--)[ \t]*exercise[ \t]+([0-9]{2}\.[0-9]{1,3}),[ \t]*keep this line"
    r"(?:[ \t]*-->)?",
    re.MULTILINE,
)
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")  # turn the direction of what follows


class Unreadable(ValueError):
    """The file is no notebook that can be graded; the message says why."""


@dataclass(frozen=True)
class Transplant:
    """What to run and to ask, and what to show the grader."""

    cells: list[str]  # code in the order to run
    names: dict[str, str]  # exercise number -> the expression that its check passes
    texts: dict[str, str]  # answers to open exercises
    answers: dict[str, str]  # the student's own code by exercise, and `OTHER`
    flags: list[str]  # what the grader should know
    # Exercise number -> how many cells stand above its check, and the names that they define and
    # a cell below does again; without such names it is not here.
    above: dict[str, tuple[int, set[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cell:
    """A student's cell."""

    kind: str
    source: str
    ids: tuple[str, ...]


@dataclass
class _Found:
    """What a student's notebook holds, by place: the index of an author's cell, -1 for none."""

    answers: dict[str, list[_Cell]] = field(default_factory=lambda: defaultdict(list))
    marked: Counter = field(default_factory=Counter)
    added: dict[int, list[_Cell]] = field(default_factory=lambda: defaultdict(list))
    flags: list[str] = field(default_factory=list)


def transplant(content: bytes, assignment: Assignment) -> Transplant:
    """The student's answers in the author's notebook; Unreadable for what is no notebook."""
    cells = assignment.notebook.cells
    answers = {task.answer.id: task.number for task in assignment.tasks}
    numbers = {n: answers[cell.id] for n, cell in enumerate(cells) if cell.id in answers}
    places = {number: n for n, number in numbers.items()}
    found = _Found()
    _sort(_read(content, found.flags), cells, numbers, found)
    written = {number: _written(number, cells[n], found) for number, n in places.items()}
    names = {task.number: _expression(task.check.source) for task in assignment.tasks if task.check}
    texts = {}
    for task in assignment.open:
        below = [cell for cell in found.added[places[task.number]] if cell.kind != "code"]
        texts[task.number] = _text(task.number, [*written[task.number], *below], found.flags)
    own = _own_code(assignment, numbers, written, found)
    placed = _code(cells, numbers, written, found)
    code = [source for _, source in placed]
    flags = list(dict.fromkeys(found.flags))[:MAX_FLAGS]
    return Transplant(code, names, texts, own, flags, _above(assignment, placed))


def authors(assignment: Assignment) -> Transplant:
    """The author's own answers, as a student would hand them in."""
    return transplant(nbformat.writes(assignment.notebook).encode(), assignment)


# ------------------------------------------------------------------------------- reading


def _read(content: bytes, flags: list[str]) -> list[_Cell]:
    """The cells of the student's file; Unreadable where it is no notebook."""
    if len(content) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1_000_000} MB; clear its outputs")
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8 text, so no notebook") from None
    except RecursionError:
        raise Unreadable("nested too deeply, so no notebook") from None
    except ValueError as error:
        raise Unreadable(f"not JSON, so no notebook ({error})") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if isinstance(notebook, dict) and cells is None and "worksheets" in notebook:
        raise Unreadable("a notebook of the old format 3; open it in Jupyter and save it again")
    if not isinstance(cells, list):
        raise Unreadable("no notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"it has {len(cells)} cells, more than {MAX_CELLS}")
    read = [_cell(cell) for cell in cells]
    damaged = [number for number, cell in enumerate(read) if cell is None]
    if damaged:
        flags.append(f"{len(damaged)} damaged cells left out, the first is cell {damaged[0]}")
    return [cell for cell in read if cell and cell.source.strip()]


def _cell(cell) -> _Cell | None:
    """One cell; None where it has no readable source."""
    source = cell.get("source") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    source = source.encode("utf-8", "replace").decode()  # lone surrogates
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    ids = tuple(name for name in (grade_id, cell.get("id")) if isinstance(name, str))
    return _Cell(str(cell.get("cell_type")), source, ids)


def _plain(source: str) -> str:
    """The source without white space that makes no difference."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


# ------------------------------------------------------------------------------- sorting


def _sort(student: list[_Cell], cells: list[NotebookNode], numbers, found: _Found) -> None:
    """Sort the student's cells into answers, author's cells, and what they added.

    `numbers` are those of the author's answer cells, by place.
    """
    places = {number: place for place, number in numbers.items()}
    texts = {_plain(cell.source): place for place, cell in enumerate(cells)}
    ids = {cell.id: place for place, cell in enumerate(cells)}
    for place, cell in enumerate(cells):
        if "nbgrader" in cell.metadata:
            ids[cell.metadata.nbgrader.grade_id] = place
    place = -1
    for cell in student:
        marked = _marked(cell, places, found)
        same = texts.get(_plain(cell.source))
        own = next((ids[name] for name in cell.ids if name in ids), same)
        here = [places[number] for number in marked] or [-1 if own is None else own]
        place = max(place, *here)
        if marked or same is not None:
            continue
        if own in numbers:
            found.answers[numbers[own]].append(cell)
            continue
        if own is not None and "nbgrader" in cells[own].metadata:
            found.flags.append(f"the check cell {cells[own].source.strip()!r} was changed")
        if cell.kind != "code" or not _only_checks(cell.source):
            found.added[place].append(cell)


def _marked(cell: _Cell, places: dict[str, int], found: _Found) -> list[str]:
    """The exercises whose marker lines are in a cell, noted in `found`."""
    marked = []
    for number in dict.fromkeys(MARKER.findall(cell.source)):
        if number in places:
            marked.append(number)
            found.answers[number].append(cell)
            found.marked[number] += 1
        else:
            found.flags.append(f"exercise {number}: there is none with this marker line")
    if len(marked) > 1:
        found.flags.append(f"exercises {' and '.join(marked)}: they stand in one cell")
    return marked


def _only_checks(source: str) -> bool:
    """Whether a cell only calls `check`."""
    lines = [line for line in _plain(source).split("\n") if line and not line.startswith("#")]
    return all(re.match(r"check\(.*\)[ \t;]*(#.*)?$", line) for line in lines)


# ------------------------------------------------------------------------------- writing


def _written(number: str, cell: NotebookNode, found: _Found) -> list[_Cell]:
    """The student's cells for one answer, without unchanged stubs; the last one counts."""
    cells, marked = found.answers[number], found.marked[number]
    name = f"exercise {number}"
    if not cells:
        found.flags.append(f"{name}: there is no cell with its marker line")
    elif not marked:
        found.flags.append(f"{name}: its marker line is missing; found by the cell's metadata")
    elif marked > 1:
        found.flags.append(f"{name}: {marked} cells have its marker line; the last one counts")
    stub = _plain(without_solution(cell))
    return [cell for cell in cells if _plain(cell.source) != stub]


def _code(cells: list[NotebookNode], numbers, written, found: _Found) -> list[tuple[int, str]]:
    """What runs, each with its place in the author's notebook.

    A stub that is restored comes first: the answer may be in an added cell.
    """
    code = {n: without_solution(cell) for n, cell in enumerate(cells) if cell.cell_type == "code"}
    lost = [n for n in code if n in numbers and not found.answers[numbers[n]]]
    placed, done = [(-1, code[n]) for n in lost], set()
    for place in [-1, *range(len(cells))]:
        sources = []
        if place in code and place in numbers:
            answer = written[numbers[place]]
            new = [cell for cell in answer if id(cell) not in done]  # one cell may hold two
            done |= {id(cell) for cell in new}
            sources += [cell.source for cell in new]
            if not answer and place not in lost:
                sources.append(code[place])
        elif place in code and "nbgrader" not in cells[place].metadata:
            sources.append(code[place])
        sources += [cell.source for cell in found.added[place] if cell.kind == "code"]
        placed += [(place, source) for source in sources]
    return placed


def _above(assignment: Assignment, placed: list[tuple[int, str]]) -> dict[str, tuple]:
    """The exercises whose check may have seen other values than the last cell leaves."""
    places = {cell.id: place for place, cell in enumerate(assignment.notebook.cells)}
    found = {}
    for task in assignment.tasks:
        if task.check:
            above = sum(place < places[task.check.id] for place, _ in placed)
            if names := again([source for _, source in placed], above):
                found[task.number] = above, names
    return found


def _own_code(assignment: Assignment, numbers, written, found: _Found) -> dict[str, str]:
    """The student's code as it runs, below the heading of the exercise where it stands."""
    cells = assignment.notebook.cells
    parts, here = defaultdict(list), OTHER
    for place in [-1, *range(len(cells))]:
        if place >= 0 and (heading := HEADING.match(cells[place].source)):
            here = heading["number"]
        if place in numbers and cells[place].cell_type == "code":
            parts[here] += [cell.source for cell in written[numbers[place]]]
        parts[here] += [cell.source for cell in found.added[place] if cell.kind == "code"]
    return {
        here: _clip("\n\n".join(sources), f"code of {here}:", found.flags)
        for here, sources in parts.items()
        if sources
    }


def _expression(check: str) -> str:
    """What the author's cell `check("02.3", auc)` passes: "auc"."""
    calls = [node for node in ast.walk(ast.parse(check)) if isinstance(node, ast.Call)]
    return next(ast.unparse(c.args[1]) for c in calls if ast.unparse(c.func) == "check")


def _text(number: str, cells: list[_Cell], flags: list[str]) -> str:
    """An open answer as plain text: its cells and the words that stand below them."""
    text = "\n\n".join(MARKER.sub("", cell.source).strip() for cell in cells).strip()
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
    return _clip(BIDI.sub("", text), f"exercise {number}:", flags)


def _clip(text: str, what: str, flags: list[str]) -> str:
    """What is kept of a text; `flags` say where something is not."""
    if len(text) > MAX_TEXT:
        flags.append(f"{what} only the first {MAX_TEXT} characters are kept")
    return text[:MAX_TEXT]
