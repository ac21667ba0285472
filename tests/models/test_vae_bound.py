"""Log-weights and the importance-weighted bound, on models whose log p(x) is known."""

import math

import pytest
import torch
from torch import distributions, nn

from coursekit import losses
from coursekit.losses.divergences import gaussian_kl
from coursekit.losses.likelihoods import importance_weighted_bound
from coursekit.models import vae
from coursekit.models.vae import VAE, ConditionalVAE

NOISE = 0.5  # sigma of the pixels in probabilistic PCA


def gaussian(output, x):
    return distributions.Normal(output, NOISE).log_prob(x).sum(dim=1)


def probabilistic_pca(loadings):
    """VAE of linear layers: x = W z + b + noise, with its best factorised q(z|x).

    Posterior precision M = (W'W + sigma^2 I) / sigma^2, mean (W'W + sigma^2 I)^-1 W'(x - b). The
    factorised Gaussian nearest in KL(q || p) has that mean and the variances 1 / M_ii; it is the
    posterior itself where the columns of W are orthogonal.
    """
    d, k = loadings.shape
    model, shift = VAE([d, k]).double(), torch.linspace(-1, 1, d, dtype=torch.float64)
    inner = loadings.T @ loadings + NOISE**2 * torch.eye(k, dtype=torch.float64)
    weights = torch.linalg.solve(inner, loadings.T)
    variance = NOISE**2 / inner.diagonal()
    model.load_state_dict(
        {
            "mean.weight": weights,
            "mean.bias": -weights @ shift,
            "log_variance.weight": torch.zeros(k, d),
            "log_variance.bias": variance.log(),
            "decoder.0.weight": loadings,
            "decoder.0.bias": shift,
        }
    )
    marginal = distributions.MultivariateNormal(
        shift, loadings @ loadings.T + NOISE**2 * torch.eye(d, dtype=torch.float64)
    )
    gap = distributions.kl_divergence(
        distributions.MultivariateNormal(torch.zeros(k).double(), variance.diag()),
        distributions.MultivariateNormal(torch.zeros(k).double(), NOISE**2 * inner.inverse()),
    )
    return model, marginal, gap


def orthogonal_loadings():
    torch.manual_seed(0)
    return torch.linalg.qr(torch.randn(6, 3, dtype=torch.float64))[0] * torch.tensor([3, 2, 1])


@pytest.mark.parametrize("rows", [10_000, 20, 1])
def test_with_the_exact_posterior_every_draw_gives_the_exact_likelihood(rows, monkeypatch):
    monkeypatch.setattr(vae, "ROWS", rows)  # codes at once: all, two draws, less than one
    model, marginal, gap = probabilistic_pca(orthogonal_loadings())
    assert gap.abs() < 1e-12
    x = 2 * torch.randn(9, 6, dtype=torch.float64)
    log_weights = model.log_weights(x, samples=5, log_likelihood=gaussian)
    exact = marginal.log_prob(x)
    assert log_weights.shape == (5, 9)
    torch.testing.assert_close(log_weights, exact.expand(5, 9), rtol=0, atol=1e-10)
    torch.testing.assert_close(
        importance_weighted_bound(log_weights[:1]), exact, rtol=0, atol=1e-10
    )


def test_with_another_posterior_the_bound_rises_with_the_draws_towards_the_likelihood():
    loadings = torch.tensor([[1.0, 0.8], [0.6, 1.0], [0.3, -0.2]], dtype=torch.float64)
    model, marginal, gap = probabilistic_pca(loadings)
    assert gap > 0.1
    x = torch.tensor([[0.5, -1.0, 0.7]], dtype=torch.float64)
    exact, repeats = marginal.log_prob(x).item(), 2000
    torch.manual_seed(0)
    draws = model.log_weights(x, samples=50 * repeats, log_likelihood=gaussian).view(50, repeats)
    bounds = [importance_weighted_bound(draws[:k]) for k in (1, 5, 50)]
    means = [bound.mean().item() for bound in bounds]
    errors = [bound.std().item() / repeats**0.5 for bound in bounds]
    assert abs(means[0] - (exact - gap.item())) < 4 * errors[0]  # ELBO = log p - KL(q || p)
    for (low, high), error in zip(zip(means, means[1:]), errors):
        assert high > low - 3 * error
    assert means[2] - means[0] > 3 * errors[0]
    assert means[2] < exact + 3 * errors[2] and exact - means[2] < 0.2 * gap


def test_log_weights_are_those_of_the_three_densities():
    model, x = VAE([12, 8, 3]).double(), torch.rand(5, 12, dtype=torch.float64).round()
    torch.manual_seed(0)
    got = model.log_weights(x, samples=1)[0]
    torch.manual_seed(0)
    mean, log_variance = model.encode(x)
    z = model.sample_code(mean, log_variance)
    posterior = distributions.Normal(mean, (log_variance / 2).exp())
    prior = distributions.Normal(torch.zeros_like(z), 1)
    expected = distributions.Bernoulli(logits=model.decode(z)).log_prob(x).sum(1) + (
        prior.log_prob(z) - posterior.log_prob(z)
    ).sum(1)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(importance_weighted_bound(got[None]), got)  # k = 1


def test_the_mean_of_the_log_weights_is_minus_the_loss():
    model, x = VAE([12, 8, 3]).double(), torch.rand(5, 12, dtype=torch.float64).round()
    nn.init.zeros_(model.decoder[-1].weight)  # then the reconstruction does not depend on z
    torch.manual_seed(0)
    log_weights = model.log_weights(x, samples=20_000)
    logits, mean, log_variance = model(x)
    loss = losses.binary_cross_entropy(logits, x) + gaussian_kl(mean, log_variance)
    averages = log_weights.mean(dim=1)  # over the batch
    assert abs(averages.mean() + loss) < 4 * averages.std() / 20_000**0.5


def test_the_likelihood_of_a_blank_is_784_log_2():
    model, x = VAE([784, 8, 3]), torch.rand(5, 784).round()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    bound = importance_weighted_bound(model.log_weights(x, samples=4))
    torch.testing.assert_close(bound, torch.full((5,), -784 * math.log(2)))


def test_the_conditional_model_wants_its_labels():
    model, x = ConditionalVAE([12, 8, 3], classes=2), torch.rand(5, 12).round()
    labels = torch.tensor([0, 1, 0, 1, 0])
    assert model.log_weights(x, labels, samples=7).shape == (7, 5)
    with pytest.raises(TypeError, match="^labels must be a tensor, got None"):
        model.log_weights(x, samples=7)


def test_the_bound_can_be_trained():
    model, x = VAE([12, 8, 3]), torch.rand(5, 12).round()
    importance_weighted_bound(model.log_weights(x, samples=6)).mean().backward()
    assert all(p.grad.isfinite().all() and p.grad.abs().sum() > 0 for p in model.parameters())


def test_at_least_one_sample_is_wanted():
    with pytest.raises(ValueError, match="samples must be at least 1, got 0"):
        VAE([12, 3]).log_weights(torch.rand(2, 12), samples=0)
