import math

import pytest
import torch
import torch.nn.functional as F
from torch import distributions

from coursekit.losses.adversarial import (
    critic_wasserstein,
    discriminator_bce,
    discriminator_hinge,
    generator_hinge,
    generator_minimax,
    generator_non_saturating,
    generator_wasserstein,
)

torch.manual_seed(0)
REAL, FAKE = torch.randn(7, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
DISCRIMINATORS = [discriminator_bce, discriminator_hinge, critic_wasserstein]
GENERATORS = [generator_minimax, generator_non_saturating, generator_hinge, generator_wasserstein]
DATA, FAKES = distributions.Normal(0.0, 1.0), distributions.Normal(1.5, 0.7)


def quantiles(distribution, n=100_000):
    """Points whose plain average is an expectation: the middles of n intervals of equal mass."""
    return distribution.icdf((torch.arange(n, dtype=torch.float64) + 0.5) / n)


def best_logit(x, data=DATA, fakes=FAKES):
    return data.log_prob(x) - fakes.log_prob(x)  # D = p / (p + q)


# ---------------------------------------------------------------------------- values


def test_an_undecided_discriminator_has_the_losses_of_the_paper():
    zeros = torch.zeros(6, dtype=torch.float64)
    assert discriminator_bce(zeros, zeros).item() == pytest.approx(math.log(4), abs=1e-12)
    assert generator_non_saturating(zeros).item() == pytest.approx(math.log(2), abs=1e-12)
    assert generator_minimax(zeros).item() == pytest.approx(-math.log(2), abs=1e-12)
    assert discriminator_hinge(zeros, zeros).item() == 2
    assert critic_wasserstein(zeros, zeros).item() == generator_hinge(zeros).item() == 0


def test_they_are_the_formulas_of_the_papers():
    real, fake = REAL.sigmoid(), FAKE.sigmoid()
    for got, expected in [
        (discriminator_bce(REAL, FAKE), -real.log().mean() - (1 - fake).log().mean()),
        (generator_minimax(FAKE), (1 - fake).log().mean()),
        (generator_non_saturating(FAKE), -fake.log().mean()),
        (
            discriminator_hinge(REAL, FAKE),
            (1 - REAL).clamp(min=0).mean() + (1 + FAKE).clamp(min=0).mean(),
        ),
        (generator_hinge(FAKE), -FAKE.mean()),
        (critic_wasserstein(REAL, FAKE), FAKE.mean() - REAL.mean()),
        (generator_wasserstein(FAKE), -FAKE.mean()),
    ]:
        torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)


def test_the_discriminators_loss_is_binary_cross_entropy_against_ones_and_zeros():
    expected = F.binary_cross_entropy(
        REAL.sigmoid(), torch.ones_like(REAL)
    ) + F.binary_cross_entropy(FAKE.sigmoid(), torch.zeros_like(FAKE))
    torch.testing.assert_close(discriminator_bce(REAL, FAKE), expected)


@pytest.mark.parametrize("size", [200.0, -200.0])
def test_large_logits_neither_overflow_nor_lose_their_gradient(size):
    fake = torch.tensor([size], requires_grad=True)
    loss = discriminator_bce(-fake, fake)
    loss.backward()
    assert loss.item() == pytest.approx(max(0, 2 * size))
    assert fake.grad.item() == pytest.approx(2 * (size > 0))
    assert generator_non_saturating(fake).item() == pytest.approx(max(0, -size))


@pytest.mark.parametrize("loss", DISCRIMINATORS)
def test_each_side_is_averaged_on_its_own(loss):
    whole = loss(REAL, FAKE)
    torch.testing.assert_close(loss(REAL.repeat(3), FAKE), whole)
    torch.testing.assert_close(loss(REAL, FAKE.repeat(2)), whole)


@pytest.mark.parametrize("loss", DISCRIMINATORS)
def test_discriminators_push_real_scores_up_and_fake_ones_down(loss):
    real, fake = torch.zeros(3, requires_grad=True), torch.zeros(4, requires_grad=True)
    loss(real, fake).backward()
    assert (real.grad < 0).all() and (fake.grad > 0).all()


@pytest.mark.parametrize("loss", GENERATORS)
def test_generators_push_fake_scores_up(loss):
    fake = torch.zeros(4, requires_grad=True)
    loss(fake).backward()
    assert (fake.grad < 0).all()


@pytest.mark.parametrize(
    ("discriminator", "generator"),
    [(discriminator_bce, generator_minimax), (critic_wasserstein, generator_wasserstein)],
)
def test_in_a_zero_sum_game_the_generator_loses_what_the_discriminator_gains(
    discriminator, generator
):
    fake = FAKE.clone().requires_grad_()
    (first,) = torch.autograd.grad(discriminator(REAL, fake), fake)
    (second,) = torch.autograd.grad(generator(fake), fake)
    torch.testing.assert_close(first, -second)


def test_beyond_its_margin_the_hinge_has_no_slope():
    real = torch.tensor([0.5, 1.5], requires_grad=True)
    fake = torch.tensor([-0.5, -1.5], requires_grad=True)
    discriminator_hinge(real, fake).backward()
    assert real.grad.tolist() == [-0.5, 0] and fake.grad.tolist() == [0.5, 0]


# ---------------------------------------------------------------------------- the game


def test_the_best_discriminator_measures_the_jensen_shannon_divergence():
    x = torch.linspace(-12, 12, 40_001, dtype=torch.float64)
    p, q = DATA.log_prob(x), FAKES.log_prob(x)
    middle = torch.logaddexp(p, q) - math.log(2)
    divergence = sum(torch.trapezoid(d.exp() * (d - middle), x) for d in (p, q)) / 2
    loss = discriminator_bce(best_logit(quantiles(DATA)), best_logit(quantiles(FAKES)))
    assert 0.1 < divergence < math.log(2)
    assert abs(-loss - (2 * divergence - math.log(4))) < 1e-4


@pytest.mark.parametrize(
    "change",
    [
        lambda x: 0.1,
        lambda x: -0.1,
        lambda x: 0.1 * x,
        lambda x: 0.2 * x.sin(),
        lambda x: -0.2 * (x > 1.5),
        lambda x: 0.1 * x.cos(),
    ],
)
def test_no_other_discriminator_has_a_smaller_loss(change):
    def loss(logit):
        return discriminator_bce(logit(quantiles(DATA)), logit(quantiles(FAKES)))

    assert loss(lambda x: best_logit(x) + change(x)) > loss(best_logit) + 1e-4


def slope(loss, centre):
    """d loss / d centre of fakes N(centre, 1) before the best discriminator, data N(0, 1)."""
    moved = torch.tensor(centre, dtype=torch.float64, requires_grad=True)
    x = quantiles(DATA) + moved
    return torch.autograd.grad(loss(best_logit(x, DATA, distributions.Normal(centre, 1.0))), moved)[
        0
    ].item()


def test_both_losses_of_the_generator_rest_where_the_fakes_are_the_data():
    assert slope(generator_minimax, 0.0) == slope(generator_non_saturating, 0.0) == 0
    for centre in (-2.0, -0.5, 0.5, 2.0):  # and elsewhere both push the fakes towards the data
        for loss in generator_minimax, generator_non_saturating:
            assert math.copysign(1, slope(loss, centre)) == math.copysign(1, centre)


def test_the_minimax_gradient_vanishes_where_the_fakes_are_rejected_and_the_other_does_not():
    rejected = torch.full((4,), -20.0, requires_grad=True)
    (saturated,) = torch.autograd.grad(generator_minimax(rejected), rejected)
    (alive,) = torch.autograd.grad(generator_non_saturating(rejected), rejected)
    assert saturated.abs().max() < 1e-8
    torch.testing.assert_close(alive, torch.full((4,), -1 / 4))
    assert abs(slope(generator_minimax, 6.0)) < 0.1 < 1 < abs(slope(generator_non_saturating, 6.0))


def test_a_critic_of_slope_1_measures_the_distance_between_shifted_densities():
    x = quantiles(DATA)
    assert -critic_wasserstein(-x, -(x + 3)).item() == pytest.approx(3)
