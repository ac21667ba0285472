"""Losses: pure functions of tensors, summed over an example, averaged over the batch.

| module | what it holds |
|---|---|
| `reconstruction` | errors and cross-entropies, and which likelihood each is |
| `likelihoods` | log-likelihoods, the importance-weighted bound |
| `divergences` | between Gaussians |
| `adversarial` | the two players of a game |
| `penalties` | on codes, Jacobians and gradients |
| `perceptual` | on features |
| `classification` | LeNet-5's criterion of 1998 |
| `segmentation` | weighted by borders |
| `inputs` | what all of them ask of their inputs |

Every loss computes in float32 at least: half types may come in, also mixed as under autocast, and
their sums do not overflow. Integer tensors are refused by name, for they would wrap around: make
images floating point and rescale them first. NaN in gives NaN out, so that `training.fit` can
report it. What must lie in a range, such as a target from 0 to 1, is refused on a CPU where it does
not; on CUDA, where looking would wait for the device, the loss is NaN.

Used by chapters 01 to 06, 08, 10 and 11.
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
from coursekit.losses.classification import map_criterion
from coursekit.losses.divergences import gaussian_kl
from coursekit.losses.likelihoods import bernoulli_log_likelihood, importance_weighted_bound
from coursekit.losses.penalties import (
    activity_l1,
    contraction,
    gradient_penalty,
    jacobian_penalty,
    rate_divergence,
)
from coursekit.losses.perceptual import perceptual_loss
from coursekit.losses.reconstruction import (
    absolute_error,
    binary_cross_entropy,
    categorical_cross_entropy,
    log_cosh,
    multinomial_cross_entropy,
    squared_error,
)
from coursekit.losses.segmentation import border_weights, weighted_cross_entropy

__all__ = [
    "absolute_error",
    "activity_l1",
    "bernoulli_log_likelihood",
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
    "importance_weighted_bound",
    "jacobian_penalty",
    "log_cosh",
    "map_criterion",
    "multinomial_cross_entropy",
    "perceptual_loss",
    "rate_divergence",
    "squared_error",
    "weighted_cross_entropy",
]
