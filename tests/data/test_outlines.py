import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data.outlines import OUTLINES, REACH, SHAPES, distance, signed_distance

RNG = np.random.default_rng(0)
POINTS = RNG.uniform(-REACH, REACH, (2_000, 2))


def inside(shape, degrees=0.0):
    """Which points of a square of 80 x 80 are in a shape that is turned."""
    x = torch.linspace(-1, 1, 80)
    y, x = torch.meshgrid(x, x, indexing="ij")
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    shape = torch.tensor([SHAPES.index(shape)])
    return distance(shape, (cos * x + sin * y)[None], (cos * y - sin * x)[None])[0] < 0


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_keeps_within_its_circle_and_nearly_fills_it(shape):
    reach = max(np.linalg.norm(polygon, axis=1).max() for polygon in OUTLINES[shape])
    assert 0.8 < reach <= 1 + 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_is_tiny(shape):
    """Of the circle's area: 0.35 (hourglass) to 0.70 (disc)."""
    assert 0.3 < inside(shape).double().mean() * 4 / math.pi < 0.75


def test_the_distance_to_a_square_is_the_known_one():
    """With q = |p| - side / 2: the length of what is positive in q, or else the larger part."""
    q = abs(POINTS) - 1 / 1.5
    wanted = np.linalg.norm(q.clip(min=0), axis=1) + q.max(axis=1).clip(max=0)
    np.testing.assert_allclose(signed_distance(POINTS, OUTLINES["square"]), wanted, atol=1e-12)


@pytest.mark.parametrize(("shape", "middle", "half"), [("disc", 0, 0.85), ("ring", 0.69, 0.23)])
def test_the_distance_to_a_disc_and_a_ring_is_the_known_one(shape, middle, half):
    wanted = abs(np.linalg.norm(POINTS, axis=1) - middle) - half
    np.testing.assert_allclose(signed_distance(POINTS, OUTLINES[shape]), wanted, atol=4e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_table_is_as_exact_as_a_pixel_needs(shape):
    """0.02 radii are a quarter of a pixel in the largest shape."""
    x, y = torch.from_numpy(POINTS).float().T[:, None, None]
    found = distance(torch.tensor([SHAPES.index(shape)]), x, y).flatten()
    assert np.abs(found.numpy() - signed_distance(POINTS, OUTLINES[shape])).max() < 0.02


@given(st.integers(0, 9), st.floats(-50, 50), st.floats(-50, 50))
def test_what_is_far_away_is_outside(shape, x, y):
    if max(abs(x), abs(y)) > REACH:
        point = torch.tensor([[[x]]]), torch.tensor([[[y]]])
        assert distance(torch.tensor([shape]), *point).item() > 0.35


def test_no_shape_is_another_one_turned():
    """Intersection over union at the best of all turns: at most 0.75, arrow and square."""
    for i, one in enumerate(SHAPES):
        still = inside(one)
        for other in SHAPES[:i]:
            turned = [inside(other, degrees) for degrees in range(0, 360, 6)]
            best = max(((still & t).sum() / (still | t).sum()).item() for t in turned)
            assert best < 0.82, (one, other, best)
