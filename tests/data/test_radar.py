import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data.radar import log_rain, rain_from_log


@given(rain=st.floats(0, 500))
def test_the_inverse_gives_the_rain_back(rain):
    x = torch.tensor(rain, dtype=torch.float64)
    assert rain_from_log(log_rain(x)).item() == pytest.approx(rain, rel=1e-12, abs=1e-14)


def test_known_values():
    assert log_rain(torch.tensor(0.0)).item() == pytest.approx(math.log(0.01))
    assert log_rain(torch.tensor(0.99)).item() == pytest.approx(0, abs=1e-6)
    assert log_rain(torch.tensor(100.0)).item() == pytest.approx(math.log(100.01))


def test_a_forecast_below_dry_is_dry_and_not_negative():
    assert rain_from_log(torch.tensor([-100.0, -4.7])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("rain", "got"),
    [
        ([0.0, -0.1, 3.0], "got 0 NaN and 1 negative"),
        ([float("nan"), 1.0, -32.0], "1 NaN and 1 neg"),
    ],
)
def test_rain_below_zero_or_missing_is_refused(rain, got):
    with pytest.raises(ValueError, match=f"rain_mm_h must be at least 0 .*{got}.*dBZ to mm/h"):
        log_rain(torch.tensor(rain))


def test_infinite_rain_and_raw_counts_are_refused():
    with pytest.raises(ValueError, match="rain_mm_h must be .* finite .* 1 infinite values"):
        log_rain(torch.tensor([math.inf]))
    with pytest.raises(ValueError, match="rain_mm_h must be .* floating point, .*raw counts"):
        log_rain(torch.tensor([3, 4]))
    with pytest.raises(TypeError, match="rain_mm_h must be a tensor, got the list"):
        log_rain([0.5])


@pytest.mark.parametrize(
    ("dtype", "most"), [(torch.float16, 11), (torch.float32, 88), (torch.float64, 709)]
)
def test_what_has_no_finite_exponential_is_refused(dtype, most):
    assert rain_from_log(torch.tensor([most], dtype=dtype)).isfinite().all()
    with pytest.raises(
        ValueError, match=f"log_rain_mm_h must be at most {most}, got {most + 1} to"
    ):
        rain_from_log(torch.tensor([most + 1.0], dtype=dtype))
    with pytest.raises(ValueError, match="log_rain_mm_h must be .*1 NaN among 2 values"):
        rain_from_log(torch.tensor([0, math.nan], dtype=dtype))
