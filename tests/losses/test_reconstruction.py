import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions

from coursekit import losses

torch.manual_seed(0)
OUTPUT = torch.randn(6, 3, 4, dtype=torch.float64)
TARGET = torch.rand(6, 3, 4, dtype=torch.float64)
BINARY = (TARGET > 0.5).double()
LEVEL_LOGITS = torch.randn(6, 5, 3, 4, dtype=torch.float64)
LEVELS = torch.randint(5, (6, 3, 4))
WORD_LOGITS = torch.randn(6, 7, dtype=torch.float64)
COUNTS = torch.randint(5, (6, 7)).double()

# every loss with arguments that fit it
CASES = {
    losses.squared_error: (OUTPUT, TARGET),
    losses.absolute_error: (OUTPUT, TARGET),
    losses.binary_cross_entropy: (OUTPUT, BINARY),
    losses.categorical_cross_entropy: (LEVEL_LOGITS, LEVELS),
    losses.multinomial_cross_entropy: (WORD_LOGITS, COUNTS),
}
every_loss = pytest.mark.parametrize("loss", CASES, ids=lambda loss: loss.__name__)


def close(a, b):
    return torch.allclose(a, b, rtol=1e-12)


def nll(distribution, x):
    """Negative log-likelihood, summed over an example, averaged over the batch."""
    return -distribution.log_prob(x).flatten(1).sum(dim=1).mean()


@pytest.mark.parametrize("sigma", [1.0, 0.3])
def test_squared_error_is_a_gaussian_likelihood_up_to_a_constant(sigma):
    constant = 12 * math.log(sigma * math.sqrt(2 * math.pi))
    expected = nll(distributions.Normal(OUTPUT, sigma), TARGET) - constant
    assert close(losses.squared_error(OUTPUT, TARGET) / (2 * sigma**2), expected)


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_absolute_error_is_a_laplace_likelihood_up_to_a_constant(scale):
    expected = nll(distributions.Laplace(OUTPUT, scale), TARGET) - 12 * math.log(2 * scale)
    assert close(losses.absolute_error(OUTPUT, TARGET) / scale, expected)


def test_binary_cross_entropy_is_the_bernoulli_likelihood():
    expected = nll(distributions.Bernoulli(logits=OUTPUT), BINARY)
    assert close(losses.binary_cross_entropy(OUTPUT, BINARY), expected)


def test_binary_cross_entropy_of_grey_values_is_least_where_the_probability_is_the_grey():
    logits = torch.logit(TARGET)
    best = losses.binary_cross_entropy(logits, TARGET)
    assert all(losses.binary_cross_entropy(logits + step, TARGET) > best for step in (-0.1, 0.1))


def test_categorical_cross_entropy_is_the_categorical_likelihood():
    expected = nll(distributions.Categorical(logits=LEVEL_LOGITS.movedim(1, -1)), LEVELS)
    assert close(losses.categorical_cross_entropy(LEVEL_LOGITS, LEVELS), expected)


def test_multinomial_cross_entropy_is_the_likelihood_up_to_the_coefficient():
    def log_likelihood(logits, counts):
        document = distributions.Multinomial(int(counts.sum()), logits=logits)
        coefficient = torch.lgamma(counts.sum() + 1) - torch.lgamma(counts + 1).sum()
        return document.log_prob(counts) - coefficient

    expected = -torch.stack(list(map(log_likelihood, WORD_LOGITS, COUNTS))).mean()
    assert close(losses.multinomial_cross_entropy(WORD_LOGITS, COUNTS), expected)


def test_a_blank_image_of_784_pixels_costs_543_nats():
    zeros, image = torch.zeros(2, 784), torch.rand(2, 784)
    cost = losses.binary_cross_entropy(zeros, image).item()
    assert cost == pytest.approx(543.427, abs=1e-3)
    assert cost == pytest.approx(784 * math.log(2), rel=1e-6)


def test_zero_logits_cost_the_log_of_the_number_of_levels_a_pixel():
    levels = torch.randint(16, (3, 8))
    cost = losses.categorical_cross_entropy(torch.zeros(3, 16, 8), levels).item()
    assert cost == pytest.approx(8 * math.log(16), rel=1e-6)


def test_zero_logits_cost_the_log_of_the_number_of_words_a_word():
    counts = torch.tensor([[2.0, 0.0, 1.0], [0.0, 0.0, 7.0]])
    cost = losses.multinomial_cross_entropy(torch.zeros(2, 3), counts).item()
    assert cost == pytest.approx((3 + 7) / 2 * math.log(3), rel=1e-6)


@every_loss
@given(n=st.integers(1, 5))
def test_parts_of_a_batch_weighted_by_their_size_give_the_average_of_the_whole(loss, n):
    a, b = CASES[loss]
    parts = n * loss(a[:n], b[:n]) + (6 - n) * loss(a[n:], b[n:])
    assert close(parts / 6, loss(a, b))


@every_loss
def test_inputs_are_summed_and_examples_averaged(loss):
    a, b = CASES[loss]
    assert close(loss(torch.cat([a, a]), torch.cat([b, b])), loss(a, b))
    if loss is losses.categorical_cross_entropy:
        wide = torch.cat([a, a], dim=2), torch.cat([b, b], dim=1)  # twice the pixels
    elif loss is losses.multinomial_cross_entropy:
        wide = a, 2 * b  # twice the words
    else:
        wide = torch.cat([a, a], dim=1), torch.cat([b, b], dim=1)
    assert close(loss(*wide), 2 * loss(a, b))


@every_loss
def test_the_result_is_a_scalar_with_a_gradient_for_the_output(loss):
    a, b = CASES[loss]
    a = a.clone().requires_grad_()
    value = loss(a, b)
    value.backward()
    assert value.shape == () and torch.isfinite(a.grad).all() and a.grad.abs().sum() > 0


@every_loss
def test_shapes_that_only_broadcast_are_refused(loss):
    a, b = CASES[loss]
    with pytest.raises(ValueError, match=r"must be \(6, .*, got \(1, ") as raised:
        loss(a, b[:1])
    assert str(tuple(b.shape)) in str(raised.value)
    with pytest.raises(ValueError, match="got"):
        loss(a, b[..., None])


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        (losses.squared_error, "target"),
        (losses.categorical_cross_entropy, "levels"),
        (losses.multinomial_cross_entropy, "counts"),
    ],
)
def test_the_message_names_the_argument(loss, name):
    a, b = CASES[loss]
    with pytest.raises(ValueError, match=f"^{name} must be"):
        loss(a, b[:2])


def test_logits_without_a_dimension_of_levels_are_refused():
    with pytest.raises(ValueError, match=r"logits must be \(N, L, ...\) .* got \(3,\)"):
        losses.categorical_cross_entropy(torch.zeros(3), torch.zeros(3, dtype=torch.int64))


@pytest.mark.parametrize("target", [255 * BINARY, BINARY - 1, BINARY + 1e-3])
def test_binary_cross_entropy_refuses_targets_that_are_no_probabilities(target):
    """0 to 255 gave a loss without a minimum."""
    with pytest.raises(ValueError, match="^target must be from 0 to 1, got .*; rescale it"):
        losses.binary_cross_entropy(OUTPUT, target)


@pytest.mark.parametrize("level", [-100, -1, 5])
def test_no_level_is_left_out(level):
    """PyTorch skips -100: the loss was that of the other pixels."""
    levels = LEVELS.clone()
    levels[2, 1, 3] = level
    with pytest.raises(ValueError, match="^levels must be from 0 to 4, got"):
        losses.categorical_cross_entropy(LEVEL_LOGITS, levels)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.bool, torch.float32])
def test_levels_are_int64(dtype):
    with pytest.raises(ValueError, match=r"^levels must be \(6, 3, 4\) int64, got"):
        losses.categorical_cross_entropy(LEVEL_LOGITS, LEVELS.to(dtype))


def test_counts_below_zero_are_refused():
    with pytest.raises(ValueError, match="^counts must be at least 0, got -1 to"):
        losses.multinomial_cross_entropy(WORD_LOGITS, COUNTS - 1)
