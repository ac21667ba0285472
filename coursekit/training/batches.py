"""Mini-batches of data that fit in memory: slices of a permutation."""

import torch


class Batches:
    """Mini-batches of one or several tensors with the same first dimension.

    Each pass over the object draws a new permutation from its own generator and yields slices of
    it: a tensor where one was given, otherwise a tuple. On data this small that is many times
    cheaper than a `DataLoader` (see `benchmarks/training.py`). `shuffle=False` keeps the order.

    Raises ValueError for no tensors, for lengths that differ, for an empty one, for NaN or
    infinite values and for a batch size below one.

    >>> [len(batch) for batch in Batches(torch.arange(10), batch_size=4)]
    [4, 4, 2]
    """

    def __init__(self, *tensors, batch_size=64, seed=0, shuffle=True):
        if not tensors:
            raise ValueError("Batches needs at least one tensor")
        for i, tensor in enumerate(tensors):
            _check(f"tensors[{i}]", tensor, tensors[0])
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size must be a whole number from 1 on, got {batch_size!r}")
        self.tensors, self.batch_size, self.shuffle = tensors, batch_size, shuffle
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self):
        return -(-len(self.tensors[0]) // self.batch_size)

    def __iter__(self):
        n = len(self.tensors[0])
        if self.shuffle:
            order = torch.randperm(n, generator=self.generator).to(self.tensors[0].device)
        for start in range(0, n, self.batch_size):
            stop = start + self.batch_size
            rows = order[start:stop] if self.shuffle else slice(start, stop)
            batch = tuple(tensor[rows] for tensor in self.tensors)
            yield batch[0] if len(batch) == 1 else batch


def _check(name, tensor, first):
    if not isinstance(tensor, torch.Tensor):
        raise ValueError(f"{name} must be a tensor (N, ...), got {type(tensor).__name__}")
    shape = tuple(tensor.shape)
    if not shape or shape[0] == 0:
        raise ValueError(f"{name} must be (N, ...) with N > 0, got shape {shape}")
    if shape[0] != len(first):
        raise ValueError(f"{name} must be ({len(first)}, ...) as tensors[0] is, got shape {shape}")
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        bad = int((~torch.isfinite(tensor)).sum())
        raise ValueError(
            f"{name}, shape {shape}, has {bad} NaN or infinite values; remove them first"
        )
