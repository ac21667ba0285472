"""The readers' command line: the real data sets."""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; an expected error is one line on stderr and the value 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except (OSError, ValueError, KeyError) as error:
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
    return parser


def data_list(options) -> None:
    """Each file: size, where it is, what it holds, source, licence."""
    from coursekit.data import store

    for name, file in store.FILES.items():
        print(f"{name} ({file.megabytes} MB): {store.find(name) or 'not here; fetch it'}")
        print(f"    {file.contents}; {file.source}; {file.licence}")


def data_fetch(options) -> None:
    """Fetch the named files and print their paths."""
    from coursekit.data import store

    for name in options.names:
        print(store.fetch(name))


def data_verify(options) -> int:
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


if __name__ == "__main__":
    sys.exit(main())
