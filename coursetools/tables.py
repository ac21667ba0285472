"""Tables as CSV, read and written here alone: marks, rosters, reports, tables of Moodle and Canvas.

What is written, no spreadsheet takes for a formula and no terminal for a command; what is read and
written again keeps every byte of what was not changed. UTF-8, and a byte order mark, if there is
one, is kept.
"""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from coursetools.characters import BLANK, TEXT, visible

MARK = "\ufeff"  # the byte order mark, by which spreadsheets know UTF-8
FORMULA = re.compile(rf"[\t\n]|[\s{TEXT}{BLANK}]*[=+\-@\u2212]")  # \u2212: the minus sign
FIRST_CELL = re.compile(r'\ufeff?(?:"[^"]*"|[^",;\t\r\n]*)([,;\t])')


def cell(value: object) -> str:
    """Text for a CSV that no spreadsheet takes for a formula; a number stays a number.

    A formula may begin with any form of = + - @ (small, wide, raised) and behind what cannot be
    seen. Control and bidirectional characters are written as their code.

    >>> cell("=1+1"), cell("Ada, Countess"), cell(-2.5)
    ("'=1+1", 'Ada, Countess', '-2.5')
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "" if math.isnan(value) else f"{value:.10g}"
    text = visible(value)
    return f"'{text}" if FORMULA.match(unicodedata.normalize("NFKC", text)) else text


def csv_text(rows: Iterable[Iterable], delimiter: str = ",") -> str:
    """The rows as CSV; lines end as RFC 4180 has it, by which both halves are quoted.

    >>> csv_text([["student", "points"], ["Ada, Countess", 2.0]])
    'student,points\\r\\n"Ada, Countess",2\\r\\n'
    """
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([cell(v) for v in row] for row in rows)
    return text.getvalue()


@dataclass
class Row:
    """A row of a table: its first line in the file, its raw cells, the end of its last line."""

    line: int
    cells: list[str]
    values: list[str]
    end: str


@dataclass
class Table:
    """A CSV table as it is written, header and rows."""

    delimiter: str
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def read(cls, text: str) -> "Table":
        """Take `text` apart; ValueError where a quote is not closed."""
        found = FIRST_CELL.match(text)
        table = cls(found[1] if found else ",")
        lines = list(io.StringIO(text, newline=""))
        bare = [line.removeprefix(MARK) if i == 0 else line for i, line in enumerate(lines)]
        reader, start = csv.reader(bare, delimiter=table.delimiter, strict=True), 0
        try:
            for values in reader:
                raw = "".join(lines[start : reader.line_num])
                body = raw.rstrip("\r\n")
                cells = _cut(body, table.delimiter)
                table.rows.append(Row(start + 1, cells, values, raw[len(body) :]))
                start = reader.line_num
        except csv.Error as error:
            problem = f"line {start + 1}: a quote is not closed ({error})"
            raise ValueError(f"{problem}; export the table again") from None
        return table

    @classmethod
    def load(cls, path: str | Path) -> "Table":
        """The table of a file; ValueError where it is no UTF-8, or a quote is not closed."""
        try:
            return cls.read(Path(path).read_bytes().decode("utf-8"))
        except ValueError as error:
            problem = f"{Path(path).name} cannot be read ({error})"
            raise ValueError(f"{problem}; save it as CSV UTF-8") from None

    def write(self) -> str:
        """The text; that of an unchanged table is the text that was read."""
        return "".join(self.delimiter.join(row.cells) + row.end for row in self.rows)

    @property
    def columns(self) -> list[str]:
        """The cells of the header."""
        return self.rows[0].values if self.rows else []

    def records(self) -> list[tuple[int, dict[str, str]]]:
        """The rows below the header as (index, {column: text}); empty lines are left out."""
        below = enumerate(self.rows[1:], 1)
        return [(i, dict(zip(self.columns, row.values))) for i, row in below if any(row.values)]

    def put(self, row: int, column: str, text: str) -> None:
        """Set one cell as it stands, quoted where it must be; a short row is filled up."""
        index, quoted = self.columns.index(column), io.StringIO(newline="")
        csv.writer(quoted, delimiter=self.delimiter).writerow([text, ""])
        for cells, value in (
            (self.rows[row].cells, quoted.getvalue()[:-3]),
            (self.rows[row].values, text),
        ):
            cells += [""] * (index + 1 - len(cells))
            cells[index] = value


def _cut(line: str, delimiter: str) -> list[str]:
    """The raw cells of a row, quotes included: a delimiter in an open quote cuts nothing."""
    cells = []
    for part in line.split(delimiter):
        opened = cells and cells[-1].removeprefix(MARK).startswith('"')
        if opened and cells[-1].count('"') % 2:
            cells[-1] += delimiter + part
        else:
            cells.append(part)
    return cells
