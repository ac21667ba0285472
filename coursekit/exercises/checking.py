"""`check`: a verdict for the reader, with the reason and without the solution.

Used by the exercises of every chapter.
"""

import contextlib
import copy
import sys
from collections.abc import Callable

from coursekit.exercises.answers import NotYet, as_function
from coursekit.exercises.catalogue import find
from coursekit.exercises.exercise import Exercise, Test

PUBLIC_SEED = 0


def check(number: str, answer: Callable) -> float:
    """Test `answer` on the public inputs, print a line a test, return the points earned.

    An error inside `answer` is not caught: it is shown with its traceback and a note that
    names the test. nbgrader reads the returned float as partial credit; what `answer`
    writes to stderr goes to stdout, because nbgrader gives no points to a cell with stderr.
    Raises ValueError for an unknown number and TypeError for an answer that is no function.
    """
    exercise = find(number)
    if not callable(answer):
        raise TypeError(
            f'check("{number}", answer) takes the function itself, without brackets; '
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
