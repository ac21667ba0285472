"""Docstrings of the library as reStructuredText, for the pages that autodoc makes of them.

The docstrings are plain text with backticks, indented formulas, tables and examples, as they read
best in a terminal. Every character that reStructuredText would take for markup is escaped.
"""

import re

SPECIAL = re.compile(r"([*_|\\<>])")
TABLE = re.compile(r"^\|.*\|$")


def paragraph(text):
    """One line of running text: `code` becomes ``code``, everything else stays as it stands.

    >>> paragraph("sum_i |x_i| of `x` * 2")
    'sum\\\\_i \\\\|x\\\\_i\\\\| of ``x`` \\\\* 2'
    """
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"`{part}`" if part.startswith("`") else SPECIAL.sub(r"\\\1", part) for part in parts
    )


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def list_table(lines):
    """A Markdown table as a list-table."""
    header, _, *rows = lines
    result = ["", ".. list-table::", "   :header-rows: 1", ""]
    for row in [header, *rows]:
        for i, cell in enumerate(cells(row)):
            result.append(f"   {'* -' if i == 0 else '  -'} {paragraph(cell)}")
    return [*result, ""]


def convert(lines):
    """A docstring's lines, dedented, as reStructuredText."""
    result, i = [], 0
    while i < len(lines):
        block = [lines[i]]
        kind = _kind(lines[i])
        while i + len(block) < len(lines) and _goes_on(kind, lines[i + len(block)]):
            block.append(lines[i + len(block)])
        i += len(block)
        result += {"table": list_table, "code": _literal, "example": _example, "text": _text}[kind](
            block
        )
    return result


def _kind(line):
    if TABLE.match(line):
        return "table"
    if line.startswith(">>>"):
        return "example"
    return "code" if line.startswith("  ") else "text"


def _goes_on(kind, line):
    if kind == "code":
        return not line or line.startswith("  ")
    if kind == "example":
        return bool(line)
    return bool(line) and _kind(line) == kind and not line.startswith("- ")


def _text(block):
    bullet = block[0].startswith("- ")
    return [("  " if bullet and i else "") + paragraph(line) for i, line in enumerate(block)]


def _literal(block):
    return ["", ".. code-block:: text", "", *(f"  {line}" for line in block), ""]


def _example(block):
    return ["", *block, ""]


def process(app, what, name, obj, options, lines):
    """Replace the lines of one docstring in place."""
    lines[:] = convert([line.rstrip() for line in lines])


def setup(app):
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
