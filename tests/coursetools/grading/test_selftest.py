"""The self-test of the box: it passes, and it finds a hole."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

from coursetools.grading import box as boxes
from coursetools.grading import syscalls
from coursetools.grading.box import Box, BoxError, Limits
from coursetools.grading.confinement import HOME, PACKAGE, TOOLS
from coursetools.grading.selftest import self_test

SLOT = 940 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


@pytest.mark.box
def test_the_self_test_holds():
    self_test(SLOT)


@pytest.mark.box
def test_it_also_holds_for_a_course_below_the_folder_that_a_box_can_write_to():
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        shutil.copytree(PACKAGE, f"{folder}/course/coursekit")
        shutil.copytree(TOOLS, f"{folder}/course/coursetools")
        code = (
            f"from coursetools.grading import confinement, selftest; selftest.self_test({SLOT}); "
            "print(confinement.PACKAGE)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": f"{folder}/course"},
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout.strip() == f"{folder}/course/coursekit"


@pytest.mark.box
def test_the_self_test_finds_a_leak(monkeypatch):
    real = boxes.confinement

    def leaky(limits, slot):
        options = real(limits, slot)
        for place in reversed([n for n, text in enumerate(options) if text == "--dev"]):
            options[place:place] = ["--ro-bind", "/var", "/var"]
        return options

    monkeypatch.setattr(boxes, "confinement", leaky)
    with pytest.raises(BoxError, match="code reads files of this machine: .*/var"):
        self_test(SLOT)


@pytest.mark.box
def test_the_self_test_finds_that_processes_outlive_a_box(monkeypatch):
    real = boxes.confinement

    def one_layer(limits, slot):
        return [text for text in real(limits, slot) if text != "--unshare-pid"]

    monkeypatch.setattr(boxes, "confinement", one_layer)
    monkeypatch.setattr(syscalls, "program", lambda: None)  # it would refuse the attack
    with pytest.raises(BoxError, match="processes outlive it"):
        self_test(SLOT)


@pytest.mark.box
def test_without_libseccomp_the_self_test_says_so_and_the_rest_holds(monkeypatch, capsys):
    monkeypatch.setattr(syscalls, "program", lambda: None)
    self_test(SLOT)
    assert "apt-get install libseccomp2" in capsys.readouterr().err


@pytest.mark.box
@pytest.mark.skipif(syscalls.program() is None, reason=syscalls.MISSING)
def test_the_self_test_finds_that_the_filter_is_not_loaded(monkeypatch, capsys):
    monkeypatch.setattr(syscalls, "bwrap_option", lambda: contextlib.nullcontext(([], ())))
    with pytest.raises(BoxError, match="system calls that no exercise needs: .*'ptrace', .*fcntl"):
        self_test(SLOT)
    assert capsys.readouterr().err == ""


def test_without_bubblewrap_the_remedies_are_named(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(BoxError) as error:
        Box(Limits())
    for word in ("apt-get install bubblewrap", "apparmor_restrict", "macOS and Windows"):
        assert word in str(error.value)
