"""The self-test of the box holds, and says what it lacks."""

import os
import shutil
import subprocess
import sys
import tempfile

import pytest

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
def test_without_libseccomp_the_self_test_says_so_and_the_rest_holds(monkeypatch, capsys):
    monkeypatch.setattr(syscalls, "program", lambda: None)
    self_test(SLOT)
    assert "apt-get install libseccomp2" in capsys.readouterr().err


def test_without_bubblewrap_the_remedies_are_named(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(BoxError) as error:
        Box(Limits())
    for word in ("apt-get install bubblewrap", "apparmor_restrict", "macOS and Windows"):
        assert word in str(error.value)
