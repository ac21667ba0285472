"""The command line: data sets, runs of notebooks, seeds, exercises."""

import argparse
import sys


def main(arguments=None) -> int:
    """Run one command; an expected error is one line on stderr and the value 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"coursekit: {message}", file=sys.stderr)
        return 1


def _parser():
    parser = argparse.ArgumentParser(prog="python -m coursekit", description=__doc__)
    rooms = parser.add_subparsers(required=True, metavar="COMMAND")

    data = rooms.add_parser("data", help="real data sets: list, fetch, verify")
    actions = data.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list", help="every file, and where it is").set_defaults(command=data_list)
    fetch = actions.add_parser("fetch", help="download to the cache what is not here yet")
    fetch.add_argument("names", nargs="+", metavar="NAME")
    fetch.set_defaults(command=data_fetch)
    verify = actions.add_parser("verify", help="compare the files here with their checksums")
    verify.set_defaults(command=data_verify)

    run = rooms.add_parser("run", help="execute a notebook in place and stamp it")
    run.add_argument("chapter", metavar="CH", help='"01", "data" or the path of a notebook')
    run.add_argument("--profile", default="full", help="full (default) or quick")
    run.set_defaults(command=run_notebook)

    seeds = rooms.add_parser("spread", help="the numbers and claims of a notebook over seeds")
    seeds.add_argument("chapter", metavar="CH", help='"01", "data" or the path of a notebook')
    seeds.add_argument("--profile", default="full", help="full (default) or quick")
    seeds.add_argument("--seeds", type=int, default=5, help="how many (default 5)")
    seeds.add_argument("--jobs", type=int, default=2, help="how many at once (default 2)")
    seeds.set_defaults(command=spread_notebook)

    exercises = rooms.add_parser("exercises", help="students' notebooks and solutions pages")
    actions = exercises.add_subparsers(required=True, metavar="ACTION")
    release = actions.add_parser("release", help="generate them from the author's notebooks")
    release.add_argument("--check", action="store_true", help="only compare, write nothing")
    release.set_defaults(command=release_exercises)
    return parser


def data_list(options):
    """Each file: size, where it is, what it holds, source, licence."""
    from coursekit.data import store

    for name, file in store.FILES.items():
        print(f"{name} ({file.megabytes} MB): {store.find(name) or 'not here; fetch it'}")
        print(f"    {file.contents}; {file.source}; {file.licence}")


def data_fetch(options):
    """Fetch the named files and print their paths."""
    from coursekit.data import store

    for name in options.names:
        print(store.fetch(name))


def data_verify(options):
    """One line a file; 1 when a file that is here is damaged."""
    from coursekit.data import store

    damaged = 0
    for name in store.FILES:
        try:
            print(f"{name}: {'ok' if store.find(name) else 'not here'}")
        except ValueError as error:
            damaged = 1
            print(f"{name}: {error}")
    return damaged


def run_notebook(options):
    """Execute in place; print what was run and how long it took."""
    from coursekit import notebooks

    path = notebooks.find(options.chapter)
    print(f"running {path} in the profile {options.profile}", flush=True)
    stamp = notebooks.execute(path, options.profile).metadata["coursekit"]
    print(f"stored its outputs: {stamp['seconds']} s, device {stamp['device']}")


def spread_notebook(options):
    """Print the table over seeds; 1 when a seed failed somewhere."""
    from coursekit import notebooks

    path = notebooks.find(options.chapter)
    print(f"running {path} with {options.seeds} seeds ({options.profile})", flush=True)
    table, failures = notebooks.spread(path, options.profile, range(options.seeds), options.jobs)
    print(table.to_string(float_format="{:.4g}".format) if len(table) else "no number, no claim")
    for line in failures:
        print(line, file=sys.stderr)
    return int(bool(failures))


def release_exercises(options):
    """Write the students' notebooks and solutions; with --check, 1 when they are out of date."""
    from coursekit.grading.release import release, stale
    from coursekit.notebooks import ROOT

    if not options.check:
        for path in release(ROOT):
            print(path.relative_to(ROOT))
        return 0
    old = stale(ROOT)
    for path in old:
        print(f"{path.relative_to(ROOT)} is not what its source gives")
    print("run python -m coursekit exercises release" if old else "exercises are up to date")
    return int(bool(old))


if __name__ == "__main__":
    sys.exit(main())
