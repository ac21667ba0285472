"""Reconstruction losses, and the likelihood that each one is.

One convention: summed over the inputs of an example, averaged over the batch, in nats where a
likelihood is meant. Dividing by the number of inputs instead changes the size of the gradient
and, where a second term is added, the weight between the two; so the sum is what papers write,
and what these functions return. Arguments come in PyTorch's order: output first, target second.
Every function raises ValueError when the shapes differ, because broadcasting would hide it.
"""

import torch
import torch.nn.functional as F


def squared_error(output, target):
    """sum_i (x_i - r_i)^2, averaged over the batch: (N, ...), (N, ...) -> scalar.

    Up to a constant, 2 sigma^2 times the negative log-likelihood of a Gaussian with mean
    `output` and fixed variance sigma^2: half of it is that likelihood for unit variance.
    """
    check_shapes(output, target)
    return F.mse_loss(output, target, reduction="sum") / len(target)


def absolute_error(output, target):
    """sum_i |x_i - r_i|, averaged over the batch: (N, ...), (N, ...) -> scalar.

    Up to a constant, the scale b times the negative log-likelihood of a Laplace distribution with
    median `output` and scale b.
    """
    check_shapes(output, target)
    return F.l1_loss(output, target, reduction="sum") / len(target)


def binary_cross_entropy(logits, target):
    """-sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)] with p = sigmoid(logits), batch average, nats.

    The negative log-likelihood of a Bernoulli distribution for binary x. For grey values between 0
    and 1 it is a loss with the same minimum p = x, but no likelihood. Shapes as above.
    A blank p = 1/2 costs 784 log 2 = 543.427 nats on an image of 784 pixels.
    """
    check_shapes(logits, target)
    return F.binary_cross_entropy_with_logits(logits, target, reduction="sum") / len(target)


def categorical_cross_entropy(logits, levels):
    """-sum_i log softmax(logits_i)[x_i], averaged over the batch, in nats.

    The negative log-likelihood of one categorical distribution a pixel. `logits` (N, L, ...)
    holds L scores a pixel, `levels` (N, ...) int64 the true level, 0 to L - 1.
    """
    if logits.dim() < 2:
        raise ValueError(f"logits must be (N, L, ...), got {tuple(logits.shape)}")
    check_shapes(logits[:, 0], levels, "levels")
    return F.cross_entropy(logits, levels, reduction="sum") / len(levels)


def multinomial_cross_entropy(logits, counts):
    """-sum_v n_v log softmax(logits)_v, averaged over the batch, in nats.

    Up to the multinomial coefficient, the negative log-likelihood of a document with word counts
    n. `logits` and `counts` (N, V). Counts divided by the document's length weigh every document
    alike (Hinton and Salakhutdinov 2006).
    """
    check_shapes(logits, counts, "counts")
    return -(counts * F.log_softmax(logits, dim=1)).sum() / len(counts)


def log_cosh(output, target):
    """sum_i log cosh(r_i - x_i), averaged over the batch: (N, ...), (N, ...) -> scalar.

    e^2 / 2 for small errors e and |e| - log 2 for large ones: as smooth as the squared error near
    0, with a gradient, tanh e, that no outlier can make large. Plus log pi a pixel, it is the
    negative log-likelihood of the hyperbolic secant distribution with density sech(e) / pi,
    centred at `output`. Ayzel et al. 2020 take it of log_rain and average over pixels instead.
    Raises ValueError when the shapes differ.

    cosh overflows at an error of 89 in float32. With a = |e|,
    log cosh e = a + log((1 + exp(-2 a)) / 2), computed so that small errors keep their digits too.
    """
    check_shapes(output, target)
    error = (output - target).abs()
    return (error + torch.log1p(torch.expm1(-2 * error) / 2)).sum() / len(target)


def check_shapes(output, target, name="target"):
    """Raise ValueError unless both have one shape: broadcasting would hide the mistake."""
    if output.shape != target.shape:
        raise ValueError(
            f"{name} must be {tuple(output.shape)} as the output is, got {tuple(target.shape)}"
        )
