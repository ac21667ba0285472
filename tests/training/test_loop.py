"""`fit` and `evaluate`: weights, averages, history, bad input."""

import copy
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from coursekit.data.documents import Documents
from coursekit.layers.weights import seeded
from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.training import Batches, History, evaluate, fit

DATA = torch.rand(50, 12, generator=torch.Generator().manual_seed(1))
LABELS = torch.arange(50) % 3
TEN_NUMBERS = torch.arange(10.0)[:, None]

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0)


def small():
    return Autoencoder([12, 6, 3])


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=1e-2)


def reconstruction(model, x):
    return {"loss": squared_error(model(x), x)}


def mean_and_square(model, batch):
    return {"loss": 0 * model.weight.sum() + batch.mean(), "square": (batch**2).mean()}


def plain_loop(model, objective, batches, *, optimizer, epochs, scheduler=None):
    """The loop of chapter 02."""
    for _ in range(epochs):
        for batch in batches:
            loss = objective(model, batch)["loss"]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if scheduler is not None:
            scheduler.step()


def assert_same_as_plain_loop(model, objective, batches, optimizer=adam, scheduler=None):
    """`fit` and the plain loop end with the same weights, optimiser state and noise to come."""
    ends = []
    for train in (plain_loop, fit):
        own = copy.deepcopy(model)
        opt = optimizer(own)
        more = {"scheduler": scheduler(opt)} if scheduler else {}
        torch.manual_seed(4)
        train(own, objective, batches(), optimizer=opt, epochs=3, **more)
        ends.append([own.state_dict(), opt.state_dict(), torch.rand(3)])
    assert_identical(*ends)
    assert not torch.equal(next(own.parameters()), next(model.parameters()))


def test_an_autoencoder_with_adam_ends_like_the_plain_loop():
    assert_same_as_plain_loop(small(), reconstruction, lambda: Batches(DATA, batch_size=8))


def test_a_linear_model_with_momentum_and_a_scheduler_ends_like_the_plain_loop():
    assert_same_as_plain_loop(
        Autoencoder([12, 3], activation=nn.Identity),
        reconstruction,
        lambda: Batches(DATA, batch_size=8, seed=3),
        lambda model: torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9),
        lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3),
    )


def test_noise_dropout_batch_norm_and_more_terms_end_like_the_plain_loop():
    def denoising(model, x):
        error = squared_error(model(x + torch.randn_like(x)), x)
        size = sum(p.square().sum() for p in model.parameters())
        return {"loss": error + 0.1 * size, "error": error, "size": size}

    with seeded(0):
        model = nn.Sequential(
            nn.Linear(12, 9), nn.BatchNorm1d(9), nn.Dropout(0.4), nn.ReLU(), nn.Linear(9, 12)
        )
    assert_same_as_plain_loop(model, denoising, lambda: Batches(DATA, batch_size=8))


def test_a_classifier_of_pairs_with_fused_adam_ends_like_the_plain_loop():
    def classification(model, batch):
        x, y = batch
        return {"loss": nn.functional.cross_entropy(model(x), y)}

    assert_same_as_plain_loop(
        nn.Linear(12, 3),
        classification,
        lambda: Batches(DATA, LABELS, batch_size=7),
        lambda model: torch.optim.Adam(model.parameters(), fused=True),
    )


@pytest.mark.parametrize("own_generator", [True, False])
def test_a_data_loader_ends_like_the_plain_loop(own_generator):
    def loader():
        generator = torch.Generator().manual_seed(5) if own_generator else None
        return DataLoader(TensorDataset(DATA), batch_size=8, shuffle=True, generator=generator)

    assert_same_as_plain_loop(small(), lambda model, batch: reconstruction(model, *batch), loader)


def test_the_average_of_ten_numbers_in_batches_of_4_4_2_is_4_5():
    batches = Batches(TEN_NUMBERS, batch_size=4, shuffle=False)
    naive = torch.stack([batch.mean() for batch in batches]).mean().item()
    assert naive == pytest.approx(5.17, abs=0.005)  # the mean of batch means
    terms = evaluate(nn.Linear(1, 1), mean_and_square, batches)
    assert terms == pytest.approx({"loss": 4.5, "square": 28.5})


@given(st.integers(1, 12))
def test_the_batch_size_does_not_change_the_average(batch_size):
    x, model = DATA[:11], small()
    whole = reconstruction(model, x)["loss"].item()
    parts = evaluate(model, reconstruction, Batches(x, batch_size=batch_size))
    assert parts["loss"] == pytest.approx(whole, rel=1e-5)


def test_the_history_has_the_averages_of_training_and_validation():
    model = nn.Linear(1, 1)
    history = fit(
        model,
        mean_and_square,
        Batches(TEN_NUMBERS, batch_size=4),
        epochs=2,
        optimizer=adam(model),
        validation=Batches(torch.ones(3, 1)),
    )
    assert list(history) == ["loss", "square", "validation loss", "validation square", "seconds"]
    assert history.index.tolist() == [1, 2] and history.index.name == "epoch"
    assert history["loss"].tolist() == pytest.approx([4.5, 4.5])
    assert history["square"].tolist() == pytest.approx([28.5, 28.5])
    assert history["validation square"].tolist() == [1, 1]
    assert (history["seconds"] > 0).all() and history.stopped is None


def test_no_epochs_give_an_empty_history():
    model = small()
    history = fit(model, reconstruction, Batches(DATA), optimizer=adam(model), epochs=0)
    assert isinstance(history, History) and len(history) == 0 and history.stopped is None


def test_a_part_of_a_history_is_one_and_remembers_why_training_stopped():
    history = History({"loss": [3.0, 2.0]})
    history.stopped = "a reason"
    assert isinstance(history[history["loss"] < 3], History)
    assert history.copy().stopped == history.tail(1).stopped == "a reason"


@pytest.mark.parametrize("was_training", [True, False])
def test_evaluate_is_in_eval_mode_without_gradients_and_restores_the_mode(was_training):
    seen = []

    def watch(model, batch):
        seen.append((model.training, torch.is_grad_enabled()))
        return {"loss": model(batch).mean()}

    model = nn.Linear(1, 1).train(was_training)
    evaluate(model, watch, Batches(TEN_NUMBERS, batch_size=4))
    assert seen == [(False, False)] * 3
    assert model.training == was_training


def test_evaluate_restores_the_mode_after_an_error_too():
    model = nn.Linear(1, 1).train()
    with pytest.raises(ZeroDivisionError):
        evaluate(model, lambda model, batch: 1 / 0, Batches(TEN_NUMBERS))
    assert model.training


def test_training_is_in_training_mode_with_and_without_validation_between():
    modes = []

    def watch(model, batch):
        modes.append((model.training, torch.is_grad_enabled()))
        return {"loss": model(batch).mean()}

    model, batches = nn.Linear(1, 1).eval(), Batches(TEN_NUMBERS)
    fit(model, watch, batches, optimizer=adam(model), epochs=2, validation=batches)
    assert modes == [(True, True), (False, False)] * 2


@pytest.mark.parametrize(
    ("batch", "got"),
    [
        (torch.zeros(0, 12), r"got Tensor of \[\(0, 12\)\]"),
        (torch.tensor(1.0), r"got Tensor of \[\(\)\]"),
        ((torch.zeros(2, 12), torch.zeros(0)), r"got tuple of \[\(2, 12\), \(0,\)\]"),
        ([torch.zeros(2, 12), 3], r"got list of \[\(2, 12\), 'int'\]"),
        ({"x": torch.zeros(2, 12)}, r"got dict of \['str'\]"),
        ([], r"got list of \[\]"),
    ],
)
def test_a_batch_of_another_form_is_described(batch, got):
    model = small()
    message = (
        r"batches: a batch must be a tensor \(N, ...\) with N > 0 or several of them, "
        "all with the same N, " + got
    )
    with pytest.raises(ValueError, match=message):
        fit(model, reconstruction, [batch], optimizer=adam(model), epochs=1)
    with pytest.raises(ValueError, match=message):
        evaluate(model, reconstruction, [batch])


def test_no_batches_at_all_are_refused():
    model = small()
    with pytest.raises(ValueError, match="the batches are empty"):
        fit(model, reconstruction, [], optimizer=adam(model), epochs=1)
    with pytest.raises(ValueError, match="the batches are empty"):
        evaluate(model, reconstruction, [])


def test_a_batch_of_the_wrong_width_is_named_by_the_model():
    model = small()
    with pytest.raises(ValueError, match=r"x must be \(N, 12\) .*got \(50, 11\)"):
        fit(model, reconstruction, Batches(DATA[:, 1:]), optimizer=adam(model), epochs=1)


@pytest.mark.parametrize(
    ("terms", "got"),
    [
        (torch.tensor(1.0), "got Tensor"),
        (None, "got NoneType"),
        ({"error": torch.tensor(1.0)}, r"got \['error'\]"),
    ],
)
def test_an_objective_without_a_loss_is_told_what_to_return(terms, got):
    model = small()
    with pytest.raises(ValueError, match=f'must return a dict of scalars with "loss", {got}'):
        fit(model, lambda model, batch: terms, Batches(DATA), optimizer=adam(model), epochs=1)


def test_a_named_tuple_arrives_as_a_tuple():
    def objective(model, batch):
        assert type(batch) is tuple and len(batch) == 6
        return reconstruction(model, batch[0])

    model = small()
    fit(model, objective, [Documents(*[DATA] * 6)], optimizer=adam(model), epochs=1)
