"""How a map reacts to small changes of its input, example by example.

For chapter 04.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.func import jacrev, vmap

from coursekit.arguments import check_function, check_input, within

EXAMPLES = 256  # at a time: bounds the memory of `jacobian_norm`


def jacobian(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """d f_k / d x_d for each example: (N, K, D).

    `f` is a model, or any function of a batch, (N, ...) -> (N, ...) with D inputs and K outputs
    an example once flattened. It sees one example at a time, so it must be in eval mode: batch
    norm and dropout that train raise PyTorch's RuntimeError. The result is differentiable;
    measure under `torch.no_grad()` to save its graph. Raises TypeError and ValueError for an x that
    is not floating point, finite and (N, D, ...).

    >>> jacobian(lambda x: x**2, torch.tensor([[1.0, 2.0]]))
    tensor([[[2., 0.],
             [0., 4.]]])
    """
    x = _check(f, x)
    one = vmap(jacrev(lambda example: f(example[None])[0].flatten()))
    return one(x).flatten(2)  # N x K x D


def jacobian_norm(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """||J||_F = sqrt(sum_kd (d f_k / d x_d)^2) for each example: (N,).

    What a contractive autoencoder keeps small (Rifai et al. 2011). For a linear map W it is
    ||W||_F everywhere. Arguments as in `jacobian`.
    """
    x = _check(f, x)
    return torch.cat([jacobian(f, some).flatten(1).norm(dim=1) for some in x.split(EXAMPLES)])


def _check(f, x):
    check_function("f", f, "a model or a function of a batch")
    model = f if isinstance(f, nn.Module) else None
    check_input("x", x, ("N", "D", "..."), fewest=1, model=model)
    most = torch.finfo(x.dtype).max
    return within("x", x, -most, most)
