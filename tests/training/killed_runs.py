"""Training that is killed and continued. `python killed_runs.py FOLDER` runs every scenario.

Each run is a forked process that ends by SIGKILL at the place named, so nothing is tidied up; the
last one goes on to the end and writes what training leads to as FOLDER/SETTING-SCENARIO.pt.
"""

import os
import signal
import sys
from pathlib import Path
from unittest import mock

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from coursekit.layers.weights import seeded
from coursekit.losses import squared_error
from coursekit.training import Batches, fit

EPOCHS = 6
DATA = torch.rand(40, 8, generator=torch.Generator().manual_seed(1))  # 5 steps an epoch

# Where each process of a run dies: (place, how often it comes by before). The list is followed by
# a process that lives.
SCENARIOS = {
    "never": [],
    "first step": [("step", 1)],
    "second step": [("step", 2)],
    "mid-epoch": [("step", 13)],
    "last step of an epoch": [("step", 10)],
    "first step of an epoch": [("step", 11)],
    "after the last update of an epoch": [("updated", 10)],
    "in the validation": [("validation", 4)],
    "again and again": [("step", 7), ("updated", 3), ("step", 9), ("replace", 1), ("step", 4)],
    "before the first checkpoint is on the disk": [("fsync", 1)],
    "before a later checkpoint is on the disk": [("fsync", 3)],
    "before the first checkpoint takes its place": [("replace", 1)],
    "before a later checkpoint takes its place": [("replace", 3)],
    "after a checkpoint took its place": [("replaced", 2)],
    "at the very end": [("replaced", EPOCHS)],
}
FEW = ("never", "mid-epoch", "again and again")
RUNS = [("batches", scenario) for scenario in SCENARIOS] + [
    (setting, scenario)
    for setting in ("patience", "loader", "loader of global order")
    for scenario in FEW
]


class Death:
    """Kills this process when it comes by `place` for the `count`-th time."""

    def __init__(self, place=None, count=0):
        self.place, self.count = place, count

    def __call__(self, place):
        self.count -= place == self.place
        if place == self.place and self.count == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def training(setting, death):
    """What `fit` gets in a setting: everything that a step may depend on."""
    with seeded(0):
        model = nn.Sequential(nn.Linear(8, 16), nn.Dropout(0.3), nn.ReLU(), nn.Linear(16, 8))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.2)
    optimizer.register_step_post_hook(lambda *_: death("updated"))

    def objective(model, batch):
        death("step" if model.training else "validation")
        x = batch if isinstance(batch, torch.Tensor) else batch[0]
        error = squared_error(model(x + 0.1 * torch.randn_like(x)), x)  # global noise
        return {"loss": error + 0.01 * model[0].weight.square().sum(), "error": error}

    if setting.startswith("loader"):
        order = torch.Generator().manual_seed(5) if setting == "loader" else None
        batches = DataLoader(TensorDataset(DATA), batch_size=8, shuffle=True, generator=order)
        return (model, objective, batches), {"optimizer": optimizer}
    more = {
        "optimizer": optimizer,
        "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5),
        "validation": Batches(DATA[:17].flip(1), batch_size=4, seed=9),  # shuffled as well
        "patience": 3 if setting == "patience" else EPOCHS,
    }
    return (model, objective, Batches(DATA, batch_size=8, seed=2)), more


def run(setting, file, checkpoint, death):
    torch.manual_seed(3)  # as a notebook that is started again does
    args, more = training(setting, death)

    def replace(*paths):
        death("replace")
        os_replace(*paths)
        death("replaced")

    os_replace = os.replace
    with (
        mock.patch("os.replace", replace),
        mock.patch("os.fsync", lambda _: death("fsync")),
    ):  # fsync guards against power cuts
        history = fit(*args, **more, epochs=EPOCHS, checkpoint=checkpoint)
    result = {
        "model": args[0].state_dict(),
        "optimizer": more["optimizer"].state_dict(),
        "scheduler": more["scheduler"].state_dict() if "scheduler" in more else None,
        "history": history.drop(columns="seconds").to_dict("records"),
        "stopped": history.stopped,
        "noise to come": torch.rand(3),
    }
    torch.save(result, file)


def in_child(work, *args):
    """Do the work in a forked process; its exit status, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        work(*args)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder):
    torch.optim.SGD([torch.zeros(1)])  # imports much, once and not in each child
    for setting, scenario in RUNS:
        file = Path(folder, f"{setting}-{scenario}.pt")
        checkpoint = file.with_suffix(".checkpoint") if SCENARIOS[scenario] else None
        for place, count in SCENARIOS[scenario]:
            status = in_child(run, setting, file, checkpoint, Death(place, count))
            assert status == -signal.SIGKILL, (setting, scenario, place, count)
        assert in_child(run, setting, file, checkpoint, Death()) == 0


if __name__ == "__main__":
    main(sys.argv[1])
