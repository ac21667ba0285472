"""Frames between the grader and a box: bytes with their length in front, on a pipe."""

import os
import select
import time

from coursekit.exercises.codec import LENGTH, ProtocolError


def write_frame(fd: int, payload: bytes, deadline: float | None = None) -> None:
    """Write `payload` with its length; TimeoutError past the `deadline` (time.monotonic).

    With a deadline `fd` must be non-blocking. Raises BrokenPipeError where nobody reads.
    """
    rest = memoryview(LENGTH.pack(len(payload)) + payload)
    while rest:
        _wait(fd, select.POLLOUT, deadline)
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            continue


def read_frame(fd: int, limit: int, deadline: float | None = None) -> bytes:
    """The payload of one frame, and not a byte more.

    Raises ProtocolError for one of more than `limit` bytes (none of them is read),
    TimeoutError past the `deadline`, EOFError where the other side has closed.
    """
    (length,) = LENGTH.unpack(_read(fd, LENGTH.size, deadline))
    if length > limit:
        raise ProtocolError(f"a message of {length} bytes; at most {limit} are allowed")
    return _read(fd, length, deadline)


def _read(fd: int, length: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < length:
        _wait(fd, select.POLLIN, deadline)
        part = os.read(fd, min(length - len(data), 1 << 20))
        if not part:
            raise EOFError(f"the other side closed after {len(data)} of {length} bytes")
        data += part
    return bytes(data)


def _wait(fd: int, event: int, deadline: float | None) -> None:
    """Wait until `fd` can be read or written; TimeoutError past the deadline."""
    left = None if deadline is None else 1000 * max(0.0, deadline - time.monotonic())
    poll = select.poll()
    poll.register(fd, event)
    if not poll.poll(left):
        raise TimeoutError("no time left")
