"""What a hostile notebook would try first; a box that works lets none of it succeed."""

import os
import sys
from pathlib import Path

from coursetools.grading.confinement import BARE, FIRST_UID, PACKAGE, TOOLS, Limits

PROBES = r"""
import ctypes, errno, fcntl, os, signal, socket, subprocess, sys

def readable(paths):
    return [path for path in paths if os.path.exists(path)]

def writable(folders):
    return [folder for folder in folders if os.access(folder, os.W_OK)]

def connects(port):
    with socket.socket() as client:
        client.settimeout(2)
        return client.connect_ex(("127.0.0.1", port)) == 0

def processes():
    return [name for name in os.listdir("/proc") if name.isdigit() and int(name) > 2]

def privileges():
    with open("/proc/self/status") as file:
        lines = {line.partition(":")[0]: line.partition(":")[2].strip() for line in file}
    sets = [int(lines[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")]
    return any(sets) or lines["NoNewPrivs"] != "1"

def namespaces():
    return subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode == 0

def allocates(size):
    try:
        return len(bytearray(size))
    except MemoryError:
        return 0

def forks(limit):
    children = []
    try:
        while len(children) < limit:
            if not (child := os.fork()):
                signal.pause()
            children.append(child)
        return len(children)
    except OSError:
        return 0
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

def fills(folder, megabytes):
    try:
        for number in range(megabytes):
            with open(f"{folder}/{number}", "wb") as file:
                file.write(bytes(1 << 20))
        return megabytes
    except OSError:
        return 0

def system_calls():
    # With senseless arguments: what a filter lets pass fails for another reason, or succeeds.
    libc, passed = ctypes.CDLL(None, use_errno=True), []
    for name, *arguments in (
        ("ptrace", 16, 0, 0, 0),
        ("process_vm_readv", 0, None, 0, None, 0, 0),
        ("syscall", 425, 0, None),  # io_uring_setup
        ("unshare", 0),
        ("memfd_create", b"", 0),
        ("shmget", 0, 1, 0),
        ("inotify_init1", -1),
        ("flock", 0, fcntl.LOCK_SH),
        ("fcntl", 0, fcntl.F_GETLK, None),
        ("socket", 40, socket.SOCK_STREAM, 0),  # vsock
    ):
        getattr(libc, name)(*arguments)
        if ctypes.get_errno() != errno.EPERM:
            passed.append(name)
        ctypes.set_errno(0)
    return passed

def spares_the_first():
    # The first process of the box is stopped in a system call. Step it through another one,
    # prctl(PR_SET_PDEATHSIG, 0), so that it does not end with the process that made the box.
    attach, detach, get, put, step, all_kinds = 16, 17, 12, 13, 9, 0x40000000
    trace = ctypes.CDLL(None).ptrace
    if os.uname().machine != "x86_64" or trace(attach, 1, 0, 0):
        return False
    os.waitpid(1, all_kinds)
    registers = (ctypes.c_ulong * 27)()
    trace(get, 1, None, registers)
    before = registers[:]
    rax, rsi, rdi, original, rip = 10, 13, 14, 15, 16
    registers[rax], registers[rdi], registers[rsi], registers[original] = 157, 1, 0, -1
    registers[rip] -= len(b"\x0f\x05")
    trace(put, 1, None, registers)
    trace(step, 1, None, None)
    os.waitpid(1, all_kinds)
    trace(get, 1, None, registers)
    done = registers[rax] == 0
    registers[:] = before
    trace(put, 1, None, registers)
    trace(detach, 1, None, None)
    return done

def leave(marker):
    spares_the_first()
    program = "import time; time.sleep(60)"
    subprocess.Popen([sys.executable, "-I", "-c", program, marker])
"""

SYSTEM_CALLS = {"makes system calls that no exercise needs": "system_calls()"}


def attacks(limits: Limits, slot: int, port: int, marker: str) -> dict[str, str]:
    """What must not succeed, and the expression that tries it: true where it does.

    `port` is one of this machine that listens. The last attack only leaves a process with
    `marker` in its command, which must not outlive the box, and makes the box's first process
    ignore the end of its parent.
    """
    hidden = [PACKAGE.parent / "notebooks" / "exercises"]
    shown = {folder / name for folder, names in BARE.items() for name in names}
    hidden += [path for folder in BARE for path in folder.rglob("*.py") if path not in shown]
    for folder in (os.path.expanduser("~"), os.getcwd()):
        hidden += [path for path in Path(folder).glob("*") if path.is_file()]
    paths = ["/etc/shadow", "/etc/passwd", "/sys/kernel", "/var/log", *map(str, hidden)]
    folders = ["/", "/dev", "/usr/lib", "/proc/sys/kernel"]
    folders += [sys.prefix, str(PACKAGE.parent), str(PACKAGE), str(TOOLS)]
    uid = os.geteuid() or FIRST_UID + slot
    disk = 2 * limits.disk_mb
    return {
        "reads files of this machine": f"readable({paths})",
        "writes outside its folders": f"writable({folders})",
        "reaches the network": f"connects({port})",
        "sees other processes": "processes()",
        "has privileges": "privileges()",
        "can make user namespaces": "namespaces()",
        "has another user's id": f"os.getuid() != {uid}",
        "takes too much memory": f"allocates({2 * limits.memory_mb << 20})",
        "starts too many processes": f"forks({2 * limits.processes})",
        "fills /tmp": f"fills('/tmp', {disk})",
        "fills /dev/shm": f"fills('/dev/shm', {disk})",
        "cannot start a process": f"leave({marker!r})",
    }
