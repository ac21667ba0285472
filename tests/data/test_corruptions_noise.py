"""Noise at a given signal-to-noise ratio."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import add_noise, babble, formant_digits
from coursekit.metrics import snr


def clips(n=4, length=800, seed=0, scale=1.0):
    """Clips of very different loudness, the last half of each silent."""
    draw = torch.randn(n, length, generator=torch.Generator().manual_seed(seed))
    draw[:, length // 2 :] = 0
    return scale * draw * 10.0 ** -torch.arange(float(n))[:, None]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@given(snr_db=st.floats(-30, 60), seed=st.integers(0, 99), babbling=st.booleans())
def test_every_clip_has_exactly_the_ratio_asked_for(snr_db, seed, babbling):
    signals = clips(seed=seed)
    noise = babble(signals, generator=seeded(seed)) if babbling else None
    noisy = add_noise(signals, snr_db, noise=noise, generator=seeded(seed + 1))
    assert noisy.dtype == signals.dtype and noisy.shape == signals.shape
    assert snr(noisy, signals).tolist() == pytest.approx([snr_db] * 4, abs=0.02)


def test_in_double_the_ratio_is_exact_to_rounding():
    signals = clips().double()
    assert snr(add_noise(signals, 5), signals).tolist() == pytest.approx([5] * 4, abs=1e-9)


def test_white_noise_fills_the_silence_as_well_and_is_white():
    signals = formant_digits(20, seed=0).signals
    noise = add_noise(signals, 0, generator=seeded()) - signals
    halves = noise.view(20, 2, 4_000).square().mean(dim=(0, 2))
    assert halves[0] / halves[1] == pytest.approx(1, abs=0.1)
    power = torch.fft.rfft(noise).abs().square().mean(dim=0)[1:-1].view(3, -1).mean(dim=1)
    assert power.max() / power.min() < 1.1


def test_given_noise_keeps_its_form():
    signals, tone = clips(), torch.sin(torch.arange(800.0)).repeat(4, 1)
    added = add_noise(signals, 3, noise=tone) - signals
    gains = added.norm(dim=1) / tone.norm(dim=1)
    assert torch.allclose(added, gains[:, None] * tone, atol=1e-5)


def test_the_same_generator_gives_the_same_noise_and_the_input_stays():
    signals = clips()
    before = signals.clone()
    noisy = [add_noise(signals, 5, generator=seeded(s)) for s in (0, 0, 1)]
    assert torch.equal(noisy[0], noisy[1]) and not torch.equal(noisy[0], noisy[2])
    murmurs = [babble(signals, generator=seeded(s)) for s in (0, 0, 1)]
    assert torch.equal(murmurs[0], murmurs[1]) and not torch.equal(murmurs[0], murmurs[2])
    assert torch.equal(signals, before)


def test_babble_is_made_of_the_other_clips():
    """Of two clips, one talker: the other one, turned round, at power 1."""
    signals = clips(2, 64)
    murmur = babble(signals, talkers=1, generator=seeded())
    assert torch.allclose(murmur.square().mean(dim=1), torch.ones(2))
    for own, other in ((0, 1), (1, 0)):
        wanted = signals[other] / signals[other].square().mean().sqrt()
        turned = torch.stack([wanted.roll(k) for k in range(64)])
        assert (turned - murmur[own]).abs().amax(dim=1).min() < 1e-5


def test_babble_has_the_spectrum_of_speech():
    signals = formant_digits(30, seed=1).signals
    power = torch.fft.rfft(babble(signals, generator=seeded())).abs().square().mean(dim=0)
    assert power[:1_000].sum() > 10 * power[2_000:].sum()  # below 1,000 Hz, over 2,000 Hz


@pytest.mark.parametrize("function", [lambda x: add_noise(x, 5), babble])
def test_silent_clips_are_refused(function):
    signals = clips()
    signals[2] = 0
    with pytest.raises(ValueError, match="the power of signals .* leave silent clips out"):
        function(signals)
    signals[2] = math.nan
    with pytest.raises(ValueError, match="the power of signals .* NaN"):
        function(signals)


def test_noise_of_another_shape_or_silent_is_refused():
    with pytest.raises(ValueError, match=r"noise must be \(4, 800\) as the signals is"):
        add_noise(clips(), 5, noise=torch.ones(1, 800))
    with pytest.raises(ValueError, match="the power of noise must be"):
        add_noise(clips(), 5, noise=torch.zeros(4, 800))


@pytest.mark.parametrize("snr_db", [math.nan, 101, -math.inf])
def test_ratios_that_are_none_are_refused(snr_db):
    with pytest.raises(ValueError, match="snr_db must be"):
        add_noise(clips(), snr_db)


def test_one_clip_has_no_others_to_murmur():
    with pytest.raises(ValueError, match=r"signals must be \(N, T\)"):
        babble(clips(1))
