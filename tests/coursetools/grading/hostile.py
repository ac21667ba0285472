"""Hostile and broken submissions: a table of kinds, each with what it may earn.

Every kind answers exercises 02.2 and 02.3 of chapter 02, 5 points each. Most answer 02.2
honestly and attack in `auc`, the answer to 02.3. Their notebooks start with `PRELUDE`, which
tells them where the canaries are. The kinds stand by theme in hostile_cheats.py (points that
were not earned), hostile_spies.py (other files, processes, the network),
hostile_resources.py (crashes, hangs, floods) and hostile_files.py (broken files).

What a kind could reach it raises with the word ESCAPED; harmful calls go through `danger`,
which is None outside of a box.
"""

import copy
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from coursekit import exercises

ROOT = Path(__file__).parents[3]
AUTHOR = next(ROOT.glob("notebooks/exercises/02_*.ipynb"))
NUMBERS = ("02.2", "02.3")
LATE_DAEMON = "100003711"  # seconds that a process left behind would sleep

OK, DIED, LIMIT = {"ok"}, {"died"}, {"limit"}
UNREADABLE = {"unreadable"}

AUC = """\
gap = scores[labels == 1][:, None] - scores[labels == 0]
return (gap > 0).mean() + (gap == 0).mean() / 2
"""
HALF = """\
gap = scores[labels == 1][:, None] - scores[labels == 0]
return (gap > 0).mean()
"""
ANSWERS = {
    "02.2": "# exercise 02.2, keep this line\ndef cross_entropy(logits, images):\n",
    "02.3": "# exercise 02.3, keep this line\ndef auc(scores, labels):\n",
}
PRELUDE = """\
import os, sys
PATHS, PORT, SOCKET, MEMORY = {paths!r}, {port!r}, {socket!r}, {memory!r}
danger = os if os.uname().nodename == "box" else None

def attempt(*tries):
    \"\"\"What a try returns is loot; that there was none is an error too, which says so.\"\"\"
    held = []
    for one in tries:
        try:
            loot = one()
        except BaseException as error:
            held.append(type(error).__name__)
        else:
            if loot:
                raise RuntimeError(f"ESCAPED: {{loot}}")
            held.append("nothing")
    raise RuntimeError(f"held as uid {{os.getuid()}}: {{held}}")
"""


@dataclass(frozen=True)
class Kind:
    """One submission: the `rows` of the threat table it stands for, and what it may get.

    `body` is that of `auc`, `top` what follows it in its cell, `other` the body of the answer
    to 02.2 (None: the author's). `edit` changes the notebook (a dict), `raw` the bytes of its
    file. `place(path, content)` writes it elsewhere or otherwise than to `path`. `student`
    takes the place of a name made of the kind's. `says` stands somewhere in the record: it
    shows that the attack did run.
    """

    rows: tuple[int, ...]
    score: float
    statuses: set[str]
    body: str = "return 0.0"
    top: str = ""
    other: str | None = None
    edit: Callable[[dict], None] | None = None
    raw: Callable[[bytes], bytes] | None = None
    place: Callable[[Path, bytes], None] | None = None
    student: str | None = None
    says: str = ""


def author_notebook(folder: Path) -> Path:
    """The author's notebook with nothing but exercises 02.2 and 02.3, written to `folder`."""
    notebook = nbformat.read(AUTHOR, as_version=4)
    kept, keep = [], True
    for cell in notebook.cells:
        if cell.source.startswith("## Exercise"):
            keep = cell.source.startswith(tuple(f"## Exercise {number}" for number in NUMBERS))
        if keep:
            kept.append(cell)
    notebook.cells = kept
    path = folder / AUTHOR.name
    nbformat.write(notebook, path)
    return path


def memory() -> dict[str, float]:
    """What a right `auc` returns on the public inputs, by the sum of their scores."""
    found, names = {}, {}
    exec("def auc(scores, labels):\n" + textwrap.indent(AUC, "    "), names)

    def record(scores, labels):
        value = names["auc"](scores, labels)
        found[f"{scores.sum():.9f}"] = float(value)
        return value

    for test in exercises.find("02.3").tests:
        test.run(record, exercises.PUBLIC_SEED)
    return found


def notebook(author: dict, kind: Kind, prelude: str) -> bytes:
    """The file of a student of this kind, made from the author's notebook."""
    made = copy.deepcopy(author)
    for cell in made["cells"]:
        number = cell["id"].removeprefix("answer-").replace("-", ".")
        if number == "02.3":
            body = textwrap.indent(textwrap.dedent(kind.body).strip(), "    ")
            cell["source"] = f"{ANSWERS[number]}{body}\n\n{textwrap.dedent(kind.top)}"
        elif number == "02.2" and kind.other is not None:
            cell["source"] = ANSWERS[number] + textwrap.indent(kind.other, "    ")
    helper = {
        "cell_type": "code",
        "id": "prelude",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": prelude,
    }
    place = next(i for i, cell in enumerate(made["cells"]) if cell["id"] == "setup")
    made["cells"].insert(place + 1, helper)
    if kind.edit:
        kind.edit(made)
    content = json.dumps(made).encode()
    return kind.raw(content) if kind.raw else content


def write(folder: Path, student: str, kind: Kind, content: bytes) -> None:
    """Hand in `content` for a student, into the folder of submissions."""
    path = folder / f"{student}.ipynb"
    if kind.place:
        kind.place(path, content)
    else:
        path.write_bytes(content)
