"""Radar rain: its logarithm, and back.

For chapter 11.
"""

import math

import torch

from coursekit.arguments import check_input, check_range

OFFSET = 0.01  # mm/h


def log_rain(rain_mm_h: torch.Tensor) -> torch.Tensor:
    """ln(x + 0.01), x in mm/h, any shape: drizzle and cloudbursts on one scale; 0 -> -4.605.

    The transform of Ayzel et al. (RainNet, GMD 2020). The offset has the unit of x: in mm per
    5 minutes it would be twelve times as much rain. Raises TypeError and ValueError for what is not
    a floating-point tensor (integers are a radar's raw counts) and for rain that is negative,
    infinite or missing (NaN).

    >>> log_rain(torch.tensor([0.0, 0.99]))
    tensor([-4.6052,  0.0000])
    """
    check_input("rain_mm_h", rain_mm_h, ("...",), "convert raw counts to mm/h")
    if not ((rain_mm_h >= 0) & (rain_mm_h < torch.inf)).all():
        raise ValueError(
            "rain_mm_h must be at least 0 and finite everywhere, got "
            f"{rain_mm_h.isnan().sum()} NaN and {(rain_mm_h < 0).sum()} negative "
            f"and {rain_mm_h.isposinf().sum()} infinite values; "
            "fill missing pixels, convert dBZ to mm/h"
        )
    return torch.log(rain_mm_h + OFFSET)


def rain_from_log(log_rain_mm_h: torch.Tensor) -> torch.Tensor:
    """The inverse of log_rain, in mm/h: exp(y) - 0.01, and 0 where a forecast y is below ln 0.01.

    Raises TypeError and ValueError for what is not a floating-point tensor, for NaN, and for a y
    whose exponential its type cannot hold, such as 89 in float32.

    >>> rain_from_log(torch.tensor([-9.0, 0.0]))
    tensor([0.0000, 0.9900])
    """
    check_input("log_rain_mm_h", log_rain_mm_h, ("...",))
    most = math.floor(math.log(torch.finfo(log_rain_mm_h.dtype).max))
    check_range("log_rain_mm_h", log_rain_mm_h, -math.inf, most, "it is ln(mm/h + 0.01)")
    return (torch.exp(log_rain_mm_h) - OFFSET).clamp(min=0)
