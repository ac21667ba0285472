"""Labels as further channels of a network's input."""

import torch
import torch.nn.functional as F


def join_labels(x, labels, classes):
    """`x` (N, C, ...) with the one-hot labels as further channels: (N, C + classes, ...).

    Without classes (None) there must be no labels, and `x` is returned as it is. Raises
    ValueError for labels that are missing, unwanted, of a wrong shape or type or out of range.
    """
    if classes is None and labels is None:
        return x
    if classes is None:
        raise ValueError("labels were given to a model without classes; leave them away")
    expected = f"labels must be ({len(x)},) int64 between 0 and {classes - 1}"
    if labels is None or labels.shape != x.shape[:1] or labels.dtype != torch.int64:
        got = None if labels is None else f"{tuple(labels.shape)} {labels.dtype}"
        raise ValueError(f"{expected}, got {got}")
    if ((labels < 0) | (labels >= classes)).any():
        raise ValueError(f"{expected}, got {labels.min()} to {labels.max()}")
    maps = F.one_hot(labels, classes).to(x.dtype)  # N x classes
    maps = maps.view(*maps.shape, *[1] * (x.dim() - 2)).expand(-1, -1, *x.shape[2:])
    return torch.cat([x, maps], dim=1)  # N x (C + classes) x ...
