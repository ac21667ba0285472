"""Statements that a notebook checks as it makes them: claims, numbers, exercises."""

import ast
import inspect

from executing import Source

from coursekit.exercises import check
from coursekit.session import profile

__all__ = ["check", "claim", "expect"]


def claim(text, condition):
    """Print `text` as holding, or raise AssertionError with the values that were compared.

    The printed line is the same in every profile and on every machine, so a cell of claims can be
    compared with its stored output (`# NBVAL_CHECK_OUTPUT`).

    >>> claim("two is less than three", 2 < 3)
    ✓ two is less than three
    """
    if not condition:
        raise AssertionError(f"does not hold: {text}{_operands(inspect.currentframe().f_back)}")
    print(f"✓ {text}")


def expect(name, value, *, quick, full):
    """Print a number with the band it must lie in, or raise AssertionError outside of it.

    `quick` and `full` are the bands (low, high) of the two profiles, measured over at least five
    seeds with `python -m coursekit spread`. NaN lies in no band. Raises ValueError for an empty
    band.
    """
    low, high = {"quick": quick, "full": full}[profile()]
    if not low <= high:
        raise ValueError(f"the band of {name!r} is empty: ({low}, {high})")
    value = float(value)
    print(f"{name}: {value:.4g} (expected {low:g} to {high:g})")
    if not low <= value <= high:
        raise AssertionError(f"{name} = {value:.6g} lies outside {low:g} to {high:g}")


def _operands(frame):
    """The values on the sides of the comparison that the caller passed, read from its source."""
    call = Source.executing(frame).node
    if not isinstance(call, ast.Call) or len(call.args) < 2:
        return ""
    compared = [node for node in ast.walk(call.args[1]) if isinstance(node, ast.Compare)]
    values = {}
    for node in compared:
        for side in [node.left, *node.comparators]:
            text = ast.unparse(side)
            values[text] = eval(text, frame.f_globals, frame.f_locals)  # the notebook's own code
    lines = "".join(f"\n  {text} = {value}" for text, value in values.items())
    return f"\n  {ast.unparse(call.args[1])}{lines}"
