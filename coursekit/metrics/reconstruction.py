"""How close a reconstruction is to its image: one number an image, which the caller averages.

Everything is computed in float64, whatever the images are.

Used by chapters 03 to 05.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.arguments import check_alike, check_finite, check_input, check_number, check_range

WINDOW = 11  # pixels: the side of the Gaussian window of SSIM
SIGMA = 1.5  # pixels


def psnr(output: Tensor, target: Tensor, *, peak: float = 1.0) -> Tensor:
    """Peak signal-to-noise ratio 10 log10(peak^2 / mean squared error) in dB: (N, ...) -> (N,).

    `peak` is the largest value an image can take. Infinite where output and target are equal.
    The average over images is not the ratio of the average error.
    Raises ValueError when the shapes differ, the target leaves [0, peak], or for NaN.

    >>> psnr(torch.full((1, 1, 4, 4), 0.6), torch.full((1, 1, 4, 4), 0.5)).round(decimals=3)
    tensor([20.], dtype=torch.float64)
    """
    peak = check_number("peak", peak, above=0)
    output, target = _doubles(output, target, peak)
    error = (output - target).square().flatten(1).mean(dim=1)  # N
    return 10 * torch.log10(peak**2 / error).cpu()


def ssim(output: Tensor, target: Tensor, *, peak: float = 1.0) -> Tensor:
    """Structural similarity of Wang et al. (2004, equation 13): two (N, C, H, W) -> (N,).

    SSIM = (2 m_x m_y + c_1)(2 s_xy + c_2) / ((m_x^2 + m_y^2 + c_1)(s_x^2 + s_y^2 + c_2))

    with the means m, variances s^2 and covariance s_xy under an 11 x 11 Gaussian window of 1.5
    pixels, c_1 = (0.01 peak)^2 and c_2 = (0.03 peak)^2, averaged over the positions at which the
    window lies inside the image, and over the channels. From -1 to 1, which means equal.
    Raises ValueError when the shapes differ, for images smaller than the window, when the target
    leaves [0, peak], and for NaN.

    >>> image = torch.rand(2, 1, 28, 28)
    >>> ssim(image, image)
    tensor([1., 1.], dtype=torch.float64)
    """
    check_input("target", target, ("N", "C", "H", "W"), "the window of SSIM", smallest=WINDOW)
    peak = check_number("peak", peak, above=0)
    x, y = _doubles(output, target, peak)
    m_x, m_y, xx, yy, xy = _blur(torch.stack([x, y, x * x, y * y, x * y]))  # N x C x H-10 x W-10
    c_1, c_2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    means = (2 * m_x * m_y + c_1) / (m_x**2 + m_y**2 + c_1)
    spreads = (2 * (xy - m_x * m_y) + c_2) / (xx - m_x**2 + yy - m_y**2 + c_2)
    return (means * spreads).mean(dim=(1, 2, 3)).cpu()  # N


def _blur(maps):
    """Gaussian means (..., H, W) -> (..., H - 10, W - 10): no pixel outside the image is used."""
    offset = torch.arange(WINDOW, dtype=maps.dtype, device=maps.device) - WINDOW // 2
    weights = torch.softmax(-(offset**2) / (2 * SIGMA**2), dim=0)
    planes = maps.flatten(0, -3)[:, None]
    rows = F.conv2d(planes, weights[None, None, :, None])
    return F.conv2d(rows, weights[None, None, None, :]).reshape(
        *maps.shape[:-2], maps.shape[-2] - WINDOW + 1, maps.shape[-1] - WINDOW + 1
    )


def _doubles(output, target, peak):
    for name, images in (("output", output), ("target", target)):
        check_input(name, images, ("N", "..."))
    check_alike("output", output, target, "target")
    check_finite("output", output)
    hint = "rescale both images, or give their largest value as peak"
    check_range("target", target, 0, peak, hint)
    return output.detach().double(), target.detach().double()
