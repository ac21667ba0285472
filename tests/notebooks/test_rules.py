"""Each rule is silent on a good notebook and goes red on a bad one."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from coursetools.notebooks import fingerprint
from tests.notebooks import rules
from tests.notebooks.rules import chapters, code, outputs
from tests.notebooks.rules.reading import code_cells

PICTURE = new_output(
    "display_data",
    data={"image/png": "iVBORw0KGgo=", "text/plain": "<Image>"},
    metadata={"coursekit": {"alt": "A red dot on white.", "caption": "A dot"}},
)
DESCRIBED = {"image": {"alt": "A red dot on white."}, "figure": {"caption": "A dot"}}
SETUP = f"""
try:
    import coursekit
except ImportError:
    %pip install -q git+{code.ADDRESS}
from coursekit.session import start
session = start()
""".strip()
CLAIM = 'claim("a dot is red", True)  # NBVAL_CHECK_OUTPUT'


def printing(text, source="x = 1\ny = 2\nprint(x, y)"):
    return new_code_cell(source, outputs=[new_output("stream", name="stdout", text=text)])


def picture():
    source = "figure = draw()\nfigure.label()\nfigure.tidy()\nshow(figure)"
    cell = new_code_cell(source, outputs=[copy.deepcopy(PICTURE)])
    cell.metadata["mystnb"] = copy.deepcopy(DESCRIBED)
    return cell


@pytest.fixture
def good():
    """The smallest notebook that keeps every rule, a chapter's and an exercise's at once."""
    head = new_markdown_cell(
        "# Title\n[![Open](badge.svg)](https://colab.research.google.com/x)\n"
        "Reading 30 min, running 5 min.\n"
        + "".join(f"## {name}\n" for name in chapters.SECTIONS)
        + "".join(f"## Exercise 01.{n}\n" for n in range(1, 5))
    )
    cells = [head, new_code_cell(SETUP)]
    for body in [printing("✓ a dot is red\n", CLAIM), *[printing("1 2\n")] * 4, *[picture()] * 5]:
        cells += [new_markdown_cell("word " * 160), copy.deepcopy(body)]
    for n, cell in enumerate(cells):
        cell["id"] = f"cell-{n}"
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


ALL = rules.EVERY + rules.PAGE + rules.CHAPTER + rules.EXERCISE


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.__name__)
def test_a_good_notebook_keeps_the_rule(rule, good):
    assert list(rule(good)) == []


def output(*made):
    """A change that gives the fifth cell these outputs."""
    return lambda notebook: notebook.cells[5].update(outputs=list(made))


def stdout(text):
    return output(new_output("stream", name="stdout", text=text))


def source(text, cell=5):
    return lambda notebook: notebook.cells[cell].update(source=text)


def book(**entries):
    """A change of what the first figure's cell tells the book."""
    return lambda notebook: notebook.cells[13].metadata["mystnb"].update(entries)


def metadata(**entries):
    return lambda notebook: notebook.metadata.update(entries)


def stamp(**entries):
    return lambda notebook: notebook.metadata["coursekit"].update(entries)


def keep(count):
    return lambda notebook: notebook.update(cells=notebook.cells[:count])


def without(text):
    """A change that takes these words out of the first cell."""
    return lambda notebook: notebook.cells[0].update(
        source=notebook.cells[0].source.replace(text, "")
    )


def forget_outputs(notebook):
    for _, cell in code_cells(notebook):
        cell.outputs = []


BAD = [
    (
        outputs.no_errors,
        output(new_output("error", ename="ValueError", evalue="no", traceback=[])),
        "cell 5: stored error ValueError: no",
    ),
    (
        outputs.no_stderr,
        output(new_output("stream", name="stderr", text="mind the gap")),
        "cell 5: stored stderr 'mind the gap'",
    ),
    (
        outputs.no_debris,
        stdout("UserWarning: mind the gap"),
        "cell 5: debris in the output: 'Warning:'",
    ),
    (outputs.no_debris, stdout("Traceback (most recent call last)"), "'Traceback'"),
    (outputs.no_debris, stdout(" 50%|#####     | 5/10"), "'50%|'"),
    (outputs.no_debris, stdout("[00:01<00:01, 4.5it/s]"), "'it/s]'"),
    (outputs.no_debris, stdout("step 1\rstep 2"), r"'\r'"),
    (
        outputs.no_debris,
        output(new_output("execute_result", data={"text/plain": "<Net object at 0x7f00aabbcc>"})),
        "'at 0x7f00aabbcc'",
    ),
    (
        outputs.no_debris,
        output(new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}})),
        "cell 5: a widget in the output",
    ),
    (
        outputs.no_machine_paths,
        stdout("saved to /" + "tmp/model.pt"),
        "cell 5: path of one machine",
    ),
    (
        outputs.no_machine_paths,
        source("open('/" + "home/anna/data.csv')"),
        "cell 5: path of one machine",
    ),
    (
        outputs.no_machine_paths,
        source("See /" + "Users/anna.", cell=0),
        "cell 0: path of one machine",
    ),
    (outputs.short_outputs, stdout("epoch\n" * 61), "cell 5: 61 lines printed; at most 60"),
    (outputs.figures_described, book(image={"alt": " "}), "cell 13: a figure without alt text"),
    (outputs.figures_described, book(figure={}), "cell 13: a figure without a caption"),
    (outputs.figures_described, output(PICTURE, PICTURE), "cell 5: 2 figures"),
    (
        outputs.short_captions,
        book(figure={"caption": "a caption of one word more than it may have"}),
        "cell 13: caption of more than 8 words",
    ),
    (
        outputs.images_in_text_described,
        source("![](dot.png)", cell=0),
        "cell 0: an image in the text",
    ),
    (
        outputs.images_in_text_described,
        source('<img src="dot.png" alt="">', cell=0),
        "cell 0: an image",
    ),
    (code.short_cells, source("x = 1\n" * 41), "cell 5: 41 lines of code; at most 40"),
    (
        code.short_cells,
        lambda n: [source("x = 1\n" * 26, cell)(n) for cell in (5, 7)],
        "cells [5, 7]: over 25 lines of code in more than one cell in ten",
    ),
    (code.short_lines, source("x" * 89), "cell 5: a line of 89 columns; at most 88"),
    (
        chapters.words_between_code,
        lambda n: n.cells.__setitem__(slice(6, 7), [printing(""), printing("")]),
        "cell 7: the third code cell in a row",
    ),
    (
        code.installs_first,
        source(f"%pip install -q git+{code.ADDRESS}2", cell=1),
        "the first code cell does not run: pip install -q git+" + code.ADDRESS,
    ),
    (code.installs_first, source("%pip install umap"), "cell 5: installs packages"),
    (
        chapters.starts_first,
        source("import torch", cell=1),
        "neither of the first two code cells calls start()",
    ),
    (
        code.claims_checked,
        source("claim('so', True)"),
        "cell 5: a claim without # NBVAL_CHECK_OUTPUT",
    ),
    (
        code.checked_outputs_stable,
        source("# NBVAL_CHECK_OUTPUT\nexpect('error', 1, quick=(0, 2), full=(0, 2))"),
        "cell 5: expect(...)",
    ),
    (
        code.checked_outputs_stable,
        lambda n: n.cells[13].metadata.update(tags=["nbval-check-output"]),
        "cell 13: a figure in a checked",
    ),
    (
        code.checked_outputs_stable,
        lambda n: n.cells[3].outputs[0].update(text="✓ error 0.12345"),
        "cell 3: 0.12345 in a checked cell",
    ),
    (
        outputs.portable_metadata,
        metadata(kernelspec={"name": "my-env", "display_name": "x"}),
        "the kernel is not 'python3'",
    ),
    (outputs.portable_metadata, metadata(widgets={}), "the state of widgets"),
    (outputs.portable_metadata, lambda n: n.cells[5].update(id="cell-3"), "not unique"),
    (
        outputs.portable_metadata,
        lambda n: n.cells[5].update(cell_type="coding"),
        "not a valid notebook",
    ),
    (outputs.small_file, stdout("x" * 3_100_000), "3.1 MB; at most 3"),
    (outputs.has_outputs, forget_outputs, "no stored outputs"),
    (
        outputs.run_in_order,
        lambda n: n.cells[5].update(execution_count=7),
        "execution counts are not 1, 2, 3",
    ),
    (
        outputs.run_in_order,
        lambda n: n.cells[5].update(execution_count=None),
        "execution counts are not",
    ),
    (outputs.fresh, source("x = 2"), "a code cell changed after the outputs were made"),
    (
        outputs.stamped_full,
        metadata(coursekit={"profile": "full"}),
        "lacks date, device, fingerprint, seconds, versions",
    ),
    (outputs.stamped_full, stamp(profile="quick"), "come from the profile 'quick', not 'full'"),
    (chapters.opening, without("# Title\n"), "does not begin with the title"),
    (chapters.opening, without("colab.research"), "no Colab badge"),
    (chapters.opening, without("Reading 30 min"), "no reading time"),
    (chapters.opening, without("running 5 min"), "no running time"),
    *[
        (chapters.sections, without(f"## {name}\n"), f"no section {name!r}")
        for name in chapters.SECTIONS
    ],
    (chapters.length, source("word " * 4000, cell=2), "words; the limits are 1500 and 3850"),
    (chapters.length, keep(9), "4 code cells; the limits are 10 and 45"),
    (
        chapters.length,
        lambda n: [source("x = 1", cell)(n) for cell in range(1, 22, 2)],
        "1 code lines in the median cell",
    ),
    (chapters.length, keep(17), "2 figures; the limits are 5 and 18"),
    (chapters.makes_claims, source("print(1)", cell=3), "no claim(...)"),
    (chapters.enough_exercises, without("## Exercise 01.2\n"), "3 exercises; at least 4"),
]


@pytest.mark.parametrize(
    ("rule", "spoil", "message"),
    BAD,
    ids=[f"{rule.__name__}-{n}" for n, (rule, _, _) in enumerate(BAD)],
)
def test_a_bad_notebook_breaks_the_rule(rule, spoil, message, good):
    spoil(good)
    found = list(rule(good))
    assert any(message in line for line in found), found


def test_every_rule_has_a_bad_notebook():
    assert {rule for rule, _, _ in BAD} == set(ALL)


def test_findings_name_the_notebook(tmp_path, good):
    good.cells[5].source = "x" * 90
    nbformat.write(good, tmp_path / "01_tiny.ipynb")
    found = rules.findings(tmp_path / "01_tiny.ipynb", [code.short_lines])
    assert found == ["01_tiny.ipynb: cell 5: a line of 90 columns; at most 88"]
