"""Point sets in the plane and in space, drawn from known densities."""

import torch


def gaussian_mixture(n, means, covariances, seed=0):
    """`n` points from an equal mixture of Gaussians.

    Arguments: `means` (K, D); `covariances` (K, D, D), or (D, D) for all components.
    Returns points (n, D) float32 and the component of each (n,) int64.
    Raises ValueError when the shapes do not fit each other.

    >>> points, component = gaussian_mixture(5, [[0.0, 0.0], [9.0, 9.0]], torch.eye(2))
    >>> points.shape, component.shape
    (torch.Size([5, 2]), torch.Size([5]))
    """
    means = torch.as_tensor(means, dtype=torch.float32)
    covariances = torch.as_tensor(covariances, dtype=torch.float32)
    k, d = means.shape if means.dim() == 2 else (0, 0)
    if covariances.shape not in ((d, d), (k, d, d)) or not k:
        raise ValueError(
            "means must be (K, D) and covariances (D, D) or (K, D, D), "
            f"got {tuple(means.shape)} and {tuple(covariances.shape)}"
        )
    generator = torch.Generator().manual_seed(seed)
    factors = torch.linalg.cholesky(covariances).expand(k, d, d)  # K x D x D
    component = torch.randint(k, (n,), generator=generator)
    noise = torch.randn(n, d, 1, generator=generator)
    return means[component] + (factors[component] @ noise).squeeze(-1), component
