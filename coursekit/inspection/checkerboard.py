"""Checkerboard artefacts of transposed convolutions: why they come, how strong they are.

Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016.

For chapter 03.
"""

import torch
import torch.nn.functional as F

from coursekit.arguments import check_count, check_finite, check_input


def overlap(size: int, *, kernel: int, stride: int) -> torch.Tensor:
    """How many inputs reach each output of a 1-D transposed convolution: int64.

    `size` inputs give stride (size - 1) + kernel outputs. Away from the ends the numbers are all
    the same if and only if the stride divides the kernel. In two dimensions they are the outer
    product of two such rows. Raises TypeError and ValueError unless all are whole
    numbers from 1 on.

    >>> overlap(4, kernel=3, stride=2)
    tensor([1, 1, 2, 1, 2, 1, 2, 1, 1])
    >>> overlap(4, kernel=4, stride=2)
    tensor([1, 1, 2, 2, 2, 2, 2, 2, 1, 1])
    """
    for name, count in (("size", size), ("kernel", kernel), ("stride", stride)):
        check_count(name, count)
    ones = torch.ones(1, size), torch.ones(1, 1, kernel)
    return F.conv_transpose1d(*ones, stride=stride).squeeze(0).long()


def checkerboard_energy(images: torch.Tensor, *, stride: int = 2) -> torch.Tensor:
    """The share of an image's spectral energy at the frequencies of a checkerboard: (N,), 0 to 1.

    With the discrete Fourier transform X of (N, C, H, W) images, the energy sum_c |X_c(u, v)|^2
    of the frequencies with u a multiple of H / stride or v one of W / stride, 0 excepted, divided
    by that of all frequencies but (0, 0). These are the rows and columns of the spectrum that
    belong to patterns of period `stride`; for stride 2 the Nyquist frequencies H / 2 and W / 2.

    White noise has ((stride - 1) (H + W) - (stride - 1)^2) / (H W - 1) on average, 0.031 at
    64 x 64 and stride 2; smooth images far less; a checkerboard 1. A constant image has 0.
    Raises ValueError unless stride is at least 2 and divides H and W (crop the images), and for
    NaN and infinite values.
    """
    check_finite("images", check_input("images", images, ("N", "C", "H", "W"), fewest=1))
    height, width = images.shape[2:]
    if height % check_count("stride", stride, least=2) or width % stride:
        raise ValueError(
            f"stride must divide the {height} x {width} pixels of images, got {stride}; crop them"
        )
    images = images.detach().double()
    spectrum = torch.fft.fft2(images - images.mean(dim=(2, 3), keepdim=True))
    energy = spectrum.abs().square().sum(dim=1)  # N x H x W
    energy[:, 0, 0] = 0  # what rounding left of the mean
    rows, columns = (torch.arange(size) % (size // stride) == 0 for size in (height, width))
    rows[0] = columns[0] = False
    periodic = (rows[:, None] | columns).to(energy.device)  # H x W
    total = energy.sum(dim=(1, 2))
    return torch.where(total > 0, energy[:, periodic].sum(dim=1) / total, 0.0)
