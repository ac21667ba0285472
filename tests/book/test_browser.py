"""Every page in a real browser, over http and from the disk, without a network."""

import http.server
import threading
from functools import partial
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import sync_playwright

from tests.book.browser import ARGUMENTS, CHROMIUM, Look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine"),
]
FIXTURES = Path(__file__).parent / "fixtures"


def pages():
    """The pages of the table of contents, and the search page."""
    toc = yaml.safe_load((Path(__file__).parents[2] / "_toc.yml").read_text())
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    entries = [entry for chapter in chapters for entry in [chapter, *chapter.get("sections", [])]]
    return [toc["root"], *(entry["file"] for entry in entries), "search"]


@pytest.fixture(scope="session")
def context():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_context()
        browser.close()


@pytest.fixture(scope="session")
def serve():
    """A function folder -> address, served until the tests end."""
    servers = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    def start(folder):
        handler = partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def book(serve, built_book):
    return serve(built_book)


@pytest.mark.parametrize("page", pages())
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
