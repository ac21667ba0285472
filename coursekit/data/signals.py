"""One-dimensional signals: heart beats as sums of waves.

Used by chapter 02.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from coursekit.arguments import MOST_SEED, check_count, describe

SAMPLING_RATE = 128  # Hz; a beat is cut to one second
KINDS = ("normal", "ventricular", "raised ST", "no P wave")
# centre (s), width (s) and height (mV) of the waves P, Q, R, S, T of a normal beat
WAVES = np.array(
    [
        [0.26, 0.028, 0.15],
        [0.42, 0.010, -0.12],
        [0.45, 0.012, 1.00],
        [0.48, 0.012, -0.25],
        [0.70, 0.050, 0.30],
    ]
)


class Beats(NamedTuple):
    """Signals (N, 128) in mV, 128 Hz; kinds (N,) int64, an index into `KINDS`, 0 = normal."""

    train_signals: torch.Tensor
    train_kinds: torch.Tensor
    test_signals: torch.Tensor
    test_kinds: torch.Tensor


def beats(kinds: Sequence[int] | np.ndarray | torch.Tensor, *, seed: int = 0) -> torch.Tensor:
    """ECG-like beats, one of each requested kind: signals (N, 128) float32 in mV.

    A beat is a sum of five Gaussian bumps (the form of McSharry et al. 2003, without their
    dynamics) whose centres, widths and heights vary from beat to beat, plus baseline wander and
    noise of 0.02 mV. `kinds` (N,) indexes `KINDS`; the abnormal ones are drawn by
    hand: a wide early beat without P wave and with T turned over (ventricular), a plateau
    between S and T (raised ST), and a beat without its P wave.
    Raises TypeError for kinds that are not whole numbers, ValueError for one that does not exist.
    """
    kinds = _kinds(kinds)
    check_count("seed", seed, 0, MOST_SEED)
    rng = np.random.default_rng(seed)
    n = len(kinds)
    centre, width, height = (np.tile(WAVES[:, i], (n, 1)) for i in range(3))  # N x 5 each
    ventricular, raised, no_p = (kinds == i for i in (1, 2, 3))
    width[ventricular, 1:4] *= 3.0
    centre[ventricular] -= 0.05
    height[ventricular] *= [0.0, 1.0, 1.1, 2.0, -1.2]
    height[no_p, 0] = 0.0
    stretch = rng.normal(1, 0.06, (n, 1))  # heart rate
    centre = 0.45 + (centre - 0.45) * stretch + rng.normal(0, 0.008, (n, 5))
    width = width * rng.lognormal(0, 0.10, (n, 5))
    height = height * rng.lognormal(0, 0.15, (n, 5))
    t = np.arange(SAMPLING_RATE) / SAMPLING_RATE
    bumps = height[..., None] * np.exp(-0.5 * ((t - centre[..., None]) / width[..., None]) ** 2)
    signal = bumps.sum(axis=1)  # N x 128
    plateau = 1 / (1 + np.exp(-(t - 0.50) / 0.01)) / (1 + np.exp((t - 0.66) / 0.02))
    signal += raised[:, None] * rng.uniform(0.15, 0.30, (n, 1)) * plateau
    phase = rng.uniform(0, 2 * np.pi, (n, 1))
    signal += 0.03 * np.sin(2 * np.pi * 0.3 * t + phase) + rng.normal(0, 0.02, signal.shape)
    return torch.from_numpy(signal).float()


def _kinds(kinds):
    """The kinds (N,) as an integer array, each checked."""
    found = np.asarray(kinds.detach().cpu() if isinstance(kinds, torch.Tensor) else kinds)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise TypeError(f"kinds must be whole numbers (N,), got {describe(kinds)}")
    if found.size and not (found.min() >= 0 and found.max() < len(KINDS)):
        raise ValueError(f"kinds must index {KINDS}, got values {found.min()} to {found.max()}")
    return found.astype(np.int64)


def beat_set() -> Beats:
    """3,000 normal beats to learn from; 2,000 to test, half of them abnormal, each kind alike."""
    train = torch.zeros(3_000, dtype=torch.int64)
    test = torch.cat([torch.zeros(1_000, dtype=torch.int64), torch.arange(1_000) % 3 + 1])
    return Beats(beats(train, seed=1), train, beats(test, seed=2), test)
