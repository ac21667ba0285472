"""Checks of tensors: shape, type, values.

Used by every chapter.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch

from coursekit.arguments.kinds import describe

Shape = Sequence[int | str]
FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
NEAREST = {  # what to write for a value that is nearly a tensor
    "ndarray": "; write torch.from_numpy({name})",
    "DataFrame": "; write torch.from_numpy({name}.to_numpy())",
} | dict.fromkeys(("list", "tuple", "float", "int"), "; write torch.tensor({name})")


def check_tensor(name: str, value: torch.Tensor) -> torch.Tensor:
    """`value`, which must be a tensor; TypeError names the conversion for what is nearly one.

    >>> check_tensor("x", [1.0, 2.0])
    Traceback (most recent call last):
    ...
    TypeError: x must be a tensor, got the list [1.0, 2.0]; write torch.tensor(x)
    """
    if not isinstance(value, torch.Tensor):
        kind = type(value).__name__
        hint = NEAREST.get(kind, "").format(name=name)
        raise TypeError(f"{name} must be a tensor, got {describe(value)}{hint}")
    return value


def check_input(
    name: str,
    x: torch.Tensor,
    shape: Shape,
    hint: str = "",
    smallest: int = 1,
    fewest: int = 0,
    model: torch.nn.Module | None = None,
) -> torch.Tensor:
    """`x`, which must be floating point (float32, float64 or a half type) and of the given shape.

    `shape` mixes letters, which stand for any size from 1 on, and numbers, as in ("N", 3, "H",
    "W"); a last "..." stands for any further axes. H and W must be at least `smallest`, and N, the
    number of examples, at least `fewest`. `hint` says what to do instead. With a `model`, x must be
    of its weights' type (under autocast: not float64) and device. Raises TypeError and ValueError.

    >>> check_input("x", torch.zeros(2, 1, 28, 28), ("N", 3, "H", "W"))
    Traceback (most recent call last):
    ...
    ValueError: x must be (N, 3, H, W) floating point, got (2, 1, 28, 28) torch.float32
    """
    check_tensor(name, x)
    _check_shape(name, x, shape, "floating point", x.dtype in FLOATS, hint, fewest)
    sides = {axis: got for axis, got in zip(shape, x.shape) if axis in ("H", "W")}
    if sides and min(sides.values()) < smallest:
        raise ValueError(
            f"{name} must be at least {smallest} pixels high and wide, "
            f"got {' x '.join(map(str, sides.values()))}{f'; {hint}' if hint else ''}"
        )
    if model is not None:
        _check_like_weights(name, x, next(model.parameters(), x))
    return x


def check_integers(
    name: str, x: torch.Tensor, shape: Shape, hint: str = "", fewest: int = 0
) -> torch.Tensor:
    """`x`, which must be of an integer type and of the given shape, as in `check_input`."""
    check_tensor(name, x)
    _check_shape(name, x, shape, "integer", x.dtype in INTEGERS, hint, fewest)
    return x


def check_labels(
    name: str, x: torch.Tensor, n: int | Shape, classes: int | None = None, hint: str = ""
) -> torch.Tensor:
    """Labels (n,) int64, from 0 to classes - 1 where `classes` is given: `x`, or ValueError.

    `n` may also be a shape, for labels of pixels.

    >>> check_labels("labels", torch.tensor([0, 7]), 2, classes=5)
    Traceback (most recent call last):
    ...
    ValueError: labels must be from 0 to 4, got 0 to 7
    """
    check_tensor(name, x)
    shape = (n,) if isinstance(n, int) else n
    long = hint or f"{name}.long() makes them so"
    _check_shape(name, x, shape, "int64", x.dtype == torch.int64, long, 0)
    if classes is not None:
        check_range(name, x, 0, classes - 1, hint)
    return x


def to_cpu(name: str, value: torch.Tensor | np.ndarray) -> torch.Tensor:
    """A tensor or an array of numbers as a tensor on the CPU, without gradient.

    >>> to_cpu("x", np.zeros(3)).shape
    torch.Size([3])
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        value = torch.from_numpy(np.ascontiguousarray(value))
    return check_tensor(name, value).detach().cpu()


def check_alike(name: str, x: torch.Tensor, like: torch.Tensor, of: str) -> torch.Tensor:
    """`x`, a tensor of the shape of `like`, the argument `of`: nothing is broadcast."""
    check_tensor(name, x)
    if x.shape != like.shape:
        raise ValueError(f"{name} must be {tuple(like.shape)} as the {of} is, got {tuple(x.shape)}")
    return x


def check_finite(name: str, x: torch.Tensor, hint: str = "remove them first") -> torch.Tensor:
    """`x`, in which nothing is NaN or infinite. Waits for a CUDA device."""
    if x.is_floating_point() and not bool(x.isfinite().all()):
        bad = int((~x.isfinite()).sum())
        raise ValueError(
            f"{name} must be finite, got {bad} NaN or infinite values in {tuple(x.shape)}; {hint}"
        )
    return x


def check_range(
    name: str, x: torch.Tensor, low: float, high: float, hint: str = ""
) -> torch.Tensor:
    """`x`, which must lie from `low` to `high`, NaN nowhere. Waits for a CUDA device."""
    if x.numel() and not (low <= x.min().item() and x.max().item() <= high):
        raise ValueError(_out_of_range(name, x, low, high, hint))
    return x


def within(name: str, x: torch.Tensor, low: float, high: float, hint: str = "") -> torch.Tensor:
    """As `check_range` on a CPU; on CUDA, where that would wait, NaN marks what is out of range.

    There a loss made of the result is NaN, which `coursekit.training.fit` notices and reports.
    """
    if x.device.type == "cpu":
        return check_range(name, x, low, high, hint)
    return torch.where((x >= low) & (x <= high), x, torch.nan)


def _check_shape(name, x, shape, kind, fits, hint, fewest):
    wanted = shape[:-1] if shape and shape[-1] == "..." else shape
    axes = x.dim() >= len(wanted) if wanted is not shape else x.dim() == len(shape)
    sizes = all(
        got >= (fewest if want == "N" else 1) if isinstance(want, str) else got == want
        for want, got in zip(wanted, x.shape)
    )
    if not (fits and axes and sizes):
        comma = "," if len(shape) == 1 and wanted is shape else ""
        raise ValueError(
            f"{name} must be ({', '.join(map(str, shape))}{comma}) {kind}, "
            f"got {tuple(x.shape)} {x.dtype}{f'; {hint}' if hint else ''}"
        )


def _check_like_weights(name, x, weight):
    if x.device.type != weight.device.type or not (
        x.dtype == weight.dtype
        or (x.dtype != torch.float64 and torch.is_autocast_enabled(x.device.type))
    ):
        raise ValueError(
            f"{name} must be {weight.dtype} on {weight.device.type} as the weights are, "
            f"got {x.dtype} on {x.device.type}; write {name}.to(weights)"
        )


def _out_of_range(name, x, low, high, hint):
    if x.is_floating_point() and bool(x.isnan().any()):
        got = f"{int(x.isnan().sum())} NaN among {x.numel()} values"
    else:
        got = f"{x.min().item():.6g} to {x.max().item():.6g}"
    both = f"from {low} to {high}" if low > -math.inf else f"at most {high}"
    bounds = f"at least {low}" if high == math.inf else both
    return f"{name} must be {bounds}, got {got}{f'; {hint}' if hint else ''}"
