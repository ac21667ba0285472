"""Point sets in the plane and in space, drawn from known densities.

Used by chapter 01; for chapter 06.
"""

from collections.abc import Sequence

import torch

from coursekit.arguments import MOST_SEED, check_count, check_finite, describe

Numbers = torch.Tensor | Sequence


def gaussian_mixture(
    n: int, means: Numbers, covariances: Numbers, *, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """`n` points from an equal mixture of Gaussians.

    Arguments: `means` (K, D); `covariances` (K, D, D), or (D, D) for all components; as
    tensors or nested lists.
    Returns points (n, D) float32 and the component of each (n,) int64.
    Raises ValueError when the shapes do not fit each other, for NaN, and for a covariance that is
    not symmetric and positive definite.

    >>> points, component = gaussian_mixture(5, [[0.0, 0.0], [9.0, 9.0]], torch.eye(2))
    >>> points.shape, component.shape
    (torch.Size([5, 2]), torch.Size([5]))
    """
    check_count("n", n, least=0)
    check_count("seed", seed, 0, MOST_SEED)
    means, covariances = _numbers("means", means), _numbers("covariances", covariances)
    k, d = means.shape if means.dim() == 2 else (0, 0)
    if covariances.shape not in ((d, d), (k, d, d)) or not k:
        raise ValueError(
            "means must be (K, D) and covariances (D, D) or (K, D, D), "
            f"got {tuple(means.shape)} and {tuple(covariances.shape)}"
        )
    generator = torch.Generator().manual_seed(seed)
    factors = _root(covariances).expand(k, d, d)  # K x D x D
    component = torch.randint(k, (n,), generator=generator)
    noise = torch.randn(n, d, 1, generator=generator)
    return means[component] + (factors[component] @ noise).squeeze(-1), component


def _numbers(name, values):
    try:
        numbers = torch.as_tensor(values, dtype=torch.float32, device="cpu")
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"{name} must be a tensor or a nested list of numbers, got {describe(values)}"
        ) from None
    return check_finite(name, numbers)


def _root(covariances):
    """L with L L^T = C, for each of the covariances."""
    if (covariances - covariances.mT).abs().amax() > 1e-5 * covariances.abs().amax():
        raise ValueError("covariances must be symmetric, got one that is not; C = A A^T is")
    variances = torch.linalg.eigvalsh(covariances)  # along the axes, in rising order
    if (variances[..., 0] <= torch.finfo(variances.dtype).eps * variances[..., -1].abs()).any():
        raise ValueError(
            "covariances must be positive definite, got one with the variance "
            f"{variances.min().item():.3g} along an axis; add a little to its diagonal"
        )
    return torch.linalg.cholesky(covariances)
