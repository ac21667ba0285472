import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import add_noise, decibels, spectrogram
from coursekit.metrics import log_spectral_distance, snr


def rand(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_snr_of_a_case_computed_by_hand():
    """Signal 4 + 1 = 5, error 0.25 + 0.25 = 0.5: 10 log10 10."""
    target = torch.tensor([[2.0, -1.0], [2.0, -1.0]])
    output = torch.tensor([[1.5, -0.5], [0.0, 0.0]])
    assert snr(output, target).tolist() == pytest.approx([10, 0])


def test_snr_of_equal_clips_is_infinite():
    assert torch.isposinf(snr(rand(2, 8), rand(2, 8))).all()


@given(gain=st.floats(0.01, 100), seed=st.integers(0, 99))
def test_snr_does_not_depend_on_the_loudness_of_both(gain, seed):
    x, y = rand(3, 50, seed=seed), rand(3, 50, seed=seed + 100)
    assert snr(gain * x, gain * y).tolist() == pytest.approx(snr(x, y).tolist())


def test_an_output_that_is_too_soft_is_noise():
    """Half as loud: the error is half the signal, 6.02 dB."""
    x = rand(1, 50)
    assert snr(x / 2, x).item() == pytest.approx(20 * math.log10(2))


def test_distance_of_a_case_computed_by_hand():
    """Levels of the target 0 0; 0 -20 dB, of the output 0 20; 0 0 dB, frames as columns.

    Frame 1: differences 0 and 0. Frame 2: 20 and 20, root mean square 20. Mean 10.
    Second clip: 0 and 20 in both frames: the root of 200.
    """
    target = torch.tensor([[[1.0, 1.0], [1.0, 0.1]], [[1.0, 1.0], [1.0, 1.0]]])
    output = torch.tensor([[[1.0, 10.0], [1.0, 1.0]], [[1.0, 1.0], [10.0, 0.1]]])
    expected = [10, math.sqrt(200)]
    assert log_spectral_distance(output, target).tolist() == pytest.approx(expected, rel=1e-6)


@given(gain=st.floats(0.1, 10), seed=st.integers(0, 99))
def test_a_gain_has_its_decibels_and_equal_spectra_none(gain, seed):
    s = rand(2, 5, 7, seed=seed) + 0.5
    distance = log_spectral_distance(gain * s, s)
    assert distance.tolist() == pytest.approx([abs(20 * math.log10(gain))] * 2, abs=1e-9)
    assert log_spectral_distance(s, s).tolist() == [0, 0]


def test_what_lies_under_the_range_does_not_count():
    target = torch.tensor([[[1.0], [1e-9]]])
    assert log_spectral_distance(torch.tensor([[[1.0], [1e-4]]]), target).item() == 0
    loud = log_spectral_distance(torch.tensor([[[1.0], [0.1]]]), target)
    assert loud.item() == pytest.approx(30 / math.sqrt(2))  # 30 dB over the floor of -50 dB
    deep = log_spectral_distance(torch.tensor([[[1.0], [0.1]]]), target, range_db=80)
    assert deep.item() == pytest.approx(60 / math.sqrt(2))


def test_one_frame_in_decibels_is_its_root_mean_square():
    x, y = rand(3, 129, 1) + 0.1, rand(3, 129, 1, seed=1) + 0.1
    expected = (decibels(x) - decibels(y)).square().mean(dim=(1, 2)).sqrt()
    assert log_spectral_distance(x, y).tolist() == pytest.approx(expected.tolist(), rel=0.02)


def test_less_noise_is_better_by_both():
    clean = torch.sin(torch.arange(8_000.0) / 7).repeat(2, 1)
    generator = torch.Generator().manual_seed(0)
    loud, soft = (add_noise(clean, level, generator=generator) for level in (0, 20))
    assert (snr(loud, clean) < snr(soft, clean)).all()
    magnitudes = [spectrogram(x)[0] for x in (loud, soft, clean)]
    far, near = (log_spectral_distance(m, magnitudes[2]) for m in magnitudes[:2])
    assert (far > near).all()


def test_every_clip_has_its_own_score():
    x, y = rand(4, 3, 5), rand(4, 3, 5, seed=1)
    together = log_spectral_distance(x, y)
    apart = [log_spectral_distance(a[None], b[None]).item() for a, b in zip(x, y)]
    assert together.dtype == torch.float64 and together.tolist() == pytest.approx(apart)


def test_a_silent_target_is_refused():
    with pytest.raises(ValueError, match="target must not be silent, got 1 clips of zeros"):
        snr(torch.ones(2, 3), torch.tensor([[1.0, 0, 0], [0, 0, 0]]))
    with pytest.raises(ValueError, match="target must not be silent, got 2 clips of zeros"):
        log_spectral_distance(torch.ones(2, 3, 4), torch.zeros(2, 3, 4))


def test_decibels_shapes_and_ranges_are_refused():
    with pytest.raises(ValueError, match="output must be .*magnitudes, not decibels"):
        log_spectral_distance(-torch.ones(2, 3, 4), torch.ones(2, 3, 4))
    with pytest.raises(ValueError, match=r"output must be \(2, 3\) as the target is"):
        snr(torch.ones(1, 3), torch.ones(2, 3))
    with pytest.raises(ValueError, match="range_db must be above 0"):
        log_spectral_distance(torch.ones(2, 3, 4), torch.ones(2, 3, 4), range_db=0)
