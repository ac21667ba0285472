"""Real data sets as files: found in a folder, in the cache, or downloaded; always verified.

Used by every chapter, through the loaders of its data.
"""

import os
from importlib.metadata import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pooch

from coursekit.arguments import check_kind
from coursekit.data import origins
from coursekit.data.files import FILES, File, Original

__all__ = ["FILES", "File", "Original", "cache", "fetch", "find", "mirrors"]


def mirrors() -> list[str]:
    """Addresses tried in turn: `COURSEKIT_MIRROR` (spaces between several), then the release."""
    addresses = metadata("coursekit").get_all("Project-URL")
    repository = dict(line.split(", ") for line in addresses)["Repository"]
    return os.environ.get("COURSEKIT_MIRROR", "").split() + [
        f"{repository}/releases/download/data-1"
    ]


def cache() -> Path:
    """The folder that downloads go to; users of one machine may share it by a link."""
    return Path(pooch.os_cache("coursekit"))


def find(name: str) -> Path | None:
    """The verified file in the folder `COURSEKIT_DATA` or in the cache; None if it is in neither.

    Raises TypeError or ValueError for an unknown name, FileNotFoundError where `COURSEKIT_DATA` is
    no folder, and ValueError for a file that is damaged.
    """
    check_kind("name", name, str, "the name of a data file, such as 'mnist.npz'")
    if name not in FILES:
        raise ValueError(
            f"unknown data file {name!r}; the known ones are {', '.join(FILES)}; "
            "name must be one of them"
        )
    folder = os.environ.get("COURSEKIT_DATA")
    if folder and not Path(folder).is_dir():
        raise FileNotFoundError(f"COURSEKIT_DATA={folder!r} is not a folder")
    for place in [Path(folder), cache()] if folder else [cache()]:
        path = place / name
        if path.is_file():
            if problem := _problem(path):
                raise ValueError(
                    f"{path} is damaged or another version: {problem}; delete it and run "
                    f"`python -m coursekit data fetch {name}`"
                )
            return path
    return None


def fetch(name: str) -> Path:
    """The path of a verified file, which goes to the cache if it is not here yet.

    It comes from one of `mirrors`, or else is made from its originals, which are downloaded from
    where their authors published them. All happens in a folder of its own and is verified; then
    the file takes its place in one step, so that a broken one never does and two processes may
    fetch at once.
    Raises as `find` does, and FileNotFoundError if it could not be had anywhere; the message says
    what was tried and where to put the file.
    """
    path = find(name)
    if path:
        return path
    pooch.get_logger().setLevel("WARNING")
    failures = []
    try:
        cache().mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache()) as folder:
            path = Path(folder, name)
            if _download_ours(path, failures) or _make_ours(path, failures):
                path.chmod(0o644)  # pooch's temporary files are for their owner alone
                return path.replace(cache() / name)
    except OSError as error:  # no folder can be made there, or the disk is full
        failures.append(f"  {cache()}: {error!r:.160}")
    raise FileNotFoundError(_offline(name, failures))


def _problem(path):
    """What is wrong with a file: None if it is ours by its sha256, or by the arrays in it."""
    file = FILES[path.name]
    found = pooch.file_hash(path)
    if found == file.sha256 or (file.arrays and _digest(path) == file.arrays):
        return None
    return f"its sha256 is {found}, which does not match the expected {file.sha256}"


def _digest(path):
    """The digest of the arrays in a file, None if it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return origins.digest(arrays)
    except Exception:  # zip, zlib and NumPy raise a dozen of their own for a damaged file
        return None


def _download_ours(path, failures):
    """Whether one of the mirrors gave our file."""
    urls = [f"{mirror.rstrip('/')}/{path.name}" for mirror in mirrors()]
    return _download(urls, path, _problem, failures)


def _make_ours(path, failures):
    """Whether our file could be made from its originals, if it has any.

    It is stored as it is: to verify it then takes half a second, compressed it would take two.
    """
    file = FILES[path.name]
    paths = [path.parent / original.name for original in file.originals]
    if not paths or not all(
        _download(original.urls, place, original.problem, failures)
        for original, place in zip(file.originals, paths)
    ):
        return False
    try:
        np.savez(path, **origins.make(path.name, paths, file.arrays))
    except ValueError as error:
        failures.append(f"  {error}")
        return False
    return True


def _download(urls, path, problem, failures):
    """Whether one of `urls`, tried in turn, gave a file at `path` in which `problem` finds none."""
    for url in urls:
        try:
            pooch.retrieve(
                url,
                None,
                fname=path.name,
                path=path.parent,
                downloader=pooch.HTTPDownloader(timeout=30),
            )
            if not (found := problem(path)):
                return True
            path.unlink()
        except (OSError, ValueError) as error:  # no connection, HTTP error, half a file
            found = repr(error)
        failures.append(f"  {url}: {found:.160}")
    return False


def _offline(name, failures):
    """What was tried for a file, and the ways to have it without a network."""
    file = FILES[name]
    lines = [
        f"{name} ({file.megabytes} MB) is not on this machine and could not be downloaded:",
        *failures,
        f"Without a network: set COURSEKIT_DATA to a folder that holds {name}, or put the file at "
        f"{cache() / name}, or set COURSEKIT_MIRROR to an address that serves it. "
        "COURSEKIT_PROFILE=quick needs no download at all.",
    ]
    if file.origin:
        lines.append(f"Its origin: {file.origin}.")
    if file.originals:
        lines.append(
            f"`python -m coursetools data pack {name} ORIGIN` makes it of that, where ORIGIN is "
            f"{file.wanted}."
        )
    return "\n".join(lines)
