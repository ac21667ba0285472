"""Valid calls of `coursekit.losses`."""

import torch

from coursekit import losses
from tests.garbage.calls import Call, Fresh


def rand(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


X, R = rand(3, 4), rand(3, 4, seed=1) + 0.5
IMAGES, FAKES = rand(3, 1, 4, 4), rand(3, 1, 4, 4, seed=1)
SCORES = rand(3, seed=2)
LEVELS = torch.tensor([[0, 1], [2, 3], [1, 1]])
CELLS = torch.tensor([[[0, 1, 1, 0, 2, 2]] * 5])
PICTURE = torch.tensor([[[0, 1], [1, 0]], [[1, 1], [0, 2]]])
LAYERS, SAME = {"conv1": X, "fc": R}, {"conv1": R, "fc": X}


def generator():
    return torch.Generator().manual_seed(0)


def squares(x):
    """An encoder that takes any type."""
    return x.square()


def total(x):
    """A critic that takes any type."""
    return x.square().flatten(1).sum(dim=1)


CALLS = {
    "squared_error": Call(losses.squared_error, output=R, target=X),
    "absolute_error": Call(losses.absolute_error, output=R, target=X),
    "log_cosh": Call(losses.log_cosh, output=R, target=X),
    "binary_cross_entropy": Call(
        losses.binary_cross_entropy, logits=R, target=X, refuses={"target": "negative huge"}
    ),
    "categorical_cross_entropy": Call(
        losses.categorical_cross_entropy,
        logits=rand(3, 4, 2),
        levels=LEVELS,
        refuses={"levels": "negative huge"},
    ),
    "multinomial_cross_entropy": Call(
        losses.multinomial_cross_entropy, logits=R, counts=X, refuses={"counts": "negative"}
    ),
    "bernoulli_log_likelihood": Call(
        losses.bernoulli_log_likelihood, logits=R, x=X.round(), refuses={"x": "negative huge"}
    ),
    "importance_weighted_bound": Call(losses.importance_weighted_bound, log_weights=R),
    "gaussian_kl": Call(
        losses.gaussian_kl, mean=R, log_variance=X, prior_mean=X, prior_log_variance=R
    ),
    "discriminator_bce": Call(losses.discriminator_bce, real_logits=SCORES, fake_logits=X[0]),
    "discriminator_hinge": Call(losses.discriminator_hinge, real_logits=SCORES, fake_logits=X[0]),
    "critic_wasserstein": Call(losses.critic_wasserstein, real_scores=SCORES, fake_scores=X[0]),
    "generator_minimax": Call(losses.generator_minimax, fake_logits=SCORES),
    "generator_non_saturating": Call(losses.generator_non_saturating, fake_logits=SCORES),
    "generator_hinge": Call(losses.generator_hinge, fake_logits=SCORES),
    "generator_wasserstein": Call(losses.generator_wasserstein, fake_scores=SCORES),
    "activity_l1": Call(losses.activity_l1, code=R),
    "rate_divergence": Call(
        losses.rate_divergence,
        code=X,
        rate=0.05,
        accepts={"rate": "float64"},
        refuses={"code": "negative huge"},
    ),
    "contraction": Call(
        losses.contraction, code=X, weight=rand(4, 5), refuses={"code": "negative huge"}
    ),
    "jacobian_penalty": Call(losses.jacobian_penalty, encoder=squares, x=X),
    "gradient_penalty": Call(
        losses.gradient_penalty, critic=total, real=IMAGES, fake=FAKES, generator=Fresh(generator)
    ),
    "perceptual_loss": Call(
        losses.perceptual_loss, output=LAYERS, target=SAME, weights={"conv1": 0.5}
    ),
    "perceptual_loss, features": Call(
        lambda output, target: losses.perceptual_loss({"fc": output}, {"fc": target}),
        output=R,
        target=X,
    ),
    "perceptual_loss, a weight": Call(
        lambda weights: losses.perceptual_loss(LAYERS, SAME, weights={"fc": weights}),
        weights=0.5,
        accepts={"weights": "float64 integer zero huge"},
    ),
    "map_criterion": Call(
        losses.map_criterion,
        distances=R,
        labels=torch.tensor([0, 3, 1]),
        j=1.5,
        accepts={"j": "float64 integer huge"},
        refuses={"distances": "negative", "labels": "negative huge"},
    ),
    "border_weights": Call(
        losses.border_weights,
        instances=CELLS,
        w0=10.0,
        sigma=5.0,
        class_weights=(1.0, 2.0),
        accepts={
            "w0": "float64 zero huge",
            "sigma": "float64 huge",
            "class_weights": "float64 zero huge",
        },
        refuses={"instances": "negative"},
    ),
    "weighted_cross_entropy": Call(
        losses.weighted_cross_entropy,
        logits=rand(2, 3, 2, 2),
        target=PICTURE,
        weights=rand(2, 2, 2),
        refuses={"target": "negative huge", "weights": "negative"},
    ),
}
EXEMPT = {}
