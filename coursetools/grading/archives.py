"""The files that were handed in, from a folder or a zip archive, and why some are not opened.

Nothing is extracted and no link is followed; the trouble with one file never stops another.
"""

import os
import re
import stat
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from coursetools.characters import distinct
from coursetools.grading import times

MAX_BYTES = 10_000_000  # of one notebook
MAX_TOTAL = 4_000_000_000  # of all notebooks in an archive
MAX_MEMBERS = 50_000  # of an archive
MAX_RATIO = 200  # of compression
MAX_DEPTH = 6  # folders in folders

ODD = "it is a link, folder or device, not a file"
EMPTY = "it is an empty folder, or closed to you"
OUTSIDE = "its name leads out of the archive; rename it"
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError)


@dataclass(frozen=True)
class File:
    """A file that was found, and why it must not be opened, if so."""

    parts: tuple[str, ...]  # of its path
    modified: float | None  # when, in seconds after 1970 began
    open: Callable[[], BinaryIO]
    problem: str | None = None

    @property
    def name(self) -> str:
        """Its path as it may be shown."""
        return distinct("/".join(self.parts))

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


def of_file(path: Path) -> File:
    """The one file at `path`, which the user named, so that links are followed."""
    return File((path.name,), path.stat().st_mtime, partial(open, path, "rb"))


def of_folder(root: Path) -> Iterator[File]:
    """Every file below a folder; links, devices and empty folders have a problem."""
    for folder, folders, files in os.walk(root):
        above = Path(folder).relative_to(root).parts
        if above and not (folders or files):
            yield File(above, None, partial(_open, folder), EMPTY)
        deep = len(above) == MAX_DEPTH
        odd = [name for name in folders if deep or os.path.islink(os.path.join(folder, name))]
        folders[:] = [] if deep else folders
        for name in [*files, *odd]:
            path = os.path.join(folder, name)
            state = os.lstat(path)
            problem = None if stat.S_ISREG(state.st_mode) else ODD
            yield File((*above, name), state.st_mtime, partial(_open, path), problem)


def _open(path: str) -> BinaryIO:
    """A file, but no link, and without waiting, even when it was put in place just now."""
    extra = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | extra))


def of_archive(archive: zipfile.ZipFile, path: Path) -> list[File]:
    """Every file and empty folder in an archive; ValueError where it is too large to be read."""
    members = archive.infolist()
    total = sum(info.file_size for info in members if info.filename.lower().endswith(".ipynb"))
    if len(members) > MAX_MEMBERS or total > MAX_TOTAL:
        raise ValueError(
            f"{path} has {len(members)} members and {total} bytes of notebooks, at most "
            f"{MAX_MEMBERS} and {MAX_TOTAL} are read; divide it"
        )
    names = [_name(info) for info in members]
    order = sorted(names)
    return [
        File(
            _parts(name),
            times.of_member(info.date_time),
            partial(archive.open, info),
            _problem(info, name),
        )
        for info, name in zip(members, names)
        if not (name.endswith("/") and _is_full(name, order))
    ]


def _is_full(folder: str, order: list[str]) -> bool:
    """Whether something in a folder has a member of its own, and so need not be named for it."""
    after = bisect_right(order, folder)
    return after < len(order) and order[after].startswith(folder)


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a member, with the one separator that archives should have."""
    name = info.filename
    if not info.flag_bits & 0x800:  # macOS writes UTF-8 without saying so
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return name.replace("\\", "/")


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a member's name, without those that would lead out of the archive."""
    inside = re.sub(r"^[A-Za-z]:", "", name).split("/")
    return tuple(part for part in inside if part not in ("", ".", "..")) or ("without a name",)


def _problem(info: zipfile.ZipInfo, name: str) -> str | None:
    """Why a member must not be opened."""
    if ".." in name.split("/") or re.match(r"[A-Za-z]:|/|\.?$", name):
        return OUTSIDE
    if name.endswith("/"):
        return EMPTY
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return ODD
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in an unusual way; unpack the archive"
    if info.file_size > MAX_RATIO * max(info.compress_size, 1000):
        return f"it is compressed more than {MAX_RATIO} times, as no notebook is"
    return None
