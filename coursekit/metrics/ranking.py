"""How good a ranking is: retrieval by distance.

The area under a ROC curve comes from scikit-learn (`sklearn.metrics.roc_auc_score`).
"""

import torch

CHUNK = 1_000  # queries at a time: bounds the memory of the distance matrix


def nearest(queries, items, k):
    """Indices (Q, k) of the k items (N, D) nearest to each query (Q, D), the nearest first.

    Distances are Euclidean. Raises ValueError for shapes that do not fit and for k outside
    1 to N.

    >>> nearest(torch.tensor([[0.0]]), torch.tensor([[5.0], [1.0], [-2.0]]), k=2)
    tensor([[1, 2]])
    """
    if queries.dim() != 2 or items.dim() != 2 or queries.shape[1] != items.shape[1]:
        raise ValueError(
            "queries and items must be (Q, D) and (N, D), "
            f"got {tuple(queries.shape)} and {tuple(items.shape)}"
        )
    if not 1 <= k <= len(items):
        raise ValueError(f"k must be from 1 to the {len(items)} items there are, got {k}")
    return torch.cat(
        [torch.cdist(some, items).topk(k, largest=False).indices for some in queries.split(CHUNK)]
    )  # Q x k


def precision_at_k(queries, query_labels, items, labels, k=10):
    """The share of each query's k nearest items that carry its label, averaged over the queries.

    `query_labels` (Q,) and `labels` (N,) belong to `queries` (Q, D) and `items` (N, D). An item
    that is itself a query finds itself: keep the two sets apart. Raises ValueError for label
    tensors of another length, and as `nearest` does.

    >>> items, labels = torch.tensor([[0.0], [1.0], [9.0]]), torch.tensor([0, 1, 1])
    >>> precision_at_k(torch.tensor([[0.2]]), torch.tensor([0]), items, labels, k=2)
    0.5
    """
    for name, part, of in (("query_labels", query_labels, queries), ("labels", labels, items)):
        if part.shape != of.shape[:1]:
            raise ValueError(f"{name} must be ({len(of)},), got {tuple(part.shape)}")
    found = labels[nearest(queries, items, k)]  # Q x k
    return (found == query_labels[:, None]).double().mean().item()
