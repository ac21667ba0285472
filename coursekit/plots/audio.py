"""Sounds to listen to, in the notebook and on the page.

IPython's own player makes each clip as loud as can be and has no name; here a row of clips shares
one gain, so that what was softened sounds softer, and each player carries its label.

For chapter 04.
"""

import base64
import io
import wave
from collections.abc import Mapping
from html import escape

import torch

from coursekit.arguments import check_choice, check_finite, check_input, check_kind

RATE = 8_000  # Hz
MOST_SECONDS = 2
MOST_CLIPS = 6  # in a row
PEAK = 0.9  # of full scale, for the loudest sample of a row


class Players:
    """A row of players with their captions; where there is no HTML, the captions and durations."""

    def __init__(self, sounds: dict[str, bytes]):
        self.sounds = sounds

    def _repr_html_(self) -> str:
        return (
            '<div class="course-audio" style="display:flex;flex-wrap:wrap;gap:0.75rem 1rem">'
            + "".join(_player(label, sound) for label, sound in self.sounds.items())
            + "</div>"
        )

    def __repr__(self) -> str:
        return "\n".join(
            f"sound: {label} ({_seconds(w):.2f} s)" for label, w in self.sounds.items()
        )


def play(clips: Mapping[str, torch.Tensor], *, rate: int = RATE) -> Players:
    """Players for the clips (T,), each under its label, side by side: {"noisy": x, "clean": s}.

    Each is a WAV in the page itself, mono, 16 bits, 8 kHz, 21 kB a second, and needs no file and no
    network. One factor brings the loudest sample of all the clips to 0.9: they keep their relative
    loudness and nothing is clipped; silence stays silent.
    Raises TypeError for what is not a dict of floating-point tensors, and ValueError for a clip of
    another shape, over two seconds, or with NaN, for more than six clips, for a label without text,
    and for another rate.

    >>> play({"a tone": torch.sin(torch.arange(8000) * 0.35)})
    sound: a tone (1.00 s)
    """
    check_choice("rate", rate, [RATE])
    check_kind("clips", clips, Mapping, 'a dict of labels and signals, such as {"noisy": x[0]}')
    if not 1 <= len(clips) <= MOST_CLIPS:
        raise ValueError(f"clips must be one to {MOST_CLIPS}, got {len(clips)}")
    clips = {label: _checked(label, clip) for label, clip in clips.items()}
    loudest = max(clip.abs().max().item() for clip in clips.values())
    gain = PEAK / loudest if loudest else 1.0
    return Players({label: _wav(clip * gain) for label, clip in clips.items()})


def _checked(label, clip):
    check_kind("clips", label, str, "a dict whose keys are texts")
    if not label.strip():
        raise ValueError(f"clips must have labels with text, got {label!r}")
    name = f"clips[{label!r}]"
    check_finite(name, check_input(name, clip, ("T",), "one clip, such as signals[0]"))
    if len(clip) > MOST_SECONDS * RATE:
        raise ValueError(
            f"{name} must be at most {MOST_SECONDS} s, {MOST_SECONDS * RATE} samples at {RATE} Hz, "
            f"got {len(clip)}; cut it, or resample it to {RATE} Hz"
        )
    return clip.detach().cpu().double()


def _wav(clip):
    """The bytes of a WAV file of samples in [-1, 1]."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, RATE, len(clip), "NONE", "not compressed"))
        sound.writeframes((clip * 32_767).round().numpy().astype("<i2").tobytes())
    return file.getvalue()


def _seconds(sound):
    with wave.open(io.BytesIO(sound)) as file:
        return file.getnframes() / file.getframerate()


def _player(label, sound):
    data, label = base64.b64encode(sound).decode(), escape(label)
    return (
        '<figure style="margin:0;flex:1 1 14rem;max-width:22rem">'
        f"<figcaption>{label}</figcaption>"
        f'<audio controls preload="metadata" aria-label="{label}" style="width:100%" '
        f'src="data:audio/wav;base64,{data}">This browser plays no sound.</audio></figure>'
    )
