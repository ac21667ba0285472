"""Players: the sound in the page is the sound that was given, and the page says what it is."""

import base64
import io
import math
import wave

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from coursekit.plots import play

TONE = 0.5 * torch.sin(torch.arange(8_000) * 0.35)


def sounds(players):
    """{label: samples (T,) int16} from the HTML, whose WAVs are mono, 16 bits, 8 kHz."""
    found = {}
    for tag in BeautifulSoup(players._repr_html_(), "html.parser").find_all("audio"):
        head, data = tag["src"].split(",")
        assert head == "data:audio/wav;base64"
        with wave.open(io.BytesIO(base64.b64decode(data, validate=True))) as sound:
            assert sound.getparams()[:3] == (1, 2, 8_000)
            found[tag["aria-label"]] = np.frombuffer(sound.readframes(99_999), "<i2")
    return found


def test_the_clips_come_back_with_one_gain_for_all():
    clips = {"loud": 2 * TONE, "soft": TONE / 10, "short": TONE[:100]}
    found = sounds(play(clips))
    gain = 0.9 / (2 * TONE).abs().max().item()
    assert list(found) == list(clips)
    for label, clip in clips.items():
        assert np.array_equal(found[label], (clip.double() * gain * 32_767).round().numpy())
    assert abs(found["loud"]).max() == round(0.9 * 32_767)


def test_silence_stays_silent():
    assert not sounds(play({"silence": torch.zeros(8)}))["silence"].any()


def test_a_second_takes_some_21_kilobytes_and_is_the_same_again():
    pages = [play({"a tone": TONE})._repr_html_() for _ in range(2)]
    assert pages[0] == pages[1] and 21_000 < len(pages[0]) < 22_500


def test_every_player_has_controls_a_name_and_a_caption_and_nothing_from_elsewhere():
    page = play({"noisy, 5 dB": TONE, 'a < b & "c"': TONE})._repr_html_()
    tree = BeautifulSoup(page, "html.parser")
    captions = [tag.text for tag in tree.find_all("figcaption")]
    labels = [tag["aria-label"] for tag in tree.find_all("audio")]
    assert captions == labels == ["noisy, 5 dB", 'a < b & "c"']
    assert all(tag.has_attr("controls") for tag in tree.find_all("audio"))
    assert not any(tag.has_attr("autoplay") for tag in tree.find_all("audio"))
    assert "http" not in page and "<script" not in page


def test_where_there_is_no_html_the_text_says_what_there_is():
    players = play({"noisy": TONE, "clean": TONE[:4_000]})
    assert repr(players) == "sound: noisy (1.00 s)\nsound: clean (0.50 s)"


def test_any_device_type_and_gradient_is_taken():
    plain = sounds(play({"a": TONE}))["a"]
    for clip in (TONE.double(), TONE.clone().requires_grad_()):
        assert np.array_equal(sounds(play({"a": clip}))["a"], plain)


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (TONE[None], r"clips\['a'\] must be \(T,\) .*one clip, such as signals\[0\]"),
        (torch.zeros(0), r"clips\['a'\] must be \(T,\)"),
        (torch.zeros(16_001), r"at most 2 s, 16000 samples at 8000 Hz, got 16001; cut it"),
        (torch.tensor([0.0, math.nan]), r"clips\['a'\] must be finite"),
        (torch.zeros(10, dtype=torch.int16), r"clips\['a'\] must be .*floating point"),
    ],
)
def test_what_is_no_clip_is_refused(clip, message):
    with pytest.raises(ValueError, match=message):
        play({"a": clip})


def test_arrays_lists_and_other_rates_are_refused():
    with pytest.raises(TypeError, match=r"torch.from_numpy\(clips\['a'\]\)"):
        play({"a": TONE.numpy()})
    with pytest.raises(TypeError, match="clips must be a dict of labels and signals"):
        play(TONE)
    with pytest.raises(TypeError, match="clips must be a dict whose keys are texts"):
        play({1: TONE})
    with pytest.raises(ValueError, match="clips must have labels with text"):
        play({" ": TONE})
    with pytest.raises(ValueError, match="clips must be one to 6, got"):
        play({})
    with pytest.raises(ValueError, match="clips must be one to 6, got 7"):
        play({str(k): TONE for k in range(7)})
    with pytest.raises(ValueError, match="rate must be one of 8000, got"):
        play({"a": TONE}, rate=16_000)
