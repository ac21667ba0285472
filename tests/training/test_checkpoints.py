"""Checkpoints of `fit`: runs that are killed and continued, and files that do not fit."""

import errno
import os
import random
import subprocess
import sys
from functools import partial
from importlib import util
from pathlib import Path

import numpy as np
import pytest
import torch

from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.training import Batches, checkpoints, fit

DATA = torch.rand(50, 12, generator=torch.Generator().manual_seed(1))

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0)

SCRIPT = Path(__file__).with_name("killed_runs.py")
spec = util.spec_from_file_location("killed_runs", SCRIPT)
killed_runs = util.module_from_spec(spec)
spec.loader.exec_module(killed_runs)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What each run of killed_runs.py led to."""
    folder = tmp_path_factory.mktemp("killed_runs")
    script = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
    assert script.returncode == 0, script.stderr
    return {run: torch.load(folder / "{}-{}.pt".format(*run)) for run in killed_runs.RUNS}


@pytest.mark.parametrize(("setting", "scenario"), killed_runs.RUNS)
def test_a_killed_run_continues_to_the_same_end(outcomes, setting, scenario):
    ended, expected = outcomes[setting, scenario], outcomes[setting, "never"]
    assert ended["stopped"] == expected["stopped"]
    for part in ("model", "optimizer", "scheduler", "history", "noise to come"):
        assert_identical(ended[part], expected[part], msg=f"{part} differs")


def test_the_killed_runs_prove_something(outcomes):
    """One setting stops early, where the best weights are not the last; the others do not."""
    stopped = {setting: outcomes[setting, "never"]["stopped"] for setting, _ in killed_runs.RUNS}
    assert stopped == {
        "batches": None,
        "patience": "no lower validation loss for 3 epochs",
        "loader": None,
        "loader of global order": None,
    }
    losses = [row["validation loss"] for row in outcomes["batches", "never"]["history"]]
    assert len(losses) == killed_runs.EPOCHS and min(losses) < losses[-1]


def reconstruction(model, x):
    return {"loss": squared_error(model(x), x)}


def train(
    path,
    model=None,
    optimizer=torch.optim.Adam,
    batches=None,
    epochs=2,
    schedule=None,
    lr=1e-2,
    objective=reconstruction,
):
    """`fit` on a small autoencoder with a checkpoint: history, model."""
    model = model or Autoencoder([12, 6, 3])
    optimizer = optimizer(model.parameters(), lr=lr)
    history = fit(
        model,
        objective,
        batches or Batches(DATA, batch_size=10),
        optimizer=optimizer,
        epochs=epochs,
        checkpoint=path,
        scheduler=schedule and schedule(optimizer),
    )
    return history, model


@pytest.fixture
def file(tmp_path):
    """The checkpoint of a run of one epoch."""
    train(tmp_path / "run.pt", epochs=1)
    return tmp_path / "run.pt"


def test_a_finished_run_is_not_trained_again(tmp_path, capsys):
    first, model = train(tmp_path / "run.pt")
    again, same = train(tmp_path / "run.pt", Autoencoder([12, 6, 3], seed=9))
    assert again.equals(first)  # with the seconds of the first run
    assert_identical(same.state_dict(), model.state_dict())
    assert f"going on after epoch 2 of {tmp_path / 'run.pt'}" in capsys.readouterr().out


def test_more_epochs_continue_to_what_one_run_gives(file):
    history, model = train(file, epochs=4)
    _, whole = train(None, epochs=4)
    assert len(history) == 4
    assert_identical(model.state_dict(), whole.state_dict())


def test_nothing_but_the_checkpoint_is_left_in_the_folder(file):
    assert [path.name for path in file.parent.iterdir()] == ["run.pt"]


def process_that_ended():
    """The number of a process that lives no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_killed_runs_left_behind_goes_with_the_next_save_and_nothing_else(file):
    dead, alive = process_that_ended(), os.getppid()
    names = [f"run.pt.{dead}.partial", f"run.pt.{alive}.partial", f"other.pt.{dead}.partial"]
    for name in names:
        file.with_name(name).write_bytes(b"half a checkp")
    _, model = train(file)
    _, whole = train(None)
    assert_identical(model.state_dict(), whole.state_dict())
    assert sorted(path.name for path in file.parent.iterdir()) == sorted(["run.pt", *names[1:]])


def test_a_full_disk_leaves_the_old_checkpoint_and_the_history(file, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr(checkpoints.os, "fsync", full)
    with pytest.raises(OSError, match="run.pt could not be written: No space left") as raised:
        train(file, epochs=3)
    assert raised.value.errno == errno.ENOSPC and raised.value.history.index.tolist() == [1, 2]
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["run.pt"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing/run.pt", "in a folder that exists; make .*missing first"),
        (".", "a file, and .* is a folder"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused_before_the_first_epoch(tmp_path, path, message):
    def objective(model, x):
        raise AssertionError("trained")

    with pytest.raises(ValueError, match=f"checkpoint must be .*{message}"):
        train(tmp_path / path, objective=objective)


def test_another_model_names_the_weights_that_differ_and_is_left_alone(file):
    wider = Autoencoder([12, 7, 3])
    with pytest.raises(ValueError, match="checkpoint of another model") as raised:
        train(file, wider)
    message = str(raised.value)
    assert str(file) in message and "Name another file or delete it" in message
    assert "encoder.0.weight" in message and "decoder.2.weight" in message
    assert "encoder.2.bias" not in message  # 3 in both
    assert_identical(wider.state_dict(), Autoencoder([12, 7, 3]).state_dict())


def test_a_deeper_model_names_the_layers_that_only_one_has(file):
    with pytest.raises(ValueError, match="encoder.4.bias, encoder.4.weight"):
        train(file, Autoencoder([12, 6, 3, 3]))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"optimizer": torch.optim.SGD}, "optimizer: SGD, batches.generator: Generator"),
        (
            {"schedule": lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 1)},
            "optimizer: Adam, scheduler: StepLR, batches.generator: Generator",
        ),
        ({"batches": [DATA]}, "optimizer: Adam"),
    ],
)
def test_another_kind_of_run_is_told_what_the_checkpoint_is_of(file, change, parts):
    with pytest.raises(ValueError, match="a run with optimizer: Adam, batches.gener") as raised:
        train(file, **change)
    assert f"this one has {parts}." in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"half a checkp", None])
def test_a_file_that_is_no_checkpoint_is_named_and_kept(tmp_path, content):
    file = tmp_path / "run.pt"
    if content is None:
        torch.save(Autoencoder([12, 6, 3]).state_dict(), file)
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    with pytest.raises(ValueError, match="run.pt is not a checkpoint of `fit`, or it is damaged"):
        train(file)
    assert file.read_bytes() == before


def test_every_flipped_bit_is_noticed_and_the_model_left_alone(file):
    whole = file.read_bytes()
    rng = random.Random(0)
    for _ in range(100):
        content, at = bytearray(whole), rng.randrange(8 * len(whole))
        content[at // 8] ^= 1 << at % 8
        file.write_bytes(content)
        model = Autoencoder([12, 6, 3], seed=7)
        with pytest.raises(ValueError, match="run.pt is not a checkpoint of `fit`, or it is dam"):
            train(file, model)
        assert_identical(model.state_dict(), Autoencoder([12, 6, 3], seed=7).state_dict())


def test_a_file_cut_short_is_noticed(file):
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ValueError, match="or it is damaged"):
        train(file)


def test_a_file_with_a_digest_is_not_unpickled_into_code(tmp_path):
    checkpoints.write(tmp_path / "run.pt", {"call": print})
    with pytest.raises(Exception, match="[Ww]eights"):
        checkpoints.read(tmp_path / "run.pt")


@pytest.mark.parametrize("key", ["model", "rows", "random", "settings"])
def test_a_missing_entry_is_another_version(file, key):
    state = checkpoints.read(file)
    del state[key]
    checkpoints.write(file, state)
    with pytest.raises(ValueError, match="run.pt is a checkpoint of another version of `fit`"):
        train(file)


def test_what_a_file_cannot_hold_is_said_before_the_first_epoch(tmp_path):
    class Strange(Batches):
        def state_dict(self):
            return {"function": print}

        def load_state_dict(self, state):
            pass

    def objective(model, x):
        raise AssertionError("trained")

    with pytest.raises(ValueError, match="checkpoint cannot hold the state of this run"):
        train(tmp_path / "run.pt", batches=Strange(DATA), objective=objective)


def test_a_learning_rate_as_numpys_number_comes_back(tmp_path):
    train(tmp_path / "run.pt", epochs=1, lr=np.float64(1e-2))
    _, model = train(tmp_path / "run.pt", lr=np.float64(1e-2))
    assert_identical(model.state_dict(), train(None)[1].state_dict())


@pytest.mark.gpu
def test_on_a_gpu_a_run_continues_from_its_checkpoint_to_the_same_weights(tmp_path):
    def on_gpu():
        return Autoencoder([12, 6, 3]).cuda()

    _, whole = train(None, on_gpu(), epochs=4)
    train(tmp_path / "run.pt", on_gpu(), epochs=2)
    _, model = train(tmp_path / "run.pt", on_gpu(), epochs=4)
    assert next(model.parameters()).is_cuda
    assert_identical(model.state_dict(), whole.state_dict())
