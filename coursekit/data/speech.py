"""Spoken digits in one form, whatever their source: one second at 8 kHz.

For chapter 04.
"""

from typing import NamedTuple

import numpy as np
import torch

from coursekit.data import store
from coursekit.data.formants import SAMPLES, formant_digits


class Speech(NamedTuple):
    """Signals (N, 8000), float32 in [-1, 1]; labels (the digits) and speakers (N,), int64."""

    train_signals: torch.Tensor
    train_labels: torch.Tensor
    train_speakers: torch.Tensor
    test_signals: torch.Tensor
    test_labels: torch.Tensor
    test_speakers: torch.Tensor


def fsdd() -> Speech:
    """The Free Spoken Digit Dataset: 2,700 training and 300 test clips of six speakers.

    Clips begin as recorded, are cut after one second (20 of 3,000 are longer) or end in zeros, and
    keep their loudness, which differs by 20 dB between speakers. The test set holds takes 0 to 4 of
    each digit and speaker, as its authors have it: the speakers are those of the training set.
    Source: Jackson et al. Raises as `store.fetch` does.
    """
    with np.load(store.fetch("fsdd.npz"), allow_pickle=False) as arrays:
        audio, offsets = arrays["audio"].astype(np.float32) / 32_768, arrays["offsets"]
        labels, speakers = (arrays[name].astype(np.int64) for name in ("labels", "speaker"))
        is_test = arrays["is_test"]
    signals = np.zeros((len(labels), SAMPLES), np.float32)
    for signal, first, last in zip(signals, offsets, offsets[1:]):
        clip = audio[first:last][:SAMPLES]
        signal[: len(clip)] = clip
    return Speech(
        *(torch.from_numpy(part[~is_test]) for part in (signals, labels, speakers)),
        *(torch.from_numpy(part[is_test]) for part in (signals, labels, speakers)),
    )


def formant_digit_set() -> Speech:
    """Formant digits: 1,500 training and 300 test signals, the same on every machine."""
    train, test = formant_digits(1_500, seed=1), formant_digits(300, seed=2)
    return Speech(
        *(train.signals, train.labels, train.factors["speaker"]),
        *(test.signals, test.labels, test.factors["speaker"]),
    )
