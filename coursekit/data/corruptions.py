"""Corruptions of the input of a denoising autoencoder.

Each returns a new tensor and leaves its input as it is: the network gets the corrupted x, the loss
compares its output with the clean one, as in `loss(model(mask(x, 0.25)), x)`. Draw anew for every
batch. Inputs of any shape, floating point; `generator` must live on the device of x, and the
global one of that device is used without it. Every input is hit independently with probability p,
where Vincent et al. (2008) hit a fixed number of them in each example.
"""

import torch


def mask(x, p, generator=None):
    """Each input set to 0 with probability p (Vincent et al. 2008, 2010): shape of x.

    Nothing is scaled up for what is lost, unlike in dropout: the mean is (1 - p) x.
    Raises ValueError for p outside [0, 1] and for an x that is not floating point.
    """
    _check_probability(p)
    return x.masked_fill(_uniform(x, generator) < p, 0)


def gaussian_noise(x, sigma, generator=None):
    """x + sigma e with e ~ N(0, I): shape of x.

    Not clipped, so that the noise stays Gaussian: pixels leave [0, 1], and `.clamp(0, 1)` brings
    them back where a picture is wanted.
    Raises ValueError for sigma below 0 and for an x that is not floating point.
    """
    if not sigma >= 0:
        raise ValueError(f"sigma must be a standard deviation of at least 0, got {sigma}")
    _check_floating(x)
    return x + sigma * torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)


def salt_and_pepper(x, p, generator=None):
    """Each input replaced with probability p, one half of them by 0 and one half by 1.

    Zero and one are the ends of the range of x (Vincent et al. 2010).
    Raises ValueError for p outside [0, 1] and for an x that is not floating point.
    """
    _check_probability(p)
    draw = _uniform(x, generator)
    return x.masked_fill(draw < p, 1).masked_fill(draw < p / 2, 0)


def _uniform(x, generator):
    _check_floating(x)
    return torch.rand(x.shape, generator=generator, device=x.device)


def _check_floating(x):
    if not x.is_floating_point():
        raise ValueError(
            f"x must be floating point, got {x.dtype}; images in [0, 255] go in as x / 255"
        )


def _check_probability(p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be a probability in [0, 1], got {p}")
