"""An exercise and its tests: what they take, and what a test draws."""

import numpy as np
import pytest

from coursekit.exercises import Exercise, NotYet, Test, find


def test_inputs_follow_from_seed_and_name():
    drawn = []
    test = find("01.2").tests[0]
    for seed in (1, 1, 2):
        with pytest.raises(NotYet):
            test.run(lambda data, share: drawn.append(data), seed)
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"name": ""}, ValueError, "name must not be empty"),
        ({"points": 0}, ValueError, "points must be at least 1, got 0"),
        ({"points": 1.5}, TypeError, "points must be a whole number, got 1.5"),
        ({"points": True}, TypeError, "points must be a whole number"),
        ({"message": None}, TypeError, "message must be a text, got None"),
        ({"function": 3}, TypeError, r"function must be function\(answer, rng\), got int"),
    ],
)
def test_a_test_that_could_not_judge_is_refused(change, error, message):
    right = {"name": "n", "points": 1, "message": "m", "function": abs}
    with pytest.raises(error, match=message):
        Test(**right | change)


@pytest.mark.parametrize("number", ["2.3", "02", "02.3x", "", 2.3, None])
def test_an_exercise_needs_a_number_of_the_usual_form(number):
    with pytest.raises(ValueError, match="number must be of the form"):
        Exercise(number, "Title")


@pytest.mark.parametrize(("answer", "seed"), [(3, 0), (abs, -1), (abs, 0.5), (abs, None)])
def test_neither_an_answer_nor_a_seed_of_another_kind_is_judged(answer, seed):
    with pytest.raises((TypeError, ValueError), match="must be a"):
        find("01.2").tests[0].run(answer, seed)
