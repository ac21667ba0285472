"""Feedback files: named as Moodle and Canvas find them, inert, the same again, nobody forgotten."""

import io
import json
import re
import zipfile

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from coursetools.__main__ import main
from coursetools.gradebook import feedback, student
from coursetools.gradebook.marking import Mark
from coursetools.gradebook.pages import visible
from tests.coursetools.gradebook.test_corrections import results
from tests.coursetools.gradebook.test_pages import ATTACKS
from tests.coursetools.gradebook.test_report import ASSIGNMENT, NAMES, record

__all__ = ["results"]  # a fixture
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\.|$)")
TITLES = {task.number: task.title for task in ASSIGNMENT.tasks}
CODE = "def auc(scores, labels):\n\n    return 0.5\n"
MARKDOWN = ["# big", "**bold**", "[a](https://x.org)", "<b>x</b>", "$a_b$ $c_d$", "a\n\n# b"]
MARKDOWN += [r"\(x\)", "| a | b |\n|---|---|\n| c | d |", "---", "![i](x.png)", "~~a~~", "`a`"]
MARKDOWN += [
    "https://x.org/a_b_c",
    r"\begin{equation}x\end{equation}",
    "$$\n\nx\n\n$$",
    "\n\n    x",
]


def marks(*found, points=3.5):
    return {one["student"]: {"02.5": Mark(points, 4, "Good.")} for one in found}


def moodle(*found, **numbers):
    return feedback.moodle(list(found), marks(*found), ASSIGNMENT, numbers)


def canvas(*found):
    return feedback.canvas(list(found), marks(*found), ASSIGNMENT)


def members(packed):
    """{name: text} of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def handed_in(student="lovelaceada", file="lovelaceada_501_77_02_x.ipynb", **changes):
    return record(student, file=file, answers={"02.3": CODE}, **changes)


# ------------------------------------------------------------------------------- Moodle


def importer(path):
    """What Moodle reads from a member's name: the participant, the plugin, the name shown."""
    assert not path.startswith((".", "~")) and "/" not in path
    _, number, kind, plugin, shown = path.split("_", 4)
    assert number.isdecimal()
    return number, kind, plugin, shown


@pytest.mark.parametrize("name", ["Ada Lovelace", "jo_ann", "山田", ".hidden", "~x", *NAMES])
def test_moodle_finds_the_student_by_the_number_whatever_the_name(name):
    packed, notes = feedback.moodle(
        [record(name)], marks(record(name)), ASSIGNMENT, {name: "12345"}
    )
    (path,) = members(packed)
    assert importer(path) == ("12345", "assignfeedback", "file", "feedback.html")
    assert path.isascii() and not re.search(r'[<>:"|?*\\\\]', path) and notes == []
    assert len(path) < 100 and not RESERVED.match(path)


def test_moodle_shows_the_very_page_which_needs_nothing_beside_it():
    packed, _ = moodle(record(), ada="7")
    (page,) = members(packed).values()
    assert page == student.page(record(), marks(record())["ada"], "5.5 of 9", TITLES)
    found = BeautifulSoup(page, "html.parser")
    assert found.style and not found.find_all(["link", "script", "img", "iframe", "a"])
    assert not [one for one in found.find_all(True) if one.has_attr("src") or one.has_attr("href")]


def test_who_is_not_in_the_worksheet_is_named():
    packed, notes = moodle(record("ada"), record("bob"), ada="7")
    assert len(members(packed)) == 1
    assert notes == ["no feedback file for 'bob' (no number in the worksheet)"]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (handed_in(status="infra_error"), "infra_error"),
        (handed_in(status="missing"), "missing"),
        (handed_in(unsafe=True), "unsafe"),
    ],
)
def test_there_is_no_file_before_a_verdict_that_counts(found, why):
    for packed, notes in (moodle(found, lovelaceada="7"), canvas(found)):
        assert members(packed) == {}
        assert notes == [f"no feedback file for 'lovelaceada' ({why})"]


@pytest.mark.parametrize("status", ["ok", "late", "unreadable", "limit", "died"])
def test_every_other_status_has_a_file(status):
    found = handed_in(status=status, message="not JSON")
    for packed, notes in (moodle(found, lovelaceada="7"), canvas(found)):
        assert len(members(packed)) == 1 and notes == []


# ------------------------------------------------------------------------------- Canvas


def infer(path):
    """What Canvas reads from a member's name: the student's number and the attachment's."""
    parts = path.split("/")[-1].split("_")
    assert not parts[-1].startswith("link") and not path.startswith("._")
    return [part for part in parts if re.fullmatch(r"[0-9]+", part)][:2]


@pytest.mark.parametrize(
    "name",
    [
        "lovelaceada_501_77_02_x.ipynb",
        "lovelaceada_LATE_501_77_02_x-1.ipynb",
        "müller_501_77_3_4_x.IPYNB",
        "a-b_501_77_x y.ipynb",
    ],
)
def test_canvas_gets_the_name_that_it_gave(name):
    packed, notes = canvas(handed_in(file=name))
    assert list(members(packed)) == [name] and infer(name) == ["501", "77"] and notes == []


@pytest.mark.parametrize(
    "name",
    [
        "ada.ipynb",
        "ada_x_y.ipynb",
        "",
        "2024_501_77_x.ipynb",
        "ada_501_77_link.ipynb",
        "ada_501_77_my_links.ipynb",
        "ada_501_77_x.html",
        "ada_501_77_a:b.ipynb",
        "ada_501_77_..\\x.ipynb",
        "mallory/ada_501_77_x.ipynb",
        "ada/../ada_501_77_x.ipynb",
        "ada_501_77_x?.ipynb",
    ],
)
def test_a_name_that_canvas_or_a_system_cannot_take_is_left_out_and_named(name):
    packed, notes = canvas(handed_in(file=name))
    why = f"Canvas takes none back under the name {name!r}"
    assert members(packed) == {} and notes == [f"no feedback file for 'lovelaceada' ({why})"]


def test_canvas_gets_a_valid_notebook_with_verdicts_words_and_code():
    found = handed_in(texts={"02.5": "because <it> is"})
    notebook = nbformat.reads(*members(canvas(found)[0]).values(), as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == [
        "markdown",
        "markdown",
        "code",
        "markdown",
    ]
    assert notebook.cells[2].source == CODE and notebook.cells[2].outputs == []
    text = BeautifulSoup("".join(rendered(notebook)), "html.parser").get_text(" ")
    for part in (
        "Points: 5.5 of 9",
        "Exercise 02.3 ROC AUC from ranks",
        "scores with $ties$",
        "✓ passed",
        "✗ failed",
        "=1+1",
        "3.5 of 4 points",
        "Good.",
        "because <it> is",
    ):
        assert part in text


def rendered(notebook):
    """The HTML that the cells of Markdown become, as a reader of notebooks makes it."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    return [markdown.render(c.source) for c in notebook.cells if c.cell_type == "markdown"]


def hostile(text):
    """The HTML of a notebook in which everything that a student writes is `text`."""
    found = handed_in(text, texts={"02.5": text or "x"}, status="unreadable", message=text)
    found["tests"] = [test | {"reason": text} for test in record()["tests"]]
    given = {text: {"02.5": Mark(1, 4, text)}}
    (notebook,) = members(feedback.canvas([found], given, ASSIGNMENT)[0]).values()
    return rendered(nbformat.reads(notebook, as_version=4))


def elements(parts):
    return [
        (one.name, *one.attrs)
        for part in parts
        for one in BeautifulSoup(part, "html.parser").find_all()
    ]


@pytest.mark.parametrize("text", [*ATTACKS, *MARKDOWN])
def test_words_of_a_student_are_neither_markup_nor_markdown_nor_a_formula(text):
    parts = hostile(text)
    assert elements(parts) == elements(hostile("plain"))
    assert visible(text) in BeautifulSoup(parts[-1], "html.parser").pre.get_text()
    assert not set("$`\\") & set("".join(parts))  # what a search for formulas goes by
    assert all("tex2jax_ignore" in part for part in parts)


@given(st.text(max_size=30))
def test_any_text_stays_text(text):
    assert elements(hostile(text or "x")) == elements(hostile("plain"))


# ------------------------------------------------------------------------------- archives


def test_the_same_records_give_the_same_bytes():
    found = [handed_in(), handed_in("bob", "bob_502_78_x.ipynb")]
    assert canvas(*found) == canvas(*found)
    assert moodle(*found, bob="7", lovelaceada="8") == moodle(*found, bob="7", lovelaceada="8")


def test_the_command_writes_tables_and_archives_and_names_who_is_left_out(
    results, tmp_path, monkeypatch, capsys
):
    name = "Ada Lovelace_11_assignsubmission_file/x.ipynb"
    given = [
        record("Ada Lovelace", file=name),
        record("bob"),
        handed_in("eve", "eve_501_77_x.ipynb"),
    ]
    folder = results(*[one | {"texts": {}} for one in given])
    (folder / "corrections.csv").write_text(
        "student,exercise,test,points,reason\nAda Lovelace,02.3,limits,3,why\nbob,02.3,ties,2,x\n"
    )
    monkeypatch.setattr("coursetools.teaching._graded", lambda options: (folder, ASSIGNMENT))
    (folder / "m.csv").write_text(
        "Identifier,Full name,Grade\nParticipant 11,Ada Lovelace,\nParticipant 12,Eve,\n"
    )
    (folder / "c.csv").write_text('Student,ID,PS1 (1)\n"X, Eve",501,\n"Bob",502,\n')
    options = ["--moodle", folder / "m.csv", "--canvas", folder / "c.csv", "--column", "PS1"]
    assert main(["report", str(folder), *map(str, options)]) == 0
    printed = capsys.readouterr().out
    for line in (
        "'bob': corrections.csv line 3 changes nothing",
        "moodle: no feedback file for 'bob' (no number in the worksheet)",
        "canvas: no feedback file for 'bob' (Canvas takes none back under the name 'bob.ipynb')",
        "moodle_feedback.zip",
        "canvas_feedback.zip",
    ):
        assert line in printed
    pages = members((folder / "moodle_feedback.zip").read_bytes())
    assert sorted(map(importer, pages))[0][0] == "11" and len(pages) == 2
    assert any("Corrected: why" in page for page in pages.values())
    (notebook,) = members((folder / "canvas_feedback.zip").read_bytes()).values()
    assert json.loads(notebook)["nbformat"] == 4
    for path in (folder / "moodle_feedback.zip", folder / "canvas_feedback.zip"):
        assert path.stat().st_mode & 0o077 == 0
    assert pd.read_csv(folder / "moodle.csv")["Grade"].tolist() == [5, 2]
