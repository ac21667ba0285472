"""What stops a box, and that nothing of it is left."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coursetools.grading import box as boxes
from coursetools.grading import syscalls
from coursetools.grading.attacks import PROBES
from coursetools.grading.box import Box, BoxError, Limits, Stopped
from coursetools.grading.confinement import FIRST_UID

ROOT = Path(__file__).parents[3]
LIMITS = Limits(memory_mb=512, disk_mb=16, processes=48, output_bytes=100_000, reply_bytes=10**6)
SLOT = 920 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


def processes(text):
    """The processes of this machine, except this one, with `text` in their command."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.name != str(os.getpid()) and text.encode() in (path / "cmdline").read_bytes():
                found.append(path.name)
        except OSError:
            pass
    return found


def of_uid(uid):
    """The processes of this machine that belong to `uid`, zombies aside."""
    found = []
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            status = path.read_text()
        except OSError:
            continue
        if f"\nUid:\t{uid}\t" in status and "\nState:\tZ" not in status:
            found.append(path.parent.name)
    return found


def soon(condition):
    """Whether a condition comes true; the kernel takes a moment to end a process."""
    for _ in range(100):
        if condition():
            return True
        time.sleep(0.1)
    return False


CHANNELS = """
from coursekit.exercises import codec
def send(data):
    for fd in range(3, 40):
        try:
            if os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:"):
                os.write(fd, data)
        except OSError:
            pass
"""
SHADOW = "from coursekit.exercises import codec\nimport numpy\nreal = codec.encode\n"
KILLERS = {
    "exit": ("os._exit(0)", "died", "ended its process"),
    "kill": ("os.kill(os.getpid(), signal.SIGKILL)", "died", "ended its process"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "died", "ended its process"),
    "forged frame": (CHANNELS + "send(codec.LENGTH.pack(3) + b'all')", "died", "forged"),
    "forged points": (
        CHANNELS + "data = codec.encode({'id': '0', 'value': 1})\n"
        "send(codec.LENGTH.pack(len(data)) + data)\ntime.sleep(60)",
        "died",
        "forged",
    ),
    "array as id": (
        SHADOW + "codec.encode = lambda v: real(v | {'id': numpy.ones(2)})",
        "died",
        "forged",
    ),
    "deep forgery": (
        SHADOW + "codec.encode = lambda v: real(None)[:8] + b'[' * 10**5",
        "died",
        "forged",
    ),
    "forged length": (CHANNELS + "send(b'\\xff' * 8)", "limit", "too large"),
    "large reply": ("import numpy\nreturn numpy.zeros(200_000)", "limit", "too large"),
    "memory of all": (
        "import mmap\n"
        "for _ in range(5):\n"
        "    if not os.fork():\n"
        "        os.closerange(0, 3)\n"
        "        held = mmap.mmap(-1, 400 << 20)\n"
        "        held[::4096] = b'x' * (400 << 8)\n"
        "        signal.pause()\n"
        "time.sleep(60)",
        "limit",
        "its processes took over 1536 MB of memory together",
    ),
    "output": ("while True: print('x' * 10_000)", "limit", "wrote over 100000 bytes"),
    "no reply": (
        "from coursetools.grading import frames\nframes.write_frame = lambda *_: None",
        "limit",
        "took too long",
    ),
    "loop": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    try:\n"
        "        while True: pass\n    except BaseException: pass",
        "limit",
        "took too long",
    ),
    "fork bomb": (
        "while True:\n    try:\n        os.fork()\n    except OSError: pass",
        "limit",
        "took too long",
    ),
}


@pytest.mark.box
@pytest.mark.parametrize("name", KILLERS)
def test_what_stops_a_box_is_told_and_leaves_nothing(ask, name):
    code, verdict, reason = KILLERS[name]
    with Box(LIMITS, SLOT) as box:
        box.wait()
        with pytest.raises(Stopped, match=reason) as stopped:
            ask(box, code, seconds=2 if reason == "took too long" else 60)
        assert stopped.value.verdict == verdict
    if os.geteuid() == 0:
        assert soon(lambda: not of_uid(FIRST_UID + SLOT))


@pytest.mark.box
def test_a_forged_error_is_clipped_where_it_arrives(ask):
    code = SHADOW + "codec.encode = lambda v: real({'id': v['id'], 'error': 'x' * 900_000})"
    with Box(LIMITS, SLOT) as box:
        assert ask(box, code) == "x" * 500


@pytest.mark.box
@pytest.mark.parametrize(("share", "says"), [(0.05, "was stopped"), (0.5, "the machine was busy")])
def test_what_takes_too_long_on_a_busy_machine_is_told_so(ask, monkeypatch, share, says):
    monkeypatch.setattr(boxes, "waiting", lambda process: share)
    with Box(LIMITS, SLOT) as box:
        box.wait()
        with pytest.raises(Stopped, match=f"{says}$"):
            ask(box, "while True: pass", seconds=1)


@pytest.mark.box
def test_a_second_reply_stops_the_box_at_the_next_request(ask):
    code = """
from coursetools.grading import frames
real = frames.write_frame
frames.write_frame = lambda fd, payload: (real(fd, payload), real(fd, payload))
"""
    with Box(LIMITS, SLOT) as box, pytest.raises(Stopped, match="wrote to its channel|forged"):
        ask(box, code)
        ask(box, "return 1")


@pytest.mark.box
def test_a_daemon_does_not_outlive_its_box(ask, monkeypatch):
    monkeypatch.setattr(syscalls, "program", lambda: None)  # it would refuse the attack
    marker = f"daemon-{os.urandom(8).hex()}"
    with Box(LIMITS, SLOT) as box:
        box.request({"cell": PROBES, "name": "cell"}, time.monotonic() + 60)
        ask(box, f"leave({marker!r})")
        assert soon(lambda: processes(marker))
    assert soon(lambda: not processes(marker))


@pytest.mark.box
def test_a_box_ends_with_a_grader_that_is_killed_while_code_runs():
    marker = f"killed-{os.urandom(8).hex()}"
    program = f"""
import os, time
from coursetools.grading.box import Box, Limits
words = ["sh", "-c", "sleep 600; true", os.environ["MARKER"]]
source = f"import subprocess; subprocess.Popen({{words}})\\nwhile True: pass"
Box(Limits(), {SLOT}).request({{"cell": source, "name": "cell"}}, time.monotonic() + 600)
"""
    command, environment = [sys.executable, "-c", program], os.environ | {"MARKER": marker}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as grader:
        running = soon(lambda: processes(marker))
        grader.kill()
    assert running and soon(lambda: not processes(marker))


def test_a_box_that_does_not_start_shows_why(monkeypatch):
    monkeypatch.setattr(boxes, "confinement", lambda limits, slot: ["false"])
    with pytest.raises(BoxError, match="does not start"), Box(Limits()) as box:
        box.request({"cell": "", "name": "cell"}, time.monotonic())


@pytest.mark.parametrize("slot", [-1, 1000])
def test_a_slot_beyond_the_uids_is_refused(slot):
    with pytest.raises(ValueError, match=f"slot {slot}: expected 0 to 999"):
        Box(Limits(), slot)


def test_unsafe_is_a_plain_process_with_limits(ask):
    with Box(LIMITS, unsafe=True) as box:
        assert ask(box, "return os.getuid()") == os.getuid()
        assert "MemoryError" in ask(box, "return len(bytearray(600 << 20))")
        folder = ask(box, "return os.getcwd()")
        assert folder != str(ROOT)
        with pytest.raises(Stopped):
            ask(box, "while True: pass", seconds=1)
    assert not os.path.exists(folder)
