import io
import wave

import numpy as np
import pytest
import torch

from coursekit.data import load, store

NAMES = ("signals", "labels", "speakers")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A file like fsdd.npz of four clips: silent, short, of a second and longer."""
    lengths = [0, 100, 8_000, 9_000]
    audio = np.concatenate([np.full(n, 1000 * i, np.int16) for i, n in enumerate(lengths)])
    audio[0] = -32_768
    np.savez(
        tmp_path / "fsdd.npz",
        audio=audio,
        offsets=np.cumsum([0, *lengths]),
        labels=np.array([3, 1, 4, 5], np.uint8),
        speaker=np.array([0, 1, 2, 5], np.uint8),
        is_test=np.array([False, True, False, False]),
    )
    monkeypatch.setattr(store, "fetch", lambda name: tmp_path / name)


def test_clips_are_cut_or_padded_to_a_second_and_split_as_the_file_says(small):
    data = load("fsdd")
    assert data.train_signals.shape == (3, 8_000) and data.test_signals.shape == (1, 8_000)
    assert data.train_labels.tolist() == [3, 4, 5] and data.test_labels.tolist() == [1]
    assert data.train_speakers.tolist() == [0, 2, 5] and data.test_speakers.tolist() == [1]
    assert data.train_signals[0].abs().max() == 0
    assert (data.train_signals[1] == 2000 / 32_768).all()
    assert (data.train_signals[2] == 3000 / 32_768).all()
    clip = data.test_signals[0]
    assert clip[0] == -1 and (clip[1:100] == 1000 / 32_768).all() and clip[100:].abs().max() == 0


@pytest.mark.data("fsdd.npz")
def test_the_real_set_holds_its_speakers_and_digits_alike():
    data = load("fsdd")
    assert data.train_signals.shape == (2_700, 8_000) and data.test_signals.shape == (300, 8_000)
    assert data.train_labels.bincount().tolist() == [270] * 10
    assert data.test_labels.bincount().tolist() == [30] * 10
    assert data.test_speakers.bincount().tolist() == [50] * 6
    assert data.train_signals.abs().max() <= 1
    assert (data.train_signals.square().mean(dim=1) > 0).all()  # none is silent


@pytest.mark.data("fsdd.npz")
def test_a_clip_is_the_recording(tmp_path):
    """The first clip as 16 bits again, through a WAV file."""
    with np.load(store.fetch("fsdd.npz")) as arrays:
        index = int(np.flatnonzero(arrays["is_test"])[0])
        start, stop = arrays["offsets"][index : index + 2]
        expected = arrays["audio"][start:stop]
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes((load("fsdd").test_signals[0] * 32_768).short().numpy().tobytes())
    found = np.frombuffer(file.getvalue()[44:], "<i2")
    assert np.array_equal(found[: len(expected)], expected[:8000])


def test_the_embedded_set_has_the_form_of_the_real_one():
    data = load("formant-digits")
    for part, n in ("train", 1_500), ("test", 300):
        signals, labels, speakers = (getattr(data, f"{part}_{name}") for name in NAMES)
        assert signals.shape == (n, 8_000) and signals.dtype == torch.float32
        assert labels.bincount().tolist() == [n // 10] * 10
        assert speakers.bincount().tolist() == [n // 6] * 6
        assert labels.dtype == speakers.dtype == torch.int64
    assert not torch.equal(data.train_signals[:300], data.test_signals)
