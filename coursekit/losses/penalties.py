"""Penalties on codes, on Jacobians and on gradients, to be added to a loss with a weight.

Summed over the units, or over the entries of a Jacobian, and averaged over the batch. Those that
differentiate a network do so inside `torch.no_grad()` as well, so that they can be evaluated.

Used by chapters 04 and 06.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import jacrev, vmap

from coursekit.arguments import check_function, check_input, check_kind, check_number, within
from coursekit.losses.inputs import alike, widened

SIGMOID = "as after a sigmoid"


def activity_l1(code: Tensor) -> Tensor:
    """sum_j |h_j|, averaged over the batch: (N, ...) -> scalar.

    On the activations of each example, not on the weights: it makes codes sparse.
    """
    (code,) = alike(code=code)
    return code.abs().sum() / len(code)


def rate_divergence(code: Tensor, *, rate: float) -> Tensor:
    """sum_j KL(rate || q_j), q_j the batch average of unit j, in nats: (N, ...) -> scalar.

    KL(r || q) = r log(r / q) + (1 - r) log((1 - r) / (1 - q)) between Bernoulli distributions
    (Ng, CS294A lecture notes: Sparse autoencoder, 2011). It holds each unit to `rate` on average
    over the batch, not in each example, so batches must be large against 1 / rate. 0 if every q_j
    is `rate`, otherwise positive; infinite where a unit is 0, or 1, throughout the batch.
    Raises ValueError for a rate outside (0, 1) and codes outside [0, 1].
    """
    rate = check_number("rate", rate, above=0, below=1)
    (code,) = alike(code=code)
    mean = within("code", code, 0, 1, SIGMOID).sum(dim=0) / len(code)
    on, off = rate * torch.log(rate / mean), (1 - rate) * torch.log((1 - rate) / (1 - mean))
    return (on + off).sum()


def contraction(code: Tensor, weight: Tensor) -> Tensor:
    """||dh/dx||_F^2 for a sigmoid layer h = s(W x + b), averaged over the batch.

    sum_j (h_j (1 - h_j))^2 sum_i W_ji^2 (Rifai et al. 2011): `code` h (N, K) and
    `weight` W (K, D), as `nn.Linear` keeps it. Any other encoder needs `jacobian_penalty`, of which
    this is the closed form, in N K + K D operations instead of N K D.
    Raises ValueError for shapes that do not fit and codes outside [0, 1].
    """
    check_input("code", code, ("N", "K"), fewest=1)
    check_input("weight", weight, (code.shape[1], "D"), "(K, D), as nn.Linear keeps it")
    code, weight = widened(code, weight)
    code = within("code", code, 0, 1, SIGMOID)
    slopes = code * (1 - code)
    return (slopes.square() * weight.square().sum(dim=1)).sum() / len(code)


def jacobian_penalty(encoder: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """||d encoder(x) / dx||_F^2 by automatic differentiation, averaged over the batch.

    The full Jacobian of every example (Rifai et al. 2011). `encoder` maps (N, ...) to (N, ...) and
    must treat examples one by one: batch normalisation in eval mode, no dropout. Memory grows as N
    times inputs times outputs. It is the limit of E ||encoder(x + e) - encoder(x)||^2 / sigma^2
    for noise e ~ N(0, sigma^2 I) as sigma goes to 0 (Bishop 1995).
    """
    check_function("encoder", encoder, "a function of x or a module")
    (x,) = alike(x=x)

    def encode_one(example):
        return encoder(example[None])[0]

    (jacobian,) = widened(vmap(jacrev(encode_one))(x))
    return jacobian.square().sum() / len(x)


def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    *,
    generator: torch.Generator | None = None,
) -> Tensor:
    """(||grad critic(u)||_2 - 1)^2 at u = e real + (1 - e) fake, averaged over the batch.

    One e ~ U[0, 1] an example; the norm is over all inputs of an example (Gulrajani et al. 2017,
    equation 3, where its weight is 10). `real` and `fake` (N, ...) get no gradient, the critic's
    parameters do. `critic` maps (N, ...) to (N,) or (N, 1) and must treat examples one by one,
    hence without batch normalisation (as they say). `generator` lives on the device of `real`.
    Raises ValueError when the shapes of real and fake differ.
    """
    check_function("critic", critic, "a function of examples or a module")
    check_kind("generator", generator, (torch.Generator, type(None)), "a torch.Generator or None")
    real, fake = alike(real=real, fake=fake)
    shape = (len(real), *[1] * (real.dim() - 1))
    e = torch.rand(shape, generator=generator, device=real.device)
    between = (e * real + (1 - e) * fake).detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()
