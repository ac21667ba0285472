"""Spectrograms of speech, and the way back to sound.

A Hann window of 256 samples every 64: at 8 kHz 32 ms, which tells the harmonics of a voice apart,
every 8 ms. Windows overlap by three quarters, so that each sample, those at the edges too, lies
well inside some window and comes back exactly; one second is 125 hops.

For chapter 04.
"""

import math

import torch
from torch import Tensor

from coursekit.arguments import check_alike, check_count, check_finite, check_input, check_range

WINDOW = 256  # samples
HOP = 64  # samples from one frame to the next
FREQUENCIES = WINDOW // 2 + 1  # 0, 31.25, ..., 4,000 Hz at 8 kHz
OFFSET = 1e-3  # of the magnitude, 60 dB below 1; a sine of amplitude 1 reaches 64


def spectrogram(signals: Tensor) -> tuple[Tensor, Tensor]:
    """Magnitude and phase (N, 129, T // 64 + 1) of signals (N, T), zero outside.

    Frame t is centred on sample 64 t: 8,000 samples give 126 frames. Phases are in radians, from
    -pi to pi. A half type becomes float32. Raises TypeError and ValueError for what is not floating
    point (16-bit integers go in as x / 32768), for another shape and for NaN.

    >>> magnitude, phase = spectrogram(torch.zeros(1, 8000))
    >>> magnitude.shape
    torch.Size([1, 129, 126])
    """
    check_input("signals", signals, ("N", "T"), "16-bit integers go in as x / 32768", fewest=1)
    check_finite("signals", signals)
    signals = _at_least_single(signals)
    spectrum = torch.stft(
        signals,
        WINDOW,
        HOP,
        window=_window(signals),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )
    return spectrum.abs(), spectrum.angle()  # N x F x T'


def resynthesise(magnitude: Tensor, phase: Tensor, *, length: int | None = None) -> Tensor:
    """Signals (N, T) of magnitudes and phases (N, 129, T'), which `spectrogram` gives: its inverse.

    With another magnitude beside the phase of a noisy signal it is the denoised sound: the signal
    whose own spectrogram comes nearest in squares (Griffin and Lim 1984). `length` is T where it is
    not 64 (T' - 1), a whole number of hops. Raises TypeError and ValueError for shapes that differ,
    negative magnitudes, NaN, and a length that has another number of frames.

    >>> signals = torch.rand(2, 8000)
    >>> torch.allclose(resynthesise(*spectrogram(signals)), signals, atol=1e-5)
    True
    """
    check_input("magnitude", magnitude, ("N", FREQUENCIES, "T"), fewest=1)
    check_range("magnitude", magnitude, 0, _largest(magnitude))
    check_input("phase", phase, ("...",), "radians")
    check_finite("phase", check_alike("phase", phase, magnitude, "magnitude"))
    whole = HOP * (magnitude.shape[-1] - 1)
    length = check_count("length", whole if length is None else length, max(1, whole), whole + 63)
    magnitude, phase = _at_least_single(magnitude), _at_least_single(phase)
    spectrum = torch.polar(magnitude, phase.to(magnitude.dtype))
    window = _window(magnitude)
    return torch.istft(spectrum, WINDOW, HOP, window=window, center=True, length=length)


def decibels(magnitude: Tensor) -> Tensor:
    """20 log10(m + 0.001), any shape: silence -> -60 dB, a sine of amplitude 1 -> 36 dB.

    A mean squared error of it is the square of a log-spectral distance. Raises TypeError and
    ValueError for what is not floating point, for negative magnitudes and for NaN.

    >>> decibels(torch.tensor([0.0, 0.999]))
    tensor([-60.,   0.])
    """
    check_input("magnitude", magnitude, ("...",))
    check_range("magnitude", magnitude, 0, _largest(magnitude), "decibels are of magnitudes")
    return 20 * torch.log10(magnitude + OFFSET)


def magnitude_from_decibels(level: Tensor) -> Tensor:
    """The inverse of `decibels`: 10^(y / 20) - 0.001, and 0 where a prediction y is below -60 dB.

    Raises TypeError and ValueError for what is not floating point, for NaN, and for a y whose power
    of ten its type cannot hold, such as 771 dB in float32.

    >>> magnitude_from_decibels(torch.tensor([-70.0, 0.0]))
    tensor([0.0000, 0.9990])
    """
    check_input("level", level, ("...",))
    most = math.floor(20 * math.log10(torch.finfo(level.dtype).max))
    check_range("level", level, -math.inf, most, "it is in dB")
    return (10 ** (level / 20) - OFFSET).clamp(min=0)


def _largest(x):
    return torch.finfo(x.dtype).max


def _window(like):
    return torch.hann_window(WINDOW, dtype=like.dtype, device=like.device)


def _at_least_single(x):
    return x.to(torch.promote_types(x.dtype, torch.float32))
