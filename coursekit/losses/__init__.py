"""Losses: pure functions of tensors, summed over an example, averaged over the batch.

`reconstruction`, which likelihood each is; `divergences` between Gaussians; `adversarial` games;
`penalties` on codes and Jacobians; `perceptual`, on features; `segmentation`, weighted by border;
`rain`, on the logarithm.
"""

from coursekit.losses.reconstruction import (
    absolute_error,
    binary_cross_entropy,
    categorical_cross_entropy,
    multinomial_cross_entropy,
    squared_error,
)

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "multinomial_cross_entropy",
    "squared_error",
]
