"""What became of one piece of garbage: refused by name, right, raw, deep in a library, or wrong."""

import inspect
import math
import re
import traceback
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from torch import nn

ROOT = Path(__file__).parents[2]
NAMED, RIGHT, RAW, DEEP, WRONG = "named", "right", "raw", "deep", "wrong"
VALUES = {"negative", "zero", "huge"}  # a tensor may hold them, unless a call refuses them


def judge(call, argument, kind, value):
    """(verdict, what happened) of `value` in the place of `argument`."""
    valid = call.arguments[argument]
    try:
        with warnings.catch_warnings(), torch.random.fork_rng():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            result = call.run(**{argument: value})
    except Exception as error:
        plt.close("all")
        return _error(error, argument)
    plt.close("all")
    if kind in call.accepts.get(argument, ()):
        return RIGHT, "accepted"
    if argument == "seed" and kind in ("zero", "huge"):
        return RIGHT, "as good a seed as any"
    if kind in call.refuses.get(argument, ()):
        return WRONG, f"must be refused, got {_short(result)}"
    default = inspect.signature(call.function).parameters.get(argument)
    if kind == "none" and default is not None and default.default is None:
        return RIGHT, "the default"
    if kind == "nan" and has_nan(result):
        return RIGHT, "NaN in, NaN out"
    tensor = isinstance(valid, torch.Tensor) or (
        isinstance(valid, tuple) and valid and isinstance(valid[0], torch.Tensor)
    )
    if kind in VALUES and tensor:
        return RIGHT, "a tensor may hold it"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        wanted = call.run()
    plt.close("all")
    if same(result, wanted):
        return RIGHT, "the same result"
    return WRONG, f"got {_short(result)}"


def _error(error, argument):
    text = f"{type(error).__name__}: {str(error)[:120]}"
    if isinstance(error, (ValueError, TypeError)) and re.search(
        rf"(?<![\w.]){re.escape(argument)}(?!\w)", str(error)
    ):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        ours = Path(frame.filename).is_relative_to(ROOT / "coursekit")
        return (NAMED, text) if ours else (DEEP, text)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    inside = Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename
    return (RAW if inside else DEEP), text


def parts(result):
    """The numbers that a result is made of, flat."""
    if isinstance(result, torch.Tensor):
        yield result.detach().cpu()
    elif isinstance(result, np.ndarray) and result.dtype.kind in "biuf":
        yield torch.from_numpy(np.ascontiguousarray(result))
    elif isinstance(result, (bool, int, float)):
        yield torch.tensor(result)
    elif isinstance(result, nn.Module):
        yield from (value.detach() for value in result.state_dict().values())
    elif isinstance(result, (pd.DataFrame, pd.Series)):
        yield from parts(result.select_dtypes("number").to_numpy(dtype=float))
    elif isinstance(result, dict):
        for value in result.values():
            yield from parts(value)
    elif isinstance(result, (list, tuple)):
        for value in result:
            yield from parts(value)


def has_nan(result):
    return any(part.is_floating_point() and bool(part.isnan().any()) for part in parts(result))


def same(result, wanted):
    """Whether two results are the same up to the rounding of half precision."""
    a, b = list(parts(result)), list(parts(wanted))
    if type(result) is not type(wanted) or len(a) != len(b):
        return False
    if not a:
        return isinstance(result, str) and result == wanted
    return all(
        x.shape == y.shape
        and torch.allclose(x.double(), y.double(), rtol=2e-2, atol=2e-2, equal_nan=True)
        for x, y in zip(a, b)
    )


def _short(result):
    if isinstance(result, torch.Tensor) and result.numel() == 1:
        return f"{result.item():.6g}"
    if isinstance(result, float):
        return f"{result:.6g}" if math.isfinite(result) else str(result)
    return f"{type(result).__name__} {str(result)[:60]!r}"
