"""Reading a notebook: what several rules look at."""

import ast
import re
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from coursetools.cells import calls, tags

ROOT = Path(__file__).parents[3]
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
# What nbval takes out of an output before it compares: the values behind a claim.
MASK = re.search(r"^regex: (.*)$", Path(__file__, "../../sanitize.cfg").resolve().read_text(), re.M)


def code_cells(notebook):
    """Pairs (number, cell) of the code cells that are not empty; numbers count all cells."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip():
            yield number, cell


def text_cells(notebook):
    """Pairs (number, cell) of the text cells."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            yield number, cell


def folded(cell):
    """Whether the source of a code cell is hidden at first."""
    return bool(FOLDED & tags(cell))


def visible_cells(notebook):
    """Pairs (number, cell) of the code cells whose source is seen."""
    return [(number, cell) for number, cell in code_cells(notebook) if not folded(cell)]


def printed(cell):
    """The texts that the outputs of a cell show, without the programs of living figures."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        data = output.get("data", {})
        yield data.get("text/plain", "")
        yield "" if alive(output) else data.get("text/html", "")


def compared(cell):
    """The printed texts as nbval compares them."""
    return [re.sub(MASK[1], r"\1", text) for text in printed(cell)]


def figures(cell):
    """The outputs that are pictures, and the living figures."""
    return [o for o in cell.outputs if {"image/png", "image/svg+xml"} & set(o.get("data", {}))]


def alive(output):
    """Whether an output is a living figure."""
    return 'class="living"' in output.get("data", {}).get("text/html", "")


def draws(cell):
    """Whether the cell shows a figure, or would."""
    return bool(figures(cell) or calls(cell, "show"))


def lines(cell):
    """How many lines of a cell are not blank."""
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def tokens(source):
    """What Markdown sees in a text, as one list: blocks, and what is written in them."""
    for block in MARKDOWN.parse(source):
        yield block
        yield from block.children or []


def headings(notebook):
    """Pairs (heading, the text below it) of the sections, "## ...", in their order."""
    text = "\n\n".join(cell.source for _, cell in text_cells(notebook))
    lines, found = text.splitlines(), []
    blocks = MARKDOWN.parse(text)
    for opening, inline in zip(blocks, blocks[1:]):
        if opening.type == "heading_open" and opening.tag == "h2":
            found.append((inline.content.strip(), opening.map[0]))
    ends = [start for _, start in found[1:]] + [len(lines)]
    return [(name, "\n".join(lines[start:end])) for (name, start), end in zip(found, ends)]


def prose(notebook):
    """The words of the text cells, without mathematics, code, links' targets and tags."""
    text = "\n".join(cell.source for _, cell in text_cells(notebook))
    noise = r"```.*?```|\$\$.*?\$\$|\$.*?\$|`[^`]*`|\]\([^)]*\)|<[^>]*>"
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.sub(noise, " ", text, flags=re.DOTALL))


def checked(cell):
    """Whether nbval compares the output of this cell with the stored one."""
    return "nbval-check-output" in tags(cell)


def defines(node):
    """Whether a piece of syntax is the definition of a function or a class."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
