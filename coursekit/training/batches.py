"""Mini-batches of data that fit in memory: slices of a permutation.

Used by every chapter from 01 on.
"""

from collections.abc import Iterable, Iterator

import torch
from torch import nn

from coursekit.arguments import (
    check_count,
    check_finite,
    check_flag,
    check_seed,
    check_tensor,
    describe,
)

Batch = torch.Tensor | tuple[torch.Tensor, ...]


class Batches:
    """Mini-batches of one or several tensors with the same first dimension.

    Each pass over the object draws a new permutation from its own generator and yields slices of
    it: a tensor where one was given, otherwise a tuple. On data this small that is many times
    cheaper than a `DataLoader` (see `benchmarks/training.py`). `shuffle=False` keeps the order.

    Raises TypeError for what is no tensor, and ValueError for no tensors, for lengths that differ,
    for an empty one, for NaN or infinite values and for a batch size below one.

    >>> [len(batch) for batch in Batches(torch.arange(10), batch_size=4)]
    [4, 4, 2]
    """

    def __init__(
        self, *tensors: torch.Tensor, batch_size: int = 64, seed: int = 0, shuffle: bool = True
    ) -> None:
        if not tensors:
            raise ValueError("Batches needs at least one tensor")
        for i, tensor in enumerate(tensors):
            _check(f"tensors[{i}]", tensor, tensors[0])
        self.tensors, self.batch_size = tensors, check_count("batch_size", batch_size)
        self.shuffle = check_flag("shuffle", shuffle)
        self.generator = torch.Generator()
        if check_seed("seed", seed) is None:
            raise TypeError("seed must be a whole number, got None; the order is always repeatable")
        self.generator.manual_seed(seed)

    def __len__(self) -> int:
        return -(-len(self.tensors[0]) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        n = len(self.tensors[0])
        if self.shuffle:
            order = torch.randperm(n, generator=self.generator)
            order = order.to(self.tensors[0].device, non_blocking=True)
        for start in range(0, n, self.batch_size):
            stop = start + self.batch_size
            rows = order[start:stop] if self.shuffle else slice(start, stop)
            batch = tuple(tensor[rows] for tensor in self.tensors)
            yield batch[0] if len(batch) == 1 else batch


def check_batches(name: str, value: Iterable[Batch]) -> Iterable[Batch]:
    """`value`, which must have a length and yield batches as often as one asks.

    Raises TypeError for a tensor, a tuple of tensors and what can be gone through only once, and
    ValueError for an empty one.
    """
    if isinstance(value, (torch.Tensor, tuple)):
        star = "*" if isinstance(value, tuple) else ""
        raise TypeError(
            f"{name} must yield batches, got {describe(value)}; write Batches({star}{name})"
        )
    try:
        n = None if isinstance(value, Iterator) or not isinstance(value, Iterable) else len(value)
    except TypeError:  # a DataLoader of a stream
        n = None
    if n is None:
        raise TypeError(
            f"{name} must be Batches, a DataLoader or a list of batches, which has a length and "
            f"can be gone through again and again, got {describe(value)}"
        )
    if n == 0:
        raise ValueError(f"{name} must hold a batch or more: the batches are empty")
    return value


class Place:
    """Where a model's batches belong: its device, and the floating types of its weights.

    A model without parameters takes batches as they are.
    """

    def __init__(self, model: nn.Module) -> None:
        tensors = [*model.parameters(), *model.buffers()]
        self.device = tensors[0].device if tensors else None
        self.on_cuda = bool(tensors) and self.device.type == "cuda"
        self.types = {tensor.dtype for tensor in tensors if tensor.is_floating_point()}

    def put(self, name: str, batch: Batch) -> tuple[Batch, int]:
        """The batch on the device, and its number of examples.

        Raises ValueError, under the name of what yielded it, for a batch that is no tensor
        (N, ...) or several of them, with one N > 0 and floats of a type that the weights have.
        """
        alone = isinstance(batch, torch.Tensor)
        parts = [batch] if alone else list(batch) if isinstance(batch, Iterable) else []
        usable = isinstance(batch, torch.Tensor | tuple | list) and all(
            isinstance(part, torch.Tensor) and part.dim() for part in parts
        )
        n = len(parts[0]) if usable and parts else 0
        if not n or any(len(part) != n for part in parts):
            raise ValueError(_form(name, batch, parts))
        for part in parts:
            if self.types and part.dtype not in self.types and part.is_floating_point():
                wanted = ", ".join(sorted(map(str, self.types)))
                raise ValueError(
                    f"{name} must hold {wanted}, as the model's weights are, got {part.dtype}; "
                    f"convert the data with .to({wanted.split(', ')[0]})"
                )
        if self.device is not None:
            parts = [part.to(self.device, non_blocking=True) for part in parts]
        return parts[0] if alone else tuple(parts), n


def _form(name, batch, parts):
    got = [tuple(p.shape) if isinstance(p, torch.Tensor) else type(p).__name__ for p in parts]
    return (
        f"{name}: a batch must be a tensor (N, ...) with N > 0 or several of them, "
        f"all with the same N, got {type(batch).__name__} of {got}"
    )


def _check(name, tensor, first):
    shape = tuple(check_tensor(name, tensor).shape)
    if not shape or shape[0] == 0:
        raise ValueError(f"{name} must be (N, ...) with N > 0, got shape {shape}")
    if shape[0] != len(first):
        raise ValueError(f"{name} must be ({len(first)}, ...) as tensors[0] is, got shape {shape}")
    check_finite(name, tensor)
