"""Set what `claim` printed as a list of the page, not as the screen of a terminal.

Lines of an output that begin with a check mark become the items of a list with the class
"claims"; other lines of the same output stay printed, in their order.
"""

from itertools import groupby

from docutils import nodes

MARK = "✓ "


def as_list(lines):
    """A list with an item for each claim; the style sheet puts the mark back.

    >>> as_list(["✓ two is less than three (2 < 3)"]).astext()
    'two is less than three (2 < 3)'
    """
    items = [nodes.list_item("", nodes.paragraph("", line.removeprefix(MARK))) for line in lines]
    return nodes.bullet_list("", *items, classes=["claims"])


def set_claims(app, doctree):
    """Replace every printed output that holds a claim."""
    for block in list(doctree.findall(nodes.literal_block)):
        text = block.astext()
        if "stream" not in block["classes"] or MARK not in text:
            continue
        parts = []
        for holds, lines in groupby(text.splitlines(), lambda line: line.startswith(MARK)):
            lines = list(lines)
            parts.append(as_list(lines) if holds else _printed(block, lines))
        block.parent.replace(block, parts)


def _printed(block, lines):
    text = "\n".join(lines)
    return nodes.literal_block(text, text, **block.attributes)


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", set_claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
