import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions

from coursekit.losses import (
    bernoulli_log_likelihood,
    binary_cross_entropy,
    importance_weighted_bound,
)

torch.manual_seed(0)
LOGITS = torch.randn(6, 3, 4, dtype=torch.float64)
BINARY = torch.rand(6, 3, 4, dtype=torch.float64).round()


def test_it_is_the_bernoulli_likelihood_of_each_example():
    expected = distributions.Bernoulli(logits=LOGITS).log_prob(BINARY).flatten(1).sum(dim=1)
    torch.testing.assert_close(bernoulli_log_likelihood(LOGITS, BINARY), expected)


def test_its_mean_is_minus_the_loss():
    mean = bernoulli_log_likelihood(LOGITS, BINARY).mean()
    torch.testing.assert_close(mean, -binary_cross_entropy(LOGITS, BINARY))


def test_a_blank_has_the_likelihood_of_a_fair_coin_a_pixel():
    blank = bernoulli_log_likelihood(torch.zeros(2, 784), torch.rand(2, 784).round())
    torch.testing.assert_close(blank, torch.full((2,), -784 * math.log(2)))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (255 * BINARY, "x must be from 0 to 1, got 0 to 255"),
        (BINARY[:1], r"x must be \(6, 3, 4\) as the logits is, got \(1, 3, 4\)"),
        (BINARY.long(), r"x must be .* floating point, got .* torch.int64"),
    ],
)
def test_images_that_are_not_binary_or_do_not_fit_are_refused(x, message):
    with pytest.raises(ValueError, match=message):
        bernoulli_log_likelihood(LOGITS, x)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_the_bound_lies_between_the_mean_and_the_largest_log_weight(values):
    log_weights = torch.tensor(values, dtype=torch.float64)[:, None]
    bound = importance_weighted_bound(log_weights).item()
    assert log_weights.mean() - 1e-9 <= bound <= log_weights.max() + 1e-9
    assert math.exp(bound) == pytest.approx(log_weights.exp().mean().item(), rel=1e-9)


def test_the_bound_of_tiny_likelihoods_does_not_underflow():
    log_weights = torch.tensor([[-1000.0], [-1000.0 + math.log(3)]])
    assert importance_weighted_bound(log_weights).item() == pytest.approx(-1000 + math.log(2))


@pytest.mark.parametrize("shape", [(5,), (0, 5), (2, 5, 1)])
def test_log_weights_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"log_weights must be \(samples, N\)") as raised:
        importance_weighted_bound(torch.zeros(shape))
    assert f"got {shape}" in str(raised.value)
