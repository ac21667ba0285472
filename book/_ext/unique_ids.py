"""Drop the ids that sphinx-exercise and sphinx-proof give to the inside of every box.

They are the same for all boxes, so a page with two of them would not be valid HTML.
Nothing refers to them.
"""

from docutils import nodes

SHARED = {"exercise-content", "solution-content", "proof-content"}


def drop_shared_ids(app, doctree, docname):
    """Keep only ids that can be unique."""
    for section in doctree.findall(nodes.section):
        section["ids"] = [name for name in section["ids"] if name not in SHARED]


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", drop_shared_ids)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
