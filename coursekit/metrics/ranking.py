"""How good a ranking is: retrieval by distance.

The area under a ROC curve comes from scikit-learn (`sklearn.metrics.roc_auc_score`).

Used by chapter 02.
"""

import torch
from torch import Tensor

from coursekit.arguments import check_count, check_finite, check_input, check_labels

CHUNK = 200  # queries at a time: bounds the memory of the distances
SPARE = 16  # items beyond k on the short list


def nearest(queries: Tensor, items: Tensor, *, k: int) -> Tensor:
    """Indices (Q, k) of the k items (N, D) nearest to each query (Q, D), the nearest first.

    Distances are Euclidean, and exact to rounding in float64. Items equally far come in any order.
    Raises ValueError for shapes that do not fit, NaN, and k outside 1 to N.

    >>> nearest(torch.tensor([[0.0]]), torch.tensor([[5.0], [1.0], [-2.0]]), k=2)
    tensor([[1, 2]])
    """
    check_finite("queries", check_input("queries", queries, ("Q", "D")))
    check_finite("items", check_input("items", items, ("items", queries.shape[1])))
    check_count("k", k, most=len(items))
    items = items.detach().double()
    centre = items.mean(dim=0)
    queries, items = queries.detach().double() - centre, items - centre
    return torch.cat([_nearest(some, items, k) for some in queries.split(CHUNK)]).cpu()  # Q x k


def _nearest(queries, items, k):
    """The k nearest items: a matrix product makes a short list, differences of points decide.

    |x|^2 - 2 x q + |q|^2 is fast and loses digits. Where its error, at most `slack`, could have
    kept an item off the short list, the distances to all items are taken from differences.
    """
    norms, own = items.square().sum(dim=1), queries.square().sum(dim=1, keepdim=True)  # N, Q x 1
    rough = torch.addmm(norms, queries, items.T, alpha=-2) + own  # Q x N, squared distances
    rough, listed = rough.topk(min(k + SPARE, len(items)), largest=False)
    exact = (items[listed] - queries[:, None]).square().sum(dim=2)
    exact, order = exact.topk(k, largest=False)
    found = listed.gather(1, order)  # Q x k
    slack = 4 * items.shape[1] * torch.finfo(items.dtype).eps * (norms.max() + own[:, 0])
    doubtful = rough[:, -1] - exact[:, -1] <= slack
    if listed.shape[1] < len(items) and doubtful.any():
        some = queries[doubtful]
        distance = torch.cdist(some, items, compute_mode="donot_use_mm_for_euclid_dist")
        found[doubtful] = distance.topk(k, largest=False).indices
    return found


def precision_at_k(
    queries: Tensor, query_labels: Tensor, items: Tensor, labels: Tensor, *, k: int = 10
) -> float:
    """The share of each query's k nearest items that carry its label, averaged over the queries.

    `query_labels` (Q,) and `labels` (N,), int64, belong to `queries` (Q, D) and `items` (N, D). An
    item that is itself a query finds itself: keep the two sets apart. Raises ValueError for label
    tensors of another length, and as `nearest` does.

    >>> items, labels = torch.tensor([[0.0], [1.0], [9.0]]), torch.tensor([0, 1, 1])
    >>> precision_at_k(torch.tensor([[0.2]]), torch.tensor([0]), items, labels, k=2)
    0.5
    """
    found = nearest(queries, items, k=k)  # Q x k
    query_labels = check_labels("query_labels", query_labels, len(queries)).cpu()
    labels = check_labels("labels", labels, len(items)).cpu()
    return (labels[found] == query_labels[:, None]).double().mean().item()
