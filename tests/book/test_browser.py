"""Every page in a real browser, over http and from the disk, without a network."""

from pathlib import Path

import pytest

from tests.book.browser import Look
from tests.book.contents import chapters, pages

pytestmark = pytest.mark.browser
FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("page", [*pages(), "search"])
def test_a_page_shows_well(context, book, page):
    problems = Look(context, f"{book}{page}.html", home=book).all_problems()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("page", ["book/index", "book/notation"])
def test_a_page_shows_well_from_the_disk(context, built_book, page):
    address = f"{built_book.resolve().as_uri()}/{page}.html"
    problems = Look(context, address, home="file://").all_problems()
    assert not problems, "\n".join(problems)


def test_the_search_finds_a_word_from_the_disk(context, built_book):
    address = f"{built_book.resolve().as_uri()}/search.html?q=trustworthiness"
    look = Look(context, address, home="file://")
    look.page.goto(address)
    look.page.wait_for_selector("#search-results li a")
    assert "Glossary" in look.page.inner_text("#search-results")
    look.page.close()
    assert not look.problems


def test_a_click_enlarges_a_figure_and_escape_brings_it_back(context, book):
    page = context.new_page()
    page.goto(f"{book}{chapters()[0]}.html")
    figure = page.locator("article .cell_output figure > img").first
    assert not page.locator(".living .medium-zoom-image").count()
    figure.evaluate(
        "image => { window.opened = new Promise((done) =>"
        " image.addEventListener('medium-zoom:opened', () => done(true))); }"
    )
    figure.click()
    assert page.evaluate("opened")  # when the picture has grown: until then no key is heard
    page.keyboard.press("Escape")
    page.wait_for_selector(".medium-zoom-overlay", state="detached")
    page.close()


def test_bad_pages_are_seen(context, serve):
    fixtures = serve(FIXTURES)
    problems = Look(context, f"{fixtures}bad_in_browser.html", home=fixtures).all_problems()
    for expected in (
        "console: bad luck",
        "script: thrown away",
        "external request: http://example.invalid/picture.png",
        "formula not typeset: \\(x^2\\)",
        "raw TeX: \\(x^2\\)",
        "contrast 1.6 in light: 'Hard to read'",
        "the background is rgb(255, 255, 255) in light and in dark",
        "600 px wide on a phone of 390",
    ):
        assert any(problem.startswith(expected) for problem in problems), (expected, problems)
    good = Look(context, f"{fixtures}good_in_browser.html", home=fixtures)
    assert good.all_problems() == []
