"""Formant digits: "zero" to "nine" spoken by a simulated voice at 8 kHz, factors known.

The source-filter model of speech. Pulses of the vocal folds and noise of the breath pass through
resonators, the formants, which glide from sound to sound; fricatives and bursts are noise with a
band of its own. Vowels have the average formants of men in Peterson and Barney (1952), resonators
are those of Klatt (1980), pulses those of Klatt and Klatt (1990). Consonants, durations and the
spread of the factors were set by hand, looking at spectrograms of real digits.

For chapter 04, through `coursekit.data.speech`.
"""

from functools import cache
from math import inf
from typing import NamedTuple

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from coursekit.arguments import MOST_SEED, check_count

RATE = 8_000  # Hz
SAMPLES = 8_000  # of a signal: one second
STEP = 8  # samples, a millisecond, for which all settings of the voice hold
CHUNK = 256  # signals made at a time: bounds the memory

# A sound has eight settings: three formants (Hz); levels (dB) of the voice, of breath through the
# formants and of hiss beside them; centre and width (Hz) of the hiss.
OFF = -inf
VOWEL = (0, -30, OFF, 2500, 3000)
SOUNDS = {
    "i": (270, 2290, 3010, *VOWEL),  # heed
    "I": (390, 1990, 2550, *VOWEL),  # hid
    "E": (530, 1840, 2480, *VOWEL),  # head
    "A": (730, 1090, 2440, *VOWEL),  # hod
    "O": (570, 840, 2410, *VOWEL),  # hawed
    "U": (440, 1020, 2240, *VOWEL),  # hood
    "u": (300, 870, 2240, *VOWEL),  # who'd
    "V": (640, 1190, 2390, *VOWEL),  # hud
    "r": (330, 1060, 1500, -3, -30, OFF, 2500, 3000),
    "w": (290, 610, 2150, -4, -30, OFF, 2500, 3000),
    "n": (250, 1500, 2500, -9, OFF, OFF, 2500, 3000),
    "v": (250, 1100, 2100, -10, OFF, -42, 2800, 3000),
    "z": (250, 1500, 2500, -12, OFF, -32, 3700, 600),
    "s": (320, 1500, 2500, OFF, OFF, -25, 3700, 700),
    "f": (340, 1100, 2100, OFF, OFF, -38, 2800, 3000),
    "T": (320, 1300, 2500, OFF, OFF, -40, 2600, 3000),  # the th of three
    "t": (320, 1700, 2600, OFF, -18, -22, 3300, 1200),
    "k": (320, 1900, 2400, OFF, -20, -20, 2000, 700),
    "h": (400, 1500, 2500, OFF, -16, OFF, 3300, 1200),
    "-": (320, 1600, 2500, OFF, OFF, OFF, 3000, 1500),  # the lips or the tongue closed
}
# The words: their sounds, each with the time for which it is held (ms).
WORDS = (
    "z 80 i 90 r 60 O 80 U 90",
    "w 70 V 130 n 110",
    "t 15 h 45 u 200",
    "T 70 r 60 i 190",
    "f 90 O 150 r 100",
    "f 90 A 110 I 110 v 70",
    "s 120 I 80 - 60 k 15 s 120",
    "s 110 E 80 v 50 V 60 n 90",
    "E 70 i 110 - 70 t 20 h 40",
    "n 80 A 110 I 90 n 90",
)
# The speakers: pitch (Hz), factor on the formants, level of the breath (dB).
SPEAKERS = np.array(
    [[105, 0.97, 0], [120, 1.04, 4], [135, 1, -3], [150, 1.05, 6], [195, 1.14, 3], [215, 1.17, 8]]
)
WIDTHS = (60.0, 90.0, 150.0, 250.0)  # Hz, of the formants
FOURTH = 3_400.0  # Hz, the fourth formant of every sound and speaker
GLIDES = (18, 18, 18, 10, 6, 6, 6, 6)  # ms over which the settings move (standard deviations)
DECLINE = 6.0  # dB from the first to the last sound of a word


class FormantDigits(NamedTuple):
    """Signals (n, 8000), float32 in [-1, 1]; labels (n,), int64; factors, each (n,) float32:

    speaker     row of `SPEAKERS` (int64), from whom pitch, scale and breath vary a little
    pitch       Hz, halfway through the word
    glide       semitones by which the pitch falls through the word
    scale       factor on the formants: 1 for an average man, 1.17 for an average woman
    breath      dB, level of the breath over that of `SOUNDS`
    tempo       factor on the durations, over 1 is slow
    wobble      standard deviation of the formants of each sound, as a part of them
    loudness    dB, level of the peak, 0 for 1
    start       seconds of silence before the word
    """

    signals: torch.Tensor
    labels: torch.Tensor
    factors: dict[str, torch.Tensor]


def formant_digits(n: int, *, seed: int = 0) -> FormantDigits:
    """`n` spoken digits in random order, the same for the same seed.

    Each class, and each speaker, has its n // 10, or n // 6, signals or one more.
    Raises TypeError and ValueError unless `n` and `seed` are whole numbers from 0 on.

    >>> digits = formant_digits(20)
    >>> digits.signals.shape, digits.labels.bincount().tolist()
    (torch.Size([20, 8000]), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """
    check_count("n", n, least=0)
    check_count("seed", seed, 0, MOST_SEED)
    rng = np.random.default_rng(seed)
    labels = torch.from_numpy(rng.permutation(n) % 10)
    factors = _draw_factors(n, rng)
    return FormantDigits(render(labels, factors, rng), labels, factors)


def _draw_factors(n, rng):
    speaker = rng.permutation(n) % len(SPEAKERS)
    pitch, scale, breath = SPEAKERS[speaker].T
    factors = {
        "pitch": pitch * np.exp(rng.normal(0, 0.06, n)),
        "glide": rng.normal(4, 2, n),
        "scale": scale * np.exp(rng.normal(0, 0.02, n)),
        "breath": breath + rng.normal(0, 3, n),
        "tempo": np.exp(rng.normal(0.05, 0.18, n)).clip(0.65, 1.45),
        "wobble": rng.uniform(0.03, 0.13, n),
        "loudness": rng.uniform(-18, -3, n),
        "start": rng.uniform(0.01, 0.10, n),
    }
    floats = {name: torch.from_numpy(values).float() for name, values in factors.items()}
    return {"speaker": torch.from_numpy(speaker)} | floats


def render(
    labels: torch.Tensor, factors: dict[str, torch.Tensor], rng: np.random.Generator
) -> torch.Tensor:
    """Signals (n, 8000) of the given digits (n,) and factors, as `FormantDigits` lists them.

    The generator draws the wobble, the durations and the noise. With generators of equal seeds,
    two calls that differ in one factor show what that factor does.
    """
    signals = torch.zeros(len(labels), SAMPLES)
    for rows in torch.arange(len(labels)).split(CHUNK):
        part = {name: values[rows, None].double().numpy() for name, values in factors.items()}
        signal = _speak(*_settings(labels[rows].numpy(), part, rng), rng)
        peak = 10 ** (part["loudness"] / 20)
        signals[rows] = torch.from_numpy(signal / abs(signal).max(1, keepdims=True) * peak).float()
    return signals


@cache
def _words():
    """The words as numbers: settings (10, S + 2, 8), silence first and last; seconds (10, S)."""
    words = [word.split() for word in WORDS]
    most = max(len(word) // 2 for word in words)
    settings, seconds = np.zeros((len(words), most + 2, 8)), np.zeros((len(words), most))
    for setting, second, word in zip(settings, seconds, words):
        sounds = np.array([SOUNDS[name] for name in word[::2]], float)
        sounds[:, 3:6] = 10 ** (sounds[:, 3:6] / 20)
        setting[:] = np.pad(sounds, ((1, most + 1 - len(sounds)), (0, 0)), mode="edge")
        setting[0, 3:6] = setting[len(sounds) + 1 :, 3:6] = 0
        second[: len(sounds)] = np.array(word[1::2], float) / 1000
    return settings, seconds


def _settings(labels, f, rng):
    """The settings (M, K, 8) and the pitch (M, K) at every step of M words, factors `f` (M, 1)."""
    settings, seconds = (part[labels] for part in _words())  # M x S + 2 x 8, M x S
    bend = f["wobble"][..., None] * rng.normal(size=(*settings.shape[:2], 3))
    settings[..., :3] *= f["scale"][..., None] * np.exp(bend)
    settings[..., 4] *= 10 ** (f["breath"] / 20)
    seconds = seconds * f["tempo"] * np.exp(rng.normal(0, 0.15, seconds.shape))
    ends = np.cumsum(np.hstack([f["start"], seconds]), axis=1)  # M x S + 1
    time = np.arange(0, SAMPLES, STEP) / RATE
    now = (time[:, None] >= ends[:, None]).sum(-1)  # M x K, which sound
    settings = np.take_along_axis(settings, now[..., None], axis=1)  # M x K x 8
    for k, glide in enumerate(GLIDES):
        settings[..., k] = gaussian_filter1d(settings[..., k], glide, axis=1, mode="nearest")
    place = (time - ends[:, :1]) / (ends[:, -1:] - ends[:, :1])  # 0 to 1 through the word
    settings[..., 3:6] *= 10 ** (-DECLINE / 20 * place.clip(0, 1)[..., None])
    flutter = gaussian_filter1d(rng.normal(0, 0.06, place.shape), 12, axis=1)
    return settings, f["pitch"] * 2 ** (f["glide"] / 12 * (0.5 - place)) * np.exp(flutter)


def _speak(settings, pitch, rng):
    """Signals (M, 8000) of the settings (M, K, 8) and the pitch (M, K)."""
    *formants, voice, breath, hiss, centre, band = settings.transpose(2, 0, 1)  # M x K each
    voice, breath, hiss, cycles = (
        np.repeat(track, STEP, axis=1) for track in (voice, breath, hiss, pitch / RATE)
    )  # M x T each
    noise = rng.normal(size=(2, *voice.shape))
    source = voice * _pulses(cycles) + breath * noise[0]
    frequency = np.stack([*formants, np.full_like(pitch, FOURTH), centre]).clip(100, 3_900)
    width = np.stack([*(np.full_like(pitch, one) for one in WIDTHS), band])  # 5 x M x K
    return _resonate(source, hiss * noise[1], frequency, width)


def _pulses(cycles):
    """The flow through the vocal folds, differentiated (M, T), at so many cycles a sample (M, T).

    2 u - 3 u^2 while the folds are open, 60 % of a cycle; the mean over four points of a sample.
    """
    phase = np.cumsum(cycles, axis=1)
    points = [(phase - k / 4 * cycles) % 1 / 0.6 for k in range(4)]
    return sum(np.where(u < 1, 2 * u - 3 * u**2, 0) for u in points) / 4


def _resonate(source, hiss, frequency, width):
    """Four resonators in a row for `source`, one for `hiss` (M, T): the sum (M, T).

    `frequency` and `width` (5, M, K) are in Hz. A resonator is y_t = a x_t + b y_t-1 + c y_t-2, and
    hands over with a delay of one sample, so that one step of the loop moves all of them.
    The mean of neighbouring samples stands for the microphone, which hears little near 4 kHz.
    """
    c = -np.exp(-2 * np.pi * width / RATE)
    b = 2 * np.exp(-np.pi * width / RATE) * np.cos(2 * np.pi * frequency / RATE)
    a = 1 - b - c  # 1 at 0 Hz
    a[4] = 1 + c[4]
    a, b, c = (np.ascontiguousarray(part.transpose(2, 0, 1)) for part in (a, b, c))  # K x 5 x M
    source, hiss = np.ascontiguousarray(source.T), np.ascontiguousarray(hiss.T)  # T x M
    out, (x, y, before) = np.zeros_like(source), np.zeros((3, *a.shape[1:]))
    for t in range(len(out)):
        x[0], x[1:4], x[4] = source[t], y[:3], hiss[t]
        k = t // STEP
        y, before = a[k] * x + b[k] * y + c[k] * before, y
        out[t] = y[3] + y[4] + before[3] + before[4]
    return out.T
