"""What the processes of a box take together, read from Linux' /proc."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

RESIDENT = ("status", {"RssAnon:", "RssShmem:"})  # quick; what processes share counts in each
EXACT = ("smaps_rollup", {"Pss_Anon:", "Pss_Shmem:"})  # what n of them share counts 1/n in each


def descendants(first: int) -> list[int]:
    """The process `first`, its children, their children and so on."""
    found = [first]
    for process in found:
        for children in _of_threads(process, "children"):
            found += map(int, children.split())
    return found


def exceed(first: int, limit: int) -> bool:
    """Whether the process `first` and all below it hold more than `limit` bytes of memory.

    Files that are mapped, such as libraries, do not count.
    """
    found = descendants(first)
    return all(
        sum(_bytes(Path(f"/proc/{process}/{file}"), names) for process in found) > limit
        for file, names in (RESIDENT, EXACT)
    )


def waiting(first: int) -> float:
    """The share of their time that `first` and all below it could not run for want of a core.

    1 where the kernel does not tell.
    """
    ran = waited = 0
    for process in descendants(first):
        for text in _of_threads(process, "schedstat"):
            if numbers := text.split():
                ran, waited = ran + int(numbers[0]), waited + int(numbers[1])
    return waited / (ran + waited) if ran else 1.0


def _bytes(path: Path, names: set[str]) -> int:
    """The sum of the lines with these names, which are in kB."""
    lines = (line.split() for line in _read(path).splitlines())
    return sum(int(words[1]) << 10 for words in lines if words[0] in names)


def _of_threads(process: int, file: str) -> Iterator[str]:
    """The text of this file of each thread of a process; of none where the process has ended."""
    tasks = Path(f"/proc/{process}/task")
    with suppress(OSError):
        for thread in os.listdir(tasks):
            yield _read(tasks / thread / file)


def _read(path: Path) -> str:
    """The text of a file of a process; nothing where the process has ended."""
    with suppress(OSError):
        return path.read_text()
    return ""
