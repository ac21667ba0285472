"""Checks of what a value is, and how an error message names it.

Used by every chapter.
"""

from collections.abc import Callable, Sequence

import torch


def check_choice(name: str, value, choices: Sequence):
    """`value`, which must be one of `choices`."""
    if not any(type(value) is type(one) and value == one for one in choices):
        known = ", ".join(map(repr, choices))
        raise ValueError(f"{name} must be one of {known}, got {describe(value)}")
    return value


def check_flag(name: str, value: bool) -> bool:
    """`value`, which must be True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {describe(value)}")
    return value


def check_kind(name: str, value, kind: type | tuple[type, ...], words: str):
    """`value`, which must be of the given kind, in `words`: "a torch module"."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {words}, got {describe(value)}")
    return value


def check_function(name: str, value: Callable, words: str = "a function") -> Callable:
    """`value`, which must be callable; `words` say what it is called with."""
    if not callable(value):
        raise TypeError(f"{name} must be {words}, got {describe(value)}")
    return value


def check_texts(alt: str, caption: str) -> None:
    """The texts of a figure: `alt` must describe it, and `caption` have one to eight words."""
    check_kind("alt", alt, str, "a text")
    check_kind("caption", caption, str, "a text")
    if len(alt.split()) < 4:
        raise ValueError(f"alt must say what the figure shows, got {alt!r}")
    if not 1 <= len(caption.split()) <= 8:
        raise ValueError(f"caption must have one to eight words, got {caption!r}")


def describe(value) -> str:
    """A value for an error message, short: what kind it is, and which one where that is short."""
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return f"a tensor {tuple(value.shape)} {value.dtype}"
    text = getattr(value, "__name__", None) or repr(value)
    kind = type(value).__name__
    return f"the {kind} {text}" if len(text) <= 40 and "\n" not in text else f"one of type {kind}"
