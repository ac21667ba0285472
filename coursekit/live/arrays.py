"""Tensors as text that a page can hold: base64, little endian. `arrays.js` reads it.

Used by chapters 01 and 02; for 03 and 04.
"""

import base64

import torch


def half(name: str, values: torch.Tensor) -> str:
    """`values` as float16, in base64. ValueError where one is NaN or beyond 65504."""
    rounded = values.detach().cpu().half()
    if not bool(rounded.isfinite().all()):
        raise ValueError(f"{name} must be finite and at most 65504, as float16 can hold it")
    return _text(rounded, "<f2")


def single(values: torch.Tensor) -> str:
    """`values` as float32, in base64."""
    return _text(values.detach().cpu().float(), "<f4")


def octets(values: torch.Tensor) -> str:
    """`values`, whole numbers from 0 to 255, as bytes in base64."""
    return _text(values.detach().cpu().to(torch.uint8), "u1")


def _text(values, kind):
    return base64.b64encode(values.numpy().astype(kind).tobytes()).decode()
