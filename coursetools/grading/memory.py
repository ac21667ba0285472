"""How much memory a box takes as a whole, read from Linux' /proc."""

from contextlib import suppress
from pathlib import Path

RESIDENT = ("status", {"RssAnon", "RssShmem"})  # quick; what processes share counts in each
EXACT = ("smaps_rollup", {"Pss_Anon", "Pss_Shmem"})  # what n of them share counts 1/n in each


def exceeds(first: int, limit: int) -> bool:
    """Whether the process `first` and all below it hold more than `limit` bytes.

    Files that are mapped, such as libraries, do not count.
    """
    found = descendants(first)
    return all(
        sum(_bytes(Path(f"/proc/{process}/{file}"), names) for process in found) > limit
        for file, names in (RESIDENT, EXACT)
    )


def descendants(first: int) -> list[int]:
    """The process `first`, its children, their children and so on."""
    found = [first]
    for process in found:
        with suppress(OSError):  # it has ended
            for children in Path(f"/proc/{process}/task").glob("*/children"):
                found += map(int, children.read_text().split())
    return found


def _bytes(path: Path, names: set[str]) -> int:
    """The sum of the lines with these names, which are in kB."""
    try:
        lines = (line.split() for line in path.read_text().splitlines())
        return sum(int(words[1]) << 10 for words in lines if words[0].rstrip(":") in names)
    except OSError:  # the process has ended
        return 0
