"""`check`: what it prints and returns, and what it lets through."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from coursekit.exercises import PUBLIC_SEED, Exercise, NotYet, catalogue, check
from coursekit.exercises.brief import brief

LIGHT = "import sys, coursekit.exercises; print({'torch', 'nbformat'} & set(sys.modules))"


@pytest.fixture
def doubling(monkeypatch):
    """An exercise 01.1 of two tests whose right answer doubles an array."""
    exercise = Exercise("01.1", "Doubling")

    @exercise.test(points=1, message="the shape stays")
    def shape(answer, rng):
        if np.shape(answer(np.ones(3))) != (3,):
            raise NotYet("expected shape (3,)")

    @exercise.test(points=2, message="twice the value")
    def values(answer, rng):
        numbers = rng.normal(size=3)
        if not np.array_equal(answer(numbers), 2 * numbers):
            raise NotYet("not twice the value")

    monkeypatch.setattr(catalogue, "exercises", lambda chapter: {"01.1": exercise})
    return exercise


def test_a_right_answer_earns_all_points_as_a_float(doubling, capsys):
    points = check("01.1", lambda numbers: 2 * numbers)
    assert points == 3.0 and isinstance(points, float)
    assert capsys.readouterr().out == (
        "Exercise 01.1: Doubling\n"
        "  ok       1/1  the shape stays\n"
        "  ok       2/2  twice the value\n"
        "3 of 3 points\n"
    )


def test_a_wrong_answer_is_told_what_is_wrong_and_for_which_input(doubling, capsys):
    assert check("01.1", lambda numbers: 3 * numbers) == 1.0
    numbers = np.random.default_rng([PUBLIC_SEED, *b"values"]).normal(size=3)
    out = capsys.readouterr().out
    out = out.replace(brief(numbers), "shape (3,): INPUT")
    out = out.replace(brief(3 * numbers), "shape (3,): OUTPUT")
    assert out == (
        "Exercise 01.1: Doubling\n"
        "  ok       1/1  the shape stays\n"
        "  not yet  0/2  twice the value\n"
        "                not twice the value\n"
        "                  numbers   shape (3,): INPUT\n"
        "                  returned  shape (3,): OUTPUT\n"
        "1 of 3 points\n"
    )


@pytest.mark.parametrize("error", [ZeroDivisionError, AssertionError, NotImplementedError])
def test_an_error_in_the_answer_surfaces_and_names_the_test(doubling, capsys, error):
    def answer(numbers):
        raise error("inside the answer")

    with pytest.raises(error, match="inside the answer") as caught:
        check("01.1", answer)
    assert caught.value.__notes__ == [
        "raised in exercise 01.1, test 'shape'\n  numbers  shape (3,): 1, 1, 1"
    ]
    assert caught.traceback[-1].name == "answer"
    assert "  error    0/1  the shape stays\n" in capsys.readouterr().out


def test_a_stub_is_not_started_yet(doubling, capsys):
    def answer(numbers):
        if numbers[0] != 1:
            raise NotImplementedError()
        return numbers

    assert check("01.1", answer) == 1.0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  ok       1/1  the shape stays",
        "  not started yet  0/2  twice the value",
        "1 of 3 points",
    ]


def test_an_answer_that_works_in_place_is_judged_by_what_it_returns(doubling):
    def answer(numbers):
        numbers *= 2
        return numbers

    assert check("01.1", answer) == 3.0


def test_the_input_is_shown_as_it_was_given(doubling, capsys):
    def answer(numbers):
        numbers *= 3
        return numbers

    assert check("01.1", answer) == 1.0
    numbers = np.random.default_rng([PUBLIC_SEED, *b"values"]).normal(size=3)
    assert f"numbers   {brief(numbers)}\n" in capsys.readouterr().out


def test_an_answer_is_read_as_the_grader_reads_it(doubling, capsys):
    def answer(numbers):
        assert numbers.flags.c_contiguous and numbers.flags.writeable
        return [{"not": ...}, {1, 2}]

    assert check("01.1", answer) == 0.0
    assert "returned  [{'not': Ellipsis}, {1, 2}]\n" in capsys.readouterr().out


def test_warnings_of_the_answer_stay_off_stderr(doubling, capsys):
    def answer(numbers):
        warnings.warn("careful", stacklevel=2)
        print("busy", file=sys.stderr)
        return 2 * numbers

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # pytest records warnings instead of showing them; show them as Python does.
        warnings.showwarning = lambda text, *_, **__: sys.stderr.write(f"{text}\n")
        assert check("01.1", answer) == 3.0
    assert capsys.readouterr().err == ""


def test_the_call_instead_of_the_function_is_recognised(doubling):
    with pytest.raises(TypeError, match=r'check\("01.1", .*the function itself.*got ndarray'):
        check("01.1", np.ones(3))


def test_the_import_is_light():
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True)
    assert done.stdout == "set()\n"
