"""Statements that a notebook checks as it makes them: claims, numbers, exercises.

Used by every chapter.
"""

import ast
import inspect
from collections.abc import Iterator, Sequence
from types import FrameType

import numpy as np
import torch
from executing import Source

from coursekit.arguments import check_kind, check_number, check_numbers, describe
from coursekit.exercises import check
from coursekit.session import profile

__all__ = ["check", "claim", "expect"]

# Attributes and items of these may be read again: doing so runs no code of the notebook.
LIBRARIES = {"builtins", "coursekit", "numpy", "pandas", "torch"}
UNKNOWN = object()
SCOPES = (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)


def claim(text: str, condition: bool | np.bool_ | torch.Tensor) -> None:
    """Print `text` as holding, or raise AssertionError with the values that were compared.

    `condition` is one truth value: a bool, or an array or a tensor of type bool without axes.
    Anything else is refused, a number that would count as true included.

    The printed line is the same in every profile and on every machine, so a cell of claims can be
    compared with its stored output (`# NBVAL_CHECK_OUTPUT`). The error shows those sides of the
    comparisons that are literals, names, or attributes and items of names; nothing is run twice.

    >>> claim("two is less than three", 2 < 3)
    ✓ two is less than three
    """
    check_kind("text", text, str, "a sentence")
    if not _truth(condition):
        raise AssertionError(f"does not hold: {text}{_operands(inspect.currentframe().f_back)}")
    print(f"✓ {text}")


def expect(name: str, value: float, *, quick: Sequence[float], full: Sequence[float]) -> None:
    """Print a number with the band it must lie in, or raise AssertionError outside of it.

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
    print(f"{name}: {value:.4g} (expected {low:g} to {high:g})")
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


def _operands(frame: FrameType) -> str:
    """The condition that `frame` passed to `claim` and the values it compared, from the source."""
    call = Source.executing(frame).node
    if not isinstance(call, ast.Call) or _value(call.func, frame) is not claim:
        return ""
    given = dict(zip(("text", "condition"), call.args))
    given |= {keyword.arg: keyword.value for keyword in call.keywords}
    if "condition" not in given:
        return ""
    condition = given["condition"]
    assigned = {node.target.id for node in ast.walk(condition) if isinstance(node, ast.NamedExpr)}
    values = {}
    for side in _sides(condition):
        names = {node.id for node in ast.walk(side) if isinstance(node, ast.Name)}
        value = _value(side, frame)
        if value is not UNKNOWN and not names & assigned:
            values[ast.unparse(side)] = " ".join(str(value).split())[:200]
    lines = "".join(f"\n  {text} = {value}" for text, value in values.items())
    return f"\n  {ast.unparse(condition)}{lines}"


def _sides(node: ast.AST) -> Iterator[ast.expr]:
    """The sides of all comparisons, but of those among names that only an inner scope knows."""
    if isinstance(node, SCOPES):
        return
    if isinstance(node, ast.Compare):
        yield from [node.left, *node.comparators]
    for child in ast.iter_child_nodes(node):
        yield from _sides(child)


def _value(node, frame):
    """The value of a literal, a name, an attribute or an item, or UNKNOWN; runs no code for it."""
    try:
        return _read(node, frame)
    except Exception:  # a part that was not reached: `x is None or x.size > 3`
        return UNKNOWN


def _read(node, frame):
    match node:
        case ast.Constant() | ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return ast.literal_eval(node)
        case ast.Name():
            return (
                frame.f_locals[node.id] if node.id in frame.f_locals else frame.f_globals[node.id]
            )
        case ast.Tuple():
            return tuple(_read(part, frame) for part in node.elts)
        case ast.Attribute():
            owner = _read(node.value, frame)
            return (getattr if _known(owner) else _stored)(owner, node.attr)
        case ast.Subscript():
            owner, key = _read(node.value, frame), _read(node.slice, frame)
            if _known(owner):
                return owner[key]
    raise LookupError(ast.unparse(node))


def _known(owner):
    """Whether reading attributes and items of this object runs no code of the notebook."""
    kind = owner if isinstance(owner, type) else type(owner)
    return kind.__module__.partition(".")[0] in LIBRARIES


def _stored(owner, name):
    """An attribute that is there as a value: a property would be computed again."""
    value = inspect.getattr_static(owner, name)
    if hasattr(type(value), "__get__"):
        raise LookupError(name)
    return value
