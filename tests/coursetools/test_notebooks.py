import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursekit.checks import claim, expect
from coursetools import notebooks

FIGURE = """
from IPython.display import display
display({"image/png": "iVBORw0KGgo="}, raw=True,
        metadata={"coursekit": {"alt": "A red dot on a white square.", "caption": "A dot"}})
"""


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


def test_a_name_given_by_the_author_stays_and_old_texts_go(write):
    path = write(FIGURE, "1 + 1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["mystnb"] = {"figure": {"name": "fig-dot", "caption": "Old"}}
    notebook.cells[2].metadata["mystnb"] = {"image": {"alt": "a figure that is gone"}}
    nbformat.write(notebook, path)
    notebook = notebooks.execute(path, "quick")
    assert notebook.cells[1].metadata.mystnb.figure == {"name": "fig-dot", "caption": "A dot"}
    assert "mystnb" not in notebook.cells[2].metadata


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


def test_spread_knows_the_lines_that_checks_print(monkeypatch, capsys):
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    expect("test error: MSE", -1.5e-7, quick=(-1, 1), full=(0, 1))
    claim("one is small", True)
    printed = f"before\n{capsys.readouterr().out}after\n"
    assert notebooks.EXPECTED.findall(printed) == [("test error: MSE", "-1.5e-07")]
    assert notebooks.CLAIMED.findall(printed) == ["one is small"]


def test_spread_reads_numbers_and_claims_of_every_seed(write):
    path = write(
        "import os\nseed = int(os.environ['COURSEKIT_SEED'])",
        "threads = os.environ['OMP_NUM_THREADS']",
        "print(f'test error: MSE: {10 + seed} (expected 9.5 to 11.5)')\nassert seed < 2",
        "assert seed < 2\nprint('✓ the seed is small')\nassert threads == '1'",
        "if seed == 0:\n    raise KeyError('zero')",
    )
    before = path.read_bytes()
    table, failures = notebooks.spread(path, "quick", seeds=[0, 2], jobs=2)
    assert path.read_bytes() == before
    assert table.loc["test error: MSE"].to_dict() == {
        0: 10,
        2: 12,
        "min": 10,
        "max": 12,
        "mean": 11,
    }
    assert table.loc["✓ the seed is small", [0, 2]].tolist() == [1, 0]
    assert [line[:25] for line in failures] == [
        "seed 0: cell 5 raised Key",
        "seed 2: cell 3 raised Ass",
        "seed 2: cell 4 raised Ass",
    ]


def test_spread_reports_a_dead_kernel_and_goes_on(write):
    path = write(
        "import os; print('error: 2 (expected 1 to 3)')",
        "if os.environ['COURSEKIT_SEED'] == '1':\n    os._exit(1)",
    )
    table, failures = notebooks.spread(path, "quick", seeds=[0, 1], jobs=2)
    assert table.loc["error", "mean"] == 2 and table.loc["error"].isna()[1]
    assert failures == ["seed 1: 01_tiny.ipynb: the kernel died; was there enough memory?"]
