"""One pass of `fit`: what a bad step leaves, and terms that are read once an epoch as on CUDA."""

import copy
import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from coursekit.layers.weights import seeded
from coursekit.losses import squared_error
from coursekit.training import Batches, fit, steps

DATA = torch.rand(50, 12, generator=torch.Generator().manual_seed(1))  # 5 steps an epoch

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0, equal_nan=True)


class Counter(nn.Module):
    """A layer with a buffer that each pass replaces, and that `state_dict` leaves out."""

    def __init__(self):
        super().__init__()
        self.register_buffer("passes", torch.zeros(1), persistent=False)

    def forward(self, x):
        self.passes = self.passes + 1
        return x


def net():
    with seeded(0):
        return nn.Sequential(
            nn.Linear(12, 9), nn.BatchNorm1d(9), Counter(), nn.Dropout(0.4), nn.Linear(9, 12)
        )


class Objective:
    """Squared error with noise; NaN joins at one step, or never. Notes the state before it."""

    def __init__(self, bad=None, what=math.nan, where="loss"):
        self.bad, self.what, self.where, self.seen = bad, what, where, {}

    def __call__(self, model, batch):
        x = batch if isinstance(batch, torch.Tensor) else batch[0]
        step = int(model[2].passes) + 1
        if step == self.bad:
            self.seen = copy.deepcopy(state(model))
        error = squared_error(model(x + torch.randn_like(x) + float(np.random.rand())), x)
        terms = {"loss": error, "size": model[0].weight.square().sum()}
        if step == self.bad:
            if isinstance(self.what, BaseException):
                raise self.what
            terms[self.where] = terms[self.where] * self.what
        return terms


def state(model):
    return dict(model.state_dict()) | dict(model.named_buffers())


def run(objective, batches=None, epochs=3, model=None):
    """Everything that `fit` leads to, and the error's text."""
    model = model or net()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    torch.manual_seed(2)
    np.random.seed(3)
    try:
        batches = batches or Batches(DATA, batch_size=10)
        history = fit(model, objective, batches, optimizer=optimizer, epochs=epochs)
        text = None
    except (FloatingPointError, ZeroDivisionError) as error:
        history, text = getattr(error, "history", None), str(error)
    rows = None if history is None else history.drop(columns="seconds", errors="ignore")
    return {
        "model": state(model),
        "optimizer": optimizer.state_dict(),
        "gradients": [p.grad is None for p in model.parameters()],
        "history": None if rows is None else rows.to_dict("records"),
        "noise to come": (torch.rand(3), np.random.rand()),
        "text": text,
    }


@pytest.fixture
def deferred(monkeypatch):
    """A function that runs another as CUDA does: terms are read once an epoch."""

    def call(work):
        with monkeypatch.context() as patch:
            patch.setattr(steps, "_defers", lambda run: True)
            return work()

    return call


def loader(own_generator):
    order = torch.Generator().manual_seed(5) if own_generator else None
    return DataLoader(TensorDataset(DATA), batch_size=10, shuffle=True, generator=order)


@pytest.mark.parametrize(
    ("bad", "what", "where"),
    [
        (None, None, None),
        (1, math.nan, "loss"),
        (8, math.nan, "loss"),
        (10, math.inf, "size"),
        (11, -math.inf, "loss"),
    ],
)
@pytest.mark.parametrize(
    "batches",
    [lambda: None, lambda: loader(True), lambda: loader(False), lambda: list(DATA.split(10))],
    ids=["Batches", "loader", "loader of global order", "list"],
)
def test_reading_once_an_epoch_leads_to_the_same_bits_and_the_same_error(
    deferred, batches, bad, what, where
):
    def work():
        return run(Objective(bad, what, where), batches())

    usual, late = work(), deferred(work)
    assert late.pop("text") == usual.pop("text")
    assert_identical(late, usual)


def test_a_term_that_is_not_finite_leaves_everything_from_before_its_step(deferred):
    for work in (lambda call: call(), deferred):
        objective = Objective(8)
        left = work(lambda objective=objective: run(objective))
        assert "epoch 2, step 3: the term 'loss' is nan" in left["text"]
        assert_identical(left["model"], objective.seen)
        assert all(left["gradients"])


def test_nan_in_a_batch_does_not_reach_the_running_averages():
    data = DATA.clone()
    data[23, 4] = math.nan
    objective, model = Objective(3), net()
    left = run(objective, list(data.split(10)), model=model)
    assert "step 3" in left["text"] and "the batch itself has NaN" in left["text"]
    assert torch.isfinite(model[1].running_mean).all()
    assert_identical(left["model"], objective.seen)


def test_a_buffer_stays_the_same_tensor_when_it_is_put_back():
    model = net()
    mean = model[1].running_mean
    run(Objective(1), model=model)
    assert model[1].running_mean is mean and torch.equal(mean, torch.zeros(9))


def test_another_error_after_a_bad_term_gives_way_to_it(deferred):
    """NaN weights may break the objective before the epoch ends."""

    class Brittle(Objective):
        def __call__(self, model, batch):
            if model[0].weight.isnan().any():
                raise ZeroDivisionError("NaN weights")
            return super().__call__(model, batch)

    usual, late = run(Brittle(8)), deferred(lambda: run(Brittle(8)))
    assert "step 3: the term 'loss' is nan" in late["text"] and late["text"] == usual["text"]
    assert_identical(late["model"], usual["model"])


def test_an_error_with_another_cause_comes_through_at_once(deferred):
    late = deferred(lambda: run(Objective(8, ZeroDivisionError("a bug"))))
    assert late["text"] == "a bug" and int(late["model"]["2.passes"]) == 8


def test_ctrl_c_keeps_what_has_been_learnt(deferred):
    left = deferred(lambda: run(Objective(8, KeyboardInterrupt())))
    assert left["text"] is None and len(left["history"]) == 1
    assert_identical(left["model"], run(Objective(8, KeyboardInterrupt()))["model"])


def test_an_epoch_that_cannot_be_repeated_says_so_and_goes_back_to_its_start(deferred):
    class OnlyOnce(Objective):
        def __call__(self, model, batch):
            terms = super().__call__(model, batch)
            if int(model[2].passes) == self.bad:
                self.bad = None  # hidden state, which no one can put back
            return terms

    left = deferred(lambda: run(OnlyOnce(8)))
    assert "epoch 2: a term was not finite, but all were when" in left["text"]
    assert len(left["history"]) == 1
    assert_identical(left["model"], run(Objective(), epochs=1)["model"])


def test_no_step_of_a_deferred_pass_reads_a_term(deferred, monkeypatch):
    reads, item = [], torch.Tensor.item
    monkeypatch.setattr(torch.Tensor, "item", lambda self: reads.append(1) or item(self))

    def squared(model, x):
        return {"loss": squared_error(model(x), x)}

    def work():
        model = nn.Linear(12, 12)
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
        fit(model, squared, Batches(DATA, batch_size=10), optimizer=optimizer, epochs=1)
        return len(reads)

    assert deferred(work) == 0
    assert work() == 5


def test_layers_keep_their_modes_in_a_model_in_training_mode():
    model = net()
    model[1].eval()
    before = model[1].running_mean.clone()
    run(Objective(), model=model)
    assert not model[1].training and model[3].training
    assert torch.equal(model[1].running_mean, before)


def test_a_model_in_eval_mode_is_put_into_training_mode_as_a_whole():
    model = net().eval()
    run(Objective(), model=model)
    assert all(layer.training for layer in model.modules())
