"""Real data sets as files: found in a folder, in the cache, or downloaded; always verified."""

import os
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

import pooch


@dataclass(frozen=True)
class File:
    """One file of the course's data release."""

    sha256: str
    megabytes: float
    contents: str
    source: str
    licence: str


FILES = {
    "mnist.npz": File(
        "39b9b1ffaa0ba4d8995a616551f0966941fe02a3fe79ba4a9db7373db16d53ad",
        11.5,
        "70,000 handwritten digits of 28 x 28 pixels",
        "LeCun, Cortes and Burges, MNIST",
        "CC BY-SA 3.0",
    ),
    "reuters21578_bow2000.npz": File(
        "fd1cad51190f4f9c12a2e43ebae1b9dd0d870247903717e2fea29f392c8e0683",
        0.7,
        "word counts of 10,793 news stories, 2,000 stems",
        "Lewis, Reuters-21578, Distribution 1.0",
        "for research use",
    ),
}


def mirrors() -> list[str]:
    """Addresses tried in turn: `COURSEKIT_MIRROR` (spaces between several), then the release."""
    repository = metadata("coursekit")["Project-URL"].split(", ")[1]
    return os.environ.get("COURSEKIT_MIRROR", "").split() + [
        f"{repository}/releases/download/data-1"
    ]


def cache() -> Path:
    """The folder that downloads go to; users of one machine may share it by a link."""
    return Path(pooch.os_cache("coursekit"))


def find(name: str) -> Path | None:
    """The verified file in the folder `COURSEKIT_DATA` or in the cache; None if it is in neither.

    Raises KeyError for an unknown name and ValueError for a file whose sha256 is wrong.
    """
    if name not in FILES:
        raise KeyError(f"unknown data file {name!r}; the known ones are {', '.join(FILES)}")
    folder = os.environ.get("COURSEKIT_DATA")
    if folder and not Path(folder).is_dir():
        raise FileNotFoundError(f"COURSEKIT_DATA={folder!r} is not a folder")
    for place in [Path(folder), cache()] if folder else [cache()]:
        path = place / name
        if path.is_file():
            found = pooch.file_hash(path)
            if found != FILES[name].sha256:
                raise ValueError(
                    f"{path} is damaged or another version: its sha256 is {found}, expected "
                    f"{FILES[name].sha256}; delete it and run "
                    f"`python -m coursekit data fetch {name}`"
                )
            return path
    return None


def fetch(name: str) -> Path:
    """The path of a verified file, downloaded to the cache if it is not here yet.

    A download goes to a temporary file, is verified, and then takes its place in one step, so
    that a broken one never does and two processes may fetch at once.
    Raises KeyError (unknown name), ValueError (wrong sha256) and FileNotFoundError (not here and
    no mirror gave it; the message says where to put the file).
    """
    path = find(name)
    if path:
        return path
    pooch.get_logger().setLevel("WARNING")
    failures = []
    for mirror in mirrors():
        url = f"{mirror.rstrip('/')}/{name}"
        try:
            path = Path(
                pooch.retrieve(
                    url,
                    FILES[name].sha256,
                    fname=name,
                    path=cache(),
                    downloader=pooch.HTTPDownloader(timeout=30),
                )
            )
            path.chmod(0o644)  # pooch's temporary files are for their owner alone
            return path
        except (OSError, ValueError) as error:  # no connection, HTTP error; wrong checksum
            failures.append(f"  {url}: {error!r:.160}")
    raise FileNotFoundError(
        f"{name} ({FILES[name].megabytes} MB) is not on this machine and could not be downloaded:\n"
        + "\n".join(failures)
        + f"\nWithout a network: set COURSEKIT_DATA to a folder that holds {name}, or put the file "
        f"at {cache() / name}, or set COURSEKIT_MIRROR to an address that serves it. "
        "COURSEKIT_PROFILE=quick needs no download at all."
    )
