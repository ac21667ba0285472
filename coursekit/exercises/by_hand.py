"""Tests of exercises that are solved with pen and paper.

Used by the exercises of every chapter.
"""

from collections.abc import Mapping

from coursekit.exercises.answers import kind, read_number, require
from coursekit.exercises.exercise import Exercise

TOLERANCE = 2e-3  # relative, for floats: three significant digits pass; whole numbers are exact


def ask(
    exercise: Exercise, key: str, value: float, message: str, slips: Mapping[float, str] = {}
) -> None:
    """Add a one-point test: the dict that the answer returns holds `value` under `key`.

    `slips` gives advice on known wrong values: `{85.7: "give a fraction, not per cent"}`.
    """

    @exercise.test(points=1, message=message, name=key)
    def compare(answer, rng):
        numbers = answer()
        require(isinstance(numbers, dict), f"expected a dict of numbers, got {kind(numbers)}")
        require(key in numbers, f"the dict has no {key!r}; it has {sorted(map(str, numbers))}")
        got = read_number(numbers[key], key)
        for slip, advice in slips.items():
            require(not _near(got, slip), f"{key}: {advice}")
        require(_near(got, value), f"{key}: {got:.10g} is not right yet")


def _near(got: float, value: float) -> bool:
    return abs(got - value) <= (0 if isinstance(value, int) else TOLERANCE * abs(value))
