"""How well a map keeps its points' neighbours."""

from typing import NamedTuple

import numpy as np
import torch
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors


class Neighbourhood(NamedTuple):
    """Shares from 0 to 1; 1 means that the k nearest neighbours of every point are kept."""

    trustworthiness: float  # are those who are neighbours on the map neighbours in truth?
    continuity: float  # are those who are neighbours in truth neighbours on the map?
    agreement: float  # share of the k nearest that are the same


def neighbourhood(points, embedding, k=5):
    """How well `embedding` (N, K) keeps the k nearest neighbours of `points` (N, D).

    Both are tensors or arrays.

    Trustworthiness falls with the true rank of false neighbours, continuity with the rank on the
    map of lost ones (Venna and Kaski 2001): a map that folds loses the first, one that tears the
    second. A random map has about 1/2 of both, and k / (N - 1) for the agreement, which ignores
    ranks. Memory and time grow as N^2: take some thousand points.
    Raises ValueError for sets of different sizes and for k outside 1 to below N/2.

    >>> line = torch.arange(20.0)[:, None]
    >>> neighbourhood(line, 3 - 2 * line, k=4)
    Neighbourhood(trustworthiness=1.0, continuity=1.0, agreement=1.0)
    """
    if len(points) != len(embedding):
        raise ValueError(
            f"embedding must hold {len(points)} points as points does, got {len(embedding)}"
        )
    if not 1 <= k < len(points) / 2:
        raise ValueError(f"k must be from 1 to below half of the {len(points)} points, got {k}")
    points, embedding = (
        torch.as_tensor(x).detach().cpu().double().numpy() for x in (points, embedding)
    )
    near = [
        NearestNeighbors(n_neighbors=k).fit(x).kneighbors(return_distance=False)
        for x in (points, embedding)
    ]  # N x k each, no point its own neighbour
    same = np.mean([np.isin(*pair).mean() for pair in zip(*near)])
    return Neighbourhood(
        float(trustworthiness(points, embedding, n_neighbors=k)),
        float(trustworthiness(embedding, points, n_neighbors=k)),
        float(same),
    )
