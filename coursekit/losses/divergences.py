"""Divergences between distributions, in nats.

Used by chapter 05.
"""

import torch
from torch import Tensor

from coursekit.arguments import check_input
from coursekit.losses.inputs import alike, widened


def gaussian_kl(
    mean: Tensor,
    log_variance: Tensor,
    prior_mean: Tensor | None = None,
    prior_log_variance: Tensor | None = None,
) -> Tensor:
    """KL(N(mean, sigma^2) || N(prior_mean, prior_sigma^2)), diagonal Gaussians -> scalar.

    1/2 sum_i [log(ps_i^2 / s_i^2) + (s_i^2 + (m_i - pm_i)^2) / ps_i^2 - 1], summed over the latent
    dimensions, averaged over the batch, in nats. Against the standard normal prior, the default,
    1/2 sum_i [s_i^2 + m_i^2 - log s_i^2 - 1] (Kingma and Welling 2013, appendix B). Never negative,
    and 0 only where the two are equal. The sum_i [s_i^2 + m_i^2 - log s_i - 1] that one often
    sees lacks the 1/2 and the square in the logarithm: it is least, and negative, at s^2 = 1/2.

    Arguments
        mean, log_variance: (N, K), the logarithm of sigma^2.
        prior_mean, prior_log_variance: (N, K), or anything that broadcasts to it; 0 if not given.

    Raises ValueError for other shapes.

    >>> gaussian_kl(torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2))  # (1 + 4) / 2
    tensor(2.5000)
    """
    check_input("mean", mean, ("N", "K", "..."), fewest=1)
    mean, log_variance = alike(mean=mean, log_variance=log_variance)
    mean, log_variance, prior_mean, prior_log_variance = widened(
        mean,
        log_variance,
        _prior("prior_mean", prior_mean, mean),
        _prior("prior_log_variance", prior_log_variance, mean),
    )
    log_ratio = log_variance - prior_log_variance
    shift = (mean - prior_mean).square() * (-prior_log_variance).exp()
    return 0.5 * (torch.expm1(log_ratio) - log_ratio + shift).sum() / len(mean)


def _prior(name, prior, mean):
    """The prior's parameter, which must broadcast to the mean; 0 if not given."""
    if prior is None:
        return mean.new_zeros(())
    check_input(name, prior, ("...",))
    axes = list(zip(reversed(prior.shape), reversed(mean.shape)))
    if prior.dim() > mean.dim() or any(got not in (1, want) for got, want in axes):
        raise ValueError(
            f"{name} must broadcast to {tuple(mean.shape)} as the mean is, got {tuple(prior.shape)}"
        )
    return prior
