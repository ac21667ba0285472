"""Checks of arguments, below all floors: each raises at once, and names what would work.

Every check takes the argument's name first and its value second. It raises TypeError for a value
of the wrong kind (a NumPy array where a tensor is wanted, a string where a number is) and
ValueError for one of the right kind that cannot be used, with the name, what came and what to do.
A check returns the value in the form that the caller goes on with.

Checks of shape and type cost nothing. A check of values reads them, and on CUDA reading waits for
the device: `check_finite` and `check_range` do it where data come in, never in a training step.
What a training step calls takes `within`, which does not wait there.

| module | what it holds |
|---|---|
| `tensors` | shape, type and values of tensors |
| `numbers` | counts, numbers, seeds |
| `kinds` | choices, flags, functions; `describe`, for messages |

Used by every chapter, through all the rooms.
"""

from coursekit.arguments.kinds import (
    check_choice,
    check_flag,
    check_function,
    check_kind,
    check_texts,
    describe,
)
from coursekit.arguments.numbers import (
    MOST,
    MOST_SEED,
    check_count,
    check_counts,
    check_number,
    check_numbers,
    check_seed,
)
from coursekit.arguments.tensors import (
    FLOATS,
    check_alike,
    check_finite,
    check_input,
    check_integers,
    check_labels,
    check_range,
    check_tensor,
    to_cpu,
    within,
)

__all__ = [
    "FLOATS",
    "MOST",
    "MOST_SEED",
    "check_alike",
    "check_choice",
    "check_count",
    "check_counts",
    "check_finite",
    "check_flag",
    "check_function",
    "check_input",
    "check_integers",
    "check_kind",
    "check_labels",
    "check_number",
    "check_numbers",
    "check_range",
    "check_seed",
    "check_tensor",
    "check_texts",
    "describe",
    "to_cpu",
    "within",
]
