"""Which answers to an exercise are most alike: winnowing, by the library copydetect.

Schleimer, Wilkerson and Aiken 2003, https://doi.org/10.1145/872757.872770. An answer is written
without comments and white space and with one letter for every name; every run of K characters of
that is a fingerprint. Answers are short, so the window of the winnowing is 1: it leaves out none,
and what it finds does not hang on Python's hash of a text, which differs from run to run. What
was given, the stub and the code around it, does not count, nor does the question.

Two answers share a part of the fingerprints of the one that has fewer, so that lines which were
added hide nothing. Like the marks, all this stands beside the records: nothing here changes a
score, and nothing that makes one reads it.
"""

import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from coursetools.grading.author import BEGIN, END, Task
from coursetools.grading.release import TEXT_STUB, without_solution

K = {"code": 12, "open": 25}  # characters of a fingerprint
FEWEST = 25  # fingerprints of an answer that can be compared
LONGEST = 20_000  # characters of one
LEVEL = 0.5  # of the fingerprints: what a listed pair shares at least
RANK = 20  # pairs that are listed, the most alike of an exercise


@dataclass(frozen=True)
class Pair:
    """Two different answers, each with everybody who has it but for names and layout.

    Or one answer of several students: then `others` are all but the first. `shared` is a number
    of fingerprints, `share` their part; `so_alike` counts the class's pairs that share as much;
    `authors` are the shares of both with the author's solution. `texts` are the answers of the
    first on each side, cut into (shared or not, text).
    """

    students: list[str]
    others: list[str]
    shared: int
    share: float
    so_alike: int
    authors: tuple[float, float]
    texts: tuple[list[tuple[bool, str]], list[tuple[bool, str]]]


@dataclass(frozen=True)
class Comparison:
    """One exercise: `shares` of all pairs, the pairs listed, how many `more` reach the level.

    The answers of `students` were compared; those of `short` and `long` cannot be.
    """

    task: Task
    students: list[str]
    shares: np.ndarray
    listed: list[Pair]
    more: int
    short: list[str]
    long: list[str]


def compare(found: list[dict], assignment) -> list[Comparison]:
    """The comparison of each exercise from the records `found`; exercises by hand have none."""
    return [_compare(task, found, assignment) for task in assignment.tasks if task.kind in K]


def _compare(task: Task, found: list[dict], assignment) -> Comparison:
    kept = "texts" if task.kind == "open" else "answers"
    answers = {record["student"]: (record[kept] or {}).get(task.number, "") for record in found}
    stubs = [_prints(text, task) for text in _given(task, assignment)]
    given = set().union(*(stub.hashes for stub in stubs))
    long = [student for student, text in answers.items() if len(text) > LONGEST]
    prints = {s: _prints(text, task, given) for s, text in answers.items() if s not in long}
    groups, short = defaultdict(list), []  # the students of each answer
    for student, own in prints.items():
        if len(own.hashes) >= FEWEST:
            groups[own.filtered_code].append(student)
        elif own.filtered_code not in {"", *(stub.filtered_code for stub in stubs)}:
            short.append(student)
    names, author = list(groups.values()), _prints(_solution(task), task, given)
    pairs = list(_pairs(names, prints))
    shares = np.repeat([share for share, *_ in pairs], [count for _, _, count, *_ in pairs])
    high = sorted((pair for pair in pairs if pair[0] >= LEVEL), key=lambda p: (-p[0], -p[1]))
    listed = [
        _pair(one, other, shared, share, shares, prints, author)
        for share, shared, _, one, other in high[:RANK]
    ]
    students = [student for group in names for student in group]
    return Comparison(task, students, shares, listed, len(high[RANK:]), short, long)


def _pairs(groups: list[list[str]], prints: dict) -> Iterator[tuple]:
    """(share, number shared, how many pairs of students that is, both sides) of all groups.

    A group of several students is a pair of its own: the first and the others.
    """
    for one, other in combinations_with_replacement(groups, 2):
        shared, share = _share(prints[one[0]], prints[other[0]])
        if one is not other:
            yield share, shared, len(one) * len(other), one, other
        elif len(one) > 1:
            yield share, shared, len(one) * (len(one) - 1) // 2, one[:1], one[1:]


def _share(one, other) -> tuple[int, float]:
    """How many fingerprints two answers share, and what part of the smaller one's that is."""
    shared = len(one.hashes & other.hashes)
    return shared, shared / max(1, min(len(one.hashes), len(other.hashes)))


def _pair(students, others, shared, share, shares, prints, author) -> Pair:
    from copydetect import compare_files

    one, other = prints[students[0]], prints[others[0]]
    _, _, slices = compare_files(one, other)
    return Pair(
        students,
        others,
        shared,
        share,
        int((shares >= share).sum()),
        (_share(one, author)[1], _share(other, author)[1]),
        (_cut(one.raw_code, slices[0]), _cut(other.raw_code, slices[1])),
    )


def _cut(text: str, slices: np.ndarray) -> list[tuple[bool, str]]:
    """`text` in pieces, those in the slices (a row of starts, a row of ends) shared."""
    pieces, place = [], 0
    for start, end in slices.T.astype(int):
        pieces += [(False, text[place:start]), (True, text[start:end])]
        place = end
    return [piece for piece in [*pieces, (False, text[place:])] if piece[1]]


# ------------------------------------------------------------------------------- fingerprints


def _given(task: Task, assignment) -> list[str]:
    """What every student has: stubs and the author's open code, or the question."""
    if task.kind == "open":
        return [task.statement, TEXT_STUB]
    cells = assignment.notebook.cells
    return [without_solution(cell) for cell in cells if cell.cell_type == "code"]


def _solution(task: Task) -> str:
    """The author's answer, as a student would write it."""
    lines = task.answer.source.split("\n")
    return "\n".join(line for line in lines if BEGIN not in line and END not in line)


def _prints(text: str, task: Task, given: set[int] = frozenset()):
    """The fingerprints of an answer without those that are given; line breaks of prose are none."""
    from copydetect import CodeFingerprint  # it imports matplotlib.pyplot, for a report of its own

    is_code = task.kind == "code"
    plain = io.StringIO(text.strip() if is_code else " ".join(text.split()))
    found = CodeFingerprint(
        "answer", K[task.kind], win_size=1, filter=is_code, language="python", fp=plain
    )
    found.hashes -= given
    _mend(found)
    return found


def _mend(found) -> None:
    """Correct where copydetect 0.5.0 takes the name of a class to stand in the text.

    `offsets` has rows of a place in the filtered text and the number of characters that were
    left out before it; for the name of a class it holds those of the name alone.
    """
    places, left_out = found.offsets.T if len(found.offsets) else ((), ())
    for row, place in enumerate(places[:-1]):
        is_class = found.filtered_code.endswith("classO", 0, place + 1)
        if is_class and places[row - 1] < place:  # white space behind it has the same place
            left_out[row] = left_out[row + 1] - left_out[row]
