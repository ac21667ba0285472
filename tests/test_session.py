import math
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


@pytest.fixture
def threads(monkeypatch):
    """Threads as torch would start with: two, and nothing in the environment."""
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_start_prints_one_line_that_says_what_the_notebook_runs_with(monkeypatch, capsys):
    monkeypatch.setenv("COURSEKIT_PROFILE", "quick")
    started = session.start(seed=7)
    assert capsys.readouterr().out == (
        f"profile quick, device {started.device}, 1 thread, seed 7, torch {torch.__version__}\n"
    )
    assert (started.profile, started.seed) == ("quick", 7)
    assert started.device.type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize(
    ("idle", "allowed", "expected"),
    [
        (2.0, math.inf, 2),
        (1.9, math.inf, 2),
        (1.2, math.inf, 1),
        (0.1, math.inf, 1),
        (64, 2, 2),
        (64, 0.5, 1),
    ],
)
def test_there_is_a_thread_for_each_core_that_is_idle_and_ours(
    monkeypatch, threads, capsys, idle, allowed, expected
):
    monkeypatch.setattr(session, "_idle_cores", lambda: idle)
    monkeypatch.setattr(session, "_cores_allowed", lambda: allowed)
    session.start()
    assert torch.get_num_threads() == expected
    assert f", {expected} thread" in capsys.readouterr().out


def test_the_number_of_threads_in_the_environment_wins(monkeypatch, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(session, "_idle_cores", lambda: 1.0)
    session.start()
    assert torch.get_num_threads() == 2


def test_idle_time_is_counted_on_our_cores_only(monkeypatch, tmp_path):
    def counted(own_busy, own_idle):
        lines = [
            "cpu 9 9 9 9 9 9 9 9 9 9",
            f"cpu0 {own_busy} 0 0 {own_idle} 0 0 0 0 0 0",
            "cpu1 500 0 0 7 0 0 0 0 0 0",
            "intr 5",
        ]
        (tmp_path / "stat").write_text("\n".join(lines))
        return session._clocks({0}, tmp_path / "stat")

    assert counted(30, 70) == (100, 70)
    states = iter([counted(30, 70), counted(31, 79)])
    monkeypatch.setattr(session, "_clocks", lambda _: next(states))
    monkeypatch.setattr(session, "_cores", lambda: {0, 1, 2, 3})
    assert session._idle_cores(0) == pytest.approx(3.6)


def test_where_one_cannot_tell_all_cores_are_taken(monkeypatch, tmp_path):
    assert session._clocks({0}, tmp_path / "missing") == (0, 0)
    monkeypatch.setattr(session, "_clocks", lambda _: (0, 0))
    assert session._idle_cores(0) == len(session._cores())


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, math.inf),
        ({"cpu.max": "max 100000"}, math.inf),
        ({"cpu.max": "150000 100000"}, 1.5),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000"}, 2),
    ],
)
def test_the_quota_of_a_container_is_kept(tmp_path, files, expected):
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert session._cores_allowed(tmp_path) == expected


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


@pytest.mark.parametrize(
    ("seed", "error"),
    [(-1, ValueError), (1.5, TypeError), ("7", TypeError), (None, TypeError), (2**63, ValueError)],
)
def test_an_argument_that_is_no_whole_number_is_refused(seed, error):
    with pytest.raises(error, match="seed must be"):
        session.start(seed)


@pytest.mark.parametrize("text", ["-1", "1.5", "one", "", "\u00b2"])
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
