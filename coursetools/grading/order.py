"""What a check in a notebook saw, and a cell further down defines again.

The grader asks an answer after all cells have run. In the notebook its check ran where it stands,
and the answer may use a name that a later cell gives to something else. This is found in the text,
without running or parsing it: what lines define that are not indented.
"""

import re
from collections.abc import Iterable

DEFINED = re.compile(
    r"^(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)"
    r"|(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*(?::[^=\n]+)?=(?!=))",
    re.MULTILINE,
)


def defined(source: str) -> set[str]:
    """The names that the lines of a cell define which are not indented.

    >>> sorted(defined("def f(x):\\n    y = x\\na, b = 1, 2\\nc == 3"))
    ['a', 'b', 'f']
    """
    return {
        name.strip()
        for function, names in DEFINED.findall(source)
        for name in (function or names).split(",")
    }


def again(sources: Iterable[str], above: int) -> set[str]:
    """The names that the first `above` cells define, and one of the others too."""
    sources = list(sources)
    first, rest = (set().union(*map(defined, part)) for part in (sources[:above], sources[above:]))
    return first & rest
