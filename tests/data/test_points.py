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


@pytest.mark.parametrize(
    ("covariance", "why"),
    [
        (
            [[1.0, 0.9], [0.0, 1.0]],
            "symmetric, got one that is not",
        ),  # one triangle used to be read
        ([[1.0, 0.0], [0.9, 1.0]], "symmetric, got one that is not"),
        ([[1.0, 2.0], [2.0, 1.0]], "positive definite, got one with the variance -1 along"),
        ([[1.0, 0.0], [0.0, 0.0]], "positive definite, got one with the variance 0 along"),
        ([[1e30, 1e30], [1e30, 1e30]], "positive definite"),
    ],
)
def test_what_is_no_covariance_is_refused(covariance, why):
    message = f"^covariances must be {why}"
    with pytest.raises(ValueError, match=message):
        gaussian_mixture(10, [[0.0, 0.0]], covariance)
    with pytest.raises(ValueError, match=message):
        gaussian_mixture(
            10, [[0.0, 0.0]] * 2, torch.stack([torch.eye(2), torch.tensor(covariance)])
        )


def test_a_covariance_that_is_symmetric_up_to_rounding_is_taken():
    factor = torch.randn(40, 40, generator=torch.Generator().manual_seed(0))
    covariance = factor @ factor.T * 1e4
    covariance[0, 1] *= 1 + 1e-6
    assert gaussian_mixture(3, torch.zeros(1, 40), covariance)[0].isfinite().all()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"n": 2.5}, TypeError, "n must be a whole number, got the float 2.5"),
        ({"n": -1}, ValueError, "n must be at least 0, got -1"),
        ({"means": [["a"]]}, TypeError, r"means must be .* got the list \[\['a'\]\]"),
        ({"means": None}, TypeError, "means must be .* got None"),
        ({"means": [[0.0, math.nan]]}, ValueError, "means must be finite, got 1 NaN"),
        ({"covariances": [[1.0], [1.0, 2.0]]}, TypeError, "covariances must be a tensor or"),
        ({"covariances": torch.eye(2) * torch.inf}, ValueError, "covariances must be finite"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
    ],
)
def test_garbage_is_refused_by_name(changes, error, message):
    valid = {"n": 3, "means": [[0.0, 0.0]], "covariances": [[1.0, 0.0], [0.0, 1.0]]}
    with pytest.raises(error, match=f"^{message}"):
        gaussian_mixture(**valid | changes)
