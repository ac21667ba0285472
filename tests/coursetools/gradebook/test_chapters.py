"""The gradebook over chapters: totals, what is missing, what is not known, whom to look at."""

import json
from pathlib import Path

import bs4
import pandas as pd
import pytest

from coursetools.__main__ import main
from coursetools.gradebook import chapters
from coursetools.grading.assignment import load
from tests.coursetools.gradebook.test_report import NAMES, record

ROOT = Path(__file__).parents[3]
SOURCES = {path.name[:2]: path for path in (ROOT / "notebooks/exercises").glob("*.ipynb")}
ASSIGNMENTS = {chapter: load(SOURCES[chapter]) for chapter in ("01", "02")}
POSSIBLE = {  # tests and free text
    chapter: assignment.possible + sum(task.points for task in assignment.open)
    for chapter, assignment in ASSIGNMENTS.items()
}
ALL = sum(POSSIBLE.values())


def one(student, chapter, **changes):
    """A record of a chapter: 2 points of the tests, no free text to mark."""
    defaults = {"chapter": chapter, "texts": {}, "possible": ASSIGNMENTS[chapter].possible}
    return record(student, **(defaults | changes))


@pytest.fixture
def graded(tmp_path):
    """A function that makes a folder as grade leaves it."""

    def make(chapter, *found, name=None):
        folder = tmp_path / (name or f"results-{chapter}")
        (folder / "records").mkdir(parents=True)
        settings = {"notebook": SOURCES[chapter].name, "seed": 1}
        (folder / "run.json").write_text(json.dumps(settings))
        for i, each in enumerate(found):
            (folder / f"records/{i}-{i:012x}.json").write_text(json.dumps(each))
        return folder

    return make


@pytest.fixture
def book(tmp_path, capsys):
    """A function that runs the command; (status, rows by student, page, stdout, stderr)."""

    def run(*folders):
        out = tmp_path / "out"
        status = main(["gradebook", *map(str, folders), "--out", str(out)])
        printed = capsys.readouterr()
        if not out.exists():
            return status, None, None, *printed
        rows = pd.read_csv(out / "gradebook.csv", keep_default_na=False, dtype=str)
        page = bs4.BeautifulSoup((out / "gradebook.html").read_text(), "html.parser")
        return status, rows.set_index("student").to_dict("index"), page, *printed

    return run


def cells(page, student):
    (row,) = [row for row in page.select("tbody tr") if row.th.get_text() == student]
    return [cell.get_text() for cell in row("td")]


# ------------------------------------------------------------------------------- totals


def test_chapters_are_added_up(graded, book):
    first = graded("01", one("ada", "01", score=10.5), one("bob", "01"))
    second = graded("02", one("bob", "02"), one("ada", "02", score=20.0))
    status, rows, page, out, _ = book(second, first)
    assert status == 0 and "gradebook.html and beside it gradebook.csv" in out
    assert list(rows) == ["ada", "bob"]
    assert rows["ada"] == {
        "points_01": "10.5",
        "possible_01": str(POSSIBLE["01"]),
        "points_02": "20",
        "possible_02": str(POSSIBLE["02"]),
        "total": "30.5",
        "total_possible": str(ALL),
        "percent": f"{100 * 30.5 / ALL:.10g}",
        "missing": "",
        "waiting_for": "",
        "unsafe": "",
    }
    assert cells(page, "ada") == ["10.5", "20", f"30.5 of {ALL}", f"{100 * 30.5 / ALL:.1f}", ""]
    header = [cell.get_text() for cell in page.select("thead th")]
    assert header[:3] == [
        "Student",
        *[f"{chapter}, of {most}" for chapter, most in POSSIBLE.items()],
    ]


def test_the_order_of_the_folders_makes_no_difference(graded, book, tmp_path):
    folders = [graded("01", one("ada", "01")), graded("02", one("bob", "02"))]
    book(*folders)
    before = [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())]
    book(*reversed(folders))
    assert [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())] == before


@pytest.mark.parametrize("listed", [True, False])
def test_who_handed_in_nothing_has_none_of_its_points_and_it_counts(graded, book, listed):
    absent = [one("bob", "02", status="missing", score=0.0, tests=[])] if listed else []
    first = graded("01", one("ada", "01"), one("bob", "01"))
    _, rows, page, *_ = book(first, graded("02", one("ada", "02"), *absent))
    assert (rows["bob"]["points_02"], rows["bob"]["possible_02"]) == ("", str(POSSIBLE["02"]))
    assert (rows["bob"]["total"], rows["bob"]["total_possible"]) == ("2", str(ALL))
    assert (rows["bob"]["missing"], rows["ada"]["missing"]) == ("02", "")
    assert cells(page, "bob") == ["2", "–", f"2 of {ALL}", f"{200 / ALL:.1f}", "02"]


def test_a_zero_that_was_earned_is_a_zero(graded, book):
    first = graded("01", one("ada", "01", score=0.0), one("bob", "01", status="unreadable"))
    _, rows, page, *_ = book(first)
    for student in ("ada", "bob"):
        assert (rows[student]["points_01"], rows[student]["missing"]) == ("0", "")
        assert cells(page, student)[0] == "0"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"texts": {"02.6": "my answer"}}, "02: not marked yet 02.6"),
        ({"status": "infra_error", "score": None}, "02: infra_error, grade again"),
    ],
)
def test_points_that_are_not_known_leave_the_total_blank_and_say_why(graded, book, changes, why):
    first = graded("01", one("ada", "01"), one("bob", "01"))
    second = graded("02", one("ada", "02", **changes), one("bob", "02"))
    _, rows, page, out, _ = book(first, second)
    ada = rows["ada"]
    assert (ada["points_02"], ada["total"], ada["percent"]) == ("", "", "")
    assert (ada["waiting_for"], ada["missing"], rows["bob"]["waiting_for"]) == (why, "", "")
    assert cells(page, "ada") == ["2", "?", f"? of {ALL}", "?", ""]
    assert f"ada ({why})" in out and f"ada ({why})" in page.select_one(".warning").get_text()
    assert "totals in percent of 1 students" in page.img["alt"]


def test_marks_by_hand_count(graded, book):
    folder = graded("02", one("ada", "02", texts={"02.6": "my answer"}))
    (folder / "marks.csv").write_text("student,exercise,points,comment\nada,02.6,3.5,Good\n")
    assert book(folder)[1]["ada"]["total"] == "5.5"
    (folder / "marks.csv").write_text("student,exercise,points,comment\nada,02.6,99,Good\n")
    status, *_, err = book(folder)
    assert status == 1 and "marks.csv line 2: points '99'" in err


def test_a_record_of_an_older_set_of_tests_keeps_its_own_maximum(graded, book):
    _, rows, page, *_ = book(graded("01", one("ada", "01", possible=10), one("bob", "01")))
    old = 10 + sum(task.points for task in ASSIGNMENTS["01"].open)
    assert [row["possible_01"] for row in rows.values()] == [str(old), str(POSSIBLE["01"])]
    assert cells(page, "ada")[:2] == [f"2 of {old}", f"2 of {old}"]


# ------------------------------------------------------------------------------- whom to look at


@pytest.mark.parametrize("other", ["ada lovelace", "Ada  Lovelace", "AdaLovelace", "ADA LOVELACE"])
def test_names_that_differ_in_case_or_spaces_are_named_and_not_merged(graded, book, other):
    first = graded("01", one("Ada Lovelace", "01"), one("bob", "01"))
    _, rows, page, out, _ = book(first, graded("02", one(other, "02"), one("bob", "02")))
    assert len(rows) == 3 and rows[other]["missing"] == "01"
    names = " / ".join(sorted([other, "Ada Lovelace"]))
    assert f"{chapters.NOTES['alike']} {names}" in " ".join(out.split(" "))
    (warning,) = page.select(".warning")
    assert warning.bdi.get_text() == names


def test_a_space_that_intake_wrote_as_its_code_is_one(graded, book):
    first = graded("01", one("Ada Lovelace", "01"))
    *_, out, _ = book(first, graded("02", one("Ada⟨U+00A0⟩Lovelace", "02")))
    assert chapters.NOTES["alike"] in out


def test_who_was_graded_without_the_sandbox_is_named(graded, book):
    first = graded("01", one("ada", "01", unsafe=True), one("bob", "01"))
    _, rows, page, out, _ = book(first)
    assert (rows["ada"]["unsafe"], rows["bob"]["unsafe"]) == ("01", "")
    assert "ada (01)" in out and "ada (01)" in page.select_one(".warning").get_text()


def test_damaged_records_are_named_and_the_status_says_so(graded, book):
    folder = graded("01", one("ada", "01"), one("bob", "01"))
    (folder / "records/1-000000000001.json").write_text("{")
    status, rows, page, *_ = book(folder)
    assert status == 1 and list(rows) == ["ada"]
    assert "1-000000000001.json" in page.select_one(".warning").get_text()


# ------------------------------------------------------------------------------- what is refused


def test_a_chapter_twice_is_refused_and_both_folders_named(graded, book):
    first, second = graded("01", one("ada", "01")), graded("01", one("ada", "01"), name="again")
    status, rows, *_, err = book(first, second)
    assert status == 1 and rows is None
    assert f"{first} and {second} are both of chapter 01" in err


def test_a_folder_that_grade_did_not_make_is_refused(graded, book, tmp_path):
    status, rows, *_, err = book(graded("01", one("ada", "01")), tmp_path / "elsewhere")
    assert status == 1 and rows is None
    assert f"{tmp_path / 'elsewhere'} has no run.json: it is not a folder that grade made" in err


def test_a_folder_without_records_is_refused(graded, book):
    folder = graded("01")
    status, rows, *_, err = book(folder)
    assert status == 1 and rows is None and f"{folder} has no records" in err


# ------------------------------------------------------------------------------- files


def test_hostile_names_are_text(graded, book, tmp_path):
    _, rows, page, *_ = book(graded("01", *(one(name, "01") for name in NAMES)))
    assert len(rows) == len(NAMES)
    assert not [name for name in rows if name.startswith(tuple("=+-@\t\r"))]
    assert not page.find("script") and "default-src 'none'" in str(page.head)
    assert {row.th.get_text() for row in page.select("tbody tr")} == set(NAMES)
    for path in (tmp_path / "out").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_the_table_scrolls_inside_itself_with_headings_on_both_sides(graded, book):
    page = book(graded("01", one("ada", "01")))[2]
    region = page.table.parent
    assert region["class"] == ["wide"] and region["tabindex"] == "0"
    assert page.tbody.th["scope"] == "row" and page.thead.th["scope"] == "col"


def test_no_secret_is_in_either_file(graded, book, tmp_path):
    book(graded("01", one("ada", "01")))
    for path in (tmp_path / "out").iterdir():
        assert "987654321" not in path.read_text()
