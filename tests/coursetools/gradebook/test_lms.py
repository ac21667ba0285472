"""One column of Moodle's and of Canvas' tables is filled, everything else stays."""

import csv
import io
import math

import pandas as pd
import pytest

from coursetools.gradebook.lms import canvas, moodle, participants

MOODLE = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (grade)","Feedback comments"\r\n'
    '"Participant 11","Ada Lovelace",ada@x.org,"Submitted, for grading",,25.00,Yes,"9:00, Fri",\r\n'
    'Participant 12,"Pat O\'Brien",pat@x.org,Submitted,3.00,25.00,Yes,-,old\r\n'
    'Participant 13,"Zoë ""Z"" Å",zoe@x.org,Nothing,,25.00,Yes,-,\r\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,PS1 (1234),PS2 (99),Final Score\n"
    "    Points Possible,,,,,25.00,10,(read only)\n"
    '"Lovelace, Ada",501,u1,ada,"A, 1",,9,\n'
    '"Lovelace, Zoë",502,u2,zoe,A,7,8,\n'
    '"Student, Test",503,,xyz,A,,,\n'
)


def row(student, total=17.5, file=None, **changes):
    """A row of the frame of students."""
    return {
        "student": student,
        "file": file or f"{student}.ipynb",
        "total": total,
        "total_possible": 25,
        "unmarked": "",
        "comment": "",
        "unsafe": False,
    } | changes


def frame(*rows):
    return pd.DataFrame(list(rows), columns=list(row("x")))


def cells(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def folder(name, number):
    return f"{name}_{number}_assignsubmission_file/02_x.ipynb"


# ------------------------------------------------------------------------------- Moodle


def test_moodle_gets_grades_by_number_and_by_name():
    students = frame(row("Ada Lovelace", file=folder("Ada Lovelace", 11)), row("Pat O'Brien", 4))
    text, notes = moodle(students, MOODLE)
    assert [line[4] for line in cells(text)[1:]] == ["17.5", "4", ""]
    assert notes == ["""'Zoë "Z" Å' is in Moodle's table only; left as it was"""]


def test_moodle_keeps_every_other_byte():
    text, _ = moodle(frame(row("Ada Lovelace")), MOODLE)
    assert text == MOODLE.replace('for grading",,', 'for grading",17.5,')


def test_moodles_file_names_have_no_apostrophe():
    text, _ = moodle(frame(row("Pat OBrien", 4, folder("Pat OBrien", 12))), MOODLE)
    assert cells(text)[2][4] == "4"


def test_comments_are_escaped_and_no_formula():
    text, _ = moodle(frame(row("Ada Lovelace", comment="=1+1 <b>\nx, y")), MOODLE)
    assert cells(text)[1][8] == "<p>=1+1 &lt;b&gt;<br>x, y</p>"
    assert cells(text)[2][8] == "old"


def test_comments_without_a_column_are_not_dropped_silently():
    narrow = "Identifier,Full name,Grade\nParticipant 11,Ada Lovelace,\n"
    text, notes = moodle(frame(row("Ada Lovelace", comment="Good")), narrow)
    assert text == narrow[:-1] + "17.5\n" and "comments are left out" in notes[0]


@pytest.mark.parametrize(
    ("changes", "why"), [({}, "infra_error"), ({"unmarked": "02.5"}, "not marked yet: 02.5")]
)
def test_an_unknown_total_stays_blank_and_is_reported(changes, why):
    students = frame(row("Pat O'Brien", math.nan, **changes))
    text, notes = moodle(students, MOODLE)
    assert cells(text)[2][4] == "" and notes[0] == f'"Pat O\'Brien" stays blank ({why})'


def test_a_student_who_is_not_in_the_table_is_reported():
    _, notes = moodle(frame(row("Mallory")), MOODLE)
    assert notes[0] == "'Mallory' is not in the table" and len(notes) == 4


def test_two_students_of_one_name_are_told_apart_by_number():
    table = MOODLE.replace("Pat O'Brien", "Ada Lovelace")
    students = frame(
        row("Ada Lovelace (11)", 1, folder("Ada Lovelace", 11)),
        row("Ada Lovelace (12)", 2, folder("Ada Lovelace", 12)),
    )
    text, _ = moodle(students, table)
    assert [line[4] for line in cells(text)[1:3]] == ["1", "2"]


def test_ambiguous_names_are_listed():
    table = MOODLE.replace("Pat O'Brien", "Ada  LOVELACE")
    with pytest.raises(ValueError, match="'Ada Lovelace' fits lines 2, 3"):
        moodle(frame(row("Ada Lovelace")), table)
    with pytest.raises(ValueError, match="'ada lovelace' and 'Ada Lovelace' fit line 2"):
        moodle(frame(row("Ada Lovelace"), row("ada lovelace")), MOODLE)


def test_a_worksheet_of_another_assignment_is_noticed():
    with pytest.raises(ValueError, match="number of line 3, where the name differs"):
        moodle(frame(row("Ada Lovelace", file=folder("Ada Lovelace", 12))), MOODLE)


def test_a_student_cannot_name_a_file_to_get_anothers_row():
    students = frame(row("Mallory", 25, "Mallory/" + folder("Ada Lovelace", 11)))
    text, notes = moodle(students, MOODLE)
    assert text == MOODLE and notes[0] == "'Mallory' is not in the table"


def test_an_anonymous_worksheet_is_matched_by_number():
    table = "Identifier,Status,Grade,Maximum Grade\nParticipant 11,x,,25\n"
    students = frame(row("Participant", file=folder("Participant", 11)))
    assert moodle(students, table)[0] == table.replace(",,", ",17.5,")


def test_grades_have_the_decimal_mark_of_the_table():
    table = 'Identifier,Full name,Grade,Maximum Grade\nParticipant 11,Ada Lovelace,,"25,00"\n'
    assert cells(moodle(frame(row("Ada Lovelace")), table)[0])[1][2] == "17,5"


def test_another_maximum_is_refused():
    with pytest.raises(ValueError, match="in Moodle is 100.00, the exercises have 25 points; set"):
        moodle(frame(row("Ada Lovelace")), MOODLE.replace("25.00", "100.00"))


def test_another_table_is_refused():
    with pytest.raises(ValueError, match="no column 'Identifier', 'Grade' among"):
        moodle(frame(row("Ada Lovelace")), CANVAS)
    with pytest.raises(ValueError, match="no column 'Identifier', 'Grade' among"):
        moodle(frame(row("Ada Lovelace")), "")


def test_unsafe_points_are_named():
    _, notes = moodle(frame(row("Ada Lovelace", unsafe=True)), MOODLE)
    assert "'Ada Lovelace' was graded without the sandbox (unsafe)" in notes


def test_participants_are_known_by_the_number_of_their_row():
    students = frame(row("Ada Lovelace", file=folder("Ada Lovelace", 11)), row("Pat O'Brien"))
    assert participants(students, MOODLE) == {"Ada Lovelace": "11", "Pat O'Brien": "12"}
    assert participants(frame(row("Mallory")), MOODLE) == {}
    assert participants(frame(row("Pat O'Brien")), MOODLE.replace("pant 12", "pant x")) == {}


# ------------------------------------------------------------------------------- Canvas


@pytest.mark.parametrize(
    "student",
    [
        row("lovelaceada", file="lovelaceada_501_77_02_x.ipynb"),
        row("lovelaceada", file="lovelaceada_LATE_501_77_02_x.ipynb"),
        row("lovelaceada"),
        row("Ada Lovelace"),
        row("ada"),
        row("u1"),
        row("501"),
    ],
)
def test_canvas_changes_one_cell_a_student(student):
    text, notes = canvas(frame(student), CANVAS, "PS1")
    assert text == CANVAS.replace('"A, 1",,9', '"A, 1",17.5,9')
    assert notes == [
        f"'{name}' is in Canvas's table only; left as it was"
        for name in ("Lovelace, Zoë", "Student, Test")
    ]


def test_canvas_column_goes_by_its_whole_name_too():
    students = frame(row("ada"))
    assert canvas(students, CANVAS, "PS1 (1234)") == canvas(students, CANVAS, "PS1")


def test_canvas_blanks_what_could_not_be_graded():
    text, notes = canvas(frame(row("zoe", math.nan)), CANVAS, "PS1")
    assert text == CANVAS.replace("A,7,8", "A,,8") and "stays blank (infra_error)" in notes[0]


@pytest.mark.parametrize("name", ["PS", "PS3", ""])
def test_an_unknown_canvas_column_is_named_with_the_known_ones(name):
    with pytest.raises(ValueError, match=rf"0 columns are called '{name}'; name one of:.*PS1"):
        canvas(frame(row("ada")), CANVAS, name)


def test_points_possible_must_agree():
    with pytest.raises(ValueError, match="in Canvas is 10, the exercises have 25"):
        canvas(frame(row("ada")), CANVAS, "PS2")
