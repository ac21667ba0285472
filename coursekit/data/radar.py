"""Radar rain: its logarithm, and back."""

import torch

OFFSET = 0.01  # mm/h


def log_rain(rain_mm_h):
    """ln(x + 0.01), x in mm/h, any shape: drizzle and cloudbursts on one scale; 0 -> -4.605.

    The transform of Ayzel et al. (RainNet, GMD 2020). The offset has the unit of x: in mm per
    5 minutes it would be twelve times as much rain. Raises ValueError for rain that is negative or
    missing (NaN).

    >>> log_rain(torch.tensor([0.0, 0.99]))
    tensor([-4.6052,  0.0000])
    """
    if not (rain_mm_h >= 0).all():
        raise ValueError(
            "rain_mm_h must be at least 0 everywhere, got "
            f"{rain_mm_h.isnan().sum()} NaN and {(rain_mm_h < 0).sum()} negative "
            "values; fill missing pixels, convert dBZ to mm/h"
        )
    return torch.log(rain_mm_h + OFFSET)


def rain_from_log(log_rain_mm_h):
    """The inverse of log_rain, in mm/h: exp(y) - 0.01, and 0 where a forecast y is below ln 0.01.

    >>> rain_from_log(torch.tensor([-9.0, 0.0]))
    tensor([0.0000, 0.9900])
    """
    return (torch.exp(log_rain_mm_h) - OFFSET).clamp(min=0)
