"""Pages for the tests of living figures."""

import pytest

from tests.live.pages import Pages


@pytest.fixture
def opened(chromium, tmp_path):
    """opened(html, theme=..., language=..., **context) -> the page; it must have no problems."""
    pages = Pages(chromium, tmp_path)
    yield pages
    pages.close()
