import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.manifold import trustworthiness

from coursekit.metrics import neighbourhood


def points(n, d, seed=0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def ranks(x):
    """(N, N): the rank of j among the neighbours of i, 1 for the nearest, 0 for i itself."""
    return torch.cdist(x.double(), x.double()).argsort(dim=1).argsort(dim=1)


def definition(x, y, k):
    """Trustworthiness of the map y of x, as Venna and Kaski write it."""
    n, false = len(x), (ranks(y) <= k) & (ranks(x) > k)
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * (ranks(x) - k)[false].sum().item()


@given(n=st.integers(8, 30), k=st.integers(1, 3), seed=st.integers(0, 99))
def test_all_three_agree_with_their_definitions(n, k, seed):
    x, y = points(n, 4, seed), points(n, 2, seed + 1)
    found = neighbourhood(x, y, k=k)
    assert found.trustworthiness == pytest.approx(definition(x, y, k))
    assert found.continuity == pytest.approx(definition(y, x, k))
    near = [(r > 0) & (r <= k) for r in (ranks(x), ranks(y))]
    assert found.agreement == pytest.approx((near[0] & near[1]).double().sum().item() / (n * k))


def test_trustworthiness_is_that_of_scikit_learn():
    x, y = points(50, 4), points(50, 4)[:, :2]
    expected = trustworthiness(x.double(), y.double(), n_neighbors=7)
    assert neighbourhood(x, y, k=7).trustworthiness == expected


@given(seed=st.integers(0, 99), k=st.integers(1, 9))
def test_a_map_to_scale_keeps_every_neighbour(seed, k):
    x = points(20, 3, seed).double()
    turn, _ = torch.linalg.qr(points(3, 3, seed + 1).double())
    assert neighbourhood(x, 0.1 * x @ turn + 5, k=k) == (1, 1, 1)


def test_a_fold_is_not_trustworthy_and_a_tear_not_continuous():
    line = torch.linspace(-1, 1, 101)[:, None] + 1e-3 * points(101, 1)  # without ties
    folded = neighbourhood(line, line.abs(), k=8)
    assert folded.continuity > 0.95 and folded.trustworthiness < 0.7
    turn = math.pi * line
    circle = torch.cat([turn.cos(), turn.sin()], dim=1)
    torn = neighbourhood(circle, line, k=8)
    assert torn.trustworthiness > 0.99 and torn.continuity < torn.trustworthiness - 0.01
    back = neighbourhood(line, circle, k=8)
    assert (back.trustworthiness, back.continuity) == (torn.continuity, torn.trustworthiness)


def test_a_random_map_has_about_one_half():
    found = neighbourhood(points(400, 5), points(400, 2, seed=1), k=10)
    assert found.trustworthiness == pytest.approx(0.5, abs=0.05)
    assert found.continuity == pytest.approx(0.5, abs=0.05)
    assert found.agreement == pytest.approx(10 / 399, abs=0.01)


def test_arrays_and_tensors_with_a_gradient_count_alike():
    x, y = points(20, 4), points(20, 2, 1)
    assert neighbourhood(x.numpy(), y.clone().requires_grad_()) == neighbourhood(x, y)


@pytest.mark.parametrize(("k", "bound"), [(0, "least 1"), (10, "most 9"), (25, "most 9")])
def test_k_outside_half_of_the_points_is_refused(k, bound):
    with pytest.raises(ValueError, match=f"k must be at {bound}, got {k}"):
        neighbourhood(points(20, 3), points(20, 2), k=k)


def test_maps_of_other_points_are_refused():
    with pytest.raises(ValueError, match=r"embedding must be \(20, K\) .* got \(19, 2\)"):
        neighbourhood(points(20, 3), points(19, 2))


@pytest.mark.parametrize("d", [3, 40])
def test_neighbours_far_from_the_origin_are_the_same(d):
    x, y = points(60, d).double(), points(60, d, 1).double()
    assert neighbourhood(x + 2.0**30, y - 2.0**30, k=7) == neighbourhood(
        x + 2.0**30 - 2.0**30, y - 2.0**30 + 2.0**30, k=7
    )


@pytest.mark.parametrize("name", ["points", "embedding"])
def test_missing_values_and_whole_numbers_are_refused(name):
    sets = {"points": points(20, 3), "embedding": points(20, 2)}
    with pytest.raises(ValueError, match=f"^{name} must be .* floating point"):
        neighbourhood(**sets | {name: sets[name].long()})
    sets[name][3, 1] = math.nan
    with pytest.raises(ValueError, match=f"^{name} must be finite, got 1 NaN"):
        neighbourhood(**sets)


def test_points_that_coincide_are_neighbours_in_one_order():
    x = torch.zeros(12, 3)
    assert neighbourhood(x, x, k=3) == (1, 1, 1)
