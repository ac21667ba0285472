"""The system calls that no exercise needs: a seccomp filter refuses them in every box.

Most kernel bugs lie in calls such as these, and some of them carry memory or signals past the
limits of a box. libseccomp compiles the filter, bubblewrap loads it from a file descriptor.
"""

import errno
import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

REFUSED = {
    "look into other processes": "ptrace process_vm_readv process_vm_writev process_madvise kcmp "
    "pidfd_getfd",
    "mount and change namespaces": "mount umount2 pivot_root chroot setns unshare move_mount "
    "open_tree fsopen fsconfig fsmount fspick mount_setattr name_to_handle_at open_by_handle_at",
    "new and wide parts of the kernel": "bpf perf_event_open userfaultfd io_uring_setup "
    "io_uring_enter io_uring_register keyctl add_key request_key",
    "memory that belongs to no process": "memfd_create memfd_secret shmget shmat msgget semget "
    "mq_open",
    "a share of the cores for each of its processes": "setsid",
    "signals over shared files": "flock inotify_init inotify_init1 fanotify_init",
}
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6; a box has no network
LOCKS = ("GETLK", "SETLK", "SETLKW", "OFD_GETLK", "OFD_SETLK", "OFD_SETLKW", "SETLEASE", "NOTIFY")
MISSING = (
    "NOTE: system calls are not filtered here (libseccomp or pyseccomp is missing): a box has the "
    "whole kernel before it, and memory of memfd and System V is not counted. Debian and Ubuntu: "
    "apt-get install libseccomp2; then pip install pyseccomp"
)


@functools.cache
def program() -> bytes | None:
    """The filter as the kernel reads it; None where it cannot be compiled (see MISSING)."""
    try:
        import fcntl  # not on Windows

        import pyseccomp
    except (ImportError, RuntimeError):  # the package; the library
        return None
    rules, refuse = pyseccomp.SyscallFilter(pyseccomp.ALLOW), pyseccomp.ERRNO(errno.EPERM)
    for name in " ".join(REFUSED.values()).split():
        rules.add_rule(refuse, name)
    above = pyseccomp.Arg(0, pyseccomp.GT, max(FAMILIES))
    others = [pyseccomp.Arg(0, pyseccomp.EQ, n) for n in range(max(FAMILIES)) if n not in FAMILIES]
    for name in ("socket", "socketpair"):
        for family in (*others, above):
            rules.add_rule(refuse, name, family)
    for lock in LOCKS:  # the kernel takes the lower half of the register only
        command = getattr(fcntl, f"F_{lock}")
        rules.add_rule(refuse, "fcntl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 2**32 - 1, command))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


@contextmanager
def bwrap_option() -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """Bubblewrap's option that loads the filter, and the descriptor that it has to inherit."""
    if program() is None:
        yield [], ()
        return
    with tempfile.TemporaryFile() as file:
        file.write(program())
        file.seek(0)
        yield ["--seccomp", str(file.fileno())], (file.fileno(),)
