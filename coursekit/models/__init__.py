"""Models, one module an architecture family."""

from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int):
    """Layers built inside draw their initial weights from `seed`; the global generator is kept."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def check_input(name, x, shape, hint="", smallest=1):
    """Raise ValueError unless `x` is floating point of the given shape.

    `shape` mixes letters, which stand for any size, and numbers, as in ("N", 3, "H", "W").
    H and W must be at least `smallest`. `hint` says what to do instead.

    >>> check_input("x", torch.zeros(2, 1, 28, 28), ("N", 3, "H", "W"))
    Traceback (most recent call last):
    ...
    ValueError: x must be (N, 3, H, W) floating point, got (2, 1, 28, 28) torch.float32
    """
    fits = (
        x.dim() == len(shape)
        and x.is_floating_point()
        and all(isinstance(want, str) or want == got for want, got in zip(shape, x.shape))
    )
    hint = f"; {hint}" if hint else ""
    if not fits:
        raise ValueError(
            f"{name} must be ({', '.join(map(str, shape))}) floating point, "
            f"got {tuple(x.shape)} {x.dtype}{hint}"
        )
    sides = {axis: got for axis, got in zip(shape, x.shape) if axis in ("H", "W")}
    if sides and min(sides.values()) < smallest:
        raise ValueError(
            f"{name} must be at least {smallest} pixels high and wide, "
            f"got {' x '.join(map(str, sides.values()))}{hint}"
        )
