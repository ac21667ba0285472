"""How a box is built: the command line of bubblewrap, and the limits of what runs in it.

Bubblewrap gives a box mount, process, network and user namespaces of its own, in two layers.
The outer one shows only the Python installation, even where it lies in a closed home. Its process
namespace ends with the grader, and with it everything in the box: code in the inner layer can
neither see nor trace its first process. As root, `setpriv` drops to a uid of the slot's own
between the two. The kernel limits the memory of a process, and a watch outside that of the
box as a whole (cgroups differ too much between machines); where it runs out, the kernel stops the
processes of a box first.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import coursekit

FIRST_UID, SLOTS = 60_000, 1000
PACKAGE = Path(coursekit.__file__).parent
TOOLS = Path(__file__).parents[1]
BARE = {  # of these folders a box sees the named files and nothing else
    PACKAGE / "exercises": ["answers.py", "brief.py", "codec.py", "plain.py"],
    TOOLS: ["__init__.py"],
    TOOLS / "grading": ["__init__.py", "frames.py", "shell.py", "worker.py"],
}
HOME = "/tmp"
REMEDY = (
    "The grader needs Linux with bubblewrap 0.8 or newer (Debian and Ubuntu: apt-get install "
    "bubblewrap). On Ubuntu 24.04, where it says 'setting up uid map: Permission denied': "
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile "
    "for bwrap. On macOS and Windows: grade in a Linux virtual machine, a container or CI."
)


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    `memory_mb` counts without the libraries: for each process, and for all of a box together.
    `processes` counts threads too.
    """

    call_seconds: float = 60.0
    total_seconds: float = 600.0
    memory_mb: int = 4096
    disk_mb: int = 256
    processes: int = 32
    output_bytes: int = 1_000_000
    reply_bytes: int = 50_000_000


class BoxError(RuntimeError):
    """The box itself does not work; the message says what to do."""


def confinement(limits: Limits, slot: int) -> list[str]:
    """The command line in front of the program that is to run in the box."""
    bwrap = shutil.which("bwrap")
    if not bwrap:
        raise BoxError(f"bubblewrap (the command bwrap) is not installed. {REMEDY}")
    size = str(limits.disk_mb << 20)
    inner = [bwrap, "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
    inner += ["--die-with-parent", "--new-session", "--hostname", "box", "--proc", "/proc"]
    inner += ["--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    # Python may lie below HOME, as in a clone for a try; so its files come after it.
    inner += ["--size", size, "--tmpfs", HOME, *_files(), "--remount-ro", "/", "--chdir", HOME]
    outer = [bwrap, "--unshare-pid", "--die-with-parent", *_files(), "--dir", HOME]
    outer += ["--bind", "/proc", "/proc", "--dev", "/dev", "--remount-ro", "/"]
    if os.geteuid() != 0:
        return [*outer, "--unshare-user", *inner]
    uid = str(FIRST_UID + slot)
    drop = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs"]
    return [*outer, *drop, "--inh-caps=-all", "--bounding-set=-all", *inner]


def _files() -> list[str]:
    """Options that mount, read-only, what Python needs, and neither hidden tests nor the grader."""
    prefixes = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])}
    parts = ("bin", "lib", "lib64", "pyvenv.cfg")
    shown = [Path(prefix, part) for prefix in ["/usr", *sorted(prefixes)] for part in parts]
    shown += [Path("/etc", name) for name in ("ld.so.cache", "alternatives", "localtime")]
    options, made, tops = [], set(), []
    for path in ("/bin", "/lib", "/lib64"):
        if os.path.islink(path):
            options += ["--symlink", os.readlink(path), path]
        else:
            shown.append(Path(path))
    for path in [*shown, PACKAGE, TOOLS]:
        if not path.exists() or made & {path, *path.parents}:
            continue
        for parent in [*reversed(path.parents)][1:]:
            # In HOME, which can be written to: a mount of its own, made read-only in the end.
            own = str(parent.parent) == HOME and str(parent) not in tops
            tops += [str(parent)] * own
            options += ["--perms", "0755", "--tmpfs" if own else "--dir", str(parent)]
        options += ["--ro-bind", str(path), str(path)]
        made.add(path)
    for folder, names in BARE.items():
        options += ["--tmpfs", str(folder)]
        for name in names:
            options += ["--ro-bind", str(folder / name), str(folder / name)]
    for place in [*BARE, *tops]:
        options += ["--remount-ro", str(place)]
    return options
