"""CSV tables: cells that no spreadsheet runs, and tables that keep their bytes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetools.tables import Table, cell, csv_text

TABLE = 'Student,PS1 (1234),Section\n"Lovelace, Ada",,"a, b"\n'


@given(st.lists(st.lists(st.text(alphabet='a",;\n\r \t=é'), min_size=2, max_size=2), max_size=5))
def test_an_unchanged_table_is_written_as_it_was(rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["Student", "ID"], *rows])
    table = Table.read(text.getvalue())
    assert table.write() == text.getvalue()
    assert [list(row.values()) for _, row in table.records()] == [row for row in rows if any(row)]


@given(st.text(alphabet='a,"\n;', max_size=8))
def test_a_cell_that_is_set_reads_back(text):
    table = Table.read(TABLE)
    table.put(1, "PS1 (1234)", text)
    rows = list(csv.reader(io.StringIO(table.write(), newline="")))
    assert rows[1] == ["Lovelace, Ada", text, "a, b"] == table.rows[1].values
    assert table.write().endswith(',"a, b"\n')


@pytest.mark.parametrize(
    "text", ["a,b", "a,b\n", "a;b\r\n1;2", "a,b,", "", "a,b\n1,2\n\n", '"a",b\r1,2']
)
def test_odd_ends_of_tables_are_kept(text):
    assert Table.read(text).write() == text


def test_a_quote_that_is_not_closed_is_named_with_its_line():
    with pytest.raises(ValueError, match="line 2: a quote is not closed"):
        Table.read('a,b\n1,"2\n')


@pytest.mark.parametrize(
    ("text", "delimiter"), [("a;b,c\n", ";"), ('\ufeff"a;b",c\n', ","), ("a\tb", "\t"), ("a", ",")]
)
def test_the_delimiter_is_the_one_after_the_first_cell(text, delimiter):
    table = Table.read(text)
    assert table.delimiter == delimiter and "\ufeff" not in table.columns[0]


def test_rows_know_their_line_and_empty_ones_are_no_records():
    table = Table.read('a,b\r\n"1\n1",2\r\n\r\n3,4,5')
    assert [(table.rows[i].line, row) for i, row in table.records()] == [
        (2, {"a": "1\n1", "b": "2"}),
        (5, {"a": "3", "b": "4"}),
    ]


def test_a_short_row_is_filled_up():
    table = Table.read("a,b,c\n1\n")
    table.put(1, "c", "x,y")
    assert table.write() == 'a,b,c\n1,,"x,y"\n'


def test_a_file_that_is_no_utf8_is_named(tmp_path):
    (tmp_path / "roster.csv").write_bytes("student\nZoë\n".encode("latin-1"))
    with pytest.raises(ValueError, match="roster.csv cannot be read .*; save it as CSV UTF-8"):
        Table.load(tmp_path / "roster.csv")


SIGNS = "=+-@＝＋－＠\ufe62\ufe63\ufe66\ufe6b\u207a\u207b\u207c\u208a\u208b\u208c\u2212\ufb29"
BEFORE = [" ", "\u00a0", "\u200c", "\u200d", "\u3164", "\ufe0f", " \u2009\u200d"]


@pytest.mark.parametrize("start", [*SIGNS, "\t", "\n", *(f"{blank}=" for blank in BEFORE)])
def test_no_text_is_a_formula(start):
    assert cell(start + "1") == f"'{start}1"


@pytest.mark.parametrize("hidden", list("\r\x00\x1b\x9b\u200b\u202e\u2066\u2028\ufeff\ud800"))
def test_no_text_commands_a_terminal_or_turns_its_direction(hidden):
    for text in (f"{hidden}=1", f"Ada{hidden}[31m"):
        assert cell(text) == text.replace(hidden, f"⟨U+{ord(hidden):04X}⟩")


def test_numbers_stay_numbers_and_nan_is_blank():
    assert [cell(v) for v in (-2.5, 17.0, 0, float("nan"), True, 1 / 3)] == [
        "-2.5",
        "17",
        "0",
        "",
        "True",
        "0.3333333333",
    ]


@given(
    st.lists(
        st.lists(st.text(st.characters(blacklist_categories=["Cs"])), min_size=2, max_size=2),
        max_size=4,
    )
)
def test_every_text_survives_the_round_trip(table):
    back = list(csv.reader(io.StringIO(csv_text(table), newline="")))
    assert back == [[cell(text) for text in row] for row in table]
