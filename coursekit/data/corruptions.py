"""Corruptions of the input of a denoising autoencoder.

Each returns a new tensor and leaves its input as it is: the network gets the corrupted x, the loss
compares its output with the clean one, as in `loss(model(mask(x, 0.25)), x)`. Draw anew for every
batch. Inputs are floating point, of any shape, and for the noise of sounds (N, T); `generator` must
live on the device of x, and the global one of that device is used without it. With a probability
p every input is hit independently, where Vincent et al. (2008) hit a fixed number of them in each
example.

All raise TypeError and ValueError for an x that is not a floating-point tensor, for a p outside
[0, 1] or a sigma below 0, and for a generator of another device.

For chapter 04.
"""

import math

import torch

from coursekit.arguments import (
    check_alike,
    check_count,
    check_input,
    check_kind,
    check_number,
    within,
)


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


def add_noise(
    signals: torch.Tensor,
    snr_db: float,
    *,
    noise: torch.Tensor | None = None,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """signals + g noise, each clip with the gain g that makes its signal-to-noise ratio `snr_db`.

    Signals and noise are (N, T); without `noise` it is white and Gaussian. Powers are means over
    the whole clip, silence included, as in `metrics.snr`, which gives `snr_db` for the result: in a
    word that fills half of its clip the ratio is 3 dB higher. Not clipped: samples leave [-1, 1].
    Raises also for signals or noise that are silent or not finite, and for an snr_db outside -100
    to 100.

    >>> signals = torch.sin(torch.arange(8000.0))[None]
    >>> noise = add_noise(signals, 10) - signals
    >>> (signals.square().sum() / noise.square().sum()).round(decimals=3)
    tensor(10.)
    """
    check_number("snr_db", snr_db, -100, 100)
    _check(signals, generator, "signals", ("N", "T"))
    if noise is None:
        noise = torch.randn(signals.shape, generator=generator, device=signals.device)
    check_input("noise", noise, ("N", "T"))
    check_alike("noise", noise, signals, "signals")
    ratio = _power("signals", signals) / _power("noise", noise)  # N x 1
    gain = (ratio * 10 ** (-snr_db / 10)).sqrt()
    return (signals.double() + gain * noise.double()).to(signals.dtype)


def babble(
    signals: torch.Tensor, *, talkers: int = 6, generator: torch.Generator | None = None
) -> torch.Tensor:
    """For each clip (N, T) the murmur of others, as `noise` of `add_noise`: (N, T) of power 1.

    The sum of `talkers` other clips, drawn with replacement, alike in power, each turned round by a
    random time. Raises also for fewer than two clips, for silent ones, and for talkers below 1.
    """
    check_count("talkers", talkers, most=100)
    _check(signals, generator, "signals", ("N", "T"), fewest=2)
    n, length = signals.shape
    voices = signals.double() / _power("signals", signals).sqrt()
    shape, device = (talkers, n, 1), signals.device
    other = torch.randint(1, n, shape, generator=generator, device=device)
    turn = torch.randint(length, shape, generator=generator, device=device)
    row, time = torch.arange(n, device=device)[:, None], torch.arange(length, device=device)
    total = sum(voices[(row + o) % n, (time + t) % length] for o, t in zip(other, turn))  # N x T
    return (total / _power("signals", total).sqrt()).to(signals.dtype)


def _power(name, x):
    """The mean square of each clip (N, 1), above 0: a ratio to silence is none."""
    power = x.detach().double().square().mean(dim=1, keepdim=True)
    return within(f"the power of {name}", power, 1e-30, math.inf, "leave silent clips out")


def _uniform(x, generator):
    _check(x, generator)
    return torch.rand(x.shape, generator=generator, device=x.device)


def _check(x, generator, name="x", shape=("...",), fewest=1):
    hint = "images in [0, 255] go in as x / 255" if name == "x" else "one row a clip"
    check_input(name, x, shape, hint, fewest=fewest)
    check_kind("generator", generator, (torch.Generator, type(None)), "a torch.Generator or None")
    if generator is not None and generator.device.type != x.device.type:
        raise ValueError(
            f"generator must be on {x.device.type} as {name} is, "
            f"got one on {generator.device.type}; write torch.Generator({x.device.type!r})"
        )
