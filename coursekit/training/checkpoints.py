"""Checkpoint files: written in one step, checked before they are read.

A file is a line that names the format, the sha256 of what follows, and the state as `torch.save`
writes it. Used by chapters with long runs: 05, 06 and 11.
"""

import hashlib
import io
import os
import re
from pathlib import Path
from typing import Any

import torch

from coursekit.arguments import check_kind

FORMAT = b"coursekit checkpoint 2\n"
DIGEST = 64  # hexadecimal digits


def check_path(path: str | os.PathLike) -> Path:
    """`path` as a Path to a file, there or not, in a folder that is there and can be written to."""
    path = Path(check_kind("checkpoint", path, (str, os.PathLike), "a path"))
    if path.is_dir():
        raise ValueError(f"checkpoint must be a file, and {path} is a folder; add a file name")
    if not path.parent.is_dir():
        raise ValueError(f"checkpoint must be in a folder that exists; make {path.parent} first")
    if not os.access(path.parent, os.W_OK):
        raise ValueError(f"checkpoint must be in a folder that can be written to, got {path}")
    return path


def pack(state: Any) -> memoryview:
    """The bytes of a state."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getbuffer()


def unpack(content: memoryview) -> Any:
    """The state that `pack` made bytes of. Runs no code that the bytes may name."""
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def check_keeps(state: Any) -> None:
    """Raise ValueError for a state that a file cannot give back."""
    try:
        unpack(pack(state))
    except Exception as error:  # torch and pickle raise many kinds
        raise ValueError(
            "checkpoint cannot hold the state of this run; the state_dict of optimizer, scheduler "
            f"and batches must be made of tensors, numbers, strings, lists and dicts: {error}"
        ) from error


def write(path: Path, state: Any) -> None:
    """Write the state in one step: whoever reads `path` finds the old one or the new one, whole.

    Raises OSError that names the file where that fails, for want of space, say.
    """
    content = pack(state)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    _clear(path)
    try:
        with open(partial, "wb") as file:
            file.write(FORMAT + hashlib.sha256(content).hexdigest().encode())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OSError(
            error.errno,
            f"the checkpoint {path} could not be written: {error.strerror or error}. "
            "What it held before, if anything, is still there",
        ) from error


def read(path: Path) -> Any:
    """The state that `write` wrote; ValueError for any other file, and for a changed byte."""
    content = path.read_bytes()
    start = len(FORMAT) + DIGEST
    digest = hashlib.sha256(memoryview(content)[start:]).hexdigest().encode()
    if content[:start] != FORMAT + digest:
        raise ValueError(
            f"{path} is not a checkpoint of `fit`, or it is damaged. "
            "Name another file or delete it."
        )
    return unpack(memoryview(content)[start:])


def _clear(path):
    """Delete what processes that were killed while they wrote this checkpoint left behind."""
    for partial in path.parent.glob("*.partial"):
        found = re.fullmatch(rf"{re.escape(path.name)}\.(\d+)\.partial", partial.name)
        if found and not _lives(int(found[1])):
            partial.unlink(missing_ok=True)


def _lives(pid):
    """Whether a process of this number runs; where one cannot ask, it may."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
