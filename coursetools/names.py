"""Names that a person typed: what they may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """The names that `name` may have been meant for, in words.

    >>> nearest("tie", ["ties", "limits"]), nearest("zzz", ["bob", "ada"])
    ('the nearest: ties', 'known: ada, bob')
    """
    known = sorted(known)
    close = get_close_matches(name, known, cutoff=0.5)
    return f"the nearest: {', '.join(close)}" if close else f"known: {', '.join(known[:20])}"
