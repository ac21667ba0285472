import numpy as np
import pytest
import torch

from coursekit.data import load
from coursekit.data.signals import KINDS, SAMPLING_RATE, beats

TIME = torch.arange(SAMPLING_RATE) / SAMPLING_RATE
NORMAL, VENTRICULAR, RAISED, NO_P = range(4)


@pytest.fixture(scope="module")
def mean_beat():
    """The mean over 500 beats of each kind (4, 128): noise and baseline average out."""
    signals = beats(np.repeat(np.arange(4), 500))
    return signals.view(4, 500, SAMPLING_RATE).mean(dim=1)


def between(signal, start, stop):
    return signal[(start <= TIME) & (stop > TIME)]


def width_at_half_height(signal):
    """Seconds for which the beat stands above half of its peak."""
    return (signal > signal.max() / 2).sum() / SAMPLING_RATE


def test_shape_type_and_determinism():
    one, two, other = (beats([0, 1, 2, 3], seed=seed) for seed in (1, 1, 2))
    assert one.shape == (4, 128) and one.dtype == torch.float32
    assert torch.equal(one, two) and not torch.equal(one, other)
    assert beats([]).shape == (0, 128)


def test_a_normal_beat_has_its_five_waves_in_millivolts(mean_beat):
    normal = mean_beat[NORMAL]
    assert TIME[normal.argmax()].item() == pytest.approx(0.45, abs=0.01)
    assert 0.7 < normal.max() < 1.1  # R
    assert 0.1 < between(normal, 0.2, 0.3).max() < 0.2  # P
    assert 0.2 < between(normal, 0.6, 0.8).max() < 0.35  # T
    assert between(normal, 0.39, 0.44).min() < 0  # Q
    assert between(normal, 0.46, 0.52).min() < -0.1  # S


def test_a_ventricular_beat_is_wide_early_without_p_and_with_t_turned_over(mean_beat):
    normal, ventricular = mean_beat[NORMAL], mean_beat[VENTRICULAR]
    assert width_at_half_height(ventricular) > 1.8 * width_at_half_height(normal)
    assert ventricular.argmax() < normal.argmax()
    assert between(ventricular, 0.15, 0.25).abs().max() < 0.03
    assert between(ventricular, 0.55, 0.75).min() < -0.2


def test_a_raised_beat_differs_by_a_plateau_between_s_and_t(mean_beat):
    difference = mean_beat[RAISED] - mean_beat[NORMAL]
    assert between(difference, 0.54, 0.62).min() > 0.12
    assert between(difference, 0.0, 0.44).abs().max() < 0.03


def test_a_beat_without_p_wave_differs_there_only(mean_beat):
    difference = mean_beat[NO_P] - mean_beat[NORMAL]
    assert between(difference, 0.22, 0.3).min() < -0.1
    assert between(difference, 0.6, 1.0).abs().max() < 0.03


def test_noise_has_the_stated_size():
    """Second differences of the last tenth of a second, where no wave is, hold noise alone."""
    tail = beats(np.zeros(2_000, dtype=int))[:, -12:]
    deviation = tail.diff(n=2).std() / 6**0.5
    assert deviation.item() == pytest.approx(0.02, rel=0.03)


def test_the_set_learns_from_normal_beats_and_tests_each_kind_alike():
    data = load("beats")
    assert data.train_signals.shape == (3_000, 128) and data.test_signals.shape == (2_000, 128)
    assert data.train_kinds.unique().tolist() == [NORMAL]
    counts = data.test_kinds.bincount().tolist()
    assert counts[NORMAL] == 1_000 and sum(counts) == 2_000
    assert max(counts[1:]) - min(counts[1:]) <= 1
    assert torch.isfinite(data.train_signals).all()


@pytest.mark.parametrize("kinds", [[0, 4], [-1], torch.tensor([7])])
def test_an_unknown_kind_is_refused(kinds):
    with pytest.raises(ValueError, match="kinds must index .*normal.*, got values") as raised:
        beats(kinds)
    assert all(kind in str(raised.value) for kind in KINDS)


@pytest.mark.parametrize("kinds", [[0.7], torch.tensor([1.0]), np.array([True]), "01", 1, [["a"]]])
def test_kinds_that_are_not_whole_numbers_are_refused(kinds):
    """0.7 was cut down to a normal beat."""
    with pytest.raises(TypeError, match=r"^kinds must be whole numbers \(N,\), got"):
        beats(kinds)


def test_kinds_come_as_a_list_an_array_or_a_tensor():
    expected = beats([0, 3])
    for kinds in (np.array([0, 3], dtype=np.uint8), torch.tensor([0, 3]), (0, 3)):
        assert torch.equal(beats(kinds), expected)
