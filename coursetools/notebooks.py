"""Run a notebook, stamp it, and tell whether its stored outputs belong to its code."""

import hashlib
import json
import os
import platform
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import nbformat
import torch
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from tqdm import tqdm

from coursekit.session import PROFILES
from coursetools import heroes
from coursetools.cells import fold, join_streams, label_figure
from coursetools.files import write

ROOT = Path(__file__).parents[1]


class NotebookError(RuntimeError):
    """A cell that failed or wrote to stderr; the message names the notebook and the cell."""


def find(chapter: str) -> Path:
    """The notebook of a chapter: "01", "data" (the data page), or a path to any notebook.

    Raises FileNotFoundError, which lists the known names.
    """
    if chapter.endswith(".ipynb") and Path(chapter).is_file():
        return Path(chapter)
    known = {path.name[:2]: path for path in sorted(ROOT.glob("notebooks/[0-9][0-9]_*.ipynb"))}
    known |= {path.stem: path for path in ROOT.glob("book/data.ipynb")}
    if chapter not in known:
        raise FileNotFoundError(
            f"no notebook {chapter!r}; name one of {', '.join(known) or '(none here)'} "
            "or the path of an .ipynb file"
        )
    return known[chapter]


def fingerprint(notebook) -> str:
    """The sha256 of the sources of the code cells: outputs belong to code with this value."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def stale(notebook) -> bool:
    """Whether a code cell changed since the stored outputs were made (or none ever were)."""
    return notebook.metadata.get("coursekit", {}).get("fingerprint") != fingerprint(notebook)


def execute(path: Path, profile: str, seed: int | None = None):
    """Run a notebook in its own folder and store outputs, figure texts and a stamp in the file.

    Cells tagged `hide-input` are marked as folded for Colab and JupyterLab. A chapter's hero is
    stored as book/_static/heroes/NN.png in the full profile. Files change only when the whole run
    succeeded, and then each in one step. `seed` overrides the notebook's own. Returns the notebook.
    Raises ValueError for an unknown profile and NotebookError for the first cell that failed, any
    that wrote to stderr, two heroes, and a hero without a picture.
    """
    path = Path(path)
    notebook = nbformat.v4.upgrade(nbformat.read(path, as_version=4))  # gives cells their ids
    start = time.monotonic()
    run_cells(notebook, path, profile, seed)
    seconds = round(time.monotonic() - start)
    problems = failures(notebook) + _warnings(notebook) + heroes.problems(notebook)
    if problems:
        raise NotebookError(f"{path.name}: {problems[0]} (the file is unchanged)")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            label_figure(cell, path.stem)
            fold(cell)
    _stamp(notebook, profile, seconds)
    chapter = path.resolve().parent == ROOT / "notebooks"
    if profile == "full" and chapter and (hero := heroes.png(notebook)):
        write(hero_file(path), hero)
    write(path, nbformat.writes(notebook) + "\n")
    return notebook


def hero_file(path: Path) -> Path:
    """Where the hero of this chapter lies."""
    return ROOT / "book/_static/heroes" / f"{path.name[:2]}.png"


def run_cells(notebook, path, profile, seed=None, keep_going=False, **environment):
    """Run the cells in a fresh kernel; the outputs go into `notebook`.

    With `keep_going` the cells after one that failed still run. Raises NotebookError for a dead
    kernel.
    """
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}; the known ones are {', '.join(PROFILES)}")
    environment |= {"COURSEKIT_PROFILE": profile, "TQDM_DISABLE": "1"}
    if seed is not None:
        environment |= {"COURSEKIT_SEED": str(seed)}
    if folder := os.environ.get("COURSEKIT_DATA"):  # the kernel starts in another folder
        environment |= {"COURSEKIT_DATA": os.path.abspath(folder)}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    with tqdm(total=len(cells), unit="cell", desc=path.stem, disable=None) as bar:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=None,
            record_timing=False,
            allow_errors=keep_going,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_executed=lambda **_: bar.update(),
        )
        try:
            client.execute(env=os.environ | environment)
        except CellExecutionError:
            pass  # the outputs say which cell and why: see failures
        except NoSuchKernel:
            raise ModuleNotFoundError("no kernel for Python", name="ipykernel") from None
        except DeadKernelError:
            raise NotebookError(f"{path.name}: the kernel died; was there enough memory?") from None
    for cell in cells:
        join_streams(cell)


def _outputs(notebook, kind):
    """Pairs (cell number, output) of one output type."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == kind:
                yield number, output


def failures(notebook) -> list[str]:
    """The cells that raised, and what."""
    return [f"cell {n} raised {o.ename}: {o.evalue}" for n, o in _outputs(notebook, "error")]


def _warnings(notebook):
    return [
        f"cell {number} wrote to stderr: {output.text.strip()}"
        for number, output in _outputs(notebook, "stream")
        if output.name == "stderr"
    ]


def _stamp(notebook, profile, seconds):
    """Record the run, and drop from the metadata what depends on the machine."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    notebook.metadata["coursekit"] = {
        "profile": profile,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "versions": {
            "python": platform.python_version(),
            "torch": version("torch").split("+")[0],
            "coursekit": version("coursekit"),
        },
        "date": date.today().isoformat(),
        "seconds": seconds,
        "fingerprint": fingerprint(notebook),
    }
