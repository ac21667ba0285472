"""Intake: what the students handed in, as bytes, from a folder, a zip archive or one notebook.

| layout | student |
|---|---|
| `ada.ipynb` or `ada/any.ipynb` | ada |
| Moodle: `Ada Lovelace_12345_assignsubmission_file_x.ipynb`, or a folder so named | Ada Lovelace |
| Canvas: `lovelaceada_LATE_1234_5678_x-1.ipynb` | lovelaceada |
| nbgrader: `submitted/ada/01/x.ipynb`; what is in `downloaded/01/archive` as above | ada |

No student's name becomes a path, and names that differ in invisible characters become names that
look different. Of several notebooks of a student one is taken, and `problem` names the others and
every file beside it. An archive beside notebooks is its student's, and is not opened.

When it was handed in says nbgrader's timestamp.txt beside it, else the time of the file.
"""

import hashlib
import re
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from coursetools.characters import distinct
from coursetools.grading import times
from coursetools.grading.archives import DAMAGED, File, of_archive, of_file, of_folder

JUNK = {"__MACOSX", "__pycache__", ".ipynb_checkpoints", ".DS_Store", ".git", "Thumbs.db"}
STAMP = "timestamp.txt"  # nbgrader writes it beside each submission
WRAPPERS = {"submitted", "submissions", "downloaded", "archive"}
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>[0-9]+)_assignsubmission_(?:file|onlinetext)(?:_.*)?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>[0-9]+)_[0-9]+_.+")
RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")  # no file names on Windows
OWN = re.compile(r"(?is)\.(ipynb.*|zip)$")  # what a file named after a student ends in
NAMED = 5  # files of a student that are listed by name


@dataclass(frozen=True)
class Submission:
    """A student's notebook; `content` is None where `problem` says why there is none to read.

    Beside a content, `problem` says what was left aside. `handed_in` is when, as `times` has it.
    """

    student: str
    file: str
    content: bytes | None
    problem: str | None = None
    late: bool = False
    handed_in: str | None = None

    @property
    def digest(self) -> str | None:
        """sha256 of the content."""
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Intake:
    """What was handed in: submissions by student, and the names of files that are nobody's."""

    submissions: list[Submission]
    strays: list[str]


def collect(path: str | Path, chapter: str = "") -> Intake:
    """What each student handed in.

    `path` is a folder, a zip archive or one notebook, named as in a folder. `chapter` ("02") is
    preferred where a student has notebooks of several. Trouble with one student's file stands in
    `problem`; ValueError where nothing can be read at all.
    """
    path = Path(path)
    if path.suffix.lower() == ".ipynb" and path.is_file():
        return _intake([of_file(path)], path, chapter)
    if path.is_dir():
        inside = [entry for entry in path.iterdir() if entry.name not in {*JUNK, STAMP}]
        if [entry.suffix.lower() for entry in inside] != [".zip"]:
            return _intake(of_folder(path), path, chapter)
        path = inside[0]
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED as error:
        problem = f"no folder, notebook or sound zip archive ({error}); download it again"
        raise ValueError(f"{path} is {problem}") from None
    with archive:
        return _intake(of_archive(archive, path), path, chapter)


def slug(name: str) -> str:
    """A short file name for any text; different texts have different ones.

    >>> slug("ada"), slug("Ada Lovelace")
    ('ada', 'ada-lovelace_767402161715')
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name) and not RESERVED.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    readable = re.sub(r"[^a-z0-9]+", "-", plain)[:30].strip("-") or "student"
    return f"{readable}_{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


# ------------------------------------------------------------------------------- the students


def _intake(found: Iterable[File], path: Path, chapter: str) -> Intake:
    """The files by student, by name and number; ValueError where there is no notebook."""
    files = [f for f in found if not any(p in JUNK or p.startswith("._") for p in f.parts)]
    files, strays = _unwrap(files, WRAPPERS | {path.stem}, path.is_dir())
    if not any(file.is_notebook for file in files):
        remedy = "name a folder or zip archive with a notebook, or a folder, for each student"
        raise ValueError(f"no notebook (.ipynb) in {path}; {remedy}")
    keys = [_student(file) for file in files]
    names, students = Counter(name for name, _ in set(keys)), defaultdict(list)
    for (name, number), file in zip(keys, files):
        students[f"{name} ({number})" if number and names[name] > 1 else name].append(file)
    submissions = [_submission(student, students[student], chapter) for student in sorted(students)]
    return Intake(submissions, sorted(f.name for f in strays if f.parts[-1] != STAMP))


def _unwrap(
    files: list[File], wrappers: set[str], in_folder: bool
) -> tuple[list[File], list[File]]:
    """The students' files without folders that hold all of them; files that are nobody's.

    In a folder the only one below it may be the only student's; in an archive it is the class.
    """
    strays = []
    while True:
        strays += [file for file in files if not _student(file)]
        files = [file for file in files if _student(file)]
        if not files or not all(file.parts[1:] for file in files):
            return files, strays
        named = all(file.parts[0] in wrappers for file in files)
        if not named and (in_folder or not _is_class(files)):
            return files, strays
        files = [replace(file, parts=file.parts[1:]) for file in files]


def _is_class(files: list[File]) -> bool:
    """Whether one folder holds all files, and the notebooks in folders of their own below it."""
    folders = {file.parts[:2] for file in files if file.is_notebook}
    inside = all(file.parts[2:] for file in files if file.is_notebook)
    return inside and len({file.parts[0] for file in files}) == 1 < len(folders)


def _student(file: File) -> tuple[str, str] | None:
    """Name and number of who handed in a file; None for a stray file, say a list of marks."""
    first, *below = file.parts
    match = MOODLE.fullmatch(first) or (not below and CANVAS.fullmatch(first))
    if match:
        return distinct(match["name"]), match["id"]
    if below or file.problem or OWN.search(first):
        return distinct(first if below else OWN.sub("", first) or first), ""
    return None


def _submission(student: str, files: list[File], chapter: str) -> Submission:
    """The newest notebook of a student, first those with exercises of the chapter."""
    wanted = re.compile(rf"exercise {chapter or '[0-9]{2}'}\.[0-9]+, keep this line".encode())
    notebooks = [file for file in files if file.is_notebook]
    others = [f for f in files if not (f.is_notebook or notebooks and f.parts[-1] == STAMP)]
    notebooks.sort(key=lambda f: (f.modified or 0, len(f.name), f.name))  # x-1 after x
    chosen, content, best, problems = (notebooks or files)[0], None, (), []
    for place, file in enumerate(notebooks):
        read, problem = file.read()
        if problem:
            problems.append(f"{file.name}: {problem}")
        elif (rank := (bool(wanted.search(read)), place)) > best:
            chosen, content, best = file, read, rank
    aside = [file for file in notebooks if file is not chosen]
    if content is not None and aside:
        problems.append(f"of several notebooks this one counts, not {_names(aside)}")
    if others:
        problems.append(f"{'left aside:' if notebooks else 'no notebook, only'} {_names(others)}")
    late = CANVAS.fullmatch(chosen.parts[-1])
    problem, time = "; ".join(problems) or None, _handed_in(chosen, files)
    return Submission(student, chosen.name, content, problem, bool(late and late["late"]), time)


def _handed_in(chosen: File, files: list[File]) -> str | None:
    """When the chosen of a student's files was handed in.

    A timestamp.txt that came with a student's upload to Moodle is not nbgrader's.
    """
    place = (*chosen.parts[:-1], STAMP)
    stamp = next((file for file in files if file.parts == place), None)
    if stamp and not MOODLE.fullmatch(chosen.parts[0]):
        return times.of_stamp(stamp.read()[0])
    return times.of_seconds(chosen.modified)


def _names(files: list[File]) -> str:
    """The names of some files, and why one cannot be opened."""
    named = [f"{file.name} ({file.problem})" if file.problem else file.name for file in files]
    return ", ".join(named[:NAMED]) + (f" and {len(files) - NAMED} more" * (len(files) > NAMED))
