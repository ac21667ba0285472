"""A notebook that keeps every rule, and changes of it that break one.

A change is a function of the notebook. Cell 7 is visible code, 8 a picture, 17 a living figure,
24 holds expect(...), 25 claims, 26 the closing sections.
"""

import copy

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from coursetools.cells import fold
from coursetools.notebooks import fingerprint
from tests.notebooks.rules import code
from tests.notebooks.rules.reading import code_cells

TEXTS = {"coursekit": {"alt": "A red dot on white.", "caption": "A dot"}}
PICTURE = new_output(
    "display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Image>"}, metadata=TEXTS
)
ALIVE = new_output(
    "display_data",
    data={"image/png": "iVBORw0KGgo=", "text/html": '<figure class="living">NaN</figure>'},
    metadata=TEXTS,
)
DESCRIBED = {"image": {"alt": "A red dot on white."}, "figure": {"caption": "A dot"}}
INSTALL = f"try:\n    import coursekit\nexcept ImportError:\n    %pip install -q git+{code.ADDRESS}"
START = "from coursekit.session import start\nsession = start()"
COMPUTE = "x = 1\ny = 2\nz = fit(x, y)\nz = predict(z, x)\n" + "u = z + 1\n" * 4 + "print(u)"
CLAIMS = "claim('a', x < y)\nclaim('b', y < z)\nclaim('c', z < 9.12345)"
EXPECT = "expect('error', u, quick=(0, 2), full=(0, 2))"
TITLE = "# Title\n\nA promise."
FIRST = """
[Colab](https://colab.research.google.com/x). Reading time 30 minutes, running time 5 minutes.

## Exercise 01.1 "What is there?"
"""
ANSWER = "<details>\n<summary>Why?</summary>\n\nBecause $a<b>c$.\n\n</details>\n\n"
LAST = f"""
## Summary

Adam is of [Kingma and Ba 2015](https://arxiv.org/abs/1412.6980v9), and
[Baldi and Hornik 1989](https://doi.org/10.1016/0893-6080%2889%2990014-2),
[van der Maaten and
Hinton 2008](https://jmlr.org/papers/v9/vandermaaten08a.html).
A [page](../CONTRIBUTING.md#set-up), a [site](https://example.org), H<sub>2</sub>O.

## Check yourself

{3 * ANSWER}
## Exercises

## Further reading
"""


def cell(source, *made, tags="hide-input"):
    """A code cell with these outputs, and tags in one text."""
    new = new_code_cell(source, outputs=copy.deepcopy(list(made)))
    if tags:
        new.metadata["tags"] = tags.split()
    fold(new)
    return new


def printing(text, source=COMPUTE, tags=""):
    return cell(source, new_output("stream", name="stdout", text=text), tags=tags)


def picture(made=PICTURE, tags="hide-input"):
    new = cell("figure = draw()\nfigure.label()\nshow(figure)", made, tags=tags)
    new.metadata["mystnb"] = copy.deepcopy(DESCRIBED)
    return new


def good_notebook():
    """The smallest notebook that keeps every rule, a chapter's and an exercise's at once."""
    cells = [
        new_markdown_cell(TITLE),
        cell(INSTALL),
        cell(START),
        picture(tags="hide-input hero"),
        new_markdown_cell(FIRST),
        printing("7\n"),
    ]
    for n in range(2, 6):  # cells 6 to 17
        name = f"Exercise 01.{n}" if n < 5 else "Another section"
        words = f"## {name}\n\n" + "word " * 340
        cells += [new_markdown_cell(words), printing("7\n"), picture(PICTURE if n < 5 else ALIVE)]
    for _ in range(3):  # cells 18 to 23
        cells += [new_markdown_cell("word"), printing("7\n")]
    cells += [
        printing("error: 1.23456\n", EXPECT, tags="hide-input"),
        printing("✓ c (8 < 9.12345)\n", CLAIMS, tags="hide-input nbval-check-output"),
        new_markdown_cell(LAST),
    ]
    for n, new in enumerate(cells):
        new["id"] = f"cell-{n}"
    return finish(new_notebook(cells=cells))


def finish(notebook):
    """Number and stamp the cells as a run does."""
    for count, (_, cell) in enumerate(code_cells(notebook), start=1):
        cell["execution_count"] = count
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["coursekit"] = {
        "profile": "full",
        "device": "cpu",
        "versions": {},
        "date": "2026-01-31",
        "seconds": 1,
        "fingerprint": fingerprint(notebook),
    }
    return notebook


def output(*made):
    """A change that gives cell 7, visible code, these outputs."""
    return lambda notebook: notebook.cells[7].update(outputs=list(made))


def stdout(text):
    return output(new_output("stream", name="stdout", text=text))


def shown(kind, content):
    return output(new_output("display_data", data={kind: content}))


def source(text, cell=7):
    return lambda notebook: notebook.cells[cell].update(source=text)


def more(text, cell=4):
    """A change that adds to a cell, by default to the text of the first screen."""
    return lambda n: n.cells[cell].update(source=f"{n.cells[cell].source}\n\n{text}")


def book(**entries):
    """A change of what the first figure's cell, number 8, tells the book."""
    return lambda notebook: notebook.cells[8].metadata["mystnb"].update(entries)


def tagged(number, tags=""):
    return lambda notebook: notebook.cells[number].metadata.update(tags=tags.split())


def metadata(**entries):
    return lambda notebook: notebook.metadata.update(entries)


def stamp(**entries):
    return lambda notebook: notebook.metadata["coursekit"].update(entries)


def drop(first, last):
    return lambda notebook: notebook.cells.__delitem__(slice(first, last))


def insert(place, *cells):
    return lambda notebook: notebook.cells.__setitem__(slice(place, place), list(cells))


def without(text, instead=""):
    """A change that takes these words out of all texts."""

    def change(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = cell.source.replace(text, instead)

    return change


def forget_outputs(notebook):
    for _, cell in code_cells(notebook):
        cell.outputs = []


LONG_CAPTION = "a caption of one word more than it may have"
