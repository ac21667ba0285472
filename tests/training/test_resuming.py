"""Checkpoints of another run are refused before anything is changed; those of this one go on."""

import copy
from functools import partial

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset

from coursekit.layers.weights import seeded
from coursekit.losses import squared_error
from coursekit.training import Batches, fit

DATA = torch.rand(30, 6, generator=torch.Generator().manual_seed(1))

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0)


def net():
    with seeded(0):
        return nn.Sequential(nn.Linear(6, 6))


def plain(model, batch):
    return {"loss": squared_error(model(batch), batch)}


def schedule(optimizer, steps=2):
    return lr_scheduler.StepLR(optimizer, steps, gamma=0.5)


def continued(path, epochs=2, model=None, optimizer=None, scheduler=schedule, batches=None, **more):
    """`fit`, from a checkpoint if there is one."""
    model = model or net()
    optimizer = (optimizer or torch.optim.Adam)(model.parameters(), **{"lr": 1e-2} | more)
    fit(
        model,
        plain,
        batches or Batches(DATA, batch_size=5),
        optimizer=optimizer,
        epochs=epochs,
        checkpoint=path,
        scheduler=scheduler(optimizer),
    )
    return optimizer


def test_batches_that_may_have_state_are_refused_a_checkpoint_only(tmp_path):
    class Windows:
        def __len__(self):
            return 6

        def __iter__(self):
            return iter(DATA.split(5))

    continued(None, batches=Windows())
    with pytest.raises(ValueError, match="batches of type Windows may have .* give it state_dict"):
        continued(tmp_path / "run.pt", batches=Windows())


def test_workers_that_persist_are_refused_a_checkpoint(tmp_path):
    loader = DataLoader(TensorDataset(DATA), batch_size=5, num_workers=1, persistent_workers=True)
    with pytest.raises(ValueError, match="set persistent_workers=False"):
        continued(tmp_path / "run.pt", batches=loader)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lr": 2e-2}, r"optimizer: Adam, lr = 0.01; this one has 0.02"),
        (
            {"betas": (0.5, 0.9)},
            r"optimizer: Adam, betas = \(0.9, 0.999\); this one has \(0.5, 0.9\)",
        ),
        (
            {"scheduler": partial(schedule, steps=3)},
            "scheduler: StepLR, step_size = 2; this one has 3",
        ),
        ({"batches": Batches(DATA, batch_size=6)}, "batches in an epoch = 6; this one has 5"),
    ],
)
def test_a_run_that_was_started_otherwise_is_told_what_differs(tmp_path, change, message):
    file = tmp_path / "run.pt"
    continued(file)
    model = net()
    with pytest.raises(ValueError, match=f"run.pt is a checkpoint of a run with {message}"):
        continued(file, 4, model, **change)
    assert_identical(model.state_dict(), net().state_dict())


def test_the_same_optimiser_goes_on_although_its_rate_has_moved(tmp_path):
    file, model = tmp_path / "run.pt", net()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    scheduler = schedule(optimizer)
    for epochs in (3, 6):
        fit(
            model,
            plain,
            Batches(DATA, batch_size=5),
            optimizer=optimizer,
            epochs=epochs,
            checkpoint=file,
            scheduler=scheduler,
        )
    other = net()
    continued(None, 6, other)
    assert_identical(model.state_dict(), other.state_dict())


def groups(first):
    """Adam with two groups, the first with so many parameters."""

    def make(parameters, **options):
        parameters = list(parameters)
        return torch.optim.Adam(
            [{"params": parameters[:first]}, {"params": parameters[first:]}], **options
        )

    return make


def test_parameter_groups_that_do_not_fit_are_named_before_anything_is_overwritten(tmp_path):
    file = tmp_path / "run.pt"
    deep = partial(nn.Sequential, *(nn.Linear(6, 6) for _ in range(2)))
    continued(file, model=deep(), optimizer=groups(2))
    model = copy.deepcopy(deep())
    before = copy.deepcopy(model.state_dict())
    nn.init.zeros_(model[0].weight)
    with pytest.raises(ValueError, match="optimizer: Adam, params of group 0 = .*this one has"):
        continued(file, 4, model, groups(1))
    assert torch.equal(model[0].weight, torch.zeros(6, 6))
    assert_identical(model[1].weight, before["1.weight"])


def test_weights_of_another_type_are_another_model(tmp_path):
    continued(tmp_path / "run.pt")
    with pytest.raises(ValueError, match="another model; these weights differ: 0.bias, 0.weight"):
        continued_in_double(tmp_path / "run.pt")


def continued_in_double(path):
    model = net().double()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    batches = Batches(DATA.double(), batch_size=5)
    fit(
        model,
        plain,
        batches,
        optimizer=optimizer,
        epochs=4,
        checkpoint=path,
        scheduler=schedule(optimizer),
    )
