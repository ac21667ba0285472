"""The three marks of a bottleneck: what has a narrow code shows them, each other map lacks one."""

import numpy as np
import pytest

from coursekit.exercises import NotYet
from coursekit.exercises.bottleneck import probes, require_bottleneck

SIZE, COUNT = 12, 300
AXES = np.linalg.qr(np.random.default_rng(0).normal(size=(SIZE, SIZE)))[0]


def rows_of(rng, code_size):
    """Rows on a curved surface of `code_size` dimensions."""
    codes = rng.uniform(-1, 1, size=(COUNT, code_size))
    return np.tanh(codes @ AXES[:code_size])


def through(code_size):
    """A smooth map through `code_size` numbers, back onto the surface."""
    return lambda rows: np.tanh(2 * np.tanh(rows @ AXES[:code_size].T) @ AXES[:code_size])


def judge(answer, code_size, seed=0):
    rng = np.random.default_rng(seed)
    found = probes(rng, rows_of(rng, code_size))
    require_bottleneck(answer(found), COUNT, code_size)


@pytest.mark.parametrize("code_size", [1, 2])
@pytest.mark.parametrize("seed", range(5))
def test_a_smooth_map_through_the_code_passes(code_size, seed):
    judge(through(code_size), code_size, seed)


@pytest.mark.parametrize("code_size", [1, 2])
def test_one_number_more_than_the_code_is_noticed(code_size):
    with pytest.raises(NotYet, match=rf"lies beyond {code_size} direction\(s\)"):
        judge(through(code_size + 1), code_size)


def test_a_constant_stands_still():
    with pytest.raises(NotYet, match="stands still"):
        judge(np.zeros_like, 1)


def flattened(rows):
    """A copy, but for rows that lie close together: these move in two directions only."""
    close = np.linalg.norm(rows[:, None] - rows, axis=2) < 0.005
    centre = close @ rows / close.sum(axis=1, keepdims=True)
    along = centre + (rows - centre) @ AXES[:2].T @ AXES[:2]
    return np.where(close.sum(axis=1, keepdims=True) > 2, along, rows)


def test_a_copy_that_hides_the_nudges_is_noticed_far_off_the_surface():
    with pytest.raises(NotYet, match="far from all other outputs"):
        judge(flattened, 2)


def nearest(rows):
    """The nearest row of a table of places on the surface, and a little of what is left."""
    table = np.tanh(np.linspace(-1, 1, 15)[:, None] @ AXES[:1])
    found = table[((rows[:, None] - table) ** 2).sum(axis=2).argmin(axis=1)]
    return found + 0.5 * (rows - found) @ AXES[:1].T @ AXES[:1]


def test_a_look_up_of_the_nearest_row_jumps():
    with pytest.raises(NotYet, match="jumps while a reading changes little by little"):
        judge(nearest, 1)


def test_the_probes_stand_below_the_rows():
    rng = np.random.default_rng(1)
    rows = rows_of(rng, 2)
    found = probes(rng, rows)
    assert np.array_equal(found[:COUNT], rows)
    assert len({row.tobytes() for row in found}) == len(found)
