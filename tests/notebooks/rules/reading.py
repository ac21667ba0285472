"""Reading a notebook: what several rules look at."""

import re


def code_cells(notebook):
    """Pairs (number, cell) of the code cells that are not empty; numbers count all cells."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip():
            yield number, cell


def printed(cell):
    """The texts that the outputs of a cell show."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        for kind in ("text/plain", "text/html"):
            yield output.get("data", {}).get(kind, "")


def figures(cell):
    """The outputs that are pictures."""
    return [o for o in cell.outputs if {"image/png", "image/svg+xml"} & set(o.get("data", {}))]


def lines(cell):
    """How many lines of a cell are not blank, without its closing `show(...)`, which is text."""
    code = re.split(r"^show\(", cell.source, flags=re.MULTILINE)[0]
    return sum(bool(line.strip()) for line in code.splitlines())


def prose(notebook):
    """The words of the text cells, without mathematics, code, links' targets and tags."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    noise = r"```.*?```|\$\$.*?\$\$|\$.*?\$|`[^`]*`|\]\([^)]*\)|<[^>]*>"
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.sub(noise, " ", text, flags=re.DOTALL))


def checked(cell):
    """Whether nbval compares the output of this cell with the stored one."""
    tagged = "nbval-check-output" in cell.metadata.get("tags", [])
    return tagged or "# NBVAL_CHECK_OUTPUT" in cell.source


def claims(cell):
    """Whether the cell makes a claim."""
    return re.search(r"^\s*claim\(", cell.source, re.MULTILINE) is not None
