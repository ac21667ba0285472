import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coursekit.losses.reconstruction import log_cosh

torch.manual_seed(0)
OUTPUT, TARGET = 3 * torch.randn(2, 6, 3, 4, dtype=torch.float64)


def single(error, dtype=torch.float64):
    """log cosh of one error."""
    return log_cosh(torch.tensor([error], dtype=dtype), torch.zeros(1, dtype=dtype)).item()


def test_it_is_the_logarithm_of_cosh_summed_over_pixels_and_averaged_over_the_batch():
    expected = torch.cosh(OUTPUT - TARGET).log().sum() / 6
    assert torch.allclose(log_cosh(OUTPUT, TARGET), expected, rtol=1e-12)


def test_it_is_the_likelihood_of_a_hyperbolic_secant_up_to_a_constant():
    density = stats.hypsecant(loc=OUTPUT.numpy())
    expected = -density.logpdf(TARGET.numpy()).sum() / 6
    assert (log_cosh(OUTPUT, TARGET) + 12 * math.log(math.pi)).item() == pytest.approx(expected)


@pytest.mark.parametrize("error", [1e-2, 1e-3, 1e-4])
def test_small_errors_cost_half_their_square(error):
    assert single(error) == pytest.approx(error**2 / 2, rel=error**2)
    # float32 keeps digits that |e| + softplus(-2 |e|) - log 2 has lost
    assert single(error, torch.float32) == pytest.approx(error**2 / 2, rel=1e-3)


@pytest.mark.parametrize("error", [20.0, 1e3, 1e30])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_large_errors_cost_their_size_less_log_two_and_do_not_overflow(error, dtype):
    for e in (error, -error):
        assert single(e, dtype) == pytest.approx(error - math.log(2), rel=1e-6)


@given(error=st.floats(-50, 50))
def test_it_is_even_never_negative_and_below_both_limits(error):
    value = single(error)
    assert value == single(-error)
    assert -1e-16 <= value <= min(error**2 / 2, abs(error)) + 1e-15


@pytest.mark.parametrize(
    "error", [1e-20, 1e-8, 1e-6, 1e-4, 1e-2, 0.3, 0.9999, 1.0, 1.0001, 2.0, 30.0]
)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-14)], ids=str
)
def test_every_error_keeps_its_digits_in_value_and_gradient(error, dtype, tolerance):
    """In float32, 1e-6 cost 14 % too little and 1e-8 had no gradient."""
    e = torch.tensor([error], dtype=dtype, requires_grad=True)
    value = log_cosh(e, torch.zeros_like(e))
    value.backward()
    true = e.item()
    exact = math.log1p(2 * math.sinh(true / 2) ** 2)  # cosh e = 1 + 2 sinh^2(e / 2)
    tiny = torch.finfo(dtype).tiny  # below it, numbers lose digits by themselves
    assert value.item() == pytest.approx(exact, rel=tolerance, abs=tiny)
    assert e.grad.item() == pytest.approx(math.tanh(true), rel=tolerance)


def test_an_infinite_error_costs_infinitely_much_and_nan_stays():
    assert single(math.inf) == single(-math.inf) == math.inf
    assert math.isnan(single(math.nan))


def test_the_gradient_is_tanh_even_at_zero_and_far_away():
    error = torch.tensor([[-1e4, -3.0, -1e-3, 0.0, 1e-3, 3.0, 1e4]], requires_grad=True)
    log_cosh(error, torch.zeros(1, 7)).backward()
    assert torch.allclose(error.grad, torch.tanh(error), rtol=0, atol=1e-6)


def test_a_batch_twice_costs_the_same_and_twice_the_pixels_cost_twice():
    once = log_cosh(OUTPUT, TARGET)
    twice = torch.cat([OUTPUT, OUTPUT]), torch.cat([TARGET, TARGET])
    wide = torch.cat([OUTPUT, OUTPUT], dim=2), torch.cat([TARGET, TARGET], dim=2)
    assert torch.allclose(log_cosh(*twice), once, rtol=1e-12)
    assert torch.allclose(log_cosh(*wide), 2 * once, rtol=1e-12)


def test_shapes_that_only_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"^target must be \(6, 3, 4\) .*, got \(1, 3, 4\)"):
        log_cosh(OUTPUT, TARGET[:1])
