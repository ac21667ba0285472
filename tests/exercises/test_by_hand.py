"""`ask`: one number of a dict, judged with three significant digits and known slips."""

import pytest

from coursekit.exercises import Exercise, NotYet
from coursekit.exercises.by_hand import ask


@pytest.fixture
def verdict():
    share, count = Exercise("99.1", "Share"), Exercise("99.2", "Count")
    ask(share, "share", 0.857, "the share of the first axis", slips={85.7: "not per cent"})
    ask(count, "count", 1000, "the number of weights")

    def run(exercise, numbers):
        exercise.tests[0].run(lambda: numbers, seed=0)

    return lambda numbers: run(share if "count" not in str(numbers) else count, numbers)


@pytest.mark.parametrize("numbers", [{"share": 0.857}, {"share": 0.858}, {"count": 1000}])
def test_the_value_to_three_digits_is_right(verdict, numbers):
    verdict(numbers)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ({"share": 0.86}, "0.86 is not right yet"),
        ({"share": 85.7}, "not per cent"),
        ({"count": 1001}, "1001 is not right yet"),
        ({"portion": 0.857}, r"no 'share'; it has \['portion'\]"),
        (0.857, "expected a dict of numbers, got float"),
    ],
)
def test_anything_else_is_not_right_yet(verdict, numbers, reason):
    with pytest.raises(NotYet, match=reason):
        verdict(numbers)
