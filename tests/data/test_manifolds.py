import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.spatial.distance import pdist

from coursekit.data.manifolds import swiss_roll


def angle_of(points):
    """The parameter t of the spiral (t cos t, t sin t): its radius."""
    return np.hypot(points[:, 0], points[:, 2])


def test_points_lie_on_the_spiral_with_radius_equal_to_angle():
    points = swiss_roll(500)[0].double().numpy()
    t = angle_of(points)
    assert np.allclose(t * np.cos(t), points[:, 0], atol=1e-4)
    assert np.allclose(t * np.sin(t), points[:, 2], atol=1e-4)


def test_first_coordinate_is_the_arc_length_and_second_the_height():
    points, sheet = (tensor.double().numpy() for tensor in swiss_roll(20, seed=3))
    for t, arc in zip(angle_of(points), sheet[:, 0]):
        # the speed of (t cos t, t sin t) is sqrt(1 + t^2)
        length, _ = quad(lambda s: np.hypot(1, s), 0, t)
        assert abs(arc - length) < 1e-3
    assert np.array_equal(sheet[:, 1], points[:, 1])


def test_the_sheet_is_isometric():
    """Neighbours on the roll are as far apart as on the sheet."""
    on_roll, on_sheet = (pdist(tensor.double()) for tensor in swiss_roll(2_000, seed=1))
    near = (on_roll > 0.1) & (on_roll < 0.5)
    assert near.sum() > 500
    assert np.allclose(on_sheet[near] / on_roll[near], 1, atol=0.002)


def test_noise_moves_the_points_but_not_their_place_on_the_sheet():
    clean, sheet = swiss_roll(2_000, seed=2)
    noisy, same_sheet = swiss_roll(2_000, noise=0.5, seed=2)
    assert torch.equal(sheet, same_sheet)
    spread = (noisy - clean).std(dim=0)
    assert torch.all((spread - 0.5).abs() < 5 * 0.5 / (2 * 2_000) ** 0.5)


def test_shapes_types_and_determinism():
    points, sheet = swiss_roll(10, seed=4)
    assert points.shape == (10, 3) and points.dtype == torch.float32
    assert sheet.shape == (10, 2) and sheet.dtype == torch.float32
    assert torch.equal(points, swiss_roll(10, seed=4)[0])
    assert not torch.equal(points, swiss_roll(10, seed=5)[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n": 0}, "n must be at least 1, got 0"),
        ({"noise": -0.1}, "noise must be at least 0, got -0.1"),
        ({"noise": math.nan}, "noise must be a finite number, got nan"),
        ({"seed": 2**32}, "seed must be at most 4294967295, got 4294967296"),
    ],
)
def test_what_makes_no_roll_is_refused(settings, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        swiss_roll(**{"n": 5} | settings)
    with pytest.raises(TypeError, match="^seed must be a whole number, got None$"):
        swiss_roll(5, seed=None)
