"""Reconstruction losses, and the likelihood that each one is.

One convention: summed over the inputs of an example, averaged over the batch, in nats where a
likelihood is meant. Dividing by the number of inputs instead changes the size of the gradient
and, where a second term is added, the weight between the two; so the sum is what papers write,
and what these functions return. Arguments come in PyTorch's order: output first, target second.
Every function raises ValueError when the shapes differ, because broadcasting would hide it.

Used by chapters 01 to 05 and 11.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.arguments import check_input, within
from coursekit.losses.inputs import alike, at_labels, widened


def squared_error(output: Tensor, target: Tensor) -> Tensor:
    """sum_i (x_i - r_i)^2, averaged over the batch: (N, ...), (N, ...) -> scalar.

    Up to a constant, 2 sigma^2 times the negative log-likelihood of a Gaussian with mean
    `output` and fixed variance sigma^2: half of it is that likelihood for unit variance.
    """
    output, target = alike(output=output, target=target)
    return F.mse_loss(output, target, reduction="sum") / len(target)


def absolute_error(output: Tensor, target: Tensor) -> Tensor:
    """sum_i |x_i - r_i|, averaged over the batch: (N, ...), (N, ...) -> scalar.

    Up to a constant, the scale b times the negative log-likelihood of a Laplace distribution with
    median `output` and scale b.
    """
    output, target = alike(output=output, target=target)
    return F.l1_loss(output, target, reduction="sum") / len(target)


def binary_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """-sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)] with p = sigmoid(logits), batch average, nats.

    The negative log-likelihood of a Bernoulli distribution for binary x. For grey values between 0
    and 1 it is a loss with the same minimum p = x, but no likelihood. Shapes as above.
    A blank p = 1/2 costs 784 log 2 = 543.427 nats on an image of 784 pixels.
    Raises ValueError for targets outside [0, 1], below which no minimum exists.
    """
    logits, target = alike(logits=logits, target=target)
    target = within("target", target, 0, 1, "rescale it, as images / 255")
    return F.binary_cross_entropy_with_logits(logits, target, reduction="sum") / len(target)


def categorical_cross_entropy(logits: Tensor, levels: Tensor) -> Tensor:
    """-sum_i log softmax(logits_i)[x_i], averaged over the batch, in nats.

    The negative log-likelihood of one categorical distribution a pixel. `logits` (N, L, ...)
    holds L scores a pixel, `levels` (N, ...) int64 the true level. Raises ValueError for levels
    other than 0 to L - 1: no level is left out, as -100 is elsewhere.
    """
    check_input("logits", logits, ("N", "L", "..."), fewest=1)
    (logits,) = widened(logits)
    return -at_labels("levels", F.log_softmax(logits, dim=1), levels).sum() / len(levels)


def multinomial_cross_entropy(logits: Tensor, counts: Tensor) -> Tensor:
    """-sum_v n_v log softmax(logits)_v, averaged over the batch, in nats.

    Up to the multinomial coefficient, the negative log-likelihood of a document with word counts
    n. `logits` and `counts` (N, V). Counts divided by the document's length weigh every document
    alike (Hinton and Salakhutdinov 2006). Raises ValueError for counts below 0.
    """
    check_input("logits", logits, ("N", "V"), fewest=1)
    logits, counts = alike(logits=logits, counts=counts)
    counts = within("counts", counts, 0, math.inf)
    return -(counts * F.log_softmax(logits, dim=1)).sum() / len(counts)


def log_cosh(output: Tensor, target: Tensor) -> Tensor:
    """sum_i log cosh(r_i - x_i), averaged over the batch: (N, ...), (N, ...) -> scalar.

    e^2 / 2 for small errors e and |e| - log 2 for large ones: as smooth as the squared error near
    0, with a gradient, tanh e, that no outlier can make large. Plus log pi a pixel, it is the
    negative log-likelihood of the hyperbolic secant distribution with density sech(e) / pi,
    centred at `output`. Ayzel et al. 2020 take it of log_rain and average over pixels instead.

    cosh overflows at an error of 89 in float32, and log cosh has no digits of e^2 / 2 left at
    1e-4. So it is log(1 + sinh^2 e) / 2 up to |e| = 1, and |e| + log(1 + exp(-2 |e|)) - log 2
    beyond: both keep their digits there, and so do their gradients.
    """
    output, target = alike(output=output, target=target)
    error = output - target
    size = error.abs()
    near = error.clamp(-1, 1).sinh().square().log1p() / 2  # clamped: neither may overflow unused
    far = size + torch.exp(-2 * size).log1p() - math.log(2)
    return torch.where(size < 1, near, far).sum() / len(target)
