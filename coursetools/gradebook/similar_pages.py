"""RESULTS/similar.html and RESULTS/similar.csv: the answers that are most alike, to read them both.

The page shows for each exercise how alike all pairs of the class are, lists the pairs that are
most alike, and sets the two texts of each side by side, with what they share marked.
"""

from pathlib import Path

import numpy as np

from coursetools.files import write as write_file
from coursetools.gradebook import charts
from coursetools.gradebook.pages import (
    Html,
    document,
    join,
    picture,
    table,
    tag,
    theirs,
    warning,
    wide,
)
from coursetools.gradebook.similar import FEWEST, LEVEL, LONGEST, RANK, Comparison, Pair, compare
from coursetools.grading import records
from coursetools.tables import MARK, csv_text

COLUMNS = [
    "exercise",
    "rank",
    "students",
    "others",
    "share",
    "shared",
    "pairs_so_alike",
    "pairs",
    "students_author",
    "others_author",
]
HEADER = ["Students", "and", "Share", "Fingerprints", "Pairs so alike", "Like the author's"]
NO_VERDICT = (
    "That two answers are alike is a reason to read both, and nothing more. Good answers to one "
    "question are alike by nature, short ones most of all; some come from the same lecture, book "
    "or tutor. Nothing on this page changes a score."
)
HOW = (
    "Comments, white space and the names of variables do not count, nor does what the notebook "
    "gave. The share is the part of the fingerprints (short pieces of an answer) of the shorter "
    f"answer that the other has too. Of each exercise, the {RANK} most alike pairs are listed, as "
    f"far as they share {LEVEL:.0%} or more. Compare a share with those of the whole class, and "
    "with what both share with the published solution."
)
OLD = "Graded before answers were kept, not compared; grade again:"
SHORT = f"Too short to be compared (fewer than {FEWEST} fingerprints):"
LONG = f"Too long to be compared (more than {LONGEST} characters):"


def write(folder: Path, found: list[dict], assignment) -> list[str]:
    """Write the page and the table of the records `found` into `folder`; return notes.

    Raises ValueError where there is no record.
    """
    if not found:
        raise ValueError(f"{folder} has no records; run python -m coursetools grade first")
    old = [r["student"] for r in found if r["status"] in records.RAN and r["answers"] is None]
    compared = compare(found, assignment)
    text = MARK + csv_text([COLUMNS, *(row for one in compared for row in _rows(one))])
    write_file(folder / "similar.csv", text, private=True)
    write_file(folder / "similar.html", page(compared, assignment.chapter, old), private=True)
    notes = [f"{OLD} {', '.join(old)}"] if old else []
    return notes + [f"exercise {one.task.number}: {_counted(one)}" for one in compared]


def _rows(one: Comparison):
    """The rows of the table for one exercise."""
    for rank, pair in enumerate(one.listed, 1):
        names = "; ".join(pair.students), "; ".join(pair.others)
        counts = pair.share, pair.shared, pair.so_alike, len(one.shares)
        yield [one.task.number, rank, *names, *counts, *pair.authors]


def page(compared: list[Comparison], chapter: str, old: list[str]) -> str:
    """The page of all exercises; `old` are students whose answers were not kept."""
    return document(
        f"Similar answers in chapter {chapter}",
        tag("p", tag("strong", NO_VERDICT)),
        tag("p", HOW),
        warning(OLD, old) if old else None,
        *[part for one in compared for part in _exercise(one)],
    )


def _exercise(one: Comparison) -> list[Html]:
    """One exercise: numbers, plot, table, texts."""
    parts = [tag("h2", f"Exercise {one.task.number} {one.task.title}"), tag("p", _counted(one))]
    parts += [warning(why, names) for why, names in ((SHORT, one.short), (LONG, one.long)) if names]
    if len(one.shares):
        parts.append(tag("div", picture(*charts.shares(100 * one.shares)), class_="plots"))
    if one.listed:
        rows = [_row(pair, len(one.shares)) for pair in one.listed]
        caption = f"Pairs listed: {len(rows)}, more that share {LEVEL:.0%}: {one.more}"
        label = f"Pairs of exercise {one.task.number}"
        parts.append(wide(label, table(caption, HEADER, rows, (2, 3, 4, 5))))
    look = "code" if one.task.kind == "code" else "written"
    return parts + [_texts(rank, pair, look) for rank, pair in enumerate(one.listed, 1)]


def _counted(one: Comparison) -> str:
    """What was compared, and how alike the class is, in words."""
    if not len(one.shares):
        return "not comparable, there are no two answers that are long enough."
    pairs = f"{len(one.shares):,} pair{'s' * (len(one.shares) > 1)}"
    middle, high = np.quantile(one.shares, [0.5, 0.9])
    return (
        f"{len(one.students)} answers, {pairs}. Half of the pairs share up to {middle:.0%}, nine "
        f"of ten up to {high:.0%}, the most alike {one.shares.max():.0%}."
    )


def _row(pair: Pair, pairs: int) -> list:
    """The cells of one pair."""
    return [
        _names(pair.students),
        _names(pair.others),
        f"{pair.share:.0%}",
        f"{pair.shared}",
        f"{pair.so_alike:,} of {pairs:,}",
        f"{pair.authors[0]:.0%} and {pair.authors[1]:.0%}",
    ]


def _names(students: list[str]) -> Html:
    parts = [part for name in students for part in (tag("br"), theirs(name))]
    return join(parts[1:])


def _texts(rank: int, pair: Pair, look: str) -> Html:
    """Both texts, folded; who has the same text as the first of a side is not shown again."""
    sides = [
        tag("div", tag("h3", theirs(students[0])), tag("pre", _marked(text), class_=look))
        for students, text in zip((pair.students, pair.others), pair.texts)
    ]
    heads = theirs(pair.students[0]), " and ", theirs(pair.others[0])
    summary = tag("summary", f"{rank}. ", *heads, f": {pair.share:.0%}")
    return tag("details", summary, tag("div", *sides, class_="sides"))


def _marked(text: list[tuple[bool, str]]) -> Html:
    return join(tag("mark", piece) if shared else piece for shared, piece in text)
