"""The page and the table of similar answers: what they show, and that they change nothing."""

import csv
import io
import json

import bs4
import pytest

from coursetools.__main__ import main
from coursetools.gradebook import similar_pages
from tests.coursetools.gradebook.classmates import BASE, COPIES, HONEST
from tests.coursetools.gradebook.test_report import NAMES, record, results
from tests.coursetools.gradebook.test_similar import ASSIGNMENT

assert results  # a fixture


def keeping(answers, **changes):
    """Records that keep answers to 02.3, {student: text}."""
    return [record(student, answers={"02.3": text}, **changes) for student, text in answers.items()]


@pytest.fixture
def graded(results):
    """A function that makes a folder as grade leaves it."""

    def make(*found):
        folder = results(*found)
        settings = {"notebook": ASSIGNMENT.source.name, "seed": 1}
        (folder / "run.json").write_text(json.dumps(settings))
        return folder

    return make


def soup(folder):
    return bs4.BeautifulSoup((folder / "similar.html").read_text(), "html.parser")


def rows(folder):
    text = (folder / "similar.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_pair_stands_in_table_text_and_csv(graded, capsys):
    folder = graded(*keeping({**HONEST, "ada": BASE, "bob": COPIES["reordered"]}))
    assert main(["similar", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "exercise 02.3: 14 answers, 91 pairs." in printed
    assert "exercise 02.4: not comparable" in printed and "No score depends on them" in printed
    (row,) = rows(folder)
    assert (row["exercise"], row["rank"], row["students"], row["others"]) == (
        "02.3",
        "1",
        "ada",
        "bob",
    )
    assert float(row["share"]) > 0.9 and (row["pairs_so_alike"], row["pairs"]) == ("1", "91")
    page = soup(folder)
    cells = [cell.get_text() for cell in page.select("tbody tr")[0].find_all(["th", "td"])]
    assert cells[:2] == ["ada", "bob"] and cells[4] == "1 of 91"
    texts = [pre.get_text() for pre in page.select("details pre")]
    assert texts == [BASE, COPIES["reordered"]]
    assert sum(len(mark.get_text()) for mark in page.select("details pre")[0]("mark")) > 500


def test_the_page_says_in_words_what_it_is_worth(graded):
    folder = graded(*keeping(HONEST))
    main(["similar", str(folder)])
    text = soup(folder).get_text(" ")
    assert "a reason to read both, and nothing more" in text
    assert "Nothing on this page changes a score" in text
    assert "plagiar" not in text.lower() and "cheat" not in text.lower()
    assert soup(folder).select_one("img")["alt"].startswith("Histogram of shares in percent of 66")


def test_records_marks_and_report_stay_byte_for_byte(graded):
    folder = graded(*keeping({"ada": BASE, "bob": BASE, "cyd": "x"}))
    (folder / "marks.csv").write_text("student,exercise,points,comment\nada,02.6,3,Good\n")
    assert main(["report", str(folder)]) == 0

    def state():
        return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    before = state()
    assert main(["similar", str(folder)]) == 0
    after = state()
    assert {path.name for path in after.keys() - before.keys()} == {"similar.html", "similar.csv"}
    assert {path: after[path] for path in before} == before
    assert main(["report", str(folder)]) == 0
    assert state() == after


def test_both_files_are_closed_to_others(graded):
    folder = graded(*keeping({"ada": BASE, "bob": BASE}))
    main(["similar", str(folder)])
    for name in ("similar.html", "similar.csv"):
        assert (folder / name).stat().st_mode & 0o077 == 0


def test_older_records_are_named_with_what_to_do(graded, capsys):
    folder = graded(*keeping({"ada": BASE}), record("old", answers=None), record("gone", "missing"))
    assert main(["similar", str(folder)]) == 0
    assert "Graded before answers were kept, not compared; grade again: old\n" in (
        capsys.readouterr().out
    )
    assert [w.get_text() for w in soup(folder).select(".warning bdi")] == ["old"]


def test_who_cannot_be_compared_is_named(graded):
    answers = {"ada": BASE, "bob": BASE, "cyd": "return 0.5", "eve": "x = 1\n" * 10_000}
    folder = graded(*keeping(answers))
    main(["similar", str(folder)])
    found = [warning.get_text() for warning in soup(folder).select(".warning")]
    assert [text.rsplit(" ", 1)[-1] for text in found] == ["cyd", "eve"]
    assert found[0].startswith("Too short") and found[1].startswith("Too long")


def test_hostile_names_and_answers_are_text(graded):
    attack = "</pre><script>alert(1)</script>\u202e\x1b[31m"
    answers = dict.fromkeys(NAMES, f"{BASE}\n# {attack}")
    folder = graded(*keeping(answers))
    assert main(["similar", str(folder)]) == 0
    page = soup(folder)
    assert not page.find("script") and "default-src 'none'" in str(page.head)
    text = (folder / "similar.html").read_text()
    assert "\x1b" not in text and "\u202e" not in text
    assert "<script>alert(1)</script>" in page.select_one("details pre").get_text()
    (row,) = rows(folder)
    assert not row["students"].startswith(tuple("=+-@\t\r"))
    assert all(name.split("\n")[0].strip() in row["students"] + row["others"] for name in NAMES)


def test_the_command_ends_with_1_when_a_record_is_damaged(graded, capsys):
    folder = graded(*keeping({"ada": BASE, "bob": BASE}))
    (folder / "records/1-000000000001.json").write_text("{")
    assert main(["similar", str(folder)]) == 1
    assert "1-000000000001.json is damaged" in capsys.readouterr().err
    assert (folder / "similar.html").is_file()


def test_without_records_there_is_no_page(tmp_path, graded, capsys):
    folder = graded()
    assert main(["similar", str(folder)]) == 1
    assert "has no records; run python -m coursetools grade first" in capsys.readouterr().err
    assert not (folder / "similar.html").exists()


def test_the_same_records_give_the_same_bytes(graded):
    folder = graded(*keeping({**HONEST, "ada": BASE, **COPIES}))
    main(["similar", str(folder)])
    before = [(folder / name).read_bytes() for name in ("similar.html", "similar.csv")]
    main(["similar", str(folder)])
    assert [(folder / name).read_bytes() for name in ("similar.html", "similar.csv")] == before


def test_pairs_that_are_not_listed_are_counted(graded, monkeypatch):
    monkeypatch.setattr("coursetools.gradebook.similar.RANK", 1)
    folder = graded(*keeping({"ada": BASE, "bob": f"{BASE}\nx = 1", "cyd": f"{BASE}\ny = 23"}))
    main(["similar", str(folder)])
    assert soup(folder).caption.get_text() == "Pairs listed: 1, more that share 50%: 2"


def test_columns_are_those_of_the_table(graded):
    folder = graded(*keeping({"ada": BASE, "bob": BASE}))
    main(["similar", str(folder)])
    assert list(rows(folder)[0]) == similar_pages.COLUMNS
