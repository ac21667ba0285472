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
    assert nearest(queries, items, 5).tolist() == expected.tolist()


def test_many_queries_are_ranked_in_parts_with_the_same_result(monkeypatch):
    queries, items = points(23, seed=1), points(40, seed=2)
    at_once = nearest(queries, items, 4)
    monkeypatch.setattr(ranking, "CHUNK", 5)
    assert torch.equal(nearest(queries, items, 4), at_once)


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


@pytest.mark.parametrize("k", [0, -1, 6])
def test_k_outside_the_number_of_items_is_refused(k):
    with pytest.raises(ValueError, match=rf"k must be from 1 to the 5 items there are, got {k}"):
        nearest(points(2), points(5), k)


@pytest.mark.parametrize(
    ("queries", "items"), [((2, 3), (5, 4)), ((3,), (5, 3)), ((2, 3), (5, 3, 1))]
)
def test_shapes_that_do_not_fit_are_refused(queries, items):
    with pytest.raises(ValueError, match=r"queries and items must be \(Q, D\) and \(N, D\)"):
        nearest(torch.zeros(queries), torch.zeros(items), 1)


@pytest.mark.parametrize(
    ("query_labels", "labels", "name"),
    [
        (torch.zeros(3), torch.zeros(5), "query_labels"),
        (torch.zeros(2), torch.zeros(5, 1), "labels"),
    ],
)
def test_labels_of_another_length_are_named(query_labels, labels, name):
    with pytest.raises(ValueError, match=f"^{name} must be"):
        precision_at_k(points(2), query_labels, points(5), labels, k=1)
