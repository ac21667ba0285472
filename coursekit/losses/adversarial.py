"""Losses of the two players of an adversarial game, from the discriminator's scores.

Scores are logits a, D = sigmoid(a) the probability of "real"; the sigmoid is inside the losses,
where it cannot overflow. Real and fake scores are averaged separately, so their numbers may differ.
Scores are (N, ...), one or more an example. Every function returns a scalar to minimise, in nats
where there is a probability, and raises TypeError and ValueError for what is no such tensor.

| game | discriminator | generator |
|---|---|---|
| Goodfellow et al. 2014, eq. 1 | discriminator_bce | generator_minimax |
| the same, section 3 | discriminator_bce | generator_non_saturating |
| Lim and Ye 2017, Miyato et al. 2018 | discriminator_hinge | generator_hinge |
| Arjovsky et al. 2017 | critic_wasserstein | generator_wasserstein |

Used by chapters 05 (VAE-GAN) and 06.
"""

import torch.nn.functional as F
from torch import Tensor

from coursekit.arguments import check_input
from coursekit.losses.inputs import widened


def discriminator_bce(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-E log D(real) - E log(1 - D(fake)): minus the value of the game.

    2 log 2 = log 4 = 1.386 at D = 1/2. For densities p of the data and q of the fakes it is least
    for D = p / (p + q), where it is log 4 - 2 JSD(p, q). Sum of both sides; some code halves it.
    """
    real_logits, fake_logits = _scores(real_logits=real_logits, fake_logits=fake_logits)
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_minimax(fake_logits: Tensor) -> Tensor:
    """E log(1 - D(fake)), -log 2 at D = 1/2: what the generator of the zero-sum game minimises.

    Its slope in the logit is -D(fake): it vanishes where the discriminator rejects the fakes.
    """
    (fake_logits,) = _scores(fake_logits=fake_logits)
    return -F.softplus(fake_logits).mean()


def generator_non_saturating(fake_logits: Tensor) -> Tensor:
    """-E log D(fake), log 2 at D = 1/2.

    Its slope in the logit is D(fake) - 1: largest where the discriminator rejects the fakes. The
    game keeps its fixed point.
    """
    (fake_logits,) = _scores(fake_logits=fake_logits)
    return F.softplus(-fake_logits).mean()


def discriminator_hinge(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E max(0, 1 - a(real)) + E max(0, 1 + a(fake)): 2 at a = 0, no slope beyond +-1."""
    real_logits, fake_logits = _scores(real_logits=real_logits, fake_logits=fake_logits)
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()


def generator_hinge(fake_logits: Tensor) -> Tensor:
    """-E a(fake)."""
    (fake_logits,) = _scores(fake_logits=fake_logits)
    return -fake_logits.mean()


def critic_wasserstein(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """E a(fake) - E a(real): minus the Wasserstein-1 distance at best.

    That holds over scores of slope at most 1, which the critic must be kept to (by a gradient
    penalty or spectral normalisation); without it the loss has no bound.
    """
    real_scores, fake_scores = _scores(real_scores=real_scores, fake_scores=fake_scores)
    return fake_scores.mean() - real_scores.mean()


def generator_wasserstein(fake_scores: Tensor) -> Tensor:
    """-E a(fake): the fakes' part of the distance."""
    (fake_scores,) = _scores(fake_scores=fake_scores)
    return -fake_scores.mean()


def _scores(**scores):
    """The scores under their arguments' names, one example at least, float32 at least."""
    return widened(*(check_input(name, x, ("N", "..."), fewest=1) for name, x in scores.items()))
