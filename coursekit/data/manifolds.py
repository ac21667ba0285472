"""Curved surfaces with known coordinates.

Used by chapter 01; for chapter 04.
"""

import numpy as np
import torch
from sklearn.datasets import make_swiss_roll

from coursekit.arguments import check_count, check_number


def swiss_roll(n: int, *, noise: float = 0.0, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """A sheet rolled up in space: three coordinates, two of them enough.

    Returns points (n, 3) float32 and the sheet's own coordinates (n, 2) float32: arc length
    along the spiral r = t (its integral is (t sqrt(1 + t^2) + asinh t) / 2) and height.
    Noise of this standard deviation moves the points, not their place on the sheet.
    Raises TypeError and ValueError for n below 1, noise below 0 or a seed outside 0 to 2^32 - 1.
    Source: Tenenbaum, de Silva and Langford 2000; points by scikit-learn.
    """
    check_count("n", n)
    check_number("noise", noise, 0)
    check_count("seed", seed, 0, 2**32 - 1)
    clean, t = make_swiss_roll(n, random_state=seed)
    points, _ = make_swiss_roll(n, noise=noise, random_state=seed)
    arc = (t * np.sqrt(1 + t**2) + np.arcsinh(t)) / 2
    sheet = np.stack([arc, clean[:, 1]], axis=1)
    return torch.from_numpy(points).float(), torch.from_numpy(sheet).float()
