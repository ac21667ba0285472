"""Lets sphinx-codeautolink pass the boxes of sphinx-exercise, which are sections without a title.

Its visitor puts the title of a section on a stack if there is one, and takes one off at the end of
every section: a box empties the stack and stops the build.
"""

from docutils import nodes
from sphinx_codeautolink.extension.block import CodeBlockAnalyser


def depart_section(self, node):
    """Take off the title that was put on, if one was."""
    if any(isinstance(child, nodes.title) for child in node.children):
        self.title_stack.pop()


def setup(app):
    """Register with Sphinx."""
    CodeBlockAnalyser.depart_section = depart_section
    return {"parallel_read_safe": True, "parallel_write_safe": True}
