"""Garbage in every argument of every public function: an error that names it, or the right number.

`python -m tests.garbage.test_garbage` prints the counts of verdicts.
"""

import importlib
from collections import Counter

import pytest

from tests.garbage.kinds import garbage
from tests.garbage.verdict import DEEP, NAMED, RAW, RIGHT, WRONG, judge

ROOMS = "checks data exercises inspection layers losses metrics models plots session"
ROOMS = f"{ROOMS} training live".split()


def registry(room):
    """The calls of a room and the names that need none."""
    module = importlib.import_module(f"tests.garbage.calls_{room}")
    return module.CALLS, getattr(module, "EXEMPT", {})


CASES = [
    (room, name, argument)
    for room in ROOMS
    for name, call in registry(room)[0].items()
    for argument in call.arguments
]


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_called_or_exempt(room):
    face = importlib.import_module(f"coursekit.{room}")
    calls, exempt = registry(room)
    missing = set(face.__all__) - calls.keys() - exempt.keys()
    assert not missing, f"give {sorted(missing)} a call in tests/garbage/calls_{room}.py"
    assert not exempt.keys() - set(face.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_the_valid_calls_work(room):
    for name, call in registry(room)[0].items():
        try:
            call.run()
        except Exception as error:
            raise AssertionError(f"the valid call of {name} fails") from error


@pytest.mark.parametrize(("room", "name", "argument"), CASES)
def test_garbage_is_refused_by_name(room, name, argument):
    call = registry(room)[0][name]
    found = []
    for kind, value in garbage(call.arguments[argument]).items():
        verdict, text = judge(call, argument, kind, value)
        if verdict not in (NAMED, RIGHT):
            found.append(f"{kind}: {verdict}: {text}")
    assert not found, "\n".join([f"{name}({argument}=...)", *found])


def count():
    """{room: Counter of verdicts}; calls that do not work here are left out and named."""
    counts = {}
    for room, name, argument in CASES:
        call = registry(room)[0][name]
        try:
            call.run()
        except Exception as error:
            print(f"left out: {room}.{name}: {error!r:.100}")
            continue
        for kind, value in garbage(call.arguments[argument]).items():
            verdict, _ = judge(call, argument, kind, value)
            counts.setdefault(room, Counter())[verdict] += 1
    return counts


if __name__ == "__main__":
    table = count()
    for room, found in table.items():
        print(f"{room:12}", *(f"{v} {found[v]:5}" for v in (NAMED, RIGHT, RAW, DEEP, WRONG)))
    total = sum(table.values(), Counter())
    print(f"{'all':12}", *(f"{v} {total[v]:5}" for v in (NAMED, RIGHT, RAW, DEEP, WRONG)))
    print("cases", total.total())
