"""What a student's code finds in a box: probes that leave it alive, all in one box."""

import os
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from coursekit.exercises.codec import Foreign
from coursetools.grading.box import Box, Limits
from coursetools.grading.confinement import FIRST_UID, PACKAGE, TOOLS

ROOT = Path(__file__).parents[3]
LIMITS = Limits(memory_mb=512, disk_mb=16)
SLOT = 900 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
pytestmark = pytest.mark.box


@pytest.fixture(scope="module")
def box():
    with Box(LIMITS, SLOT) as box:
        yield box


def test_an_honest_answer_of_numpy_and_torch(box, ask):
    code = """
import numpy as np, torch
weights = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (weights * torch.as_tensor(arguments[0])).sum()
loss.backward()
return {"gradient": weights.grad, "norm": np.linalg.norm(arguments[0])}
"""
    got = ask(box, code, np.array([3.0, 4.0]))
    assert got["gradient"].tolist() == [3, 4] and got["norm"] == 5


def test_files_of_the_machine_and_hidden_tests_are_not_there(box, ask):
    paths = ["/etc/shadow", "/etc/passwd", "/var/log", "/sys/kernel", "/usr/share"]
    paths += [ROOT / name for name in ("README.md", ".git", "notebooks", "tests")]
    paths += [PACKAGE / "exercises" / name for name in ("__init__.py", "chapter_02.py")]
    paths += [TOOLS / name for name in ("__main__.py", "notebooks.py", "__pycache__")]
    paths += [TOOLS / "grading" / name for name in ("examine.py", "records.py", "__pycache__")]
    code = "return [path for path in arguments[0] if os.path.lexists(path)]"
    assert ask(box, code, [str(path) for path in paths]) == []
    assert ask(box, f"return sorted(os.listdir({str(PACKAGE / 'exercises')!r}))") == [
        "answers.py",
        "brief.py",
        "codec.py",
        "plain.py",
    ]
    code = f"return sorted(sum((names for _, _, names in os.walk({str(TOOLS)!r})), []))"
    assert ask(box, code) == ["__init__.py", "__init__.py", "frames.py", "shell.py", "worker.py"]


def test_of_processes_only_its_own_are_there(box, ask):
    assert ask(box, "return [n for n in os.listdir('/proc') if n.isdigit()]") == ["1", "2"]


def test_nothing_outside_its_folder_can_be_written(box, ask):
    code = "return [f for f in arguments[0] if os.access(f, os.W_OK)]"
    folders = [
        "/",
        "/dev",
        "/usr/lib",
        "/etc",
        sys.prefix,
        str(PACKAGE),
        str(TOOLS),
        "/proc/sys/kernel",
    ]
    assert ask(box, code, folders) == []
    assert ask(box, "open('x', 'w').write('y'); return open('x').read()") == "y"


def test_the_environment_tells_nothing(box, ask):
    names = {"HOME", "USER", "PATH", "LANG", "OMP_NUM_THREADS", "MPLBACKEND", "PWD"}
    assert set(ask(box, "return dict(os.environ)")) <= names | {"COURSEKIT_PROFILE"}


def test_no_network_not_even_this_machine(box, ask):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = "socket.create_connection((arguments[0], arguments[1]), 5)"
        assert "refused" in ask(box, code, "127.0.0.1", port)
        assert "unreachable" in ask(box, code, "192.0.2.1", 80)
    assert ask(box, "return os.listdir('/proc/sys/net/ipv4/conf')") == ["all", "default", "lo"]


def test_neither_root_nor_able_to_become_it(box, ask):
    assert ask(box, "return os.getuid()") == (os.getuid() or FIRST_UID + SLOT)
    code = "return subprocess.run(arguments[0], capture_output=True).returncode == 0"
    assert not ask(box, code, ["unshare", "-Ur", "true"])
    assert not ask(box, code, ["mount", "-t", "tmpfs", "none", "/tmp"])


def test_signals_to_the_parent_and_to_everybody_do_nothing(box, ask):
    code = """
os.kill(os.getppid(), signal.SIGKILL)
os.kill(1, signal.SIGKILL)
try:
    os.kill(-1, signal.SIGKILL)
except ProcessLookupError:
    return "alone and alive"
"""
    assert ask(box, code) == "alone and alive"


def test_a_memory_hog_gets_a_memory_error(box, ask):
    assert "MemoryError" in ask(box, "return len(bytearray(600 << 20))")
    assert "allocate" in ask(box, "import torch; torch.ones(200 << 20)")


def test_the_disk_ends(box, ask):
    code = """
try:
    for number in range(100):
        open(f"{arguments[0]}/large{number}", "wb").write(bytes(1 << 20))
finally:
    subprocess.run(f"rm {arguments[0]}/large*", shell=True)
"""
    for folder in ("/tmp", "/dev/shm"):
        assert "No space left" in ask(box, code, folder)
    assert "too large" in ask(box, "open('big', 'wb').truncate(1 << 30)")


def test_files_in_the_working_directory_shadow_no_module(box, ask):
    code = """
for name in ("random", "colorsys", "sitecustomize"):
    open(f"{name}.py", "w").write("raise SystemExit('shadowed')")
import colorsys
run = subprocess.run([sys.executable, "-I", "-c", "import colorsys"])
return [colorsys.__file__, run.returncode]
"""
    file, status = ask(box, code)
    assert file.startswith(sys.base_prefix) and status == 0


def test_patched_libraries_lie_to_the_box_only(box, ask):
    code = """
import numpy as np, torch
np.allclose = np.array_equal = torch.allclose = lambda *_, **__: True
np.abs = np.max = np.isfinite = lambda *_, **__: 0
return [1.0, float("nan")]
"""
    first, second = ask(box, code)
    assert first == 1.0 and second != second
    assert np.abs(-3) == 3 and not np.allclose(1, 2)


@pytest.mark.parametrize(
    "value",
    [
        "type('A', (), {'__eq__': lambda s, o: True, '__float__': lambda s: 1.0})()",
        "type('A', (), {'__array__': lambda s, *a, **k: 1 / 0})()",
        "type('A', (), {'__array__': lambda s, *a, **k: sys.exit()})()",
        "type('A', (dict,), {'items': lambda s: 1 / 0})()",
        "type('A', (list,), {'__iter__': lambda s: 1 / 0})()",
        "lambda: 1",
        "[[]] * (10**6 + 1)",
        "__import__('functools').reduce(lambda a, _: [a], range(100_000))",
    ],
)
def test_lying_objects_become_errors_or_names_of_their_kind(box, ask, value):
    assert isinstance(ask(box, f"return {value}"), str | Foreign)


@pytest.mark.parametrize(
    "value",
    [
        "type('A', (float,), {'__eq__': lambda s, o: True})(2.0)",
        "np.ones(1).view(type('A', (np.ndarray,), {'__eq__': lambda s, o: True})) * 2",
        "type('A', (torch.Tensor,), {'__torch_function__': classmethod("
        "lambda c, f, t, a=(), k=None: f)})([2.0]).as_subclass(torch.Tensor)",
    ],
)
def test_subclasses_that_lie_arrive_as_plain_numbers(box, ask, value):
    got = ask(box, f"import numpy as np, torch\nreturn {value}")
    assert type(got) in (float, np.ndarray) and float(np.ravel(got)[0]) == 2.0


def test_a_deep_reply_is_named(box, ask):
    code = "value = []\nfor _ in range(10**5): value = [value]\nreturn value"
    assert "nested deeper" in ask(box, code).kind
