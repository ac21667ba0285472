"""Corruptions of the input of a denoising autoencoder.

Each returns a new tensor and leaves its input as it is: the network gets the corrupted x, the loss
compares its output with the clean one, as in `loss(model(mask(x, 0.25)), x)`. Draw anew for every
batch. Inputs of any shape, floating point; `generator` must live on the device of x, and the
global one of that device is used without it. Every input is hit independently with probability p,
where Vincent et al. (2008) hit a fixed number of them in each example.

All raise TypeError and ValueError for an x that is not a floating-point tensor, for a p outside
[0, 1] or a sigma below 0, and for a generator of another device.

For chapter 04.
"""

import torch

from coursekit.arguments import check_input, check_kind, check_number


def mask(x: torch.Tensor, p: float, *, generator: torch.Generator | None = None) -> torch.Tensor:
    """Each input set to 0 with probability p (Vincent et al. 2008, 2010): shape of x.

    Nothing is scaled up for what is lost, unlike in dropout: the mean is (1 - p) x.
    """
    check_number("p", p, 0, 1)
    draw = _uniform(x, generator)
    return x.masked_fill(draw < p, 0)


def gaussian_noise(
    x: torch.Tensor, sigma: float, *, generator: torch.Generator | None = None
) -> torch.Tensor:
    """x + sigma e with e ~ N(0, I): shape of x.

    Not clipped, so that the noise stays Gaussian: pixels leave [0, 1], and `.clamp(0, 1)` brings
    them back where a picture is wanted.
    """
    check_number("sigma", sigma, 0)
    _check(x, generator)
    return x + sigma * torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)


def salt_and_pepper(
    x: torch.Tensor, p: float, *, generator: torch.Generator | None = None
) -> torch.Tensor:
    """Each input replaced with probability p, one half of them by 0 and one half by 1.

    Zero and one are the ends of the range of x (Vincent et al. 2010).
    """
    check_number("p", p, 0, 1)
    draw = _uniform(x, generator)
    return x.masked_fill(draw < p, 1).masked_fill(draw < p / 2, 0)


def _uniform(x, generator):
    _check(x, generator)
    return torch.rand(x.shape, generator=generator, device=x.device)


def _check(x, generator):
    check_input("x", x, ("...",), "images in [0, 255] go in as x / 255")
    check_kind("generator", generator, (torch.Generator, type(None)), "a torch.Generator or None")
    if generator is not None and generator.device.type != x.device.type:
        raise ValueError(
            f"generator must be on {x.device.type} as x is, got one on {generator.device.type}; "
            f"write torch.Generator({x.device.type!r})"
        )
