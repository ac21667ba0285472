"""Kinds of garbage, made from a valid value of an argument."""

import math

import numpy as np
import torch

from tests.garbage.calls import Fresh


def garbage(valid):
    """{kind: value} to put in the place of the `valid` value of an argument."""
    if isinstance(valid, Fresh):
        valid = None
    if isinstance(valid, tuple) and valid and all(isinstance(v, torch.Tensor) for v in valid):
        first = garbage(valid[0])  # *tensors: spoil the first
        return {kind: (value, *valid[1:]) for kind, value in first.items()}
    common = {"array": _array(valid), "list": _list(valid), "none": None, "string": "seven"}
    if isinstance(valid, torch.Tensor):
        return common | _tensors(valid)
    if isinstance(valid, (list, tuple)) and valid and all(_number(v) for v in valid):
        return common | {
            "float64": [_double(v) for v in valid],
            "half": [*valid[:-1], "x"],
            "integer": int(valid[0]),
            "empty": type(valid)(),
            "negative": [-abs(v) - 1 for v in valid],
            "zero": [0 for _ in valid],
            "huge": [10**15 for _ in valid],
            "nan": [*valid[:-1], math.nan],
        }
    number = valid if _number(valid) else 3
    numbers = {
        "float64": _double(number),
        "half": torch.tensor(number, dtype=torch.float16),
        "empty": [],
        "negative": -abs(number) - 1,
        "zero": 0,
        "huge": 10**15,
        "nan": math.nan,
    }
    if float(number).is_integer():
        numbers["integer"] = int(number)
    return common | numbers


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _double(number):
    """A float as NumPy has it; a fraction where a whole number is meant."""
    return np.float64(number) if isinstance(number, float) else number + 0.5


def _array(valid):
    return valid.detach().numpy() if isinstance(valid, torch.Tensor) else np.ones(3)


def _list(valid):
    if isinstance(valid, torch.Tensor):
        return valid.tolist()
    return ["a", "b"] if isinstance(valid, (list, tuple)) else [valid]


def _tensors(valid):
    filled = valid.is_floating_point()
    with_nan = valid.double().clone() if not filled else valid.clone()
    if with_nan.numel():
        with_nan.view(-1)[0] = math.nan
    return {
        "float64": valid.double(),
        "half": valid.half(),
        "integer": valid.long() if filled else valid.int(),
        "empty": valid[:0] if valid.dim() else valid.new_zeros(0),
        "negative": -valid.abs() - 1,
        "zero": torch.zeros_like(valid),
        "huge": torch.full_like(valid, 1e30)
        if filled
        else torch.full_like(valid, 10**12).long()
        if valid.dtype == torch.int64
        else torch.full_like(valid, 100),
        "nan": with_nan,
    }
