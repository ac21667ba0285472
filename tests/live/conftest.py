"""A browser for the tests of living figures, started once."""

import pytest

from tests.book.browser import ARGUMENTS, CHROMIUM
from tests.live.pages import around


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
    contexts, problems = [], []

    def open_page(body, theme="light", language="en", **context):
        address = (tmp_path / f"{len(contexts)}.html").as_uri()
        (tmp_path / f"{len(contexts)}.html").write_text(around(body, theme, language))
        contexts.append(chromium.new_context(**context))
        page = contexts[-1].new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("console", lambda said: said.type == "error" and problems.append(said.text))
        page.on("request", lambda asked: _foreign(asked.url, address) and problems.append(asked.url))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def _foreign(url, address):
    return url != address and not url.startswith(("data:", "blob:"))
