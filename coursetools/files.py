"""Files written in one step, and folders that nobody else reads."""

import os
import secrets
import stat
from pathlib import Path


def write(path: Path, content: str | bytes, private: bool = False) -> None:
    """Replace the file at `path` by `content`; a crash at any moment leaves the old or the new.

    A `private` file and its folder are closed to others.
    """
    if private:
        close_to_others(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    data = content.encode() if isinstance(content, str) else content
    try:
        with open(part, "xb", opener=mine if private else None) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    if os.name == "posix":  # makes the rename outlive a power cut; Windows opens no folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def close_to_others(folder: Path) -> None:
    """Make `folder`, or close the one that is there to everybody else.

    Raises ValueError for one that everybody writes to, such as /tmp.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if os.name == "posix" and mode & stat.S_IWOTH:
        raise ValueError(f"everybody may write to {folder}; name another folder with --out")
    if mode & 0o077:
        folder.chmod(0o700)


def mine(path: str, flags: int) -> int:
    """An opener for `open` that makes a file for its owner alone."""
    return os.open(path, flags, 0o600)
