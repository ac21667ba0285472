"""What the notebooks bring: the author's answers score full, every stub is not started yet."""

import copy
import os

import numpy as np
import pytest

from coursekit.exercises import chapters, check, exercises

EXERCISES = {n: e for chapter in chapters() for n, e in exercises(chapter).items()}
TRAINS = {"02.4"}  # a network for each test: few seeds, unless COURSEKIT_SEEDS asks for more
SEEDS = 200

ODD = [None, "text", np.nan, 1j, True, [[1, 2], [3]], {}, object(), np.zeros((2, 3, 4)), -1]


def test_every_exercise_stands_in_both_notebooks(solutions, stubs):
    assert set(solutions) == set(stubs) == set(EXERCISES)


@pytest.mark.parametrize("number", EXERCISES)
def test_the_solution_scores_full_with_any_seed(number, solutions, score):
    exercise = EXERCISES[number]
    few = int(os.environ.get("COURSEKIT_SEEDS", 3))
    for seed in range(few if number in TRAINS else SEEDS):
        assert score(exercise, solutions[number], seed) == exercise.points, f"seed {seed}"


@pytest.mark.parametrize("number", EXERCISES)
def test_the_stub_is_not_started_yet(number, stubs, capsys):
    assert check(number, stubs[number]) == 0.0
    tests = EXERCISES[number].tests
    lines = [f"  not started yet  0/{test.points}  {test.message}" for test in tests]
    assert capsys.readouterr().out.splitlines()[1:-1] == lines


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("number", EXERCISES)
def test_an_odd_answer_earns_nothing_and_breaks_nothing(number, odd, capsys):
    assert check(number, lambda *arguments: odd) == 0.0
    assert "ok " not in capsys.readouterr().out


@pytest.mark.parametrize("number", EXERCISES)
def test_only_plain_values_go_in_and_come_back(number, solutions, score):
    def plain(*arguments):
        assert all(type(value) in (np.ndarray, int, float) for value in arguments)
        result = solutions[number](*arguments)
        assert isinstance(result, (np.ndarray, np.number, int, float, dict))
        return result

    exercise = EXERCISES[number]
    assert score(exercise, plain, seed=1) == exercise.points


@pytest.mark.parametrize("number", sorted(set(EXERCISES) - TRAINS))
def test_the_same_inputs_come_again_whatever_the_answer_does_to_them(number, solutions, score):
    def vandal(*arguments):
        result = solutions[number](*copy.deepcopy(arguments))
        for value in arguments:
            if isinstance(value, np.ndarray):
                value[...] = 0
        return result

    assert check(number, vandal) == EXERCISES[number].points
