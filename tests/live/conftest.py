"""A browser for the tests of living figures, started once."""

import pytest

from tests.book.browser import ARGUMENTS, CHROMIUM
from tests.live.pages import Pages


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, tmp_path):
    """opened(html, theme=..., language=..., **context) -> the page; it must have no problems."""
    pages = Pages(chromium, tmp_path)
    yield pages
    pages.close()
