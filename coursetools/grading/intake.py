"""Intake: what the students handed in, as bytes, from a folder or a zip archive.

| layout | student |
|---|---|
| `ada.ipynb` or `ada/any.ipynb` | ada |
| Moodle: `Ada Lovelace_12345_assignsubmission_file_x.ipynb`, or a folder so named | Ada Lovelace |
| Canvas: `lovelaceada_LATE_1234_5678_x-1.ipynb` | lovelaceada |
| nbgrader: `submitted/ada/01/x.ipynb`; what is in `downloaded/01/archive` as above | ada |

Nothing is extracted, no link is followed, and no student's name becomes a path. Of several
notebooks of a student one is taken, and `problem` names the others.
"""

import hashlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

MAX_BYTES = 10_000_000  # of one notebook
MAX_TOTAL = 4_000_000_000  # of all notebooks in an archive
MAX_MEMBERS = 50_000  # of an archive
MAX_RATIO = 200  # of compression
MAX_DEPTH = 6  # folders in folders

JUNK = {"__MACOSX", "__pycache__", ".ipynb_checkpoints", ".DS_Store", ".git", "Thumbs.db"}
WRAPPERS = {"submitted", "submissions", "downloaded", "archive"}
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>[0-9]+)_assignsubmission_(?:file|onlinetext)(?:_.*)?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>[0-9]+)_[0-9]+_.+")
RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")  # no file names on Windows
ODD = "it is a link, folder or device, not a file"
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError)


@dataclass(frozen=True)
class Submission:
    """A student's notebook; `content` is None where `problem` says why there is none to read.

    Beside a content, `problem` says what was left aside.
    """

    student: str
    file: str
    content: bytes | None
    problem: str | None = None
    late: bool = False


@dataclass(frozen=True)
class _File:
    """A file that was found, and why it must not be opened, if so."""

    parts: tuple[str, ...]  # of its path
    modified: float
    open: Callable[[], BinaryIO]
    problem: str | None = None

    @property
    def name(self) -> str:
        return _clean("/".join(self.parts))

    @property
    def is_notebook(self) -> bool:
        return self.parts[-1].lower().endswith(".ipynb")

    def read(self) -> tuple[bytes | None, str | None]:
        """The bytes and None, or None and why they cannot be had."""
        if self.problem:
            return None, self.problem
        try:
            with self.open() as file:
                content = file.read(MAX_BYTES + 1)  # whatever size an archive names
        except DAMAGED as error:
            return None, f"it cannot be opened or is damaged ({error})"
        if len(content) > MAX_BYTES:
            return None, f"it is larger than {MAX_BYTES // 1_000_000} MB; clear its outputs"
        return content, None


def collect(path: str | Path, chapter: str = "") -> list[Submission]:
    """What each student handed in, sorted by student.

    `path` is a folder or a zip archive. `chapter` ("02") is preferred where a student has
    notebooks of several. Trouble with one student's file stands in `problem`; ValueError where
    nothing can be read at all.
    """
    path = Path(path)
    if path.is_dir():
        inside = [entry for entry in path.iterdir() if entry.name not in JUNK]
        if [entry.suffix.lower() for entry in inside] != [".zip"]:
            return _submissions(_of_folder(path), path, chapter)
        path = inside[0]
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED as error:
        problem = f"neither a folder nor a sound zip archive ({error}); download it again"
        raise ValueError(f"{path} is {problem}") from None
    with archive:
        return _submissions(_of_archive(archive, path), path, chapter)


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


def _of_folder(root: Path) -> Iterator[_File]:
    """Every file below a folder; links, devices and empty folders have a problem."""
    for folder, folders, files in os.walk(root):
        above = Path(folder).relative_to(root).parts
        if above and not (folders or files):
            yield _File(above, 0, partial(_open, folder), "it is an empty folder, or closed to you")
        deep = len(above) == MAX_DEPTH
        odd = [name for name in folders if deep or os.path.islink(os.path.join(folder, name))]
        folders[:] = [] if deep else folders
        for name in [*files, *odd]:
            path = os.path.join(folder, name)
            state = os.lstat(path)
            problem = None if stat.S_ISREG(state.st_mode) else ODD
            yield _File((*above, name), state.st_mtime, partial(_open, path), problem)


def _open(path: str) -> BinaryIO:
    """A file, but no link, and without waiting, even when it was put in place just now."""
    extra = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | extra))


def _of_archive(archive: zipfile.ZipFile, path: Path) -> list[_File]:
    """Every file in an archive; ValueError where the archive as a whole is refused."""
    members = [info for info in archive.infolist() if not info.filename.endswith("/")]
    total = sum(info.file_size for info in members if info.filename.lower().endswith(".ipynb"))
    if len(members) > MAX_MEMBERS or total > MAX_TOTAL:
        raise ValueError(
            f"{path} has {len(members)} members and {total} bytes of notebooks, at most "
            f"{MAX_MEMBERS} and {MAX_TOTAL} are read; divide it"
        )
    return [
        _File(
            _parts(info, path),
            float("".join(f"{number:04d}" for number in info.date_time)),
            partial(archive.open, info),
            _problem(info),
        )
        for info in members
    ]


def _parts(info: zipfile.ZipInfo, path: Path) -> tuple[str, ...]:
    """The name of a member in parts; ValueError where it is not inside the archive."""
    name = info.filename
    if not info.flag_bits & 0x800:  # macOS writes UTF-8 without saying so
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or re.match(r"[A-Za-z]:|[/\\]", name):
        raise ValueError(f"{path}: its member {_clean(name)!r} is not inside it; remove that one")
    return parts


def _problem(info: zipfile.ZipInfo) -> str | None:
    """Why a member must not be opened."""
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return ODD
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in an unusual way; unpack the archive"
    if info.file_size > MAX_RATIO * max(info.compress_size, 1000):
        return f"it is compressed more than {MAX_RATIO} times, as no notebook is"
    return None


# ------------------------------------------------------------------------------- the students


def _submissions(found: Iterable[_File], path: Path, chapter: str) -> list[Submission]:
    """One submission a student, by name and number; ValueError where there is none."""
    files = [f for f in found if not any(p in JUNK or p.startswith("._") for p in f.parts)]
    while files and all(f.parts[0] in WRAPPERS | {path.stem} and f.parts[1:] for f in files):
        files = [replace(file, parts=file.parts[1:]) for file in files]
    students = defaultdict(list)
    for file in files:
        if key := _student(file):
            students[key].append(file)
    if not any(file.is_notebook for group in students.values() for file in group):
        remedy = "name a folder or zip archive with a notebook, or a folder, for each student"
        raise ValueError(f"no notebook (.ipynb) in {path}; {remedy}")
    names = Counter(name for name, _ in students)
    submissions = [
        _submission(f"{name} ({number})" if number and names[name] > 1 else name, group, chapter)
        for (name, number), group in students.items()
    ]
    return sorted(submissions, key=lambda submission: submission.student)


def _student(file: _File) -> tuple[str, str] | None:
    """Name and number of who handed in a file; None for a stray file, say a list of marks."""
    first, *below = file.parts
    match = MOODLE.fullmatch(first) or (not below and CANVAS.fullmatch(first))
    if match:
        return _clean(match["name"]), match["id"]
    if below or file.problem or ".ipynb" in first.lower():
        return _clean(first if below else re.sub(r"(?i)\.ipynb.*", "", first)), ""
    return None


def _submission(student: str, files: list[_File], chapter: str) -> Submission:
    """The newest notebook of a student, first those with exercises of the chapter."""
    wanted = re.compile(rf"exercise {chapter or '[0-9]{2}'}\.[0-9]+, keep this line".encode())
    notebooks = [file for file in files if file.is_notebook]
    notebooks.sort(key=lambda file: (file.modified, len(file.name), file.name))  # x-1 after x
    chosen, content, best, problems = (notebooks or files)[0], None, (), []
    for place, file in enumerate(notebooks):
        read, problem = file.read()
        if problem:
            problems.append(f"{file.name}: {problem}")
        elif (rank := (bool(wanted.search(read)), place)) > best:
            chosen, content, best = file, read, rank
    if not notebooks:
        problems.append(f"no notebook, only {', '.join(file.name for file in files[:5])}")
    aside = [file.name for file in notebooks if file is not chosen]
    if content is not None and aside:
        problems.append(f"of several notebooks this one counts, not {', '.join(aside)}")
    late = CANVAS.fullmatch(chosen.parts[-1])
    problem = "; ".join(problems) or None
    return Submission(student, chosen.name, content, problem, bool(late and late["late"]))


def _clean(text: str) -> str:
    """The text, composed, without control characters and what cannot be written as UTF-8."""
    text = unicodedata.normalize("NFC", text)
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
