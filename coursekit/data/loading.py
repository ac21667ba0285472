"""`load(name)` gives any data set of the course as tensors."""

import torch

from coursekit.data.digits import mnist, pen_digit_set
from coursekit.data.documents import reuters, topics
from coursekit.data.signals import beat_set

LOADERS = {
    "mnist": mnist,
    "pen-digits": pen_digit_set,
    "reuters": reuters,
    "topics": topics,
    "beats": beat_set,
}


def load(name: str, device="cpu"):
    """The data set `name` as a named tuple, its tensors on `device`.

    Raises ValueError for an unknown name; errors of the real ones are those of `store.fetch`.
    """
    if name not in LOADERS:
        raise ValueError(f"unknown data set {name!r}; the known ones are {', '.join(LOADERS)}")
    parts = LOADERS[name]()
    return type(parts)(*(p.to(device) if isinstance(p, torch.Tensor) else p for p in parts))
