"""Our data files, made from the originals that their authors published: for the data release.

For whoever sets up the release or serves the files to a class.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from coursekit.arguments import check_kind
from coursekit.data import origins, store


def pack(name: str, origin: Path, out: Path) -> Path:
    """The file `name` in the folder `out`, made from `origin`, verified and compressed.

    `origin` is the original file, or the folder that holds the originals under their published
    names where there are several (mnist.npz). The file takes its place in `out` in one step. Its
    arrays are the course's, or ValueError is raised; its sha256 is the one of `store.FILES` where
    zlib compresses as it did for the release, and the store takes it anyway.
    Raises TypeError for what is no name or path, ValueError for a name that cannot be made, and
    for an original that is missing, damaged or another version.
    """
    check_kind("name", name, str, "the name of a data file, such as 'mnist.npz'")
    origin = Path(check_kind("origin", origin, (str, Path), "a path"))
    out = Path(check_kind("out", out, (str, Path), "a folder"))
    if out.is_file() or out.suffix == ".npz":
        raise ValueError(f"out must be a folder, got {out}; the file in it is called {name}")
    file = _file(name)
    arrays = origins.make(name, _originals(name, file, origin), file.arrays)
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out) as folder:
        np.savez_compressed(path := Path(folder, name), **arrays)
        return path.replace(out / name)


def _file(name):
    """The entry of a file that can be made."""
    possible = ", ".join(name for name, file in store.FILES.items() if file.originals)
    if name not in store.FILES:
        raise ValueError(f"name must be one of {possible}, got {name!r}")
    file = store.FILES[name]
    if not file.originals:
        raise ValueError(
            f"name must be one of {possible}, got {name!r}, for which there is no recipe; its "
            f"origin: {file.origin}"
        )
    return file


def _originals(name, file, origin):
    """The verified originals of a file."""
    one = len(file.originals) == 1
    paths = [origin] if one else [origin / original.name for original in file.originals]
    for original, path in zip(file.originals, paths):
        if not path.is_file():
            raise ValueError(
                f"origin must be {file.wanted} for {name}, and there is no file {path}; it comes "
                f"from {original.urls[0]}"
            )
        if problem := original.problem(path):
            raise ValueError(f"origin: {path} is damaged or another version: {problem}")
    return paths
