"""The self-test of the box: it passes, and it finds a hole."""

import os

import pytest

from coursekit.grading import box as boxes
from coursekit.grading.box import Box, BoxError, Limits, self_test

SLOT = 940 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


@pytest.mark.box
def test_the_self_test_holds():
    self_test(SLOT)


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


def test_without_bubblewrap_the_remedies_are_named(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(BoxError) as error:
        Box(Limits())
    for word in ("apt-get install bubblewrap", "apparmor_restrict", "macOS and Windows"):
        assert word in str(error.value)
