"""A call that works, for each public name: what the garbage test puts its garbage into.

A file a room holds `CALLS`, by public name: `Call(function, argument=valid value, ...)`, with every
argument that the function has. More entries of any other name may follow, for methods:
`"VAE.decode": Call(lambda z: model.decode(z), z=...)`. `EXEMPT` says of a public name why it needs
no call: a constant, a form of result.

`accepts={"argument": "zero huge"}` lists kinds of garbage that are none for this argument, such as
0 for a seed. `refuses={"argument": "negative"}` lists kinds that an argument must refuse although a
tensor may hold them in general: a probability below 0.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Valid:
    """A function and arguments that it takes."""

    function: Callable
    arguments: dict
    accepts: dict[str, set[str]] = field(default_factory=dict)
    refuses: dict[str, set[str]] = field(default_factory=dict)

    def run(self, **changes):
        """What the function returns; `*tensors` and the like are filled from their list.

        A generator as an argument is a function that makes one, so that every call starts alike.
        """
        given = {
            name: value() if isinstance(value, Fresh) else value
            for name, value in (self.arguments | changes).items()
        }
        positional, keywords = [], {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                values = given.pop(name, ())
                positional += values if isinstance(values, tuple) else [values]
            elif name not in given:
                continue
            elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
                positional.append(given.pop(name))
            else:
                keywords[name] = given.pop(name)
        return self.function(*positional, **keywords, **given)


class Fresh:
    """An argument that is made anew for each call: a model, a generator, an optimiser."""

    def __init__(self, make: Callable):
        self.make = make

    def __call__(self):
        return self.make()


def Call(function, /, *, accepts=None, refuses=None, **arguments) -> Valid:
    """`Valid`, with the kinds of garbage as words in a string."""
    accepts, refuses = (
        {name: set(kinds.split()) for name, kinds in (given or {}).items()}
        for given in (accepts, refuses)
    )
    return Valid(function, arguments, accepts, refuses)
