"""The settings of a grading, in run.json beside its records, with the secret seed; and locks."""

import json
import secrets
from contextlib import contextmanager
from pathlib import Path

from coursetools.files import close_to_others, mine, write


def open_run(folder: Path, settings: dict, seed: int | None = None) -> int:
    """The seed of the grading in `folder`; its run.json is made where there is none yet.

    Raises ValueError where the folder was graded with other settings or another seed.
    """
    path = Path(folder) / "run.json"
    with lock(Path(folder) / "run.lock", wait=True):  # parts of a cluster's job start together
        if not path.is_file():
            stored = settings | {"seed": secrets.randbits(63) if seed is None else seed}
            write(path, json.dumps(stored, indent=1) + "\n", private=True)
    return agree(folder, settings, seed)["seed"]


def agree(folder: Path, settings: dict, seed: int | None = None) -> dict:
    """The stored run ({} before the first); ValueError says where it differs from `settings`."""
    path = Path(folder) / "run.json"
    if not path.is_file():
        return {}
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        wanted = settings | {"seed": stored["seed"] if seed is None else seed}
        differ = [
            f"{name} {stored[name]} (now {wanted[name]})"
            for name in wanted
            if stored[name] != wanted[name]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} cannot be read ({error!r}); name another folder with --out, or move "
            "the file away: a new seed is drawn and all is graded again"
        ) from None
    if differ:
        raise ValueError(
            f"{folder} was graded with {', '.join(differ)}; give the same settings, "
            "or another folder with --out"
        )
    return stored


@contextmanager
def lock(path: Path, shared: bool = False, wait: bool = False):
    """Hold a lock on the file `path`; it goes with the process, even a killed one.

    Raises RuntimeError when another process holds it (unless `wait`) or no lock can be had.
    """
    import fcntl  # not on Windows, where there is no box either

    close_to_others(path.parent)
    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    with open(path, "a", opener=mine) as file:
        try:
            fcntl.flock(file, kind)
        except BlockingIOError:
            raise RuntimeError(
                f"another grader is at work in {path.parent}; wait for it, stop it, or name "
                "another folder with --out"
            ) from None
        except OSError as error:
            raise RuntimeError(
                f"the file system of {path.parent} gives no locks ({error}); name a folder on "
                "another one with --out"
            ) from None
        yield
