"""`check`: a verdict for the reader, with the failing input and without the solution.

Used by the exercises of every chapter.
"""

import contextlib
import sys
from collections.abc import Callable

from coursekit.exercises.answers import NotYet
from coursekit.exercises.calls import Call
from coursekit.exercises.catalogue import find
from coursekit.exercises.exercise import Exercise, Test

PUBLIC_SEED = 0
INDENT = " " * 16


def check(number: str, answer: Callable) -> float:
    """Test `answer` on the public inputs, print a line a test, return the points earned.

    Below a test that fails stand the reason, the inputs of the last call, and what it returned.
    A stub, which raises NotImplementedError without a text, is not started yet. Any other error
    inside `answer` is not caught: it is shown with its traceback and a note that names the test
    and the inputs. nbgrader reads the returned float as partial credit; what `answer` writes to
    stderr goes to stdout, because nbgrader gives no points to a cell with stderr. Raises
    ValueError for an unknown number and TypeError for an answer that is no function.
    """
    exercise = find(number)
    if not callable(answer):
        raise TypeError(
            f'check("{number}", answer) takes the function itself, without brackets; '
            f"got {type(answer).__name__}"
        )
    print(f"Exercise {number}: {exercise.title}")
    call = Call(answer)
    earned = sum(test.points for test in exercise.tests if _passes(exercise, test, call))
    print(f"{earned} of {exercise.points} points")
    return float(earned)


def _passes(exercise: Exercise, test: Test, call: Call) -> bool:
    """Whether the answer passes `test`; prints the verdict."""
    try:
        with contextlib.redirect_stderr(sys.stdout):
            test.run(call, PUBLIC_SEED)
    except NotYet as reason:
        print(f"  not yet  0/{test.points}  {test.message}")
        for line in [str(reason), *(f"  {line}" for line in call.lines(reason.wanted))]:
            print(INDENT + line)
        return False
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            print(f"  not started yet  0/{test.points}  {test.message}")
            return False
        print(f"  error    0/{test.points}  {test.message}")
        where = f"raised in exercise {exercise.number}, test {test.name!r}"
        error.add_note("\n  ".join([where, *call.lines()]))
        raise
    print(f"  ok       {test.points}/{test.points}  {test.message}")
    return True
