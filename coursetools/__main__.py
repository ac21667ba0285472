"""The authors' and graders' command line: runs of notebooks, seeds, exercises, grades, data.

The authors' commands stand here, the graders' in `teaching`.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from coursetools import teaching

EXTRA = "the extra coursekit[tools] brings it: pip install -e '.[tools]' in the course's folder"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; an expected error is one line on stderr and the value 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; {EXTRA}"
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
    print(f"coursetools: {message}", file=sys.stderr)
    return 1


def _parser():
    parser = argparse.ArgumentParser(prog="python -m coursetools", description=__doc__)
    rooms = parser.add_subparsers(required=True, metavar="COMMAND")

    run = rooms.add_parser("run", help="execute a notebook in place and stamp it")
    run.add_argument("chapter", metavar="CH", help='"01", "data" or the path of a notebook')
    run.add_argument("--profile", default="full", help="full (default) or quick")
    run.set_defaults(command=run_notebook)

    seeds = rooms.add_parser("spread", help="the numbers and claims of a notebook over seeds")
    seeds.add_argument("chapter", metavar="CH", help='"01", "data" or the path of a notebook')
    seeds.add_argument("--profile", default="full", help="full (default) or quick")
    seeds.add_argument(
        "--seeds", type=seed_list, default="0-4", help="0-9, 3 or 0,2,5 (default 0-4)"
    )
    seeds.add_argument("--jobs", type=int, default=2, help="how many at once (default 2)")
    seeds.set_defaults(command=spread_notebook)

    release = rooms.add_parser("release", help="students' notebooks and solutions pages")
    release.add_argument("--check", action="store_true", help="only compare, write nothing")
    release.set_defaults(command=release_exercises)

    data = rooms.add_parser("data", help="real data sets: pack")
    actions = data.add_subparsers(required=True, metavar="ACTION")
    pack = actions.add_parser("pack", help="make the course's file from the original one")
    pack.add_argument("name", metavar="NAME", help="of the file to make, such as mnist.npz")
    pack.add_argument("origin", metavar="ORIGIN", type=Path, help="the original file or folder")
    pack.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=os.environ.get("COURSEKIT_DATA") or ".",
        help="where to (default: COURSEKIT_DATA, or this folder)",
    )
    pack.set_defaults(command=pack_data)

    teaching.add(rooms)
    return parser


def run_notebook(options):
    """Execute in place; print what was run and how long it took."""
    from coursetools import notebooks

    path = notebooks.find(options.chapter)
    print(f"running {path} in the profile {options.profile}", flush=True)
    stamp = notebooks.execute(path, options.profile).metadata["coursekit"]
    print(f"stored its outputs: {stamp['seconds']} s, device {stamp['device']}")


def seed_list(text: str) -> list[int]:
    """The seeds that "0-9", "3" or "0,2,5" means."""
    if not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} names no seeds; write 0-9, 3 or 0,2,5")
    seeds = {}
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds |= dict.fromkeys(range(int(first), int(last or first) + 1))
        if int(last or first) < int(first):
            raise argparse.ArgumentTypeError(f"{part!r} ends before it begins; write 0-9")
    return list(seeds)


def spread_notebook(options):
    """Print the tables over seeds; 1 when a seed failed somewhere."""
    from coursetools import notebooks
    from coursetools.spread import report, spread

    path = notebooks.find(options.chapter)
    seeds = ", ".join(map(str, options.seeds))
    print(f"running {path} with the seeds {seeds} ({options.profile})", flush=True)
    found = spread(path, options.profile, options.seeds, options.jobs)
    print(report(found))
    for line in found.failures:
        print(line, file=sys.stderr)
    return int(bool(found.failures))


def release_exercises(options):
    """Write the students' notebooks and solutions; with --check, 1 when they are out of date."""
    from coursetools.grading.release import release, stale
    from coursetools.notebooks import ROOT

    if not options.check:
        for path in release(ROOT):
            print(path.relative_to(ROOT))
        return 0
    old = stale(ROOT)
    for path in old:
        print(f"{path.relative_to(ROOT)} is not what its source gives")
    print("run python -m coursetools release" if old else "exercises are up to date")
    return int(bool(old))


def pack_data(options):
    """Make the course's file of a data set from the original one; print its path."""
    from coursetools.packing import pack

    print(pack(options.name, options.origin, options.out))


if __name__ == "__main__":
    sys.exit(main())
