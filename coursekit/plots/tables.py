"""Tables for readers: units and the good direction in the header, sensible digits, no NaN.

Used by chapters 01 and 02.
"""

import math
from collections.abc import Mapping
from html import escape
from numbers import Integral, Real

import pandas as pd

from coursekit.arguments import check_choice, check_count, check_kind

ARROWS = {"high": "↑", "low": "↓"}
EMPTY = "–"


class Table:
    """A table that a notebook shows as HTML, and everything else as aligned text."""

    def __init__(self, columns: list[str], rows: list[list[str]], numeric: list[bool]):
        self.columns, self.rows, self.numeric = columns, rows, numeric

    def _repr_html_(self) -> str:
        def line(tag, cells):
            kinds = [' class="number"' if number else "" for number in self.numeric]
            return "".join(
                f"<{tag}{kind}>{escape(cell)}</{tag}>" for cell, kind in zip(cells, kinds)
            )

        body = "".join(f"<tr>{line('td', row)}</tr>" for row in self.rows)
        head = f"<tr>{line('th', self.columns)}</tr>"
        return f'<table class="course-table"><thead>{head}</thead><tbody>{body}</tbody></table>'

    def __repr__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(line, widths, self.numeric)
            ).rstrip()
            for line in lines
        )


def table(
    frame: pd.DataFrame, *, better: Mapping[str, str] | None = None, digits: int = 3
) -> Table:
    """`frame` as a table: one header row, an en dash where a value is missing.

    Columns are shown in their order, under their names, which carry the units ("time (s)"). A
    named index becomes the first column; one without a name is left out. Numbers have `digits`
    significant digits, whole ones all of theirs. `better` says of a column whether "high" or "low"
    values are good, and puts an arrow into its header.

    Raises TypeError for what is no data frame, and ValueError for a column in `better` that is not
    there or a direction other than "high" and "low".

    >>> table(pd.DataFrame({"method": ["PCA", "deep"], "error": [13.866, None]}),
    ...       better={"error": "low"})
    method  error ↓
    PCA        13.9
    deep          –
    """
    check_kind("frame", frame, pd.DataFrame, "a data frame")
    check_count("digits", digits)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    better = check_kind("better", {} if better is None else better, Mapping, "a dict or None")
    for column, direction in better.items():
        check_choice("better", column, list(frame.columns))
        check_choice(f"better[{column!r}]", direction, list(ARROWS))
    columns = [
        f"{name} {ARROWS[better[name]]}" if name in better else str(name) for name in frame.columns
    ]
    values = [list(frame[name]) for name in frame.columns]
    numeric = [all(isinstance(v, Real) or v is None for v in column) for column in values]
    rows = [[_text(value, digits) for value in row] for row in zip(*values)]
    return Table(columns, rows, numeric)


def _text(value, digits: int) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return EMPTY
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    if isinstance(value, Integral):
        return f"{value:,}"
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else digits - 1
    return f"{value:,.{min(places, 12)}f}"
