"""How a map reacts to small changes of its input, example by example."""

import torch
from torch.func import jacrev, vmap

EXAMPLES = 256  # at a time: bounds the memory of `jacobian_norm`


def jacobian(f, x):
    """d f_k / d x_d for each example: (N, K, D).

    `f` is a model, or any function of a batch, (N, ...) -> (N, ...) with D inputs and K outputs
    an example once flattened. It sees one example at a time, so it must be in eval mode: batch
    norm and dropout that train raise PyTorch's RuntimeError. The result is differentiable;
    measure under `torch.no_grad()` to save its graph.

    >>> jacobian(lambda x: x**2, torch.tensor([[1.0, 2.0]]))
    tensor([[[2., 0.],
             [0., 4.]]])
    """
    if x.dim() < 2 or not len(x) or not x.is_floating_point():
        raise ValueError(
            f"x must be (N, ...) floating point with N at least 1, got {tuple(x.shape)} {x.dtype}"
        )
    one = vmap(jacrev(lambda example: f(example[None])[0].flatten()))
    return one(x).flatten(2)  # N x K x D


def jacobian_norm(f, x):
    """||J||_F = sqrt(sum_kd (d f_k / d x_d)^2) for each example: (N,).

    What a contractive autoencoder keeps small (Rifai et al. 2011). For a linear map W it is
    ||W||_F everywhere. Arguments as in `jacobian`.
    """
    return torch.cat([jacobian(f, some).flatten(1).norm(dim=1) for some in x.split(EXAMPLES)])
