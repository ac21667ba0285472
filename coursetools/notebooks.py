"""Run a notebook, stamp it, tell whether its stored outputs belong to its code, measure seeds."""

import hashlib
import json
import math
import os
import platform
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import nbformat
import pandas as pd
import torch
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from tqdm import tqdm

from coursekit.session import PROFILES

ROOT = Path(__file__).parents[1]
EXPECTED = re.compile(r"^(.+): (\S+) \(expected \S+ to \S+\)$", re.MULTILINE)
CLAIMED = re.compile(r"^✓ (.+)$", re.MULTILINE)


class NotebookError(RuntimeError):
    """A cell that failed or wrote to stderr; the message names the notebook and the cell."""


class Spread(NamedTuple):
    """What several seeds gave: one row a number or claim, and one line a failed cell."""

    table: pd.DataFrame
    failures: list[str]


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

    The file changes only when the whole run succeeded, and then in one step. `seed` overrides
    the notebook's own. Returns the notebook. Raises ValueError for an unknown profile and
    NotebookError for the first cell that failed or any that wrote to stderr.
    """
    path = Path(path)
    notebook = nbformat.v4.upgrade(nbformat.read(path, as_version=4))  # gives cells their ids
    start = time.monotonic()
    _run(notebook, path, profile, seed)
    seconds = round(time.monotonic() - start)
    problems = _failures(notebook) + _warnings(notebook)
    if problems:
        raise NotebookError(f"{path.name}: {problems[0]} (the file is unchanged)")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _label_figure(cell, path.stem)
    _stamp(notebook, profile, seconds)
    partial_file = path.with_suffix(".ipynb.partial")
    nbformat.write(notebook, partial_file)
    os.replace(partial_file, path)
    return notebook


def spread(path: Path, profile: str, seeds=range(5), jobs: int = 1) -> Spread:
    """What `expect` and `claim` print for each seed; the file is not written.

    The table has a row for each number or claim (1 where it held, else 0), a column for each
    seed, and min, max, mean. A failed cell is listed, and the cells after it still run.
    `jobs` seeds run at once, each on one thread.
    """
    path, seeds = Path(path), list(seeds)
    with ThreadPoolExecutor(jobs) as pool:
        measured = list(pool.map(partial(_measure, path, profile), seeds))
    names = list(dict.fromkeys(name for found, _ in measured for name in found))
    values = pd.DataFrame(
        {
            seed: [found.get(name, 0.0 if name.startswith("✓") else math.nan) for name in names]
            for seed, (found, _) in zip(seeds, measured)
        },
        index=names,
        dtype=float,
    )
    table = values.assign(min=values.min(axis=1), max=values.max(axis=1), mean=values.mean(axis=1))
    failed = [f"seed {seed}: {line}" for seed, (_, lines) in zip(seeds, measured) for line in lines]
    return Spread(table, failed)


def _measure(path, profile, seed):
    """One seed: {name: value} of what was printed, and the cells that failed."""
    notebook = nbformat.read(path, as_version=4)
    try:
        _run(notebook, path, profile, seed, keep_going=True, OMP_NUM_THREADS="1")
    except NotebookError as error:
        return {}, [str(error)]
    found = {}
    for _, output in _outputs(notebook, "stream"):
        found |= {name: float(value) for name, value in EXPECTED.findall(output.text)}
        found |= {f"✓ {text}": 1.0 for text in CLAIMED.findall(output.text)}
    return found, _failures(notebook)


def _run(notebook, path, profile, seed=None, keep_going=False, **environment):
    """Run the cells in a fresh kernel; the outputs go into `notebook`."""
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
            pass  # the outputs say which cell and why: see _failures
        except NoSuchKernel:
            raise ModuleNotFoundError("no kernel for Python", name="ipykernel") from None
        except DeadKernelError:
            raise NotebookError(f"{path.name}: the kernel died; was there enough memory?") from None
    for cell in cells:
        _join_streams(cell)


def _join_streams(cell):
    """Join what was printed in a row; where the kernel cut it depends on the moment."""
    joined = []
    for output in cell.outputs:
        if joined and output.get("name") and output.get("name") == joined[-1].get("name"):
            joined[-1].text += output.text
        else:
            joined.append(output)
    cell.outputs = joined


def _outputs(notebook, kind):
    """Pairs (cell number, output) of one output type."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == kind:
                yield number, output


def _failures(notebook):
    return [f"cell {n} raised {o.ename}: {o.evalue}" for n, o in _outputs(notebook, "error")]


def _warnings(notebook):
    return [
        f"cell {number} wrote to stderr: {output.text.strip()}"
        for number, output in _outputs(notebook, "stream")
        if output.name == "stderr"
    ]


def _label_figure(cell, stem):
    """Copy alt text and caption from where `plots.show` left them to where the book reads them."""
    book = cell.metadata.pop("mystnb", {})
    name = book.pop("figure", {}).get("name", f"fig-{stem}-{cell.id}".replace("_", "-"))
    book.pop("image", None)
    for output in cell.outputs:
        texts = output.get("metadata", {}).get("coursekit")
        if texts:
            book["image"] = {"alt": texts["alt"]}
            book["figure"] = {"caption": texts["caption"], "name": name}
    if book:
        cell.metadata["mystnb"] = book


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
