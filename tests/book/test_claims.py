"""Claims on a page: a list of what held, and nothing else of an output changes."""

import runpy
from pathlib import Path

from docutils import nodes

EXTENSION = runpy.run_path(Path(__file__).parents[2] / "book" / "_ext" / "claims.py")


def shown(text, kind="stream"):
    """(kind of element, its texts) for a page with one output, after the extension has seen it."""
    page = nodes.section("", nodes.literal_block(text, text, classes=["output", kind]))
    EXTENSION["set_claims"](None, page)
    return [
        ("list", child["classes"], [item.astext() for item in child.children])
        if isinstance(child, nodes.bullet_list)
        else ("printed", child["classes"], child.astext())
        for child in page.children
    ]


def test_claims_are_a_list_and_numbers_stay_printed_in_their_order():
    text = "✓ one (1 < 2)\n✓ two (a)\nerror: 13.9\n  rest\n✓ three\n"
    assert shown(text) == [
        ("list", ["claims"], ["one (1 < 2)", "two (a)"]),
        ("printed", ["output", "stream"], "error: 13.9\n  rest"),
        ("list", ["claims"], ["three"]),
    ]


def test_what_claims_nothing_stays_as_it_is():
    for text in ("error: 13.9\n", "a ✓\n"):
        assert shown(text)[0][2].strip() == text.strip()
    assert shown("✓ code that quotes a claim", kind="highlight")[0][0] == "printed"
