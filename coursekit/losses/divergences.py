"""Divergences between distributions, in nats."""

import torch


def gaussian_kl(mean, log_variance, prior_mean=None, prior_log_variance=None):
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
    prior_mean = mean.new_zeros(()) if prior_mean is None else prior_mean
    prior_log_variance = mean.new_zeros(()) if prior_log_variance is None else prior_log_variance
    if log_variance.shape != mean.shape or mean.dim() < 2:
        raise ValueError(
            "mean and log_variance must be (N, K) alike, got "
            f"{tuple(mean.shape)} and {tuple(log_variance.shape)}"
        )
    for name, prior in ("prior_mean", prior_mean), ("prior_log_variance", prior_log_variance):
        _check_prior(name, prior, mean)
    log_ratio = log_variance - prior_log_variance
    shift = (mean - prior_mean).square() * (-prior_log_variance).exp()
    return 0.5 * (torch.expm1(log_ratio) - log_ratio + shift).sum() / len(mean)


def _check_prior(name, prior, mean):
    axes = list(zip(reversed(prior.shape), reversed(mean.shape)))
    if prior.dim() > mean.dim() or any(got not in (1, want) for got, want in axes):
        raise ValueError(
            f"{name} must broadcast to {tuple(mean.shape)} as the mean is, got {tuple(prior.shape)}"
        )
