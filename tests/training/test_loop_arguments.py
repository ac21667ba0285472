"""Arguments of `fit` that cannot be used, and schedulers of every kind."""

import math

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler

from coursekit.training import Batches, fit, train

DATA = torch.rand(20, 3, generator=torch.Generator().manual_seed(1))


def squared(model, x):
    return {"loss": model(x).square().mean()}


def call(**changes):
    """`fit` with these arguments changed."""
    model = nn.Linear(3, 1)
    given = {
        "model": model,
        "objective": squared,
        "batches": Batches(DATA),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
        "epochs": 1,
    }
    return fit(**given | changes)


@pytest.mark.parametrize(
    ("argument", "value", "error", "message"),
    [
        ("model", None, TypeError, "must be a torch module"),
        ("model", nn.Flatten(), ValueError, "must have parameters to train"),
        ("objective", "loss", TypeError, "must be a function"),
        ("batches", DATA, TypeError, r"write Batches\(batches\)"),
        ("batches", (DATA, DATA), TypeError, r"write Batches\(\*batches\)"),
        ("batches", [(DATA, DATA[1:])], ValueError, "all with the same N"),
        ("batches", [DATA.double()], ValueError, "must hold torch.float32"),
        ("validation", DATA, TypeError, r"write Batches\(validation\)"),
        ("optimizer", torch.optim.SGD, TypeError, "must be a torch optimizer"),
        ("optimizer", None, TypeError, "must be a torch optimizer"),
        ("epochs", -1, ValueError, "must be at least 0, got -1"),
        ("epochs", math.nan, TypeError, "must be a whole number"),
        ("epochs", 1.5, TypeError, "must be a whole number"),
        ("epochs", None, TypeError, "must be a whole number"),
        ("patience", 0, ValueError, "must be at least 1"),
        ("patience", -2, ValueError, "must be at least 1"),
        ("patience", 1.5, TypeError, "must be a whole number"),
        ("scheduler", 0.9, TypeError, "must be a scheduler of torch.optim.lr_scheduler"),
        ("checkpoint", 7, TypeError, "must be a path"),
        ("every", {"a": 2}, ValueError, "need a dict of objectives"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(argument, value, error, message):
    with pytest.raises(error, match=f"{argument}.*{message}"):
        call(**{argument: value})


def test_a_scheduler_of_another_optimiser_is_refused():
    other = torch.optim.SGD(nn.Linear(3, 1).parameters(), lr=0.1)
    with pytest.raises(ValueError, match="scheduler must be made with the optimizer"):
        call(scheduler=lr_scheduler.StepLR(other, 1))


class Losses:
    """An objective whose values are given, in training and in validation."""

    def __init__(self, training, validation=()):
        self.losses = {True: iter(training), False: iter(validation)}

    def __call__(self, model, x):
        return {"loss": 0 * model(x).sum() + next(self.losses[model.training])}


@pytest.mark.parametrize(
    ("objective", "validation"),
    [(Losses([1, 2, 3]), None), (Losses([9, 8, 7], [1, 2, 3]), Batches(DATA))],
)
def test_a_scheduler_that_watches_a_plateau_sees_the_validation_or_the_training_loss(
    objective, validation, tmp_path
):
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    history = fit(
        model,
        objective,
        Batches(DATA),
        optimizer=optimizer,
        epochs=3,
        validation=validation,
        scheduler=scheduler,
        checkpoint=tmp_path / "run.pt",
    )
    assert len(history) == 3 and optimizer.param_groups[0]["lr"] == 0.25


def test_a_plateau_needs_a_single_objective():
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    with pytest.raises(ValueError, match="ReduceLROnPlateau needs a single objective"):
        call(
            model=model,
            objective={"a": squared},
            optimizer={"a": optimizer},
            scheduler=lr_scheduler.ReduceLROnPlateau(optimizer),
        )


@pytest.mark.parametrize("patience", [None, 2])
def test_a_validation_loss_that_is_no_number_stops_with_the_history_so_far(patience):
    message = "epoch 2: the term 'validation loss' is nan, over the whole set"
    with pytest.raises(FloatingPointError, match=message) as raised:
        call(
            objective=Losses([1, 1, 1], [1, math.nan]),
            epochs=3,
            validation=Batches(DATA),
            patience=patience,
        )
    assert raised.value.history.index.tolist() == [1]


def test_no_warnings_of_torch_reach_the_reader(recwarn):
    train(nn.Linear(3, 1), squared, DATA, epochs=2)
    assert not recwarn.list
