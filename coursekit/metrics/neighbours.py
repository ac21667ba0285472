"""How well a map keeps its points' neighbours.

Used by chapter 02.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from coursekit.arguments import check_count, check_finite, check_input, to_cpu


class Neighbourhood(NamedTuple):
    """Shares from 0 to 1; 1 means that the k nearest neighbours of every point are kept."""

    trustworthiness: float  # are those who are neighbours on the map neighbours in truth?
    continuity: float  # are those who are neighbours in truth neighbours on the map?
    agreement: float  # share of the k nearest that are the same


def neighbourhood(
    points: Tensor | np.ndarray, embedding: Tensor | np.ndarray, *, k: int = 5
) -> Neighbourhood:
    """How well `embedding` (N, K) keeps the k nearest neighbours of `points` (N, D).

    Both are tensors or arrays. With r(i, j) the rank of j among the neighbours of i in truth and
    U_i those of the k nearest of i on the map that are not so in truth,

        trustworthiness = 1 - 2 / (N k (2 N - 3 k - 1)) sum_i sum_(j in U_i) (r(i, j) - k)

    (Venna and Kaski 2001); continuity is the same with truth and map exchanged. A map that folds
    loses the first, one that tears the second. A random map has about 1/2 of both, and k / (N - 1)
    for the agreement, which ignores ranks. Memory and time grow as N^2: take some thousand points.
    Raises ValueError for sets of different sizes, NaN, and k outside 1 to below N/2.

    >>> line = torch.arange(20.0)[:, None]
    >>> neighbourhood(line, 3 - 2 * line, k=4)
    Neighbourhood(trustworthiness=1.0, continuity=1.0, agreement=1.0)
    """
    points, embedding = to_cpu("points", points), to_cpu("embedding", embedding)
    check_input("points", points, ("N", "D"), fewest=3)
    n = len(points)
    check_input("embedding", embedding, (n, "K"), "one row a point")
    check_count("k", k, most=(n - 1) // 2)
    truth = _ranks(check_finite("points", points))
    on_map = _ranks(check_finite("embedding", embedding))
    scale = 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))
    false = (truth - k)[on_map <= k].clamp(min=0).sum().item()
    lost = (on_map - k)[truth <= k].clamp(min=0).sum().item()
    shared = ((truth <= k) & (on_map <= k)).sum().item() - n  # less each point itself
    return Neighbourhood(1 - scale * false, 1 - scale * lost, shared / (n * k))


def _ranks(points):
    """(N, N): the rank of j among the neighbours of i, 0 for i itself, equals by their index."""
    points = points.double()
    distance = torch.cdist(points, points, compute_mode="donot_use_mm_for_euclid_dist")
    order = distance.fill_diagonal_(-1).argsort(dim=1, stable=True)
    return torch.empty_like(order).scatter_(1, order, torch.arange(len(points)).expand_as(order))
