"""Tables that an instructor fills in: what a spreadsheet does to them, and what is refused."""

import pytest

from coursetools.gradebook import sheets

NEEDED = ("student", "points")


def read(tmp_path, content):
    (tmp_path / "marks.csv").write_bytes(content)
    return list(sheets.lines(tmp_path / "marks.csv", NEEDED))


def test_without_a_file_there_are_no_lines(tmp_path):
    assert list(sheets.lines(tmp_path / "marks.csv", NEEDED)) == []


@pytest.mark.parametrize(
    "content",
    [
        b"student,points\nada,1\n",
        b"\xef\xbb\xbfstudent;points\r\nada;1\r\n",
        b"points\tstudent\tmine\n1\tada\tx\n",
        b"student,points,,\n,,,\nada,1,,",
    ],
)
def test_every_form_of_a_spreadsheet_is_read(tmp_path, content):
    ((line, row),) = read(tmp_path, content)
    assert (row["student"], row["points"]) == ("ada", "1") and line in (2, 3)


def test_lines_are_those_of_the_file(tmp_path):
    rows = read(tmp_path, b'student,points\n"two\nlines",1\n\nada,2\n')
    assert [line for line, _ in rows] == [2, 5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "marks.csv has no column student, points in its first line"),
        (b"name,points\nada,1\n", "marks.csv has no column student in"),
        (b"student,points,points\nada,1,2\n", "marks.csv has the column points more than once"),
        (b"student,points\nada,1,5\n", "marks.csv line 2: 3 cells where the header has 2; quote"),
        (b"student,points\nada\n", "marks.csv line 2: 1 cells where the header has 2"),
        (b"\xff\xfe\x00", "marks.csv cannot be read .*; save it as CSV UTF-8"),
        (b'student,points\nada,"1\n', "marks.csv cannot be read .line 2: a quote is not closed"),
    ],
)
def test_what_is_no_such_table_is_named(tmp_path, content, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        read(tmp_path, content)


@pytest.mark.parametrize(("text", "value"), [("2", 2), (" 2.5 ", 2.5), ("2,5", 2.5), ("0", 0)])
def test_points_are_numbers_of_either_decimal_mark(text, value):
    assert sheets.points(text, 3, "") == value


@pytest.mark.parametrize("text", ["", "nan", "inf", "-1", "3.5", "2 of 3", "=2"])
def test_other_points_are_refused(text):
    with pytest.raises(ValueError, match=r"here: points .* are not a number between 0 and 3$"):
        sheets.points(text, 3, "here: ")
