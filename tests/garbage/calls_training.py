"""Valid calls of `coursekit.training`.

The tensors hold whole numbers and the objectives take any type, because what a batch is made of is
the objective's affair.
"""

import contextlib
import copy
import functools
import tempfile
from pathlib import Path

import torch
from torch import nn

from coursekit import training
from coursekit.models.autoencoders import Autoencoder
from tests.garbage.calls import Call, Fresh

X = torch.arange(24.0).reshape(8, 3) % 5
LABELS = torch.arange(8) % 2
MODEL = Autoencoder([3, 2])
ADAM = torch.optim.Adam(MODEL.parameters(), lr=1e-3)
STEPS = torch.optim.lr_scheduler.StepLR(ADAM, 1)
START = copy.deepcopy([one.state_dict() for one in (MODEL, ADAM, STEPS)])


def squared(model, batch):
    x = batch[0] if isinstance(batch, tuple) else batch
    x = x.to(model.encoder[0].weight.dtype).clamp(-9, 9)
    return {"loss": (model(x) - x).square().mean()}


def from_the_start(function):
    """`function` on model, optimiser and schedule as they were, in a folder of its own."""

    @functools.wraps(function)
    def call(*args, **options):
        for one, state in zip((MODEL, ADAM, STEPS), copy.deepcopy(START)):
            one.load_state_dict(state)
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            result = function(*args, **options)
        if isinstance(result, training.History):
            return result.drop(columns="seconds", errors="ignore")
        return result

    return call


def batches(*tensors, batch_size, seed, shuffle):
    return list(training.Batches(*tensors, batch_size=batch_size, seed=seed, shuffle=shuffle))


def in_eval_mode(model):
    with training.eval_mode(model) as same:
        return same(X)


class Labelled(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = MODEL

    def forward(self, x, labels):
        return self.model(x) * labels[:, None]


CALLS = {
    "Batches": Call(
        batches,
        tensors=(X, LABELS),
        batch_size=4,
        seed=3,
        shuffle=True,
        accepts={"seed": "zero huge", "batch_size": "integer"},
    ),
    "eval_mode": Call(in_eval_mode, model=MODEL),
    "evaluate": Call(
        training.evaluate, model=MODEL, objective=squared, batches=training.Batches(X, batch_size=4)
    ),
    "predict": Call(training.predict, function=MODEL.encode, x=X, batch_size=3),
    "predict of several": Call(
        training.predict, function=Labelled(), x=X, more=(LABELS.float(),), batch_size=3
    ),
    "fit": Call(
        from_the_start(training.fit),
        model=MODEL,
        objective=squared,
        batches=Fresh(lambda: training.Batches(X, batch_size=4)),
        optimizer=ADAM,
        epochs=2,
        every=None,
        validation=Fresh(lambda: training.Batches(X, batch_size=4, shuffle=False)),
        scheduler=STEPS,
        patience=2,
        checkpoint=Path("run.pt"),
        accepts={"epochs": "zero", "checkpoint": "string"},
    ),
    "fit of a game": Call(
        from_the_start(training.fit),
        model=MODEL,
        objective={"a": squared},
        batches=Fresh(lambda: training.Batches(X, batch_size=4)),
        optimizer={"a": ADAM},
        epochs=2,
        every={"a": 2},
        accepts={"epochs": "zero"},
    ),
    "train": Call(
        from_the_start(training.train),
        model=MODEL,
        objective=squared,
        tensors=(X,),
        epochs=2,
        lr=0.01,
        batch_size=4,
        seed=3,
        validation=Fresh(lambda: training.Batches(X, batch_size=4, shuffle=False)),
        accepts={"epochs": "zero", "seed": "zero huge", "lr": "float64 integer"},
    ),
}
EXEMPT = {"History": "a form of result, a pandas DataFrame"}
