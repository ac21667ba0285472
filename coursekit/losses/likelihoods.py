"""Log-likelihoods of examples, and bounds of them."""

import math

import torch.nn.functional as F


def bernoulli_log_likelihood(logits, x):
    """log p(x) of each example for binary x, in nats: (N, ...), (N, ...) -> (N,)."""
    loss = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return -loss.flatten(1).sum(dim=1)


def importance_weighted_bound(log_weights):
    """log (1/k) sum_i w_i, a lower bound of log p(x) in expectation: (k, N) -> (N,), in nats.

    Burda, Grosse and Salakhutdinov 2015, eq. 8. k = 1 is the evidence lower bound with one draw;
    the expectation rises with k towards log p(x), and is log p(x) at once where q(z|x) is the
    exact posterior. Its mean over k = 5000 on the test images is the usual "negative
    log-likelihood"; say with it how the images were binarised, which moves it by 2 to 3 nats.

    >>> importance_weighted_bound(torch.tensor([[0.0], [0.0]]))
    tensor([0.])
    """
    if log_weights.dim() != 2 or not len(log_weights):
        raise ValueError(
            "log_weights must be (samples, N) with at least one sample, got "
            f"{tuple(log_weights.shape)}; model.log_weights(x, samples) is"
        )
    return log_weights.logsumexp(dim=0) - math.log(len(log_weights))
