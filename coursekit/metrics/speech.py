"""How close an estimate of a sound is to the clean one: one number a clip, to be averaged.

Everything is computed in float64, over the whole clip.

For chapter 04.
"""

import torch
from torch import Tensor

from coursekit.arguments import check_alike, check_finite, check_input, check_number, check_range


def snr(output: Tensor, target: Tensor) -> Tensor:
    """Signal-to-noise ratio 10 log10(sum s^2 / sum (y - s)^2) in dB: y, s (N, T) -> (N,).

    What `data.add_noise(s, 5)` returns has 5. Infinite where output y and target s are equal; 0 for
    silence; an output too loud or too quiet counts as noise. Raises ValueError when the shapes
    differ, for NaN, and for a target that is silent.

    >>> snr(torch.tensor([[0.9, 0.0]]), torch.tensor([[1.0, 0.0]])).round(decimals=3)
    tensor([20.], dtype=torch.float64)
    """
    target = check_finite("target", check_input("target", target, ("N", "T"))).detach().double()
    check_input("output", output, ("N", "T"))
    output = check_finite("output", check_alike("output", output, target, "target"))
    signal = target.square().sum(dim=1)  # N
    if not signal.all():
        raise ValueError(
            f"target must not be silent, got {int((signal == 0).sum())} clips of zeros; "
            "leave them out"
        )
    return 10 * torch.log10(signal / (output.detach().double() - target).square().sum(dim=1)).cpu()


def log_spectral_distance(output: Tensor, target: Tensor, *, range_db: float = 50.0) -> Tensor:
    """Log-spectral distance in dB: magnitudes (N, F, T), m of the output, s of the target -> (N,).

    The root mean square over frequencies of L(m) - L(s) (Gray and Markel 1976), averaged over the
    frames, with L(m) = 20 log10 max(m, c), where c lies `range_db` below the largest magnitude of
    the clip's target: silence and what lies under it would else decide. 0 means equal.
    Take the magnitudes of sounds, from `data.spectrogram`: those of a network that were never
    turned to sound need not be those of any. Raises ValueError when the shapes differ, for negative
    values, NaN, a range_db outside (0, 200], and for a target that is silent.

    >>> s = torch.tensor([[[1.0, 1.0], [1.0, 0.1]]])
    >>> log_spectral_distance(torch.ones(1, 2, 2), s)  # 0 dB twice in one frame, 0 and 20 in one
    tensor([7.0711], dtype=torch.float64)
    """
    range_db = check_number("range_db", range_db, high=200, above=0)
    for name, magnitude in (("target", target), ("output", output)):
        check_input(name, magnitude, ("N", "F", "T"), "magnitudes of spectrograms")
        check_finite(name, magnitude)
        check_range(name, magnitude, 0, torch.inf, "magnitudes, not decibels")
    check_alike("output", output, target, "target")
    output, target = output.detach().double(), target.detach().double()
    floor = target.flatten(1).amax(dim=1)[:, None, None] * 10 ** (-range_db / 20)  # N x 1 x 1
    if not floor.all():
        raise ValueError(
            f"target must not be silent, got {int((floor == 0).sum())} clips of zeros; "
            "leave them out"
        )
    ratio = torch.maximum(output, floor) / torch.maximum(target, floor)
    return (20 * torch.log10(ratio)).square().mean(dim=1).sqrt().mean(dim=1).cpu()  # N
