"""The line that says when and with what a page's outputs were made."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes

EXTENSION = runpy.run_path(Path(__file__).parents[2] / "book" / "_ext" / "run_stamp.py")
RECORD = (
    '{"profile": "full", "device": "cpu", "versions": {"torch": "2.9.0"},'
    ' "date": "2026-11-20", "seconds": 411.6, "fingerprint": "3f2a"}'
)
LINE = "Stored outputs: profile full, device cpu, torch 2.9.0, 2026-11-20, ran 412 s"


def stamped(metadata):
    """The texts of a small page after the extension has seen it."""
    page = nodes.section("", nodes.title("", "Title"), nodes.paragraph("", "First words."))
    environment = SimpleNamespace(metadata={"page": metadata})
    EXTENSION["add_stamp"](SimpleNamespace(env=environment), page, "page")
    return [child.astext() for child in page.children]


def test_the_line_stands_at_the_foot():
    assert stamped({"coursekit": RECORD}) == ["Title", "First words.", LINE]


def test_a_page_that_was_not_run_stays_as_it_is():
    assert stamped({}) == ["Title", "First words."]


def test_a_damaged_record_stops_the_build():
    with pytest.raises(KeyError, match="versions"):
        stamped({"coursekit": '{"profile": "full"}'})
