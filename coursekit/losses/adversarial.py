"""Losses of the two players of an adversarial game, from the discriminator's scores.

Scores are logits a, D = sigmoid(a) the probability of "real"; the sigmoid is inside the losses,
where it cannot overflow. Real and fake scores are averaged separately, so their numbers may differ.
Every function returns a scalar to minimise, in nats where there is a probability.

| game | discriminator | generator |
|---|---|---|
| Goodfellow et al. 2014, eq. 1 | discriminator_bce | generator_minimax |
| the same, section 3 | discriminator_bce | generator_non_saturating |
| Lim and Ye 2017, Miyato et al. 2018 | discriminator_hinge | generator_hinge |
| Arjovsky et al. 2017 | critic_wasserstein | generator_wasserstein |
"""

import torch.nn.functional as F


def discriminator_bce(real_logits, fake_logits):
    """-E log D(real) - E log(1 - D(fake)): minus the value of the game.

    2 log 2 = log 4 = 1.386 at D = 1/2. For densities p of the data and q of the fakes it is least
    for D = p / (p + q), where it is log 4 - 2 JSD(p, q). Sum of both sides; some code halves it.
    """
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_minimax(fake_logits):
    """E log(1 - D(fake)), -log 2 at D = 1/2: what the generator of the zero-sum game minimises.

    Its slope in the logit is -D(fake): it vanishes where the discriminator rejects the fakes.
    """
    return -F.softplus(fake_logits).mean()


def generator_non_saturating(fake_logits):
    """-E log D(fake), log 2 at D = 1/2.

    Its slope in the logit is D(fake) - 1: largest where the discriminator rejects the fakes. The
    game keeps its fixed point.
    """
    return F.softplus(-fake_logits).mean()


def discriminator_hinge(real_logits, fake_logits):
    """E max(0, 1 - a(real)) + E max(0, 1 + a(fake)): 2 at a = 0, no slope beyond +-1."""
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()


def generator_hinge(fake_logits):
    """-E a(fake)."""
    return -fake_logits.mean()


def critic_wasserstein(real_scores, fake_scores):
    """E a(fake) - E a(real): minus the Wasserstein-1 distance at best.

    That holds over scores of slope at most 1, which the critic must be kept to (by a gradient
    penalty or spectral normalisation); without it the loss has no bound.
    """
    return fake_scores.mean() - real_scores.mean()


def generator_wasserstein(fake_scores):
    """-E a(fake): the fakes' part of the distance."""
    return -fake_scores.mean()
