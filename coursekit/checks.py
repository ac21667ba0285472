"""Statements that a notebook checks as it makes them: claims, numbers, exercises.

Used by every chapter.
"""

import ast
import inspect
import json
import os
from collections.abc import Sequence

import numpy as np
import torch

from coursekit.arguments import check_kind, check_number, check_numbers, describe
from coursekit.comparisons import condition_of
from coursekit.exercises import check
from coursekit.session import profile

__all__ = ["check", "claim", "expect"]


def claim(text: str, condition: bool | np.bool_ | torch.Tensor) -> None:
    """Print `text` as holding with the values compared, or raise AssertionError with them.

    `condition` is one truth value: a bool, or an array or a tensor of type bool without axes.
    Anything else is refused, a number that would count as true included.

    The line ends in the comparisons with their values, `(83 <= 100)`. Read again are literals,
    names, their attributes and items, and arithmetic of such numbers; a comparison with another
    call is left out, so nothing is run twice. The text is the same in every profile and on every
    machine: a cell of claims is compared with its stored output (the tag `nbval-check-output`),
    with the bracket masked.

    >>> few, many = 83, 100
    >>> claim("few are fewer than many", few <= many)
    ✓ few are fewer than many (83 <= 100)
    """
    check_kind("text", text, str, "a sentence")
    holds, compared = _truth(condition), condition_of(inspect.currentframe().f_back, claim)
    _record(claim=text, holds=holds, gaps=compared.gaps() if compared else {})
    if not holds:
        raise AssertionError(f"does not hold: {text}{_refutation(compared)}")
    values = compared.text() if compared else ""
    print(f"✓ {text} ({values})" if values else f"✓ {text}")


def expect(name: str, value: float, *, quick: Sequence[float], full: Sequence[float]) -> None:
    """Print a number, and raise AssertionError where it lies outside its band.

    `quick` and `full` are the bands (low, high) of the two profiles, measured over at least five
    seeds with `python -m coursetools spread`. Both are checked in either profile. Raises
    ValueError for a value that is not finite and for an empty band.
    """
    check_kind("name", name, str, "a text")
    if isinstance(value, (np.ndarray, torch.Tensor)) and value.ndim == 0:
        value = value.item()
    value = check_number(f"the value of {name!r}", value)
    bands = {"quick": _band(name, "quick", quick), "full": _band(name, "full", full)}
    low, high = bands[profile()]
    _record(expect=name, value=value, low=low, high=high)
    print(f"{name}: {value:.4g}")
    if not low <= value <= high:
        raise AssertionError(f"{name} = {value:.6g} lies outside {low:g} to {high:g}")


def _band(name, argument, band):
    """The pair (low, high) that `band` must be."""
    band = check_numbers(argument, band, fewest=2)
    if len(band) != 2:
        raise ValueError(f"{argument} must be the pair (low, high), got {len(band)} numbers")
    if not band[0] <= band[1]:
        raise ValueError(
            f"{argument}: the band of {name!r} is empty: ({band[0]:g}, {band[1]:g}); "
            "write (low, high)"
        )
    return band


def _truth(condition):
    """The one truth value that `condition` must be."""
    if isinstance(condition, (bool, np.bool_)):
        return bool(condition)
    if not isinstance(condition, (np.ndarray, torch.Tensor)):
        raise TypeError(
            f"condition must be True or False, got {describe(condition)}; write a comparison"
        )
    if condition.ndim or condition.dtype not in (torch.bool, np.bool_):
        raise ValueError(
            f"condition must be one truth value, got {tuple(condition.shape)} {condition.dtype}; "
            "write a comparison, and .all() or .any() over its elements"
        )
    return bool(condition)


def _refutation(compared):
    """The condition of a claim that does not hold, and each side that can be read, on lines."""
    if not compared:
        return ""
    sides = "".join(f"\n  {source} = {value}" for source, value in compared.sides().items())
    return f"\n  {ast.unparse(compared.node)}{sides}"


def _record(**entry):
    """Add a line to the file that COURSEKIT_RECORD names; `coursetools spread` reads it."""
    if path := os.environ.get("COURSEKIT_RECORD"):
        with open(path, "a", encoding="utf-8") as lines:
            print(json.dumps(entry), file=lines)
