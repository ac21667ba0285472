"""Losses: pure functions of tensors, summed over an example, averaged over the batch.

`reconstruction`, which likelihood each is; `divergences` between Gaussians; `adversarial` games;
`penalties` on codes and Jacobians; `perceptual`, on features; `segmentation`, weighted by border;
`rain`, on the logarithm.
"""

from coursekit.losses.adversarial import (
    critic_wasserstein,
    discriminator_bce,
    discriminator_hinge,
    generator_hinge,
    generator_minimax,
    generator_non_saturating,
    generator_wasserstein,
)
from coursekit.losses.divergences import gaussian_kl
from coursekit.losses.penalties import (
    activity_l1,
    contraction,
    gradient_penalty,
    jacobian_penalty,
    rate_divergence,
)
from coursekit.losses.perceptual import perceptual_loss
from coursekit.losses.rain import log_cosh, log_rain, rain_from_log
from coursekit.losses.reconstruction import (
    absolute_error,
    binary_cross_entropy,
    categorical_cross_entropy,
    multinomial_cross_entropy,
    squared_error,
)
from coursekit.losses.segmentation import border_weights, weighted_cross_entropy

__all__ = [
    "absolute_error",
    "activity_l1",
    "binary_cross_entropy",
    "border_weights",
    "categorical_cross_entropy",
    "contraction",
    "critic_wasserstein",
    "discriminator_bce",
    "discriminator_hinge",
    "gaussian_kl",
    "generator_hinge",
    "generator_minimax",
    "generator_non_saturating",
    "generator_wasserstein",
    "gradient_penalty",
    "jacobian_penalty",
    "log_cosh",
    "log_rain",
    "multinomial_cross_entropy",
    "perceptual_loss",
    "rain_from_log",
    "rate_divergence",
    "squared_error",
    "weighted_cross_entropy",
]
