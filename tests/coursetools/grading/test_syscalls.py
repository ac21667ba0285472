"""What the filter refuses, what honest code still finds, and that it leaves nothing open."""

import fcntl
import os
import socket

import pytest

from coursetools.grading import syscalls
from coursetools.grading.box import Box, Limits

LIMITS = Limits(memory_mb=512, disk_mb=16)
SLOT = 960 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
pytestmark = pytest.mark.box


@pytest.fixture(scope="module")
def box():
    with Box(LIMITS, SLOT) as box:
        yield box


def test_system_calls_that_no_exercise_needs_are_refused(box, ask):
    pyseccomp = pytest.importorskip("pyseccomp", exc_type=(ImportError, RuntimeError))
    code = """
import ctypes
libc, passed = ctypes.CDLL(None, use_errno=True), []
for name, number, *values in arguments[0]:
    ctypes.set_errno(0)
    libc.syscall(number, *map(ctypes.c_ulong, (values + [0] * 6)[:6]))
    if ctypes.get_errno() != 1:
        passed.append(name)
return passed
"""
    names = " ".join(syscalls.REFUSED.values()).split()
    families = [family for family in range(50) if family not in syscalls.FAMILIES]
    numbers = {name: pyseccomp.resolve_syscall(0, name) for name in (*names, "socket", "fcntl")}
    calls = [[name, numbers[name]] for name in names]
    for family in (*families, 40 + 2**32):
        calls += [[f"socket {family}", numbers["socket"], family, socket.SOCK_STREAM]]
    for lock in (fcntl.F_SETLK, fcntl.F_OFD_SETLKW, fcntl.F_SETLEASE, fcntl.F_SETLK + 2**32):
        calls += [[f"fcntl {lock}", numbers["fcntl"], 0, lock]]
    assert ask(box, code, calls) == []


@pytest.mark.skipif(syscalls.program() is None, reason=syscalls.MISSING)
def test_no_process_gets_a_share_of_the_cores_of_its_own(box, ask):
    code = """
command = [sys.executable, "-I", "-c", "import os; os.setsid()"]
return subprocess.run(command, capture_output=True, text=True).stderr
"""
    assert "PermissionError" in ask(box, code)


def test_nothing_of_the_filter_is_left_open_in_the_box(box, ask):
    code = "return [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')[:-1]]"
    kinds = {name.partition(":")[0] for name in ask(box, code)}
    assert kinds == {"/dev/null", "pipe"}


def test_what_honest_code_needs_of_the_kernel_is_there(box, ask):
    code = """
import fcntl, mmap, multiprocessing, tempfile, threading, torch
with tempfile.TemporaryFile() as file:
    fcntl.fcntl(file, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
mmap.mmap(-1, 1 << 20)[:4] = b"abcd"
one, other = socket.socketpair()
one.sendall(b"x")
loader = torch.utils.data.DataLoader(torch.arange(8.0), batch_size=4, num_workers=2)
with multiprocessing.get_context("fork").Pool(2) as pool:
    return [other.recv(1).decode(), torch.cat([*loader]).sum(), sum(pool.map(abs, [-1, -2]))]
"""
    assert ask(box, code) == ["x", 28, 3]
