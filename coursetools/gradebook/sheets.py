"""Tables that an instructor fills in beside the records (marks, corrections), read by line."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from coursetools.tables import Table


def load(path: Path, needed: Iterable[str]) -> Table:
    """The table at `path`; ValueError where it is none, or a column is missing or there twice."""
    table = Table.load(path)
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise ValueError(f"{path.name} has no column {', '.join(missing)} in its first line")
    twice = [name for name, count in Counter(table.columns).items() if name and count > 1]
    if twice:
        raise ValueError(f"{path.name} has the column {', '.join(twice)} more than once")
    return table


def lines(path: Path, needed: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, {column: text}) of each row; none where there is no file.

    Raises ValueError for another kind of table, and at a row with more or fewer cells than
    the header.
    """
    if not path.exists():
        return
    table = load(path, needed)
    for i, row in table.records():
        line, count, of = table.rows[i].line, len(table.rows[i].values), len(table.columns)
        if count != of:
            raise ValueError(
                f"{path.name} line {line}: {count} cells where the header has {of}; quote a cell "
                "with commas"
            )
        yield line, row


def points(text: str, most: float, where: str) -> float:
    """The points that a cell gives; ValueError unless a number between 0 and `most`."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise ValueError(f"{where}points {text!r} are not a number between 0 and {most}")
    return value


def number(exercise: str) -> str:
    """The number of an exercise, also where a spreadsheet took off its first zero.

    >>> number("02.3") == number("2.3") == number(" 2,3")
    True
    """
    return exercise.strip().lstrip("0").replace(",", ".")
