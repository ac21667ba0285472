"""`Call`: an answer that remembers its last call, and how `check` shows that call.

Used by the exercises of every chapter.
"""

import inspect
from collections.abc import Callable

from coursekit.exercises.answers import as_function
from coursekit.exercises.brief import brief
from coursekit.exercises.codec import decode, encode
from coursekit.exercises.plain import plain

NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
NOTHING = object()


class Call:
    """`answer`, given and giving what messages hold, as in a grader's box.

    Its inputs are copies: work in place does not change the test's own.
    """

    def __init__(self, answer: Callable):
        self.function, self.names = as_function(answer), _names(answer)
        self.inputs, self.returned = (), NOTHING

    def __call__(self, *inputs):
        self.inputs, self.returned = inputs, NOTHING
        self.returned = self.function(*decode(encode(inputs)))
        return plain(self.returned)

    def lines(self, wanted: str = "") -> list[str]:
        """The last call, a line a value; none for an answer that takes no input."""
        if not self.inputs:
            return []
        more = [f"input {place}" for place in range(1, len(self.inputs) + 1)]
        names = self.names + more[len(self.names) :]
        rows = [(name, brief(value)) for name, value in zip(names, self.inputs)]
        if self.returned is not NOTHING:
            rows.append(("returned", brief(self.returned)))
        if wanted:
            rows.append(("wanted", wanted))
        width = max(len(name) for name, _ in rows)
        return [f"{name:<{width}}  {text}" for name, text in rows]


def _names(answer: Callable) -> list[str]:
    """What `answer` calls its inputs, where it says so."""
    try:
        parameters = inspect.signature(answer).parameters.values()
    except ValueError:  # some built-in functions have no signature
        return []
    return [parameter.name for parameter in parameters if parameter.kind in NAMED]
