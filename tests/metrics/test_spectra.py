import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.metrics import radial_spectrum


def field(n, seed=0):
    return torch.randn(n, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def wave(n, length_km, pixel_km=1.0):
    x = pixel_km * torch.arange(n, dtype=torch.float64)
    return torch.cos(2 * math.pi * x / length_km).expand(n, n)


@pytest.mark.parametrize("n", [2, 8, 9, 31, 64])
def test_the_spectrum_agrees_with_pysteps(n):
    spectral = pytest.importorskip("pysteps.utils.spectral")
    expected, frequencies = spectral.rapsd(
        field(n).numpy(), fft_method=np.fft, return_freq=True, d=2.0
    )
    frequency, power = radial_spectrum(field(n), pixel_km=2.0)
    np.testing.assert_allclose(power, expected, rtol=1e-10)
    np.testing.assert_allclose(frequency, frequencies, rtol=1e-12)


@pytest.mark.parametrize("length_km", [8.0, 16.0, 32.0])
def test_a_wave_has_its_power_at_its_wavelength(length_km):
    frequency, power = radial_spectrum(wave(64, length_km, pixel_km=2.0), pixel_km=2.0)
    assert 1 / frequency[power.argmax()].item() == pytest.approx(length_km)
    assert power.sort().values[-2] < 1e-20 * power.max()


def test_white_noise_is_flat_at_its_variance():
    fields = 3 * torch.stack([field(32, seed) for seed in range(100)])
    _, power = radial_spectrum(fields)
    # a ring of m frequencies is some m / 2 independent exponentials of mean 9, in 100 fields
    assert ((power.mean(dim=0)[1:] - 9).abs() < 5 * 9 * (2 / (100 * 4)) ** 0.5).all()


def test_smoothing_takes_the_power_of_short_waves():
    fields = torch.stack([field(32, seed) for seed in range(20)])[:, None]
    smooth = torch.nn.functional.avg_pool2d(fields, 5, stride=1, padding=2)
    frequency, before = radial_spectrum(fields)
    _, after = radial_spectrum(smooth)
    ratio = (after / before).mean(dim=(0, 1))
    assert ratio[1] > 0.5 and (ratio[frequency > 0.3] < 0.1).all()


@given(n=st.integers(2, 20), seed=st.integers(0, 99))
def test_the_first_power_is_that_of_the_mean(n, seed):
    frequency, power = radial_spectrum(field(n, seed))
    assert frequency[0] == 0
    assert power[0].item() == pytest.approx((n * field(n, seed).mean().item()) ** 2, abs=1e-10)


def test_every_field_of_a_sequence_has_its_own_spectrum():
    fields = torch.stack([field(10, seed) for seed in range(6)])
    _, power = radial_spectrum(fields.reshape(2, 3, 1, 10, 10))
    assert power.shape == (2, 3, 1, 5)
    alone = torch.stack([radial_spectrum(one.numpy())[1] for one in fields])
    assert torch.allclose(power.reshape(6, 5), alone, rtol=1e-12)


@pytest.mark.parametrize("shape", [(8, 9), (3, 8, 4), (8,)])
def test_fields_that_are_not_square_are_refused(shape):
    with pytest.raises(ValueError, match=r"fields must be square, \(..., N, N\), got .*; crop"):
        radial_spectrum(torch.zeros(shape))


def test_missing_pixels_are_refused():
    holed = field(8)
    holed[2, 3] = math.nan
    with pytest.raises(
        ValueError, match="fields must be finite, got 1 NaN .*; crop, or fill with the dry value"
    ):
        radial_spectrum(holed)


@pytest.mark.parametrize("pixel_km", [0, -1.0, math.nan])
def test_pixels_without_a_size_are_refused(pixel_km):
    """Frequencies were infinite, negative or NaN."""
    with pytest.raises(ValueError, match=f"^pixel_km must be .* got {pixel_km}"):
        radial_spectrum(field(8), pixel_km=pixel_km)


def test_whole_numbers_are_refused_and_half_precision_does_not_overflow():
    with pytest.raises(ValueError, match="^fields must be .* floating point"):
        radial_spectrum(torch.eye(8).long())
    strong = 1000 * field(8).half()
    assert torch.equal(radial_spectrum(strong)[1], radial_spectrum(strong.double())[1])
