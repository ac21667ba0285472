"""What the losses ask of their inputs: floating point, one shape, classes that exist.

Used by every other module of this room, and so by every chapter.
"""

from functools import reduce

import torch
from torch import Tensor

from coursekit.arguments import check_alike, check_input, check_labels, within


def alike(**tensors: Tensor) -> list[Tensor]:
    """The arguments, floating point (N, ...) of one shape, N at least 1, brought to one type.

    Raises TypeError for what is no tensor, and ValueError.
    """
    (first, like), *_ = tensors.items()
    for name, x in tensors.items():
        check_input(name, x, ("N", "..."), fewest=1)
        check_alike(name, x, like, first)
    return widened(*tensors.values())


def widened(*tensors: Tensor) -> list[Tensor]:
    """The tensors in the widest of their types, float32 at least: half types add up to 65504.

    >>> [x.dtype for x in widened(torch.zeros(2).half(), torch.zeros(2).bfloat16())]
    [torch.float32, torch.float32]
    """
    widest = reduce(torch.promote_types, (x.dtype for x in tensors), torch.float32)
    return [x.to(widest) for x in tensors]


def at_labels(name: str, values: Tensor, labels: Tensor, hint: str = "") -> Tensor:
    """`values` (N, C, ...) at the `labels` (N, ...) int64, 0 to C - 1: (N, ...).

    Raises ValueError for other labels; on CUDA, where that would wait, they give NaN.

    >>> at_labels("labels", torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([2]))
    tensor([3.])
    """
    n, classes, *rest = values.shape
    check_labels(name, labels, (n, *rest), hint=hint)
    known = within(name, labels, 0, classes - 1, hint)  # NaN where a label is no class
    index = labels.clamp(0, classes - 1).unsqueeze(1)
    return torch.where(known == labels, values.gather(1, index).squeeze(1), torch.nan)
