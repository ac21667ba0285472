import math

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions

from coursekit.metrics import generation
from coursekit.metrics.generation import (
    frechet_distance,
    mode_coverage,
    parzen_log_likelihood,
    squared_mmd,
    wasserstein,
)

MODES = torch.tensor([[-10.0, -10.0], [10.0, 10.0], [10.0, -10.0]])


def normal(n, d=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64)


def standard(n, d, seed=0):
    """Points whose mean is 0 and whose covariance is the identity, to rounding."""
    x = normal(n, d, seed)
    q, _ = torch.linalg.qr(x - x.mean(dim=0))
    return q * math.sqrt(n - 1)


def fd(a, b):
    return frechet_distance(a, b, features="LeNet-5")["FD-LeNet-5"]


def test_the_frechet_distance_agrees_with_the_matrix_square_root():
    a, b = normal(200, 5, 1) @ normal(5, 5, 2) + 1, normal(90, 5, 3) @ normal(5, 5, 4)
    s_a, s_b = np.cov(a.T), np.cov(b.T)
    cross = np.trace(scipy.linalg.sqrtm(s_a @ s_b)).real
    shift = (a.mean(dim=0) - b.mean(dim=0)).square().sum().item()
    assert fd(a, b) == pytest.approx(shift + np.trace(s_a) + np.trace(s_b) - 2 * cross, rel=1e-10)


@given(d=st.integers(1, 6), seed=st.integers(0, 99))
def test_a_shift_moves_the_frechet_distance_by_its_square(d, seed):
    a, shift = normal(30, d, seed), normal(1, d, seed + 1)
    assert fd(a, a + shift) == pytest.approx(shift.square().sum().item(), abs=1e-10)


@given(d=st.integers(1, 6), seed=st.integers(0, 99))
def test_diagonal_covariances_differ_by_their_standard_deviations(d, seed):
    s_a, s_b = normal(2, d, seed).abs()
    expected = (s_a - s_b).square().sum().item()
    assert fd(standard(40, d, seed) * s_a, standard(25, d, seed + 1) * s_b) == pytest.approx(
        expected, abs=1e-10
    )


@given(n=st.integers(2, 30), d=st.integers(1, 20), seed=st.integers(0, 99))
def test_equal_sets_have_no_frechet_distance_even_with_fewer_points_than_features(n, d, seed):
    a = normal(n, d, seed)
    assert 0 <= fd(a, a) < 1e-12
    assert 0 <= fd(a, a.flip(0)) < 1e-12


def test_singular_covariances_are_exact():
    a = standard(50, 3) * torch.tensor([2.0, 0.0, 0.0])
    b = standard(50, 3, 1) * torch.tensor([0.0, 5.0, 0.0])
    assert fd(a, b) == pytest.approx(4 + 25, abs=1e-10)  # no direction in common
    assert fd(a, 3 * a) == pytest.approx(16, abs=1e-10)


def test_the_frechet_distance_is_mutual_and_the_same_after_a_rotation():
    a, b = normal(40, 4, 1), 2 * normal(40, 4, 2) + 1
    turn, _ = torch.linalg.qr(normal(4, 4, 3))
    assert fd(a, b) == pytest.approx(fd(b, a), rel=1e-12)
    assert fd(a @ turn, b @ turn) == pytest.approx(fd(a, b), rel=1e-12)


@pytest.mark.parametrize("features", ["FID", "fid", "FID-LeNet", ""])
def test_only_inception_features_would_be_called_fid(features):
    with pytest.raises(ValueError, match="features must name what.* FID is the name"):
        frechet_distance(normal(5), normal(5), features=features)


def test_one_example_has_no_covariance():
    with pytest.raises(ValueError, match=r"points_a must be .* got \(1, 2\) .*; N at least 2"):
        fd(normal(1), normal(9))


def test_coverage_counts_the_modes_with_good_points():
    points = torch.cat(
        [MODES[0] + normal(60).clamp(-2, 2), MODES[2] + normal(20).clamp(-2, 2), torch.zeros(20, 2)]
    )
    coverage = mode_coverage(points, MODES, radius=3.0)
    assert coverage.modes == 2
    assert coverage.near == pytest.approx(0.8)
    assert coverage.shares.tolist() == pytest.approx([0.6, 0.0, 0.2])


def test_three_standard_deviations_hold_989_of_1000_points_of_a_gaussian_in_the_plane():
    near = mode_coverage(normal(20_000), torch.zeros(1, 2), radius=3.0).near
    share = 1 - math.exp(-4.5)
    assert near == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / 20_000))


def test_a_point_within_two_radii_belongs_to_the_nearer_mode_alone():
    coverage = mode_coverage(torch.tensor([[0.4]]), torch.tensor([[0.0], [1.0]]), radius=3.0)
    assert coverage.modes == 1 and coverage.shares.tolist() == [1.0, 0.0]


@given(n=st.integers(1, 30), seed=st.integers(0, 99))
def test_the_wasserstein_distance_on_a_line_agrees_with_scipy(n, seed):
    a, b = normal(n, 1, seed), normal(n, 1, seed + 1)
    expected = scipy.stats.wasserstein_distance(a[:, 0], b[:, 0])
    assert wasserstein(a, b) == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_the_wasserstein_distance_in_the_plane_agrees_with_linear_programming():
    a, b = normal(12, 2, 1), normal(12, 2, 2)
    assert wasserstein(a, b) == pytest.approx(scipy.stats.wasserstein_distance_nd(a, b), rel=1e-6)


@given(n=st.integers(1, 40), seed=st.integers(0, 99))
def test_order_does_not_matter_and_a_shift_costs_its_length(n, seed):
    a = normal(n, 2, seed)
    assert wasserstein(a, a.flip(0)) == 0
    assert wasserstein(a, a.flip(0) + torch.tensor([3.0, 4.0])) == pytest.approx(5)


def test_a_lost_mode_costs_the_way_to_it():
    real = MODES.repeat(10, 1)
    collapsed = MODES[:2].repeat(15, 1)  # a third of the mass belongs at the third mode
    assert wasserstein(collapsed, real) == pytest.approx(20 / 3)


def test_sets_of_different_sizes_cannot_be_paired():
    with pytest.raises(ValueError, match="points_b must hold 5 points as points_a does, got 4"):
        wasserstein(normal(5), normal(4))


def test_mmd_agrees_with_its_definition():
    a, b = normal(7, 3, 1), normal(5, 3, 2)

    def k(x, y):
        return math.exp(-(x - y).square().sum() / (2 * 1.5**2))

    within = [np.mean([k(x, y) for x in s for y in s if x is not y]) for s in (list(a), list(b))]
    expected = sum(within) - 2 * np.mean([k(x, y) for x in a for y in b])
    assert squared_mmd(a, b, bandwidth=1.5) == pytest.approx(expected, rel=1e-10)


def test_mmd_is_unbiased():
    equal = [
        squared_mmd(normal(10, 2, s), normal(10, 2, s + 1000), bandwidth=1.0) for s in range(400)
    ]
    assert min(equal) < 0 < max(equal)
    assert np.mean(equal) == pytest.approx(0, abs=4 * np.std(equal) / math.sqrt(400))
    # E k for x, y ~ N(0, I) and N(mu, I) in the plane: exp(-|mu|^2 / 6) / 3
    shifted = [
        squared_mmd(normal(10, 2, s), normal(10, 2, s + 1000) + 1, bandwidth=1.0)
        for s in range(400)
    ]
    expected = 2 / 3 * (1 - math.exp(-2 / 6))
    assert np.mean(shifted) == pytest.approx(expected, abs=4 * np.std(shifted) / math.sqrt(400))


def test_mmd_of_sets_far_apart_is_two_for_points_that_coincide():
    a = torch.zeros(4, 2)
    assert squared_mmd(a, a + 100, bandwidth=1.0) == pytest.approx(2)


@pytest.mark.parametrize("sigma", [0.1, 1.0])
def test_parzen_agrees_with_a_mixture_of_gaussians(sigma):
    samples, points = normal(40, 6, 1), normal(11, 6, 2)
    mixture = distributions.MixtureSameFamily(
        distributions.Categorical(logits=torch.zeros(40, dtype=torch.float64)),
        distributions.Independent(distributions.Normal(samples, sigma), 1),
    )
    expected = mixture.log_prob(points)
    assert torch.allclose(
        parzen_log_likelihood(samples, points, sigma=sigma), expected, rtol=0, atol=1e-10
    )


def test_many_points_are_taken_in_parts_with_the_same_result(monkeypatch):
    samples, points = normal(40, 3, 1), normal(23, 3, 2)
    at_once = parzen_log_likelihood(samples, points, sigma=0.5)
    monkeypatch.setattr(generation, "CHUNK", 5)
    in_parts = parzen_log_likelihood(samples, points, sigma=0.5)
    assert torch.allclose(in_parts, at_once, rtol=1e-12)


def test_a_density_integrates_to_one():
    grid = torch.linspace(-12, 12, 2401, dtype=torch.float64)[:, None]
    density = parzen_log_likelihood(normal(20, 1), grid, sigma=0.4).exp()
    assert density.sum().item() * 0.01 == pytest.approx(1, abs=1e-9)


def mmd(a, b, bandwidth=1.0):
    return squared_mmd(a, b, bandwidth=bandwidth)


def coverage(a, b, radius=1.0):
    return mode_coverage(a, b, radius=radius)


def parzen(a, b, sigma=1.0):
    return parzen_log_likelihood(a, b, sigma=sigma)


@pytest.mark.parametrize(
    ("score", "name"), [(mmd, "bandwidth"), (coverage, "radius"), (parzen, "sigma")]
)
@pytest.mark.parametrize(
    ("value", "bound"), [(0.0, "above 0"), (-1.0, "above 0"), (math.nan, "a finite number")]
)
def test_widths_must_be_above_zero(score, name, value, bound):
    with pytest.raises(ValueError, match=f"{name} must be {bound}, got {value}"):
        score(normal(5), normal(5), value)


SCORES = {  # with the names of their two sets
    fd: ("points_a", "points_b"),
    wasserstein: ("points_a", "points_b"),
    mmd: ("points_a", "points_b"),
    coverage: ("points", "means"),
    parzen: ("samples", "points"),
}
every_score = pytest.mark.parametrize(
    ("score", "names"), SCORES.items(), ids=[score.__name__ for score in SCORES]
)


@every_score
@pytest.mark.parametrize(
    ("a", "b", "wrong", "wanted"),
    [
        ((5, 2), (5, 3), 1, r"\(N, 2\)"),
        ((5, 1, 4), (5, 1, 4), 0, r"\(N, D\)"),
        ((0, 2), (5, 2), 0, r"\(N, D\)"),
        ((5, 2), (0, 2), 1, r"\(N, D\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(score, names, a, b, wrong, wanted):
    with pytest.raises(ValueError, match=rf"^{names[wrong]} must be {wanted}") as raised:
        score(torch.zeros(a), torch.zeros(b))
    assert f"got {(a, b)[wrong]}" in str(raised.value)


@every_score
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_points_that_are_no_numbers_are_refused(score, names, value):
    """A NaN lies in no mode: coverage was lower by it, and nothing said so."""
    for wrong in (0, 1):
        pair = [normal(5), normal(5, seed=1)]
        pair[wrong][2, 1] = value
        with pytest.raises(ValueError, match=f"^{names[wrong]} must be finite, got 1 NaN or"):
            score(*pair)


@every_score
def test_whole_numbers_are_refused_and_half_precision_counts_like_double(score, names):
    a, b = normal(8).half(), normal(8, seed=1).half()
    for wrong in (0, 1):
        pair = [a, b]
        pair[wrong] = pair[wrong].long()
        with pytest.raises(ValueError, match=f"^{names[wrong]} must be .* floating point"):
            score(*pair)
    exact = score(a.double(), b.double())
    if isinstance(exact, torch.Tensor):
        assert torch.equal(score(a, b), exact)
    else:
        assert str(score(a, b)) == str(exact)


def test_parzen_keeps_its_digits_far_from_the_origin():
    samples, points = normal(60, 30, 1), normal(11, 30, 2)
    near, far = parzen(samples, points, 0.1), parzen(samples + 1e6, points + 1e6, 0.1)
    assert torch.allclose(far, near, rtol=1e-6)


@pytest.mark.parametrize("features", [None, 7, ["LeNet-5"]])
def test_features_go_by_a_name(features):
    with pytest.raises(TypeError, match="^features must be a name"):
        frechet_distance(normal(5), normal(5), features=features)
