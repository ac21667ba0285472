"""Every coded exercise, those of chapters to come included, holds against generic cheats.

The bound is zero: what is earned without the idea comes from a test that asks for too little.
"""

from pathlib import Path

import pytest

from coursekit.exercises import chapters, exercises
from coursekit.exercises.checking import PUBLIC_SEED
from coursetools.grading import author
from tests.exercises.cheats import NORMS, SEEN, Recorder

ROOT = Path(__file__).parents[2]
KINDS = {
    task.number: task.kind
    for path in sorted(ROOT.glob("notebooks/exercises/*.ipynb"))
    for task in author.read(path)[1]
}
CODED = {
    number: exercise
    for chapter in chapters()
    for number, exercise in exercises(chapter).items()
    if KINDS[number] == "code"
}
SECRET_SEEDS = range(1, 9)
TRAINS = {"02.4"}  # the right answer takes seconds: fewer seeds


@pytest.fixture(scope="module")
def right(solutions):
    """The author's answers, each of which computes the same inputs once."""
    return {number: Recorder(solutions[number]) for number in CODED}


@pytest.fixture(scope="module")
def seen(right, score):
    """(inputs, output) of the right answer on the public inputs, by exercise."""
    found = {}
    for number, exercise in CODED.items():
        assert score(exercise, right[number], PUBLIC_SEED) == exercise.points
        found[number] = list(right[number].calls)
    return found


@pytest.mark.parametrize("cheat", SEEN, ids=lambda cheat: cheat.__name__)
@pytest.mark.parametrize("number", CODED)
def test_what_was_right_on_public_inputs_is_no_answer(number, cheat, seen, score):
    for seed in SECRET_SEEDS:
        assert score(CODED[number], cheat(seen[number]), seed) == 0, f"seed {seed}"


@pytest.mark.parametrize("cheat", NORMS, ids=lambda cheat: cheat.__name__)
@pytest.mark.parametrize("number", CODED)
def test_the_right_norm_of_the_wrong_content_is_no_answer(number, cheat, right, score):
    for seed in SECRET_SEEDS[: 1 if number in TRAINS else None]:
        assert score(CODED[number], cheat(right[number]), seed) == 0, f"seed {seed}"


@pytest.mark.parametrize("number", CODED)
def test_the_cheats_do_earn_where_an_exercise_asks_for_the_public_inputs_only(number, seen, score):
    """Else a cheat that is broken would hold everywhere."""
    exercise = CODED[number]
    for cheat in SEEN[:2]:
        assert score(exercise, cheat(seen[number]), PUBLIC_SEED) == exercise.points
