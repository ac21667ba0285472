import math

import pytest
import torch

from coursekit.data.points import gaussian_mixture

MEANS = torch.tensor([[-3.0, 0.0, 1.0], [4.0, 4.0, -2.0]])
COVARIANCES = torch.stack(
    [
        torch.tensor([[2.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 0.5]]),
        torch.diag(torch.tensor([0.1, 1.0, 3.0])),
    ]
)


def test_shapes_types_and_determinism():
    points, component = gaussian_mixture(100, MEANS, COVARIANCES, seed=5)
    assert points.shape == (100, 3) and points.dtype == torch.float32
    assert component.shape == (100,) and component.dtype == torch.int64
    again, _ = gaussian_mixture(100, MEANS, COVARIANCES, seed=5)
    other, _ = gaussian_mixture(100, MEANS, COVARIANCES, seed=6)
    assert torch.equal(points, again) and not torch.equal(points, other)


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    gaussian_mixture(10, MEANS, COVARIANCES)
    assert torch.equal(torch.get_rng_state(), before)


def test_components_have_equal_weight_and_their_own_mean_and_covariance():
    points, component = gaussian_mixture(100_000, MEANS, COVARIANCES)
    n = component.bincount()
    assert abs(n[0] - 50_000) < 5 * math.sqrt(100_000 / 4)
    for k in range(2):
        own, variance = points[component == k], COVARIANCES[k].diagonal()
        # five standard errors: sqrt(s_i / n) of a mean, sqrt((s_ij^2 + s_i s_j) / n) of a covar.
        assert torch.all((own.mean(0) - MEANS[k]).abs() < 5 * (variance / n[k]).sqrt())
        error = ((COVARIANCES[k] ** 2 + torch.outer(variance, variance)) / n[k]).sqrt()
        assert torch.all((own.T.cov() - COVARIANCES[k]).abs() < 5 * error)


def test_one_covariance_serves_all_components():
    shared, _ = gaussian_mixture(50, MEANS, COVARIANCES[0])
    repeated, _ = gaussian_mixture(50, MEANS, COVARIANCES[:1].expand(2, 3, 3))
    assert torch.equal(shared, repeated)


@pytest.mark.parametrize(
    ("means", "covariances"),
    [
        (torch.zeros(3), torch.eye(3)),
        (torch.zeros(2, 3), torch.eye(2)),
        (torch.zeros(2, 3), torch.ones(3)),
        (torch.zeros(2, 3), torch.eye(3).expand(3, 3, 3)),
        (torch.zeros(2, 3), torch.eye(3).expand(1, 2, 3, 3)),
    ],
)
def test_shapes_that_do_not_fit_are_named(means, covariances):
    with pytest.raises(ValueError, match=r"means must be \(K, D\)") as raised:
        gaussian_mixture(10, means, covariances)
    assert str(tuple(means.shape)) in str(raised.value)
    assert str(tuple(covariances.shape)) in str(raised.value)
