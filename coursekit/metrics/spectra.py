"""How much of a field lies at which scale.

Used by chapter 11.
"""

import numpy as np
import torch
from torch import Tensor

from coursekit.arguments import check_finite, check_input, check_number, to_cpu


def radial_spectrum(fields: Tensor | np.ndarray, *, pixel_km: float = 1.0) -> tuple[Tensor, Tensor]:
    """The power of square fields (..., N, N) by spatial frequency, averaged over directions.

    |FFT|^2 / N^2, averaged over the frequencies of rounded radius r / (N pixel_km), for r = 0, 1,
    ... below N / 2: the wavelength is 1 / frequency. White noise is flat, at its variance.
    Returns the frequencies (R,) in 1/km and the power (..., R), both float64.
    Raises ValueError for fields that are not square, missing pixels, and pixel_km not above 0.

    >>> frequency, power = radial_spectrum(torch.eye(4), pixel_km=2.0)
    >>> frequency, power
    (tensor([0.0000, 0.1250], dtype=torch.float64), tensor([1.0000, 0.2500], dtype=torch.float64))
    """
    pixel_km = check_number("pixel_km", pixel_km, above=0)
    fields = check_input("fields", to_cpu("fields", fields), ("...",)).double()
    if fields.dim() < 2 or not fields.shape[-1] == fields.shape[-2] > 0:
        raise ValueError(
            f"fields must be square, (..., N, N), got {tuple(fields.shape)}; crop them"
        )
    check_finite("fields", fields, "crop, or fill with the dry value")
    n = fields.shape[-1]
    index = torch.fft.fftfreq(n, d=1 / n, dtype=torch.float64)
    radius = torch.hypot(index[:, None], index).round().long().flatten()  # N^2
    power = torch.fft.fft2(fields).abs().square().flatten(-2) / n**2  # ... x N^2
    rings = torch.arange((n + 1) // 2)
    mean = torch.stack([power[..., radius == r].mean(dim=-1) for r in rings], dim=-1)  # ... x R
    return rings.double() / (n * pixel_km), mean
