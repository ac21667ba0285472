"""A chapter on paper: numbered titles, no box without code, wrapped lines, the light theme."""

import pytest

from tests.book.browser import BACKGROUND
from tests.book.contents import chapters

pytestmark = pytest.mark.browser
SHOWN = """selector => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility()).map((element) => element.innerText.trim())"""
WRAPS = """() => [...document.querySelectorAll('article pre')]
  .every((element) => getComputedStyle(element).whiteSpace === 'pre-wrap')"""


@pytest.mark.parametrize("chapter", chapters())
def test_a_chapter_prints_well(context, book, chapter):
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(f"{book}{chapter}.html")
    dark = page.evaluate(BACKGROUND)
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    number = int(chapter.removeprefix("notebooks/")[:2])
    (title,) = page.evaluate(SHOWN, "h1")
    assert title.startswith(f"{number}. ")
    captions = page.evaluate(SHOWN, "article figcaption")
    assert captions and all(caption.startswith(f"Fig. {number}.") for caption in captions)
    assert "" not in page.evaluate(SHOWN, "article .cell_input, article details.hide")
    assert not page.evaluate(SHOWN, "details.hide:not([open]), .bd-sidebar-primary, .bd-header")
    outputs = page.evaluate(SHOWN, "article .cell_output")
    assert len(outputs) == page.locator("article .cell_output").count()
    assert page.evaluate(WRAPS)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen", color_scheme="dark")
    assert page.evaluate(BACKGROUND) == dark
    page.close()
