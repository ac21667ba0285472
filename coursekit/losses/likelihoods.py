"""Log-likelihoods of examples, and bounds of them.

Used by chapter 05.
"""

import math

import torch.nn.functional as F
from torch import Tensor

from coursekit.arguments import check_input, within
from coursekit.losses.inputs import alike, widened


def bernoulli_log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """log p(x) of each example for binary x, in nats: (N, ...), (N, ...) -> (N,).

    Raises ValueError for x outside [0, 1]. Grey values in between give no likelihood: round them.
    """
    logits, x = alike(logits=logits, x=x)
    x = within("x", x, 0, 1, "binary images are wanted")
    loss = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return -loss.flatten(1).sum(dim=1)


def importance_weighted_bound(log_weights: Tensor) -> Tensor:
    """log (1/k) sum_i w_i, a lower bound of log p(x) in expectation: (k, N) -> (N,), in nats.

    Burda, Grosse and Salakhutdinov 2015, eq. 8. k = 1 is the evidence lower bound with one draw;
    the expectation rises with k towards log p(x), and is log p(x) at once where q(z|x) is the
    exact posterior. Its mean over k = 5000 on the test images is the usual "negative
    log-likelihood"; say with it how the images were binarised, which moves it by 2 to 3 nats.
    Raises ValueError for another shape, or no sample.

    >>> import torch
    >>> importance_weighted_bound(torch.tensor([[0.0], [0.0]]))
    tensor([0.])
    """
    check_input("log_weights", log_weights, ("samples", "N"), "model.log_weights(x, samples) is")
    (log_weights,) = widened(log_weights)
    return log_weights.logsumexp(dim=0) - math.log(len(log_weights))
