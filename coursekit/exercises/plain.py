"""`plain`: what a test sees of what an answer returned.

`check` and the grader both read answers through it, so that they agree.

Used by the exercises of every chapter.
"""

from collections.abc import Sequence

from coursekit.exercises.codec import DEPTH, ITEMS, Foreign, ProtocolError, decode, encode

SCALARS = (type(None), bool, float, str)
MOST = 1 << 64  # a larger whole number goes through the codec, which may refuse it


def plain(value):
    """`value` as a message brings it: sequences as lists, tensors as arrays, dicts as dicts.

    What no message can hold becomes `Foreign`, also inside of lists, tuples and dicts, so that
    a model in a dict does not hide the numbers beside it. A key that is no text becomes one.

    >>> plain({"auc": 0.5, "more": {1, 2}})
    {'auc': 0.5, 'more': Foreign(kind='set')}
    """
    try:
        return decode(encode(_Reading().read(value, DEPTH)))
    except ProtocolError as error:  # too much
        return Foreign(f"{type(value).__name__} ({error})")


class _Reading:
    """Reads a value part by part, and counts the parts."""

    def __init__(self):
        self.items = 0

    def read(self, value, depth: int):
        self.items += 1
        if self.items > ITEMS or depth < 0:
            raise ProtocolError(f"nested deeper than {DEPTH}, or more than {ITEMS} values")
        if type(value) in SCALARS or (type(value) is int and abs(value) < MOST):
            return value
        if isinstance(value, dict):
            return {_key(key): self.read(item, depth - 1) for key, item in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
            items = [self.read(item, depth - 1) for item in value]
            return tuple(items) if isinstance(value, tuple) else items
        return _leaf(value)


def _key(key) -> str:
    return key if isinstance(key, str) else f"<{_leaf(key)}>"


def _leaf(value):
    """A single value as the codec passes it on, or what it was."""
    try:
        return decode(encode(value))
    except ProtocolError as error:
        text = str(error)
    except Exception as error:  # raised by its conversion to an array
        text = f"{type(error).__name__}: {error}"
    if text.startswith("got "):
        return Foreign(text.removeprefix("got ").partition(";")[0])
    return Foreign(f"{type(value).__name__} ({text})")
