"""The page of one student: corrections, own code, own words; folded, escaped, in reach of keys."""

import shutil
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetools.gradebook import student
from coursetools.gradebook.pages import visible
from coursetools.grading.transplant import OTHER
from tests.coursetools.gradebook.test_pages import ATTACKS, marks, record, soup, tags

TITLES = {"02.3": "ROC AUC from ranks", "02.5": "An inspector for the factory"}
CODE = "def auc(scores, labels):\n\n    return 0.5  # <half>\n"


def page(found, given=None):
    return student.page(found, marks() if given is None else given, "5.5 of 7", TITLES)


def section(text, heading):
    """The part of a page below the heading that begins so."""
    (found,) = [h2 for h2 in soup(text).find_all("h2") if h2.get_text().startswith(heading)]
    return found.parent


def corrected(**changes):
    """A record with a corrected test."""
    found = record()
    now = {"verdict": "corrected", "earned": 1, "before": "error", "correction": "the <b> fault"}
    found["tests"][1] |= now | changes
    return found


# ------------------------------------------------------------------------------- corrections


def test_a_correction_shows_its_reason_beside_what_the_test_said():
    (row,) = [row for row in soup(page(corrected())).find_all("tr") if "1/2" in row.get_text()]
    assert "✎ corrected" in row.get_text() and "1 of 1" in row.get_text()
    assert [reason.get_text() for reason in row.select(".reason")] == [
        "Corrected: the <b> fault",
        "The test itself: error: the AUC is off",
    ]


def test_a_reason_of_a_correction_is_shown_whole_and_a_passed_test_says_passed():
    text = page(corrected(correction="why? " * 400, before="passed", reason="never shown"))
    assert "why? " * 400 in text and "never shown" not in text
    assert "The test itself: passed" in text


# ------------------------------------------------------------------------------- own answers


def test_the_code_stands_folded_below_its_verdicts_as_it_was_written():
    found = section(page(record(answers={"02.3": CODE})), "Exercise 02.3")
    names = [child.name for child in found.children]
    assert names == ["h2", "table", "details"]
    assert found.details.pre.get_text() == CODE and not found.details.has_attr("open")
    assert found.details.summary.get_text() == "Your code"


def test_the_free_text_stands_folded_below_its_mark():
    found = section(page(record(texts={"02.5": "two\nlines"})), "Exercise 02.5")
    assert [child.name for child in found.children] == ["h2", "p", "pre", "details"]
    assert found.details.pre.get_text() == "two\nlines"


def test_code_below_an_open_question_and_above_all_exercises_has_its_place():
    text = page(record(answers={"02.5": "drawn = 1", OTHER: "import numpy"}))
    assert section(text, "Exercise 02.5").find_all("pre")[-1].get_text() == "drawn = 1"
    assert section(text, "Other cells").pre.get_text() == "import numpy"
    assert [h2.get_text() for h2 in soup(text).find_all("h2")][-1] == "Other cells"


def test_nothing_written_shows_no_fold():
    text = page(record(answers={}, texts={"02.5": ""}), marks(points=0))
    assert not soup(text).find_all("details")


@pytest.mark.parametrize("attack", [*ATTACKS, "</code></pre></details>", "\x1b[31m", "\u202e"])
def test_own_words_and_code_stay_text(attack):
    hostile = page(record(answers={"02.3": attack, OTHER: attack}, texts={"02.5": attack}))
    plain = page(record(answers={"02.3": "x", OTHER: "x"}, texts={"02.5": "x"}))
    assert tags(hostile) == tags(plain)
    assert "\u202e" not in hostile and "\x1b" not in hostile
    shown = [pre.get_text() for pre in soup(hostile).select("details pre")]
    assert shown == [visible(attack)] * 3


@given(st.text(max_size=40))
def test_any_code_leaves_the_page_well_formed(code):
    assert tags(page(record(answers={"02.3": code or "x"}))) == tags(page(record()))


def test_code_keeps_its_white_space_and_can_be_moved_by_keyboard():
    pre = soup(page(record(answers={"02.3": "\n\tx"}))).find("pre", class_="code")
    assert pre.get_text() == "\n\tx"
    assert (pre["tabindex"], pre["role"], pre["dir"]) == ("0", "region", "ltr")
    assert pre["aria-label"] == "Code of 02.3"


@pytest.mark.browser
def test_long_lines_move_inside_their_frame_and_print_keeps_them(tmp_path):
    from playwright.sync_api import sync_playwright

    found = record(answers={"02.3": "x = 1  # " + "long " * 200, OTHER: "y" * 2000})
    (tmp_path / "page.html").write_text(page(found), encoding="utf-8")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        tab = browser.new_page(viewport={"width": 390, "height": 800})
        tab.goto((tmp_path / "page.html").as_uri())
        seen = SimpleNamespace(
            folded=tab.evaluate("document.body.scrollHeight"),
            opened=tab.evaluate(
                "[...document.querySelectorAll('details')].forEach(d => d.open = true),"
                "document.body.scrollHeight"
            ),
            page=tab.evaluate("document.documentElement.scrollWidth"),
            frames=tab.evaluate(
                "[...document.querySelectorAll('.code')].map(p => p.scrollWidth > p.clientWidth)"
            ),
        )
        tab.emulate_media(media="print")
        printed = tab.evaluate(
            "[...document.querySelectorAll('.code')].map(p => p.scrollWidth > p.clientWidth)"
        )
        browser.close()
    assert seen.opened > seen.folded and seen.page <= 390
    assert seen.frames == [True, True] and printed == [False, False]
