"""Exercises: what each answer is tested for, and `check`, which tells the reader.

One module a chapter (`chapter_01`, `chapter_02`, ...) defines its exercises. A test is a
function `test(answer, rng)`: it draws its inputs from the NumPy generator `rng`, calls
`answer` with plain arrays and Python numbers, gets the same back, and raises `NotYet` with
a reason when the answer is wrong. So one test serves both `check`, with a public seed in
the reader's own notebook, and a grader, with a secret seed in a process of its own.
"""

import contextlib
import copy
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from coursekit.exercises.answers import NotYet, as_function

__all__ = ["Exercise", "NotYet", "Test", "chapters", "check", "exercises", "find"]

PUBLIC_SEED = 0


@dataclass(frozen=True)
class Test:
    """One requirement: `function(answer, rng)` raises `NotYet` where it does not hold."""

    name: str
    points: int
    message: str  # public: what the answer is tested for
    function: Callable

    def run(self, answer: Callable, seed: int) -> None:
        """Judge `answer` on inputs that follow from `seed` and the name of the test."""
        self.function(answer, np.random.default_rng([seed, *self.name.encode()]))


@dataclass(frozen=True)
class Exercise:
    """A numbered exercise ("02.3") whose answer is a function, and the tests of it."""

    number: str
    title: str
    tests: list[Test] = field(default_factory=list)

    @property
    def points(self) -> int:
        """The most points that an answer can earn."""
        return sum(test.points for test in self.tests)

    def test(self, points: int, message: str, name: str | None = None) -> Callable:
        """Decorator: add `function(answer, rng)` to the tests of this exercise."""

        def add(function: Callable) -> Callable:
            self.tests.append(Test(name or function.__name__, points, message, function))
            return function

        return add


def chapters() -> list[str]:
    """Numbers of the chapters that have exercises: ["01", "02", ...]."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return sorted(name.removeprefix("chapter_") for name in names if name.startswith("chapter_"))


def exercises(chapter: str) -> dict[str, Exercise]:
    """The autograded exercises of one chapter, by number."""
    module = import_module(f"{__name__}.chapter_{chapter}")
    found = (value for value in vars(module).values() if isinstance(value, Exercise))
    return {exercise.number: exercise for exercise in found}


def find(number: str) -> Exercise:
    """The exercise with this number; ValueError lists the known numbers.

    >>> find("02.3").title
    'ROC AUC from ranks'
    """
    chapter = str(number).partition(".")[0]
    if chapter in chapters() and number in exercises(chapter):
        return exercises(chapter)[number]
    known = [name for chapter in chapters() for name in exercises(chapter)]
    raise ValueError(f"unknown exercise {number!r}; known: {', '.join(known)}")


def check(number: str, answer: Callable) -> float:
    """Test `answer` on the public inputs, print a line a test, return the points earned.

    An error inside `answer` is not caught: it is shown with its traceback and a note that
    names the test. nbgrader reads the returned float as partial credit; what `answer`
    writes to stderr goes to stdout, because nbgrader gives no points to a cell with stderr.
    """
    exercise = find(number)
    if not callable(answer):
        raise TypeError(
            f'check("{number}", ...) takes the function itself, without brackets; '
            f"got {type(answer).__name__}"
        )
    answer = as_function(answer)
    print(f"Exercise {number}: {exercise.title}")
    earned = 0
    for test in exercise.tests:
        reason = _verdict(exercise, test, answer)
        if reason is None:
            earned += test.points
            print(f"  ok       {test.points}/{test.points}  {test.message}")
        else:
            print(f"  not yet  0/{test.points}  {test.message}\n                {reason}")
    print(f"{earned} of {exercise.points} points")
    return float(earned)


def _verdict(exercise: Exercise, test: Test, answer: Callable) -> str | None:
    """Why `answer` fails `test`, or None where it passes."""

    def isolated(*arguments):
        # With copies, an answer that works in place does not change the test's own arrays.
        return answer(*copy.deepcopy(arguments))

    try:
        with contextlib.redirect_stderr(sys.stdout):
            test.run(isolated, PUBLIC_SEED)
    except NotYet as reason:
        return str(reason)
    except Exception as error:
        print(f"  error    0/{test.points}  {test.message}")
        error.add_note(f"raised in exercise {exercise.number}, test {test.name!r}")
        raise
    return None
