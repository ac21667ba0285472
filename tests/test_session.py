import random

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from coursekit import session


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("COURSEKIT_PROFILE", raising=False)
    monkeypatch.delenv("COURSEKIT_SEED", raising=False)
    with plt.rc_context():
        yield


def draws():
    """One number from each global generator."""
    return random.random(), np.random.rand(), torch.rand(1).item()


def test_the_profile_is_full_unless_the_environment_says_quick(monkeypatch):
    assert session.profile() == "full"
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    assert session.profile() == "quick"


@pytest.mark.parametrize("call", [session.profile, session.start])
@pytest.mark.parametrize("name", ["fast", "Quick", ""])
def test_an_unknown_profile_lists_the_known_ones(monkeypatch, name, call):
    monkeypatch.setenv("COURSEKIT_PROFILE", name)
    with pytest.raises(ValueError, match=f"COURSEKIT_PROFILE='{name}' .* one of quick, full"):
        call()


@pytest.mark.parametrize(("name", "value"), [("quick", 2), ("full", 20)])
def test_pick_gives_the_value_of_the_profile(monkeypatch, name, value):
    monkeypatch.setenv("COURSEKIT_PROFILE", name)
    assert session.start().pick(quick=2, full=20) == value


def test_start_prints_one_line_that_says_what_the_notebook_runs_with(monkeypatch, capsys):
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    started = session.start(seed=7)
    assert capsys.readouterr().out == (
        f"profile quick, device {started.device}, seed 7, torch {torch.__version__}\n"
    )
    assert (started.profile, started.seed) == ("quick", 7)
    assert started.device.type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_the_same_seed_repeats_every_global_draw_and_another_does_not():
    session.start(seed=3)
    first = draws()
    session.start(seed=3)
    assert draws() == first
    session.start(seed=4)
    assert all(a != b for a, b in zip(draws(), first))


def test_the_seed_of_the_environment_wins(monkeypatch):
    session.start(seed=5)
    expected = draws()
    monkeypatch.setenv("COURSEKIT_SEED", "5")
    assert session.start(seed=0).seed == 5
    assert draws() == expected


@pytest.mark.parametrize("text", ["-1", "1.5", "one", ""])
def test_a_seed_that_is_no_whole_number_is_refused(monkeypatch, text):
    monkeypatch.setenv("COURSEKIT_SEED", text)
    with pytest.raises(ValueError, match=f"seed must be a whole number from 0 on, got '{text}'"):
        session.start()


def test_the_record_cannot_be_changed():
    with pytest.raises(AttributeError, match="cannot assign to field 'profile'"):
        session.start().profile = "quick"


def test_figures_have_an_opaque_card_for_light_and_dark_pages():
    plt.rcParams["figure.facecolor"] = "black"
    session.start()
    assert plt.rcParams["figure.facecolor"] == "white"
    assert plt.rcParams["savefig.facecolor"] == "white"
