"""The batch of hostile and honest submissions: who hands in what, and what it left behind."""

import os
import stat
from html.parser import HTMLParser
from pathlib import Path

from coursetools.grading import pool
from coursetools.grading.box import Limits
from coursetools.grading.confinement import FIRST_UID, PACKAGE, TOOLS
from tests.coursetools.grading import (
    hostile,
    hostile_cheats,
    hostile_files,
    hostile_resources,
    hostile_spies,
)
from tests.coursetools.grading.hostile import AUC, HALF, OK, Kind

CANARY = "canary-3f9c1b"
SEED = 7_215_046_381
LIMITS = Limits(
    call_seconds=5,
    total_seconds=30,
    memory_mb=1000,
    disk_mb=64,
    processes=64,
    output_bytes=1_000_003,
)
MARKS = ('"output_bytes": 1000003', hostile.LATE_DAEMON)  # in the commands of our processes

HOSTILE = hostile_cheats.KINDS | hostile_spies.KINDS | hostile_resources.KINDS | hostile_files.KINDS
HONEST = {
    "honest-full": Kind((), 10, OK, body=AUC),
    "honest-half": Kind((), 7, OK, body=HALF, says="off by"),
    "honest-stub": Kind(
        (),
        0,
        OK,
        body="raise NotImplementedError",
        other="raise NotImplementedError",
        says="not started yet",
    ),
}


def students() -> dict[str, str]:
    """The student of each kind; an honest one after every sixth other."""
    names, honest = {}, list(HONEST)
    for i, kind in enumerate(HOSTILE):
        names[kind] = HOSTILE[kind].student or f"{i:03d}-{kind}"
        if i % 6 == 5:
            one = honest[i // 6 % 3]
            names[f"{one}-{i}"] = f"{i:03d}-z-{one}"
    return names


STUDENTS = students()
KINDS = {name: HOSTILE.get(name) or HONEST[name.rpartition("-")[0]] for name in STUDENTS}


def watched(folder: Path) -> list[Path]:
    """Files that no submission should change: the submissions, and what judges them."""
    found = [path for path in (folder / "submissions").rglob("*") if path.is_file()]
    return found + sorted(PACKAGE.glob("exercises/*.py")) + sorted(TOOLS.rglob("*.py"))


def snapshot(path: Path) -> tuple[bytes, int]:
    """What a file holds, and who may do what with it."""
    return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)


def record_of(batch, name: str) -> dict:
    """The record of the student of this kind."""
    return batch.records[STUDENTS[name].replace("\n", "⟨U+000A⟩")]


def words(record: dict) -> str:
    """All that a record says."""
    reasons = [test["reason"] for test in record["tests"]]
    return "\n".join([record["message"], *record["flags"], *reasons])


def ours() -> list[str]:
    """The commands of the processes that the batch left running."""
    found = []
    with pool.slots(8) as numbers:  # nobody else uses them now
        uids = {FIRST_UID + number for number in numbers} if os.geteuid() == 0 else set()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if process.stat().st_uid in uids or any(mark in command for mark in MARKS):
                    found.append(command)
            except OSError:  # it has ended
                continue
    return found


class Tags(HTMLParser):
    """The elements of a page, as (name, attributes)."""

    def __init__(self, page: str):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
