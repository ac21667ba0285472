"""How far generated examples are from real ones.

The points are (N, D): points of the plane as they are, images by the features of a network.
Everything is computed in float64.

Used by chapters 05 and 06.
"""

import math
from typing import NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from coursekit.arguments import check_finite, check_input, check_kind, check_number

CHUNK = 500  # points at a time: bounds the memory of the distance matrix


class Coverage(NamedTuple):
    """What `mode_coverage` finds."""

    modes: int  # modes with at least one point within the radius
    near: float  # share of the points within the radius of a mode
    shares: Tensor  # (K,) share of the points within the radius of each mode


def frechet_distance(points_a: Tensor, points_b: Tensor, *, features: str) -> dict[str, float]:
    """The squared Frechet distance of the Gaussians fitted to two sets, under its name.

    |m_a - m_b|^2 + tr S_a + tr S_b - 2 tr (S_a S_b)^(1/2)   (Dowson and Landau 1982)

    with the means m and covariances S (divisor N - 1) of points (N, D) and (M, D). With S = R^T R
    the last trace is the sum of the singular values of R_a R_b^T, so that singular covariances
    need no care. The value is biased upwards: compare only values from equally many examples.

    `features` says what the points are, "LeNet-5" for instance, and the result is the dictionary
    {"FD-LeNet-5": distance}, one column of a table. The FID (Heusel et al. 2017) is this distance
    on the pooled features of one particular Inception network: no other may carry its name.
    Raises ValueError for fewer than two examples, for sizes that do not fit, NaN, and features
    called FID.

    >>> corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> frechet_distance(corners, corners + 3, features="plane")
    {'FD-plane': 18.0}
    """
    check_kind("features", features, str, 'a name, as "LeNet-5"')
    if not features or "FID" in features.upper():
        raise ValueError(
            f'features must name what the points are, as "LeNet-5", got {features!r}; '
            "FID is the name for one Inception network alone"
        )
    a, b = _doubles(points_a=points_a, points_b=points_b, fewest=2)
    r_a, r_b = _root(a), _root(b)
    shift = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
    spread = r_a.square().sum() + r_b.square().sum() - 2 * torch.linalg.svdvals(r_a @ r_b.T).sum()
    return {f"FD-{features}": (shift + spread.clamp(min=0)).item()}


def mode_coverage(points: Tensor, means: Tensor, *, radius: float) -> Coverage:
    """Which of the modes `means` (K, D) are found by `points` (N, D): a `Coverage`.

    A point belongs to the nearest mode if it lies within `radius` of it; three standard
    deviations of a mode are usual (Srivastava et al. 2017), which in the plane hold 98.9 % of a
    Gaussian's points. One such point is enough for a mode to count as found: see `shares` for
    how evenly. Raises ValueError for sizes that do not fit, NaN, and a radius not above 0.

    >>> mode_coverage(torch.tensor([[0.1, 0.0], [0.0, 5.0]]), torch.eye(2) * 9, radius=4.5).modes
    1
    """
    radius = check_number("radius", radius, above=0)
    points, means = _doubles(points=points, means=means)
    distance, mode = _distances(points, means).min(dim=1)  # N
    counts = torch.bincount(mode[distance <= radius], minlength=len(means))  # K
    shares = counts.double() / len(points)
    return Coverage((counts > 0).sum().item(), shares.sum().item(), shares.cpu())


def wasserstein(points_a: Tensor, points_b: Tensor) -> float:
    """The Wasserstein-1 distance of two sets of equally many points (N, D), exactly.

    min over pairings p of (1/N) sum_i |a_i - b_p(i)|, Euclidean: the mean way to carry one set
    to the other. Time grows as N^3: about two thousand points are a second's work.
    Raises ValueError for sets of different sizes and NaN.

    >>> wasserstein(torch.tensor([[0.0], [1.0]]), torch.tensor([[3.0], [2.0]]))
    2.0
    """
    a, b = _doubles(points_a=points_a, points_b=points_b)
    if len(a) != len(b):
        raise ValueError(
            f"points_b must hold {len(a)} points as points_a does, got {len(b)}; "
            "draw as many from the larger set"
        )
    cost = _distances(a, b).cpu().numpy()
    return cost[linear_sum_assignment(cost)].mean().item()


def squared_mmd(points_a: Tensor, points_b: Tensor, *, bandwidth: float) -> float:
    """Unbiased estimate of the squared maximum mean discrepancy (Gretton et al. 2012, eq. 3).

    mean_(i != j) k(a_i, a_j) + mean_(i != j) k(b_i, b_j) - 2 mean_ij k(a_i, b_j)

    with k(x, y) = exp(-|x - y|^2 / (2 bandwidth^2)), for (N, D) and (M, D). Zero on average
    where the distributions are equal, so it may be negative; at most 2.
    Raises ValueError for fewer than two points in a set, NaN, and a bandwidth not above 0.
    """
    bandwidth = check_number("bandwidth", bandwidth, above=0)
    a, b = _doubles(points_a=points_a, points_b=points_b, fewest=2)

    def kernel(x, y):
        return torch.exp(-_distances(x, y).square() / (2 * bandwidth**2))

    def within(x):
        return (kernel(x, x).sum() - len(x)) / (len(x) * (len(x) - 1))

    return (within(a) + within(b) - 2 * kernel(a, b).mean()).item()


def parzen_log_likelihood(samples: Tensor, points: Tensor, *, sigma: float) -> Tensor:
    """log p(x) in nats of every point under a Gaussian at each sample: (N, D), (M, D) -> (M,).

    p(x) = (1/N) sum_i Normal(x; s_i, sigma^2 I). Goodfellow et al. (2014, Table 1) choose sigma
    on validation data and report the mean over 10,000 test images with its standard error. In
    many dimensions it ranks models badly (Theis et al. 2016): samples copied from the training
    set need not win. Raises ValueError for sizes that do not fit, NaN, and sigma not above 0.

    >>> parzen_log_likelihood(torch.zeros(9, 2), torch.zeros(1, 2), sigma=1.0)  # -log 2 pi
    tensor([-1.8379], dtype=torch.float64)
    """
    sigma = check_number("sigma", sigma, above=0)
    samples, points = _doubles(samples=samples, points=points)
    centre = samples.mean(dim=0)  # cdist then loses no digits to what all have in common
    samples, points = samples - centre, points - centre
    constant = math.log(len(samples)) + samples.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
    return torch.cat(
        [
            torch.logsumexp(-torch.cdist(some, samples).square() / (2 * sigma**2), dim=1) - constant
            for some in points.split(CHUNK)
        ]
    ).cpu()  # M


def _root(points):
    """R with R^T R the covariance of the points."""
    centred = points - points.mean(dim=0)
    return torch.linalg.qr(centred / math.sqrt(len(points) - 1), mode="r").R


def _distances(a, b):
    """Euclidean distances (N, M), exactly 0 from a point to itself."""
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def _doubles(fewest=1, **sets):
    """The two sets, under their arguments' names, in float64."""
    for name, points in sets.items():
        check_finite(
            name, check_input(name, points, ("N", "D"), f"N at least {fewest}", fewest=fewest)
        )
    (first, a), (second, b) = sets.items()
    check_input(second, b, ("N", a.shape[1]), f"as many columns as {first}")
    return a.detach().double(), b.detach().double()
