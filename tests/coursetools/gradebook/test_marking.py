"""Marks of free text: read blind, checked line by line, never lost."""

import csv
import io
import re
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from coursetools.gradebook.marking import NAME, Mark, answers, page, read, update

TASKS = [
    SimpleNamespace(number="02.5", title="An inspector", points=4, statement="How <so>?"),
    SimpleNamespace(number="02.6", title="A detector", points=2, statement="Why?"),
]
ASSIGNMENT = SimpleNamespace(chapter="02", open=TASKS)
HEADER = "student,exercise,points,comment\n"
NAMES = [
    "ada",
    "=cmd|'/c calc'!A0",
    'O\'Brien, "Pat"',
    "line\nbreak",
    "<script>x</script>",
    "007",
    "-1",
    "Zoë",
]


def record(student="ada", **texts):
    """The part of a record that marking reads; `texts` by the last digit of the exercise."""
    given_texts = {f"02.{key[1]}": text for key, text in texts.items()} or {"02.5": "because"}
    return {"student": student, "texts": given_texts, "status": "ok"}


def rows(folder):
    text = (folder / NAME).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


# ------------------------------------------------------------------------------- the page


def test_answers_are_read_question_by_question():
    found = BeautifulSoup(
        page([record("ada", t5="mine", t6="yes"), record("bob")], ASSIGNMENT), "html.parser"
    )
    headings = [heading.get_text() for heading in found.find_all(["h2", "h3"])]
    assert [h for h in headings if h.startswith("E")] == [
        "Exercise 02.5 An inspector",
        "Exercise 02.6 A detector",
    ]
    assert [h[0] for h in headings] == list("EAAEAK")
    assert "How <so>?" in found.get_text() and "4 points, 2 answers" in found.get_text()


def test_names_stand_in_the_key_only():
    found = BeautifulSoup(page([record("ada"), record("bob")], ASSIGNMENT), "html.parser")
    key = found.find("details").extract()
    assert "ada" not in found.get_text() and "bob" not in found.get_text()
    codes = {
        row.th.get_text(): row.find_all("td")[-1].get_text() for row in key.tbody.find_all("tr")
    }
    assert sorted(codes.values()) == ["ada", "bob"]
    assert [h.get_text() for h in found.find_all("h3")] == [f"Answer {code}" for code in codes]


def test_the_order_is_shuffled_differs_by_question_and_survives_new_students():
    class_of_20 = [record(f"student {i:02d}", t5="x", t6="x") for i in range(20)]
    first, second = (
        [who for task, _, who, _ in answers(class_of_20, ASSIGNMENT) if task is wanted]
        for wanted in TASKS
    )
    assert sorted(first) == sorted(second) != first != second
    fewer = [who for task, _, who, _ in answers(class_of_20[:9], ASSIGNMENT) if task is TASKS[0]]
    assert fewer == [who for who in first if who in fewer]


def test_nothing_written_is_not_an_answer():
    found = [
        record("a", t5=""),
        record("b", t5=" \n"),
        record("c", t5="YOUR ANSWER HERE"),
        record("d", t6="x"),
        {"student": "e", "texts": {}},
    ]
    assert [who for _, _, who, _ in answers(found, ASSIGNMENT)] == ["d"]


@pytest.mark.parametrize("attack", ["<script>x</script>", "</div>", "\x00<!--", chr(0x202E) + "x"])
def test_answers_stay_text(attack):
    def names(text):
        found = BeautifulSoup(page([record(attack, t5=text)], ASSIGNMENT), "html.parser")
        return [element.name for element in found.find_all(True)]

    assert names(attack) == names("because")
    assert chr(0x202E) not in page([record(attack, t5=attack)], ASSIGNMENT)


def test_the_page_has_one_h1_and_a_policy():
    found = BeautifulSoup(page([record()], ASSIGNMENT), "html.parser")
    assert len(found.find_all("h1")) == 1 and found.html["lang"] == "en"
    assert "default-src 'none'" in found.find("meta", {"http-equiv": True})["content"]


# ------------------------------------------------------------------------------- marks.csv


def test_new_answers_get_empty_marks_in_the_order_of_the_page(tmp_path):
    found = [record(name) for name in NAMES]
    assert update(tmp_path, found, ASSIGNMENT) == [f"{NAME}: 8 new to mark"]
    codes = re.findall(r"Answer ([A-Z]{4}-[A-Z]{4})<", page(found, ASSIGNMENT))
    assert [row["answer"] for row in rows(tmp_path)] == codes
    assert {(row["points"], row["comment"]) for row in rows(tmp_path)} == {("", "")}
    assert not [row for row in rows(tmp_path) if row["student"][0] in "=+-@"]


def test_every_name_is_found_again(tmp_path):
    found = [record(name) for name in NAMES]
    update(tmp_path, found, ASSIGNMENT)
    assert update(tmp_path, found, ASSIGNMENT) == []
    text = (tmp_path / NAME).read_text(encoding="utf-8")
    (tmp_path / NAME).write_text(re.sub(r"([A-Z]{4}),,", r"\1,2,", text), encoding="utf-8")
    marks = read(tmp_path, found, ASSIGNMENT)
    assert {name: marks[name]["02.5"].points for name in NAMES} == dict.fromkeys(NAMES, 2)


TEXT = st.text(alphabet="ab =,;\"'\n<é", max_size=6)
LINES = st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=6)


@given(
    LINES,
    st.permutations(["student", "exercise", "points", "comment", "mine"]),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_is_in_the_file_stays(tmp_path_factory, lines, header, delimiter, end, mark):
    folder = tmp_path_factory.mktemp("marks")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    for student, comment, mine in lines:
        writer.writerow(
            {
                "student": student,
                "exercise": "02.5",
                "points": "3",
                "comment": comment,
                "mine": mine,
            }
        )
    before = ("\ufeff" if mark else "") + text.getvalue()
    (folder / NAME).write_text(before, encoding="utf-8", newline="")
    update(folder, [record("new"), record("ab")], ASSIGNMENT)
    after = (folder / NAME).read_bytes().decode()
    assert after.startswith(before) and [path.name for path in folder.iterdir()] == [NAME]
    added = list(csv.reader(io.StringIO(after[len(before) :], newline=""), delimiter=delimiter))
    known = {student for student, _, _ in lines}
    assert sorted(row[header.index("student")] for row in added) == sorted({"new", "ab"} - known)


def test_a_last_line_without_its_end_is_no_trap(tmp_path):
    (tmp_path / NAME).write_text(HEADER + "ada,02.5,3,good")
    update(tmp_path, [record("ada"), record("bob")], ASSIGNMENT)
    marks = read(tmp_path, [record("ada"), record("bob")], ASSIGNMENT)
    assert marks["ada"]["02.5"] == Mark(3, 4, "good") and marks["bob"]["02.5"].points is None


@pytest.mark.parametrize(
    "damaged",
    [b"\xff\xfe\x00", b"", b"name,mark\nada,3\n", HEADER.encode() + b'ada,02.5,3,"open\n'],
)
def test_a_damaged_file_is_put_aside_not_overwritten(tmp_path, damaged):
    for i in (1, 2):
        (tmp_path / NAME).write_bytes(damaged)
        with pytest.raises(ValueError, match=NAME):
            read(tmp_path, [record()], ASSIGNMENT)
        notes = update(tmp_path, [record()], ASSIGNMENT)
        assert f"it is now marks.damaged-{i}.csv" in notes[0]
        assert (tmp_path / f"marks.damaged-{i}.csv").read_bytes() == damaged
        assert len(rows(tmp_path)) == 1


def test_marks_survive_grading_again(tmp_path):
    update(tmp_path, [record("ada")], ASSIGNMENT)
    (tmp_path / NAME).write_text(HEADER + "ada,02.5,3.5,good\n")
    again = [record("ada", t5="another text"), record("bob")]
    update(tmp_path, again, ASSIGNMENT)
    assert read(tmp_path, again, ASSIGNMENT)["ada"]["02.5"] == Mark(3.5, 4, "good")


# ------------------------------------------------------------------------------- reading


def test_without_a_file_answers_are_unmarked_and_no_answer_earns_nothing(tmp_path):
    marks = read(tmp_path, [record("ada")], ASSIGNMENT)
    assert marks == {"ada": {"02.5": Mark(None, 4), "02.6": Mark(0, 2)}}


@pytest.mark.parametrize(
    "line", ["ada,02.5,3.5,", "ada,2.5,3.5,", 'ada,02.5,"3,5",', "ada, 02.5 , 3.5 ,"]
)
def test_what_spreadsheets_do_to_numbers_is_understood(tmp_path, line):
    (tmp_path / NAME).write_text(HEADER + line + "\n")
    assert read(tmp_path, [record()], ASSIGNMENT)["ada"]["02.5"].points == 3.5


def test_semicolons_of_a_spreadsheet_are_understood(tmp_path):
    (tmp_path / NAME).write_text("student;exercise;points;comment\r\nada;2,5;3,5;a, b\r\n")
    assert read(tmp_path, [record()], ASSIGNMENT)["ada"]["02.5"] == Mark(3.5, 4, "a, b")


def test_a_comment_may_come_before_the_points(tmp_path):
    (tmp_path / NAME).write_text(HEADER + "ada,02.5,,look again\n")
    assert read(tmp_path, [record()], ASSIGNMENT)["ada"]["02.5"] == Mark(None, 4, "look again")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ada,02.5,5,", "points '5' are not a number between 0 and 4"),
        ("ada,02.5,-1,", "points '-1' are not a number between 0 and 4"),
        ("ada,02.5,nan,", "points 'nan' are not"),
        ("ada,02.5,3 of 4,", "points '3 of 4' are not"),
        ("eve,02.5,3,", "unknown student 'eve'; correct or delete the line"),
        ("ada,02.3,3,", "unknown exercise '02.3'; open ones: 02.5, 02.6"),
        ("ada,02.5,3,good, but short", "5 cells where the header has 4; quote a cell with commas"),
        ("ada,02.5,3", "3 cells where the header has 4"),
        ("bob,02.5,2,", "'bob' has a mark for 02.5 in line 2 too"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    (tmp_path / NAME).write_text(HEADER + 'bob,02.5,1,"two\nlines"\n\n' + line + "\n")
    with pytest.raises(ValueError, match=f"^{NAME} line 5: {re.escape(message)}"):
        read(tmp_path, [record("ada"), record("bob")], ASSIGNMENT)
