"""Frames on a pipe: borders, lengths, time, and the other side's end."""

import os
import time

import pytest

from coursekit.exercises.codec import LENGTH, ProtocolError
from coursetools.grading.frames import read_frame, write_frame


@pytest.fixture
def pipe():
    ends = os.pipe()
    os.set_blocking(ends[1], False)
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


def test_frames_keep_their_borders(pipe):
    write_frame(pipe[1], b"one")
    write_frame(pipe[1], b"")
    assert read_frame(pipe[0], 3) == b"one"
    assert read_frame(pipe[0], 3) == b""


def test_a_frame_that_is_too_long_is_not_read(pipe):
    write_frame(pipe[1], b"four")
    with pytest.raises(ProtocolError, match="4 bytes; at most 3"):
        read_frame(pipe[0], 3)


def test_a_silent_other_side_ends_in_time_out(pipe):
    with pytest.raises(TimeoutError):
        read_frame(pipe[0], 3, time.monotonic() + 0.01)
    with pytest.raises(TimeoutError):
        write_frame(pipe[1], bytes(1 << 20), time.monotonic() + 0.01)


def test_a_closed_other_side_is_an_end_also_within_a_frame(pipe):
    os.write(pipe[1], LENGTH.pack(3) + b"tw")
    os.close(pipe[1])
    with pytest.raises(EOFError, match="2 of 3"):
        read_frame(pipe[0], 3)
