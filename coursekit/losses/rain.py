"""The loss of radar nowcasting: log-cosh of the logarithm of rain."""

import torch

from coursekit.losses.reconstruction import check_shapes

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


def log_cosh(output, target):
    """sum_i log cosh(r_i - x_i), averaged over the batch: (N, ...), (N, ...) -> scalar.

    e^2 / 2 for small errors e and |e| - log 2 for large ones: as smooth as the squared error near
    0, with a gradient, tanh e, that no outlier can make large. Plus log pi a pixel, it is the
    negative log-likelihood of the hyperbolic secant distribution with density sech(e) / pi,
    centred at `output`. Ayzel et al. 2020 take it of log_rain and average over pixels instead.
    Raises ValueError when the shapes differ.

    cosh overflows at an error of 89 in float32. With a = |e|,
    log cosh e = a + log((1 + exp(-2 a)) / 2), computed so that small errors keep their digits too.
    """
    check_shapes(output, target)
    error = (output - target).abs()
    return (error + torch.log1p(torch.expm1(-2 * error) / 2)).sum() / len(target)
