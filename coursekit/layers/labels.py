"""Labels as further channels of a network's input. Used by chapters 05 and 06."""

import torch
from torch import Tensor

from coursekit.arguments import FLOATS, check_count, check_labels, check_tensor, within


def join_labels(x: Tensor, labels: Tensor | None, *, classes: int | None) -> Tensor:
    """`x` (N, C, ...) with the one-hot labels as further channels: (N, C + classes, ...).

    Without classes (None) there must be no labels, and `x` is returned as it is. Raises
    TypeError and ValueError for labels that are missing, unwanted, of a wrong shape or type or out
    of range; on CUDA, where reading them would wait, a label out of range makes its example NaN.
    """
    check_tensor("x", x)
    if x.dim() < 2 or x.dtype not in FLOATS:
        raise ValueError(f"x must be (N, C, ...) floating point, got {tuple(x.shape)} {x.dtype}")
    if classes is None:
        if labels is not None:
            raise ValueError("labels were given to a model without classes; leave them away")
        return x
    check_count("classes", classes)
    check_tensor("labels", labels)
    if labels.shape != x.shape[:1]:
        got = tuple(labels.shape)
        raise ValueError(f"labels must be ({len(x)},), one for each row of x or z, got {got}")
    check_labels("labels", labels, len(x))
    labels = within("labels", labels, 0, classes - 1)[:, None]
    maps = labels == torch.arange(classes, device=x.device)  # N x classes
    maps = (maps + 0 * labels).to(x.dtype)  # NaN where `within` has put it
    maps = maps.view(*maps.shape, *[1] * (x.dim() - 2)).expand(-1, -1, *x.shape[2:])
    return torch.cat([x, maps], dim=1)  # N x (C + classes) x ...
