"""Each attack of the self-test finds the hole that it is meant for."""

import contextlib
import os

import pytest

from coursetools.grading import box as boxes
from coursetools.grading import syscalls
from coursetools.grading.box import BoxError
from coursetools.grading.selftest import self_test

SLOT = 970 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


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
@pytest.mark.skipif(syscalls.program() is None, reason=syscalls.MISSING)
def test_the_self_test_finds_that_the_filter_is_not_loaded(monkeypatch, capsys):
    monkeypatch.setattr(syscalls, "bwrap_option", lambda: contextlib.nullcontext(([], ())))
    with pytest.raises(BoxError, match="system calls that no exercise needs: .*'ptrace', .*fcntl"):
        self_test(SLOT)
    assert capsys.readouterr().err == ""
