import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.losses.penalties import activity_l1, contraction, jacobian_penalty, rate_divergence
from coursekit.models.regularised_autoencoders import KSparseAutoencoder, TiedAutoencoder

RATES = st.floats(0.01, 0.99)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def uniform(*shape, seed=0):
    return torch.rand(shape, generator=seeded(seed), dtype=torch.float64)


def close(a, b, tolerance=1e-12):
    return torch.allclose(a, torch.as_tensor(b, dtype=a.dtype), rtol=tolerance, atol=tolerance)


def tied(inputs=6, units=9):
    """A sigmoid layer in float64 with biases other than 0."""
    model = TiedAutoencoder([inputs, units]).double()
    with torch.no_grad():
        model.bias.copy_(uniform(units) - 0.5)
    return model


# ---------------------------------------------------------------------------- sparsity


def test_activity_l1_is_summed_over_units_and_averaged_over_the_batch():
    code = torch.tensor([[1.0, -2.0, 0.0], [0.0, 0.0, 3.0]])
    assert activity_l1(code) == (3 + 3) / 2
    assert activity_l1(torch.cat([code, code])) == activity_l1(code)
    assert activity_l1(torch.cat([code, code], dim=1)) == 2 * activity_l1(code)
    assert activity_l1(code[:, :, None, None]) == activity_l1(code)


def test_activity_l1_pulls_every_active_unit_with_the_same_force():
    code = torch.tensor([[0.1, -5.0, 0.0]], requires_grad=True)
    activity_l1(code).backward()
    assert code.grad.tolist() == [[1.0, -1.0, 0.0]]


def test_activity_l1_is_on_activations_not_on_weights():
    """A known bug: L1 on the weights makes them sparse, not the code; inputs must matter."""
    model, x = tied(), uniform(4, 6)
    assert not close(activity_l1(model.encode(x)), activity_l1(model.encode(3 * x)))
    assert activity_l1(torch.zeros(4, 9)) == 0


@given(rate=RATES, seed=st.integers(0, 1000))
def test_rate_divergence_is_a_sum_of_bernoulli_divergences_of_the_batch_average(rate, seed):
    code = uniform(20, 7, seed=seed)
    bernoulli = torch.distributions.Bernoulli
    expected = torch.distributions.kl_divergence(
        bernoulli(torch.full((7,), rate, dtype=torch.float64)), bernoulli(code.mean(dim=0))
    ).sum()
    assert close(rate_divergence(code, rate=rate), expected, 1e-10)
    assert rate_divergence(code, rate=rate) > 0


@given(rate=RATES)
def test_rate_divergence_is_zero_where_every_unit_keeps_the_rate(rate):
    code = torch.full((10, 3), rate, dtype=torch.float64)
    assert abs(rate_divergence(code, rate=rate)) < 1e-12
    code[:, 1] += (0.5 - rate) / 2 if abs(rate - 0.5) > 0.01 else 0.1
    assert rate_divergence(code, rate=rate) > 1e-6


def test_rate_divergence_averages_before_it_compares():
    """A known bug: the divergence of each example punishes units that are rarely and fully on."""
    code = torch.zeros(20, 3, dtype=torch.float64)
    code[0] = 1  # each unit is on in one of twenty examples
    assert abs(rate_divergence(code, rate=0.05)) < 1e-12


def test_a_dead_unit_costs_infinitely_much():
    assert rate_divergence(torch.zeros(5, 1), rate=0.05) == math.inf


@pytest.mark.parametrize(
    ("rate", "bound"),
    [
        (0, "above 0"),
        (1, "below 1"),
        (-0.1, "above 0"),
        (5, "below 1"),
        (math.nan, "a finite number"),
    ],
)
def test_a_rate_that_is_none_is_refused(rate, bound):
    with pytest.raises(ValueError, match=f"rate must be {bound}, got {rate}"):
        rate_divergence(torch.full((2, 2), 0.5), rate=rate)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_codes_that_are_no_probabilities_are_refused(value):
    code = torch.tensor([[0.5, value]])
    for penalty in (
        lambda: rate_divergence(code, rate=0.05),
        lambda: contraction(code, torch.ones(2, 3)),
    ):
        with pytest.raises(ValueError, match="code must be from 0 to 1, got .* after a sigmoid"):
            penalty()


# ---------------------------------------------------------------------------- contraction


@given(n=st.integers(1, 5), inputs=st.integers(1, 6), units=st.integers(1, 6))
def test_the_closed_form_is_the_jacobian_of_a_sigmoid_layer(n, inputs, units):
    model, x = tied(inputs, units), uniform(n, inputs)
    closed = contraction(model.encode(x), model.weight)
    assert close(closed, jacobian_penalty(model.encode, x))


def test_the_closed_form_fits_a_linear_layer_of_torch():
    layer, x = nn.Linear(6, 9).double(), uniform(4, 6)
    expected = jacobian_penalty(nn.Sequential(layer, nn.Sigmoid()), x)
    assert close(contraction(torch.sigmoid(layer(x)), layer.weight), expected)


def test_both_give_the_same_gradients():
    model, x = tied(), uniform(4, 6)
    parameters = (model.weight, model.bias)
    closed = torch.autograd.grad(contraction(model.encode(x), model.weight), parameters)
    general = torch.autograd.grad(jacobian_penalty(model.encode, x), parameters)
    assert all(close(a, b) and a.abs().sum() > 0 for a, b in zip(closed, general))


def test_the_jacobian_penalty_agrees_with_torch_on_a_convolutional_network():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Tanh(), nn.Flatten(), nn.Linear(27, 4)).double()
    x = uniform(3, 2, 5, 5)
    expected = (
        sum(
            torch.autograd.functional.jacobian(lambda one: network(one[None])[0], one)
            .square()
            .sum()
            for one in x
        )
        / 3
    )
    assert close(jacobian_penalty(network, x), expected)


def test_the_jacobian_of_a_linear_map_is_its_matrix():
    matrix = uniform(4, 6)
    assert close(jacobian_penalty(lambda x: x @ matrix.T, uniform(3, 6)), matrix.square().sum())


def test_penalties_on_jacobians_can_be_evaluated_without_gradient():
    model, x = tied(), uniform(4, 6)
    expected = jacobian_penalty(model.encode, x).item()
    with torch.no_grad():
        assert jacobian_penalty(model.encode, x).item() == pytest.approx(expected, rel=1e-12)


def test_noise_without_size_is_contraction():
    """Bishop 1995: E ||f(x + e) - f(x)||^2 / sigma^2 -> ||J||_F^2."""
    model, x, sigma, draws = tied(), uniform(1, 6), 1e-3, 20_000
    noise = sigma * torch.randn(draws, 6, generator=seeded(), dtype=torch.float64)
    with torch.no_grad():
        moved = (model.encode(x + noise) - model.encode(x)).square().sum(dim=1) / sigma**2
        limit = contraction(model.encode(x), model.weight)
        error = moved.std() / math.sqrt(draws)
        assert abs(moved.mean() - limit) < 4 * error < 0.1 * limit


def test_denoising_by_a_linear_map_is_reconstruction_plus_contraction():
    """E ||r(x + e) - x||^2 = ||r(x) - x||^2 + sigma^2 ||J_r||_F^2, for noise of any size."""
    model, sigma, draws = KSparseAutoencoder([6, 9], k=9).double(), 0.7, 20_000
    x = uniform(1, 6)
    noise = sigma * torch.randn(draws, 6, generator=seeded(), dtype=torch.float64)
    with torch.no_grad():
        denoising = (model(x + noise) - x).square().sum(dim=1)
        expected = (model(x) - x).square().sum() + sigma**2 * jacobian_penalty(model, x)
        error = denoising.std() / math.sqrt(draws)
        assert abs(denoising.mean() - expected) < 4 * error < 0.1 * expected


def test_a_contractive_autoencoder_has_a_small_jacobian():
    x = (uniform(60, 4) > 0.5).float().repeat(1, 3)

    def norm(weight):
        model = TiedAutoencoder([12, 16])
        optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
        for _ in range(300):
            code = model.encode(x)
            loss = nn.functional.binary_cross_entropy_with_logits(
                model.decode(code), x
            ) + weight * contraction(code, model.weight)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return contraction(model.encode(x), model.weight).sqrt()

    assert norm(0.3) < 0.3 * norm(0.0)


@pytest.mark.parametrize(
    ("code", "weight", "message"),
    [
        ((4, 9), (6, 9), r"weight must be \(9, D\) .* got \(6, 9\)"),
        ((9,), (9, 6), r"code must be \(N, K\) .* got \(9,\)"),
        ((4, 9), (9,), r"weight must be \(9, D\) .* got \(9,\) .* as nn.Linear keeps it"),
    ],
)
def test_weights_that_do_not_fit_the_code_are_refused(code, weight, message):
    with pytest.raises(ValueError, match=message):
        contraction(torch.zeros(code), torch.zeros(weight))
