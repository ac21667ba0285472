"""An exercise and its tests. Light: nothing here needs PyTorch, and neither does a grader.

Used by the exercises of every chapter.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Integral

import numpy as np


@dataclass(frozen=True)
class Test:
    """One requirement: `function(answer, rng)` raises `NotYet` where it does not hold."""

    __test__ = False  # pytest shall not take it for a class of tests

    name: str
    points: int
    message: str  # public: what the answer is tested for
    function: Callable

    def __post_init__(self):
        _check_text("name", self.name)
        if type(self.points) is not int:
            raise TypeError(f"points must be a whole number, got {self.points!r}")
        if self.points < 1:
            raise ValueError(f"points must be at least 1, got {self.points}")
        _check_text("message", self.message)
        _check_function("function", self.function, "function(answer, rng)")

    def run(self, answer: Callable, seed: int) -> None:
        """Judge `answer` on inputs that follow from `seed` and the name of the test."""
        _check_function("answer", answer, "a function")
        if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
            raise ValueError(f"seed must be a whole number from 0 on, got {seed!r}")
        self.function(answer, np.random.default_rng([seed, *self.name.encode()]))


@dataclass(frozen=True)
class Exercise:
    """A numbered exercise ("02.3") whose answer is a function, and the tests of it."""

    number: str
    title: str
    tests: list[Test] = field(default_factory=list)

    def __post_init__(self):
        if not isinstance(self.number, str) or not re.fullmatch(r"\d\d\.\d+", self.number):
            raise ValueError(f'number must be of the form "02.3", got {self.number!r}')
        _check_text("title", self.title)
        if not isinstance(self.tests, list) or not all(isinstance(t, Test) for t in self.tests):
            raise TypeError(f"tests must be a list of Test, got {self.tests!r}")

    @property
    def points(self) -> int:
        """The most points that an answer can earn."""
        return sum(test.points for test in self.tests)

    def test(self, points: int, message: str, name: str | None = None) -> Callable:
        """Decorator: add `function(answer, rng)` to the tests of this exercise.

        Its name is that of the function, unless `name` gives another.
        """

        def add(function: Callable) -> Callable:
            own = function.__name__ if name is None else name
            self.tests.append(Test(own, points, message, function))
            return function

        return add


def _check_text(name, value):
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, got {value!r}")
    if not value.strip():
        raise ValueError(f"{name} must not be empty")


def _check_function(name, value, words):
    if not callable(value):
        raise TypeError(f"{name} must be {words}, got {type(value).__name__}")
