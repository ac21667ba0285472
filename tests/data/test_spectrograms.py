import math

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import decibels, magnitude_from_decibels, resynthesise, spectrogram
from coursekit.data.spectrograms import HOP, WINDOW


def noise(*shape, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return 2 * torch.rand(shape, generator=generator, dtype=dtype) - 1


def test_a_second_gives_129_frequencies_and_126_frames():
    magnitude, phase = spectrogram(noise(3, 8_000))
    assert magnitude.shape == phase.shape == (3, 129, 126)
    assert (magnitude >= 0).all() and (phase.abs() <= math.pi + 1e-6).all()


def test_a_sine_stands_in_its_row_with_half_the_sum_of_the_window():
    """1,000 Hz is row 32; the Hann window sums to 128, half of it for each of two frequencies."""
    magnitude, _ = spectrogram(torch.sin(2 * math.pi * torch.arange(8_000.0) / 8)[None])
    inner = magnitude[0, :, 3:-3]
    assert (inner.argmax(dim=0) == 32).all()
    assert torch.allclose(inner[32], torch.tensor(64.0), rtol=1e-4)


def test_it_agrees_with_scipy():
    signal = noise(1, 2_000, dtype=torch.float64)
    padded = np.pad(signal[0].numpy(), WINDOW // 2)
    window = scipy.signal.get_window("hann", WINDOW)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * window
    assert np.allclose(np.fft.rfft(frames).T.__abs__(), spectrogram(signal)[0][0], atol=1e-10)


@given(n=st.integers(1, 3), length=st.integers(1, 3_000), seed=st.integers(0, 99))
def test_every_sample_comes_back_for_every_length(n, length, seed):
    signals = noise(n, length, seed=seed)
    back = resynthesise(*spectrogram(signals), length=length)
    assert back.shape == signals.shape
    assert (back - signals).abs().max() < 1e-5


def test_a_second_comes_back_without_its_length_edges_included():
    signals = noise(4, 8_000)
    back = resynthesise(*spectrogram(signals))
    assert back.shape == (4, 8_000) and (back - signals).abs().max() < 1e-5
    assert (back - signals)[:, [0, 1, -2, -1]].abs().max() < 1e-5
    double = noise(1, 8_000, dtype=torch.float64)
    assert (resynthesise(*spectrogram(double)) - double).abs().max() < 1e-13


def test_another_phase_is_another_sound():
    signals = noise(1, 8_000)
    magnitude, phase = spectrogram(signals)
    assert (resynthesise(magnitude, 0 * phase) - signals).abs().max() > 0.5
    assert (resynthesise(2 * magnitude, phase) - 2 * signals).abs().max() < 1e-5


@given(exponent=st.floats(-6, 3))
def test_decibels_and_back(exponent):
    magnitude = torch.tensor([0.0, 10**exponent], dtype=torch.float64)
    assert torch.allclose(magnitude_from_decibels(decibels(magnitude)), magnitude, atol=1e-12)


def test_silence_has_60_decibels_less_than_one_and_less_is_silence():
    assert decibels(torch.zeros(2)).tolist() == pytest.approx([-60, -60])
    assert magnitude_from_decibels(torch.tensor([-60.0, -80.0])).tolist() == [0, 0]


@pytest.mark.parametrize("length", [0, 7_999, 8_064, -1])
def test_a_length_of_another_number_of_frames_is_refused(length):
    with pytest.raises(ValueError, match="length must be at"):
        resynthesise(*spectrogram(noise(1, 8_000)), length=length)


def test_one_frame_needs_a_length():
    magnitude, phase = spectrogram(noise(1, 40))
    assert magnitude.shape == (1, 129, 1)
    with pytest.raises(ValueError, match="length must be at least 1, got 0"):
        resynthesise(magnitude, phase)


def test_integers_and_levels_are_refused():
    with pytest.raises(ValueError, match=r"signals must be .*16-bit integers go in as x / 32768"):
        spectrogram(torch.zeros(1, 800, dtype=torch.int16))
    with pytest.raises(ValueError, match="signals must be finite"):
        spectrogram(torch.full((1, 800), math.nan))
    with pytest.raises(ValueError, match="magnitude must be from 0"):
        resynthesise(-torch.ones(1, 129, 3), torch.zeros(1, 129, 3))
    with pytest.raises(ValueError, match=r"phase must be \(1, 129, 3\) as the magnitude is"):
        resynthesise(torch.ones(1, 129, 3), torch.zeros(1, 129, 2))
    with pytest.raises(ValueError, match="magnitude must be .*decibels are of magnitudes"):
        decibels(torch.tensor([-1.0]))
    with pytest.raises(ValueError, match="level must be at most 770, got 771"):
        magnitude_from_decibels(torch.tensor([771.0]))
