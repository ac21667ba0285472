"""`brief`: a value in one short line, for a verdict.

Used by the exercises of every chapter.
"""

import reprlib

import numpy as np

FEW = 5  # numbers shown of an array


def brief(value) -> str:
    """`value` in one short line: an array by its shape and its first numbers.

    >>> brief(np.arange(12).reshape(3, 4) / 3)
    'shape (3, 4): 0, 0.333333, 0.666667, 1, 1.33333, ...'
    """
    if isinstance(value, np.ndarray):
        numbers = ", ".join(map(brief, value.ravel()[:FEW].tolist()))
        return f"shape {value.shape}: {numbers}{', ...' if value.size > FEW else ''}"
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    try:
        return " ".join(reprlib.repr(value).split())
    except Exception:  # a whole number of thousands of digits, before Python 3.12
        return f"<{type(value).__name__}>"
