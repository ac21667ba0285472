"""Labelled image sets in one form, whatever their source.

Used by chapters 01 and 02; for chapters 03 to 09.
"""

from typing import NamedTuple

import numpy as np
import torch

from coursekit.data import store
from coursekit.data.pen_strokes import pen_digits

DIGITS = tuple("0123456789")


class Images(NamedTuple):
    """Images (N, C, H, W), float32 in [0, 1]; labels (N,), int64, an index into `class_names`."""

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    class_names: tuple[str, ...]


def mnist() -> Images:
    """MNIST in its original order: 60,000 training and 10,000 test images of 28 x 28 pixels.

    Source: LeCun et al. 1998. Raises as `store.fetch` does.
    """
    with np.load(store.fetch("mnist.npz"), allow_pickle=False) as arrays:
        return Images(
            torch.from_numpy(arrays["train_images"]).unsqueeze(1).float() / 255,  # N x 1 x 28 x 28
            torch.from_numpy(arrays["train_labels"]).long(),
            torch.from_numpy(arrays["test_images"]).unsqueeze(1).float() / 255,
            torch.from_numpy(arrays["test_labels"]).long(),
            DIGITS,
        )


def pen_digit_set() -> Images:
    """Pen-stroke digits: 8,000 training and 2,000 test images, the same on every machine."""
    train, test = pen_digits(8_000, seed=1), pen_digits(2_000, seed=2)
    return Images(train.images, train.labels, test.images, test.labels, DIGITS)
