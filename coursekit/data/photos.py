"""Colour images of ten classes: real photographs, and drawn shapes for work without a network.

For chapters 03 to 09.
"""

import numpy as np
import torch

from coursekit.data import store
from coursekit.data.digits import Images
from coursekit.data.shapes import SHAPES, textured_shapes


def cifar10() -> Images:
    """A fixed part of CIFAR-10: 15,000 training and 4,000 test photographs of 32 x 32 pixels.

    Images are (N, 3, 32, 32), red, green and blue; the classes are balanced and in random order.
    Source: Krizhevsky 2009. Raises as `store.fetch` does.
    """
    with np.load(store.fetch("cifar10_subset.npz"), allow_pickle=False) as arrays:
        return Images(
            *_images(arrays["train_images"], arrays["train_labels"]),
            *_images(arrays["test_images"], arrays["test_labels"]),
            tuple(arrays["class_names"].tolist()),
        )


def textured_shape_set() -> Images:
    """Textured shapes: 8,000 training and 2,000 test images, the same on every machine."""
    train, test = textured_shapes(8_000, seed=1), textured_shapes(2_000, seed=2)
    return Images(train.images, train.labels, test.images, test.labels, SHAPES)


def _images(images, labels):
    """Bytes (N, 32, 32, 3) as images, and their labels."""
    channels_first = torch.from_numpy(images).permute(0, 3, 1, 2)  # N x 3 x 32 x 32
    return channels_first.contiguous().float() / 255, torch.from_numpy(labels).long()
