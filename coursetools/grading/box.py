"""A box: one process with a student's code, shut off from files, network and other processes.

It takes requests and gives plain values back. What it may use is bounded from outside, and
whoever breaks the rules is killed with all that was started.
"""

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict

from coursekit.exercises import codec
from coursetools.grading import frames, syscalls
from coursetools.grading.confinement import (
    HOME,
    PACKAGE,
    REMEDY,
    SLOTS,
    BoxError,
    Limits,
    confinement,
)
from coursetools.grading.processes import exceed, waiting

START_SECONDS = 120.0
WATCH_SECONDS = 0.2
LIBRARIES_MB = 1024  # what a box may take beyond `memory_mb`, for Python and PyTorch
BUSY, BUSY_SHARE = "the machine was busy", 0.1  # of the time, without a core for the code
ERROR_CHARACTERS = 500  # of an exception's text; code in the box could send more
VARIABLES = {
    "HOME": HOME,
    "USER": "student",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "COURSEKIT_PROFILE": "quick",
}
PROGRAM = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from coursetools.grading.worker import main; main()"
)


class Stopped(RuntimeError):
    """The student's code stopped the box; `verdict` is "died" or "limit", the text says why."""

    def __init__(self, verdict: str, reason: str):
        super().__init__(reason)
        self.verdict = verdict


class Box:
    """A fresh box. Constructing it returns at once; it warms up in the background.

    `slot` keeps the boxes of one machine apart: two that run at the same time need two
    slots. `unsafe` leaves out everything but the limits: a plain process of the same user.
    The box ends with the thread that made it. Raises BoxError where there is no bubblewrap.
    """

    def __init__(self, limits: Limits, slot: int = 0, unsafe: bool = False):
        if not 0 <= slot < SLOTS:
            raise ValueError(f"slot {slot}: expected 0 to {SLOTS - 1}")
        self.limits, self.ready, self.closed = limits, False, threading.Event()
        self.output, self.excess = b"", ""
        self.folder = tempfile.TemporaryDirectory() if unsafe else None
        shares = asdict(limits) | ({"processes": None} if unsafe else {})
        program = [sys.executable, "-I", "-B", "-c", PROGRAM, str(PACKAGE.parent)]
        program.append(json.dumps(shares))
        with syscalls.bwrap_option() as (option, inherited):
            self.process = subprocess.Popen(
                program if unsafe else [*confinement(limits, slot), *option, *program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=VARIABLES | ({"HOME": self.folder.name} if unsafe else {}),
                cwd=self.folder.name if unsafe else "/",
                start_new_session=True,
                pass_fds=() if unsafe else inherited,
            )
        os.set_blocking(self.process.stdin.fileno(), False)
        self.unasked = select.poll()
        self.unasked.register(self.process.stdout, select.POLLIN)
        self.watches = [
            threading.Thread(target=watch, daemon=True)
            for watch in (self._watch_output, self._watch_memory)
        ]
        for watch in self.watches:
            watch.start()

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def wait(self) -> None:
        """Wait until the box is warm; BoxError with its output where it does not start."""
        if self.ready:
            return
        try:
            self._receive(time.monotonic() + START_SECONDS)
        except (Stopped, TimeoutError) as error:
            self.close()
            output = self.output.decode(errors="replace").strip()
            raise BoxError(f"the box does not start ({error}). {REMEDY}\n{output}") from None
        self.ready = True

    def request(self, message: dict, deadline: float) -> dict:
        """The reply to one request: {"value": ...} or {"error": "TypeError: ..."}.

        Raises Stopped, and closes the box, when the `deadline` (time.monotonic) passes, the
        student's code ends the process, or anything but one fitting reply comes back. Raises
        ProtocolError for a message of other than plain values.
        """
        self.wait()
        number = secrets.token_hex(8)
        data = codec.encode({"id": number} | message)
        try:
            if self.unasked.poll(0):
                raise Stopped("died", "the code ended its process or wrote to its channel")
            frames.write_frame(self.process.stdin.fileno(), data, deadline)
            reply = self._receive(deadline)
            if not _fits(reply, number):
                raise Stopped("died", "the code forged a reply")
        except TimeoutError:
            busy = f"; {BUSY}" if waiting(self.process.pid) > BUSY_SHARE else ""
            self.close()
            raise Stopped("limit", f"it took too long and was stopped{busy}") from None
        except (Stopped, OSError) as error:
            self.close()
            if self.excess:
                raise Stopped("limit", self.excess) from None
            if isinstance(error, OSError):
                raise Stopped("died", "the code ended its process") from None
            raise
        if "error" in reply:
            return {"error": reply["error"][:ERROR_CHARACTERS]}
        return {"value": reply["value"]}

    def close(self) -> None:
        """Kill everything in the box, and wait until it is gone."""
        if self.closed.is_set():
            return
        self.closed.set()
        self._kill()
        for watch in self.watches:  # before its number may become another process's
            watch.join(timeout=10)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        if self.folder:
            self.folder.cleanup()

    def _receive(self, deadline: float):
        """The next message from the box; Stopped where there is none, or a bad one."""
        try:
            data = frames.read_frame(
                self.process.stdout.fileno(), self.limits.reply_bytes, deadline
            )
        except EOFError:
            raise Stopped("died", "the code ended its process") from None
        except codec.ProtocolError as error:
            raise Stopped("limit", f"what it returned is too large: {error}") from None
        try:
            return codec.decode(data)
        except codec.ProtocolError as error:
            raise Stopped("died", f"the code forged a reply: {error}") from None

    def _watch_output(self) -> None:
        """Read the student's output and forget it; stop the box when it is too much."""
        written, most = 0, self.limits.output_bytes
        with self.process.stderr as stream:
            while part := stream.read(1 << 16):
                self.output = (self.output + part)[-2000:]
                written += len(part)
                if written > most and not self.closed.is_set():
                    self._stop(f"it wrote over {most} bytes")

    def _watch_memory(self) -> None:
        """Stop the box when its processes together take too much."""
        most = self.limits.memory_mb + LIBRARIES_MB
        while not self.closed.wait(WATCH_SECONDS):
            if exceed(self.process.pid, most << 20):
                self._stop(f"its processes took over {most} MB of memory together")

    def _stop(self, reason: str) -> None:
        self.excess = self.excess or reason
        self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _fits(reply, number: str) -> bool:
    """Whether `reply` is one to the request with this id."""
    if not isinstance(reply, dict) or set(reply) not in ({"id", "value"}, {"id", "error"}):
        return False
    texts = [reply["id"], reply.get("error", "")]
    return all(isinstance(text, str) for text in texts) and texts[0] == number
