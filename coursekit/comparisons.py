"""What a condition compared: the values of its sides, read from the caller's source and names.

Nothing is run again but arithmetic of numbers: a side with any other call is not read.

Used, through `coursekit.checks`, by every chapter.
"""

import ast
import builtins
import inspect
import math
import operator
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NamedTuple

import numpy as np
import torch
from executing import Source

# Attributes and items of these may be read again: doing so runs no code of the notebook.
LIBRARIES = {"builtins", "coursekit", "numpy", "pandas", "torch"}
SCOPES = (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS = {name: getattr(builtins, name) for name in ("abs", "len", "max", "min", "round")}
WIDEST = 100  # characters of comparisons behind a claim


class Condition(NamedTuple):
    """An expression of a caller's source, and the frame in which it was computed."""

    node: ast.expr
    frame: FrameType

    def text(self) -> str:
        """The comparisons with values for names: "0.34 > 0.2 and 3 <= 5"; "" where none is read.

        Comparisons that cannot be read are left out, and what would make the line too long.
        """
        parts = []
        for part in _conjuncts(self.node):
            try:
                parts.append(_shown(part, self))
            except Exception:  # a side that cannot be read, or that a library refuses
                continue
        if len(parts) == 1 and parts[0].startswith("{"):
            parts = [parts[0][1:-1]]
        while len(" and ".join(parts)) > WIDEST:
            parts = [*parts[: -2 if parts[-1] == "…" else -1], "…"]
        return "" if parts == ["…"] else " and ".join(parts)

    def gaps(self) -> dict[str, float]:
        """How far apart the two numbers of each <, <=, >, >= are; negative where it is false."""
        found = {}
        for part in _conjuncts(self.node):
            for left, sign, right in _pairs(part) if isinstance(part, ast.Compare) else []:
                try:
                    difference = _number(self.read(right)) - _number(self.read(left))
                except Exception:
                    continue
                if sign in ("<", "<=", ">", ">=") and math.isfinite(difference):
                    key = f"{ast.unparse(left)} {sign} {ast.unparse(right)}"
                    found[key] = float(difference if sign[0] == "<" else -difference)
        return found

    def sides(self) -> dict[str, str]:
        """The sides of all comparisons that can be read, for an error: {source: value}."""
        values = {}
        for side in _sides(self.node):
            try:
                values[ast.unparse(side)] = " ".join(str(self.read(side)).split())[:200]
            except Exception:  # a part that was not reached: `x is None or x.size > 3`
                continue
        return values

    def read(self, node: ast.AST):
        """The value of a literal, a name, an attribute, an item, or arithmetic of such numbers.

        Raises LookupError for what would run other code, and for a name that the condition assigns.
        """
        assigned = {n.target.id for n in ast.walk(self.node) if isinstance(n, ast.NamedExpr)}
        if assigned & {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}:
            raise LookupError(f"{ast.unparse(node)} may have changed")
        return _read(node, self.frame)


def condition_of(frame: FrameType, function: Callable) -> Condition | None:
    """The argument `condition` of the call of `function` that `frame` is at, if it has a source."""
    call = Source.executing(frame).node
    try:
        if not isinstance(call, ast.Call) or _read(call.func, frame) is not function:
            return None
    except Exception:
        return None
    given = dict(zip(("text", "condition"), call.args))
    given |= {keyword.arg: keyword.value for keyword in call.keywords}
    return Condition(given["condition"], frame) if "condition" in given else None


def _conjuncts(node) -> Iterator[ast.expr]:
    """The parts of a condition that hold each by itself: those that `and` joins."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _conjuncts(value)
    else:
        yield node


def _pairs(node):
    """The comparisons (left, sign, right) of a chain."""
    sides = [node.left, *node.comparators]
    for left, sign, right in zip(sides, node.ops, sides[1:]):
        yield left, SIGNS.get(type(sign), ""), right


def _sides(node) -> Iterator[ast.expr]:
    """The sides of all comparisons, but of those among names that only an inner scope knows."""
    if isinstance(node, SCOPES):
        return
    if isinstance(node, ast.Compare):
        yield from [node.left, *node.comparators]
    for child in ast.iter_child_nodes(node):
        yield from _sides(child)


def _shown(node, condition):
    """A part of a condition with values for names; LookupError unless all of it can be read."""
    match node:
        case ast.Compare():
            signs = [SIGNS[type(sign)] for sign in node.ops]
            values = [condition.read(side) for side in (node.left, *node.comparators)]
            first, *others = _texts(values)
            return " ".join([first, *(f"{sign} {text}" for sign, text in zip(signs, others))])
        case ast.BoolOp():
            word = " and " if isinstance(node.op, ast.And) else " or "
            return "{" + word.join(_shown(value, condition) for value in node.values) + "}"
        case ast.UnaryOp(op=ast.Not()):
            return f"not {_shown(node.operand, condition)}"
    raise LookupError(ast.unparse(node))


def _texts(values):
    """The values as short texts, with so many digits that different values look different."""
    different = len({_text(value, 17) for value in values})
    for digits in range(3, 18):
        texts = [_text(value, digits) for value in values]
        if len(set(texts)) == different:
            break
    return texts


def _text(value, digits):
    """A number, a truth value, a short string, or a sequence of these; LookupError for others."""
    if not _known(value):
        raise LookupError("its own code would say how it is written")
    if value is None or isinstance(value, str) and not {"(", ")"} & set(value):
        return repr(value and str(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(_text(part, digits) for part in value)}]"
    value = _number(value)
    if isinstance(value, float) and math.isfinite(value) and abs(value) < 1e6:
        digits = max(digits, len(str(int(abs(value)))))
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def _number(value):
    """A number or truth value of Python, NumPy or torch as one of Python's."""
    arrays = np.generic | np.ndarray | torch.Tensor
    if _known(value) and isinstance(value, arrays) and value.ndim == 0:
        value = value.item()
    if not _known(value) or not isinstance(value, bool | int | float):
        raise LookupError("not one number")
    return value


def _numbers(value):
    """A number, or a list or a tuple of numbers."""
    return list(map(_number, value)) if type(value) in (list, tuple) else _number(value)


def _read(node, frame):
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
                if node.id in names:
                    return names[node.id]
        case ast.Tuple():
            return tuple(_read(part, frame) for part in node.elts)
        case ast.List():
            return [_read(part, frame) for part in node.elts]
        case ast.Attribute():
            owner = _read(node.value, frame)
            return (getattr if _known(owner) else _stored)(owner, node.attr)
        case ast.Subscript():
            owner, key = _read(node.value, frame), _read(node.slice, frame)
            if _known(owner):
                return owner[key]
        case ast.UnaryOp(op=ast.USub()):
            return -_number(_read(node.operand, frame))
        case ast.BinOp():
            numbers = [_number(_read(side, frame)) for side in (node.left, node.right)]
            return ARITHMETIC[type(node.op)](*numbers)
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            return _call(node, frame)
    raise LookupError(ast.unparse(node))


def _call(node, frame):
    """One of FUNCTIONS, of numbers; `len` of anything that a library made."""
    function = FUNCTIONS[node.func.id]
    if _read(node.func, frame) is not function:
        raise LookupError(f"another {node.func.id}")
    values = [_read(argument, frame) for argument in node.args]
    if function is len and _known(*values):
        return len(*values)
    return function(*map(_numbers, values))


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
