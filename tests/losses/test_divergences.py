import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions

from coursekit.losses.divergences import gaussian_kl

torch.manual_seed(0)
MEAN, LOG_VARIANCE, PRIOR_MEAN, PRIOR_LOG_VARIANCE = torch.randn(4, 6, 3, dtype=torch.float64)
numbers = st.floats(-5, 5)


def normal(mean, log_variance):
    return distributions.Normal(mean, (log_variance / 2).exp())


def close(a, b):
    return torch.allclose(a, b, rtol=1e-12, atol=1e-12)


def test_it_is_the_divergence_from_the_standard_normal_distribution():
    expected = distributions.kl_divergence(
        normal(MEAN, LOG_VARIANCE), distributions.Normal(torch.zeros_like(MEAN), 1)
    )
    assert close(gaussian_kl(MEAN, LOG_VARIANCE), expected.sum(dim=1).mean())


def test_it_is_the_divergence_between_any_two_gaussians():
    expected = distributions.kl_divergence(
        normal(MEAN, LOG_VARIANCE), normal(PRIOR_MEAN, PRIOR_LOG_VARIANCE)
    )
    got = gaussian_kl(MEAN, LOG_VARIANCE, PRIOR_MEAN, PRIOR_LOG_VARIANCE)
    assert close(got, expected.sum(dim=1).mean())


def test_it_is_what_a_million_draws_say():
    n, sigma, prior_sigma = 1_000_000, 0.6, 1.5
    posterior, prior = distributions.Normal(1.0, sigma), distributions.Normal(-0.5, prior_sigma)
    torch.manual_seed(0)
    z = posterior.sample((n,))
    log_ratio = posterior.log_prob(z) - prior.log_prob(z)
    arguments = torch.tensor([[[1.0]], [[sigma]], [[-0.5]], [[prior_sigma]]])
    arguments[1::2] = 2 * arguments[1::2].log()
    got = gaussian_kl(*arguments).item()
    assert abs(log_ratio.mean().item() - got) < 4 * log_ratio.std().item() / n**0.5


def test_it_follows_the_derivation_step_by_step():
    """log(s2 / s1) + E (z - m2)^2 / 2 s2^2 - E (z - m1)^2 / 2 s1^2, by numerical integration."""
    m1, s1, m2, s2 = 0.7, 0.5, -0.2, 1.3
    z = torch.linspace(-12, 12, 200_001, dtype=torch.float64)
    density = normal(torch.tensor(m1), 2 * torch.tensor(s1).double().log()).log_prob(z).exp()
    steps = torch.log(torch.tensor(s2 / s1)) + ((z - m2) / s2) ** 2 / 2 - ((z - m1) / s1) ** 2 / 2
    arguments = torch.tensor([[[m1]], [[s1**2]], [[m2]], [[s2**2]]], dtype=torch.float64)
    arguments[1::2] = arguments[1::2].log()
    assert abs(torch.trapezoid(density * steps, z) - gaussian_kl(*arguments)) < 1e-6


@given(numbers, numbers, numbers, numbers)
def test_it_is_never_negative(mean, log_variance, prior_mean, prior_log_variance):
    """Popular code logs it with the sign turned: then training seems to lower it below 0."""
    arguments = torch.tensor([mean, log_variance, prior_mean, prior_log_variance]).double()
    assert gaussian_kl(*arguments.view(4, 1, 1)) >= 0


@given(numbers, numbers)
def test_it_is_0_for_equal_distributions(mean, log_variance):
    arguments = torch.tensor([mean, log_variance]).double().view(2, 1, 1)
    assert gaussian_kl(*arguments, *arguments) == 0


@pytest.mark.parametrize("shift", [1e-9, 1e-5])
def test_a_tiny_divergence_is_not_lost_in_rounding(shift):
    tiny = torch.tensor([[shift]], dtype=torch.float64)
    got = gaussian_kl(torch.zeros_like(tiny), tiny).item()  # shift^2 / 4 + ...
    assert got == pytest.approx(shift**2 / 4, rel=1e-2, abs=1e-25)


def test_the_sum_without_its_half_and_its_square_is_no_divergence():
    """The form on many slides is least, and negative, where the variance is 1/2."""
    variance = torch.linspace(0.05, 3, 60, dtype=torch.float64)
    mean = torch.zeros(1, 1, dtype=torch.float64)
    slides = variance - variance.sqrt().log() - 1
    right = torch.stack([gaussian_kl(mean, v.log().view(1, 1)) for v in variance])
    assert variance[slides.argmin()].item() == pytest.approx(0.5, abs=0.03) and slides.min() < 0
    assert variance[right.argmin()].item() == pytest.approx(1, abs=0.03) and right.min() >= 0
    assert close(right, 0.5 * (variance - variance.log() - 1))


def test_latent_dimensions_are_summed_and_examples_averaged():
    value = gaussian_kl(MEAN, LOG_VARIANCE)
    assert value.shape == ()
    assert close(
        gaussian_kl(torch.cat([MEAN, MEAN], 1), torch.cat([LOG_VARIANCE] * 2, 1)), 2 * value
    )
    assert close(gaussian_kl(torch.cat([MEAN, MEAN]), torch.cat([LOG_VARIANCE] * 2)), value)


@given(st.integers(1, 5))
def test_parts_of_a_batch_weighted_by_their_size_give_the_average_of_the_whole(n):
    first, second = gaussian_kl(MEAN[:n], LOG_VARIANCE[:n]), gaussian_kl(MEAN[n:], LOG_VARIANCE[n:])
    assert close((n * first + (6 - n) * second) / 6, gaussian_kl(MEAN, LOG_VARIANCE))


def test_a_prior_may_be_one_for_all_examples():
    assert close(
        gaussian_kl(MEAN, LOG_VARIANCE, PRIOR_MEAN[0], PRIOR_LOG_VARIANCE[:1]),
        gaussian_kl(
            MEAN, LOG_VARIANCE, PRIOR_MEAN[:1].expand(6, 3), PRIOR_LOG_VARIANCE[:1].expand(6, 3)
        ),
    )


def test_its_gradient_pulls_to_the_prior():
    mean, log_variance = MEAN.clone().requires_grad_(), LOG_VARIANCE.clone().requires_grad_()
    gaussian_kl(mean, log_variance).backward()
    assert close(mean.grad, MEAN / 6)
    assert close(log_variance.grad, (LOG_VARIANCE.exp() - 1) / 12)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("log_variance", (6, 1)),
        ("log_variance", (3,)),
        ("prior_mean", (6,)),
        ("prior_mean", (2, 6, 3)),
        ("prior_log_variance", (5, 3)),
    ],
)
def test_shapes_that_do_not_fit_are_refused(name, shape):
    arguments = {"mean": MEAN, "log_variance": LOG_VARIANCE, name: torch.zeros(shape)}
    with pytest.raises(ValueError, match=f"{name} must") as raised:
        gaussian_kl(**arguments)
    assert "(6, 3)" in str(raised.value) and str(shape) in str(raised.value)


def test_means_without_a_batch_are_refused():
    with pytest.raises(ValueError, match=r"mean must be \(N, K, ...\) .* got \(3,\)"):
        gaussian_kl(MEAN[0], LOG_VARIANCE[0])
