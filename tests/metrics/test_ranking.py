import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from coursekit.metrics import ranking
from coursekit.metrics.ranking import nearest, precision_at_k


def points(n, d=3, seed=0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def classes(n, seed=0):
    return torch.randint(4, (n,), generator=torch.Generator().manual_seed(seed))


def test_the_nearest_items_agree_with_scikit_learn():
    queries, items = points(7, seed=1), points(50, seed=2)
    expected = NearestNeighbors(n_neighbors=5).fit(items).kneighbors(queries, return_distance=False)
    assert nearest(queries, items, k=5).tolist() == expected.tolist()


def test_many_queries_are_ranked_in_parts_with_the_same_result(monkeypatch):
    queries, items = points(23, seed=1), points(40, seed=2)
    at_once = nearest(queries, items, k=4)
    monkeypatch.setattr(ranking, "CHUNK", 5)
    assert torch.equal(nearest(queries, items, k=4), at_once)


def by_differences(queries, items, k):
    """Every distance from the difference of two points, in float64."""
    far = (queries.double()[:, None] - items.double()).square().sum(dim=2)
    return far.topk(k, largest=False).indices


@pytest.mark.parametrize("offset", [0, 1e3, 1e6])
def test_neighbours_far_from_the_origin_are_right(offset):
    """|x|^2 - 2 x y + |y|^2 in float32 found 7 % of them at an offset of 1000."""
    queries, items = points(40, 8, seed=1).float() + offset, points(500, 8, seed=2).float() + offset
    assert torch.equal(nearest(queries, items, k=1), by_differences(queries, items, 1))
    expected = by_differences(queries, items, 10)
    found = nearest(queries, items, k=10)
    if offset < 1e6:  # where float32 has few values left, many items are equally far
        assert torch.equal(found, expected)
    far = [(queries[:, None] - items[x]).double().square().sum(2) for x in (found, expected)]
    torch.testing.assert_close(*far, rtol=1e-12, atol=0)


@pytest.mark.parametrize("scale", [1e-9, 1e-5, 1e-2])
def test_neighbours_in_clusters_that_lie_far_apart_are_right(scale):
    """No centre helps here: the short list is too rough, and all differences are taken."""
    centres = 1e3 * points(4, 5, seed=3)
    queries = centres[classes(30, 1)] + scale * points(30, 5, seed=4)
    items = centres[classes(400, 2)] + scale * points(400, 5, seed=5)
    found, expected = nearest(queries, items, k=6), by_differences(queries, items, 6)
    far = [(queries[:, None] - items[x]).square().sum(2) for x in (found, expected)]
    torch.testing.assert_close(*far, rtol=1e-12, atol=0)


def test_distances_of_half_precision_do_not_overflow():
    queries, items = 300 * points(5, 8, seed=1).half(), 300 * points(40, 8, seed=2).half()
    assert torch.equal(nearest(queries, items, k=3), by_differences(queries, items, 3))


@pytest.mark.parametrize("name", ["queries", "items"])
def test_missing_values_and_whole_numbers_are_refused(name):
    sets = {"queries": points(4), "items": points(9)}
    with pytest.raises(ValueError, match=f"^{name} must be .* floating point"):
        nearest(**sets | {name: sets[name].long()}, k=2)
    sets[name][3, 1] = float("nan")
    with pytest.raises(ValueError, match=f"^{name} must be finite, got 1 NaN"):
        nearest(**sets, k=2)


def test_precision_counts_the_neighbours_with_the_label_of_the_query():
    items = torch.tensor([[0.0], [1.0], [2.0], [10.0], [11.0]])
    labels = torch.tensor([0, 0, 1, 1, 1])
    queries, asked = torch.tensor([[0.4], [10.4]]), torch.tensor([0, 1])
    assert precision_at_k(queries, asked, items, labels, k=1) == 1.0
    assert precision_at_k(queries, asked, items, labels, k=3) == pytest.approx((2 / 3 + 1) / 2)
    assert precision_at_k(queries, 1 - asked, items, labels, k=2) == 0.0


@given(st.integers(1, 20), st.integers(1, 30), st.integers(0, 2**16))
def test_with_k_all_the_precision_is_the_frequency_of_the_label(q, n, seed):
    query_labels, labels = classes(q, seed), classes(n, seed + 1)
    precision = precision_at_k(points(q), query_labels, points(n), labels, k=n)
    frequency = (labels == query_labels[:, None]).double().mean().item()
    assert precision == pytest.approx(frequency)


def test_codes_that_are_the_labels_retrieve_perfectly():
    labels = classes(60)
    codes = torch.nn.functional.one_hot(labels).double()
    assert precision_at_k(codes[:20], labels[:20], codes[20:], labels[20:], k=5) == 1.0


@pytest.mark.parametrize(("k", "bound"), [(0, "least 1"), (-1, "least 1"), (6, "most 5")])
def test_k_outside_the_number_of_items_is_refused(k, bound):
    with pytest.raises(ValueError, match=rf"k must be at {bound}, got {k}"):
        nearest(points(2), points(5), k=k)


@pytest.mark.parametrize(
    ("queries", "items", "message"),
    [
        ((2, 3), (5, 4), r"items must be \(items, 3\) .* got \(5, 4\)"),
        ((3,), (5, 3), r"queries must be \(Q, D\) .* got \(3,\)"),
        ((2, 3), (5, 3, 1), r"items must be \(items, 3\) .* got \(5, 3, 1\)"),
        ((0, 3), (5, 3), r"queries must be \(Q, D\) .* got \(0, 3\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(queries, items, message):
    with pytest.raises(ValueError, match=message):
        nearest(torch.zeros(queries), torch.zeros(items), k=1)


@pytest.mark.parametrize(
    ("query_labels", "labels", "name"),
    [
        (torch.zeros(3).long(), torch.zeros(5).long(), "query_labels"),
        (torch.zeros(2).long(), torch.zeros(5, 1).long(), "labels"),
    ],
)
def test_labels_of_another_length_are_named(query_labels, labels, name):
    with pytest.raises(ValueError, match=f"^{name} must be"):
        precision_at_k(points(2), query_labels, points(5), labels, k=1)
