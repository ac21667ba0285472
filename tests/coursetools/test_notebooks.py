import base64
import io

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from coursetools import notebooks

buffer = io.BytesIO()
Image.new("RGB", (3, 2)).save(buffer, "png")
FIGURE = """
from IPython.display import display
display({"image/png": "PNG"}, raw=True,
        metadata={"coursekit": {"alt": "A red dot on a white square.", "caption": "A dot"}})
""".replace("PNG", base64.b64encode(buffer.getvalue()).decode())


@pytest.fixture
def write(tmp_path):
    """Write a notebook of these code cells and return its path."""

    def writer(*sources, name="01_tiny.ipynb"):
        cells = [new_markdown_cell("# Tiny")]
        cells += [new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
        nbformat.write(new_notebook(cells=cells), tmp_path / name)
        return tmp_path / name

    return writer


def printed(notebook, cell):
    return "".join(output.text for output in notebook.cells[cell].outputs)


def test_find_takes_a_path_and_lists_what_it_knows(write, monkeypatch, tmp_path):
    path = write("1")
    assert notebooks.find(str(path)) == path
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    for name in ("notebooks/01_first.ipynb", "notebooks/02_second.ipynb", "book/data.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert notebooks.find("02") == tmp_path / "notebooks/02_second.ipynb"
    assert notebooks.find("data") == tmp_path / "book/data.ipynb"
    with pytest.raises(FileNotFoundError, match="no notebook '12'; name one of 01, 02, data"):
        notebooks.find("12")
    with pytest.raises(FileNotFoundError, match="no notebook 'gone.ipynb'"):
        notebooks.find("gone.ipynb")


def test_execute_stores_outputs_figure_texts_and_a_stamp(write):
    path = write(
        "import os\nprint(os.environ['COURSEKIT_PROFILE'], os.environ['COURSEKIT_SEED'])",
        "print(os.path.exists('01_tiny.ipynb'), os.environ['TQDM_DISABLE'])",
        FIGURE,
    )
    result = notebooks.execute(path, "quick", seed=3)
    stored = nbformat.read(path, as_version=4)
    assert stored == result
    assert printed(stored, 1) == "quick 3\n"
    assert printed(stored, 2) == "True 1\n"  # in the notebook's folder, without progress bars
    assert stored.cells[3].metadata.mystnb == {
        "image": {"alt": "A red dot on a white square."},
        "figure": {"caption": "A dot", "name": "fig-01-tiny-cell-2"},
    }
    stamp = stored.metadata.coursekit
    assert stamp.profile == "quick" and {"torch", "python", "coursekit"} <= set(stamp.versions)
    assert isinstance(stamp.seconds, int) and len(stamp.date) == 10 and stamp.device
    assert not notebooks.stale(stored)
    assert not list(path.parent.glob("*.partial"))


def test_a_relative_data_folder_means_the_callers(write, monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSEKIT_DATA", "data")
    path = write(
        "import os\nprint(os.path.isdir(os.environ['COURSEKIT_DATA']))",
        name="notebooks/01_tiny.ipynb",
    )
    assert printed(notebooks.execute(path, "quick"), 1) == "True\n"


def test_what_is_printed_in_a_row_is_one_output(write):
    slowly = "import time\nprint(1, flush=True)\ntime.sleep(0.3)\nprint(2)"
    path = write(f"{slowly}\n{FIGURE}\nprint(3)")
    outputs = notebooks.execute(path, "quick").cells[1].outputs
    assert [output.get("text") for output in outputs] == ["1\n2\n", None, "3\n"]


def test_a_claim_prints_the_values_that_it_compared(write):
    path = write("from coursekit.checks import claim\nsmall = 83\nclaim('so', small <= 100)")
    assert printed(notebooks.execute(path, "quick"), 1) == "✓ so (83 <= 100)\n"


def test_two_runs_give_the_same_bytes(write):
    path = write("print(1)", FIGURE)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["execution"] = {"iopub.execute_input": "2020-01-01"}
    notebook.metadata["widgets"] = {"state": {}}
    notebook.metadata["language_info"] = {"name": "python", "version": "2.7"}
    nbformat.write(notebook, path)
    versions = []
    for _ in range(2):
        notebook = notebooks.execute(path, "quick")
        notebook.metadata.coursekit["seconds"] = 0
        versions.append(nbformat.writes(notebook))
    assert versions[0] == versions[1]
    assert 'execution"' not in versions[0] and "widgets" not in versions[0]
    assert 'version": "2.7' not in versions[0]


def test_a_folded_cell_is_folded_everywhere(write):
    path = write("1", "2")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["hide-input"]
    nbformat.write(notebook, path)
    cells = notebooks.execute(path, "quick").cells
    assert cells[1].metadata.cellView == "form" and cells[1].metadata.jupyter.source_hidden
    assert "cellView" not in cells[2].metadata and "jupyter" not in cells[2].metadata


@pytest.fixture
def chapter(write, monkeypatch, tmp_path):
    """A chapter of two pictures, of which these cells are tagged hero."""
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    for folder in ("notebooks", "book/_static"):
        (tmp_path / folder).mkdir(parents=True)

    def writer(*numbers, name="notebooks/01_tiny.ipynb"):
        path = write("1", FIGURE, FIGURE, name=name)
        notebook = nbformat.read(path, as_version=4)
        for number in numbers:
            notebook.cells[number].metadata["tags"] = ["hero"]
        nbformat.write(notebook, path)
        return path

    return writer


def test_a_full_run_of_a_chapter_stores_its_hero(chapter, tmp_path):
    hero = tmp_path / "book/_static/heroes/01.png"
    notebooks.execute(chapter(2), "quick")
    notebooks.execute(chapter(2, name="01_draft.ipynb"), "full")
    notebooks.execute(chapter(), "full")
    assert not hero.parent.exists()
    notebooks.execute(chapter(2), "full")
    assert hero.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in hero.parent.iterdir()] == ["01.png"]


@pytest.mark.parametrize(
    ("numbers", "message"), [((2, 3), "cells 2, 3 are tagged hero"), ((1,), "shows no picture")]
)
def test_a_hero_that_cannot_be_stored_stops_the_run(chapter, tmp_path, numbers, message):
    path = chapter(*numbers)
    before = path.read_bytes()
    with pytest.raises(notebooks.NotebookError, match=message):
        notebooks.execute(path, "full")
    assert path.read_bytes() == before and not list(tmp_path.glob("book/_static/heroes/*"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", r"01_tiny.ipynb: cell 2 raised ZeroDivisionError: division by zero"),
        (
            "import warnings; warnings.warn('mind the gap')",
            "cell 2 wrote to stderr: .*mind the gap",
        ),
        ("import os; os._exit(1)", "01_tiny.ipynb: the kernel died; was there enough memory?"),
    ],
)
def test_a_run_that_fails_leaves_the_file_alone(write, source, message):
    path = write("print('before')", source, "print('after')")
    before = path.read_bytes()
    with pytest.raises(notebooks.NotebookError, match=message):
        notebooks.execute(path, "quick")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_notebook_of_an_older_format_gets_cell_ids(write):
    path = write(FIGURE)
    notebook = nbformat.read(path, as_version=4)
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    nbformat.write(notebook, path)
    notebook = notebooks.execute(path, "quick")
    assert notebook.nbformat_minor == 5
    assert notebook.cells[1].metadata.mystnb.figure.name.endswith(notebook.cells[1].id)


def test_unknown_profile(write):
    with pytest.raises(ValueError, match="unknown profile 'fast'; the known ones are quick, full"):
        notebooks.execute(write("1"), "fast")


def test_a_changed_code_cell_makes_the_outputs_stale(write):
    path = write("1 + 1")
    notebook = nbformat.read(path, as_version=4)
    assert notebooks.stale(notebook)  # never run
    notebook.metadata["coursekit"] = {"fingerprint": notebooks.fingerprint(notebook)}
    notebook.cells[0].source = "# Other words"
    assert not notebooks.stale(notebook)
    notebook.cells[1].source = "1 + 2"
    assert notebooks.stale(notebook)
