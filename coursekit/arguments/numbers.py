"""Checks of counts, numbers and seeds.

Used by every chapter.
"""

import math
from collections.abc import Iterable
from numbers import Integral, Real

from coursekit.arguments.kinds import describe

MOST = 10_000_000  # of anything that is counted: layers, units, images
MOST_SEED = 2**63 - 1


def check_count(name: str, value: int, least: int = 1, most: int = MOST) -> int:
    """`value` as an int, which must be a whole number from `least` to `most`; no bool, no 2.0.

    >>> check_count("epochs", 1.5)
    Traceback (most recent call last):
    ...
    TypeError: epochs must be a whole number, got the float 1.5
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {describe(value)}")
    if not least <= value <= most:
        bound = f"at least {least}" if value < least else f"at most {most}"
        raise ValueError(f"{name} must be {bound}, got {value}")
    return int(value)


def check_counts(
    name: str, values: Iterable[int], fewest: int = 1, least: int = 1, form: str = ""
) -> list[int]:
    """`values` as a list of at least `fewest` whole numbers, each at least `least`.

    `form` shows what is meant, as in "[input, hidden, ..., code]".
    """
    form = f" {form}" if form else " a list of whole numbers"
    values = _listed(name, values, form)
    values = [check_count(f"{name}[{i}]", value, least) for i, value in enumerate(values)]
    if len(values) < fewest:
        raise ValueError(f"{name} must be{form}, {fewest} numbers or more, got {values}")
    return values


def check_number(
    name: str,
    value: float,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    above: float | None = None,
    below: float | None = None,
) -> float:
    """`value` as a finite float from `low` to `high`, and over `above` and under `below`, if given.

    >>> check_number("sigma", 0, above=0)
    Traceback (most recent call last):
    ...
    ValueError: sigma must be above 0, got 0
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {describe(value)}")
    try:
        number = float(value)
    except OverflowError:  # an int of over 308 digits
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value}")
    for holds, bound in (
        (value >= low, f"at least {low}"),
        (value <= high, f"at most {high}"),
        (above is None or value > above, f"above {above}"),
        (below is None or value < below, f"below {below}"),
    ):
        if not holds:
            raise ValueError(f"{name} must be {bound}, got {value}")
    return number


def check_numbers(
    name: str, values: Iterable[float], fewest: int = 1, **bounds: float
) -> list[float]:
    """`values` as a list of at least `fewest` floats, each as `check_number` wants it."""
    values = _listed(name, values, " a list of numbers")
    values = [check_number(f"{name}[{i}]", value, **bounds) for i, value in enumerate(values)]
    if len(values) < fewest:
        raise ValueError(f"{name} must hold {fewest} numbers or more, got {values}")
    return values


def check_seed(name: str, value: int | None) -> int | None:
    """A seed: a whole number from 0 on, or None."""
    return None if value is None else check_count(name, value, least=0, most=MOST_SEED)


def _listed(name, values, form):
    """A list, a tuple, a tensor or an array as a list of Python's own numbers."""
    found = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(found, (str, bytes, dict, set)) or not isinstance(found, Iterable):
        raise TypeError(f"{name} must be{form}, got {describe(values)}")
    return list(found)
