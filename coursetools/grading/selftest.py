"""The self-test before the first student: a hostile program attacks a box from inside."""

import contextlib
import secrets
import socket
import sys
import time
from pathlib import Path

from coursetools.grading import syscalls
from coursetools.grading.attacks import PROBES, SYSTEM_CALLS, attacks
from coursetools.grading.box import Box, Stopped
from coursetools.grading.confinement import REMEDY, BoxError, Limits


def self_test(slot: int = 0) -> None:
    """Attack a box from inside; BoxError names what it does not hold against, and the remedy.

    The attacks look for files of the grader, the network, other processes and privileges, take
    more memory, processes and disk than allowed, and leave a process behind.
    """
    filtered = syscalls.program() is not None
    if not filtered:
        print(syscalls.MISSING, file=sys.stderr)
    limits = Limits(memory_mb=256, disk_mb=8, processes=40)
    marker, failed = f"left-by-{secrets.token_hex(8)}", []
    with socket.create_server(("127.0.0.1", 0)) as server, Box(limits, slot) as box:
        deadline = time.monotonic() + limits.call_seconds
        box.request({"cell": PROBES, "name": "probes"}, deadline)
        tries = attacks(limits, slot, server.getsockname()[1], marker)
        for what, attack in ((SYSTEM_CALLS if filtered else {}) | tries).items():
            message = {"call": attack, "answer": f"lambda: {attack}", "arguments": []}
            try:
                got = box.request(message, deadline)
            except Stopped as stop:
                failed.append(f"it cannot be tested whether code {what}: {stop}")
                break
            if got.get("value", "error"):
                failed.append(f"code {what}: {got}")
    if _alive(marker):
        failed.append("processes outlive it")
    if failed:
        raise BoxError(f"the box does not hold: {'; '.join(failed)}. Do not grade here. {REMEDY}")


def _alive(marker: str) -> bool:
    """Whether a process of this machine still has `marker` in its command after a while."""
    for _ in range(50):
        found = False
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                found = found or marker.encode() in path.read_bytes()
        if not found:
            return False
        time.sleep(0.1)
    return True
