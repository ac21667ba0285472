"""The ways in which `fit` ends early: patience, a loss that is no number, Ctrl-C."""

import copy
import math
from functools import partial

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.training import Batches, History, fit

DATA = torch.rand(50, 12, generator=torch.Generator().manual_seed(1))  # 5 steps an epoch

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0)


def reconstruction(model, x):
    return {"loss": squared_error(model(x), x)}


def train(objective, batches=None, epochs=4, checkpoint=None):
    """`fit` on a small autoencoder: history, model, optimiser."""
    model = Autoencoder([12, 6, 3])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    torch.manual_seed(2)
    history = fit(
        model,
        objective,
        batches or Batches(DATA, batch_size=10),
        epochs=epochs,
        optimizer=optimizer,
        checkpoint=checkpoint,
    )
    return history, model, optimizer


def train_with_patience(patience, validation_losses):
    """`fit` on one weight that counts the epochs: history, weight. An error is a Ctrl-C."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    losses = iter(validation_losses)

    def objective(model, batch):
        if model.training:
            return {"loss": -model.weight.sum()}  # a step of SGD with rate 1 adds 1 to the weight
        loss = next(losses)
        if loss is KeyboardInterrupt:
            raise loss
        return {"loss": torch.tensor(loss)}

    batches = Batches(torch.zeros(3, 1))
    history = fit(
        model,
        objective,
        batches,
        epochs=len(validation_losses),
        patience=patience,
        optimizer=torch.optim.SGD(model.parameters(), lr=1),
        validation=batches,
    )
    assert model.training
    return history, model.weight.item()


def test_training_stops_and_the_best_weights_come_back():
    history, weight = train_with_patience(2, [3.0, 1.0, 2.0, 1.5, 0.5])
    assert len(history) == 4 and weight == 2
    assert history.stopped == "no lower validation loss for 2 epochs"


def test_a_lower_loss_starts_the_waiting_anew():
    history, weight = train_with_patience(2, [3.0, 4.0, 2.0, 4.0, 1.0])
    assert len(history) == 5 and weight == 5 and history.stopped is None


def test_the_best_weights_come_back_where_the_epochs_end_first():
    history, weight = train_with_patience(9, [3.0, 1.0, 2.0])
    assert len(history) == 3 and weight == 2 and history.stopped is None


def test_an_equal_loss_is_not_a_lower_one():
    history, weight = train_with_patience(1, [1.0, 1.0, 0.0])
    assert len(history) == 2 and weight == 1


def test_the_best_weights_come_back_after_ctrl_c_too():
    history, weight = train_with_patience(9, [1.0, 2.0, KeyboardInterrupt])
    assert len(history) == 2 and weight == 1
    assert history.stopped == "interrupted in epoch 3 after 1 steps"


def test_patience_without_validation_is_refused():
    model = nn.Linear(1, 1)
    with pytest.raises(ValueError, match="patience=3 needs a validation set"):
        fit(
            model,
            reconstruction,
            Batches(DATA),
            epochs=1,
            patience=3,
            optimizer=torch.optim.SGD(model.parameters(), lr=1),
        )


class Fails:
    """An objective whose term `name` is multiplied by `value` at one step; notes the weights."""

    def __init__(self, step, value=math.nan, name="loss"):
        self.step, self.value, self.name, self.steps = step, value, name, 0

    def __call__(self, model, x):
        self.model, self.steps = model, self.steps + 1
        terms = {"loss": squared_error(model(x), x), "other": x.mean()}
        if self.steps == self.step:
            self.weights = copy.deepcopy(model.state_dict())
            terms[self.name] = terms[self.name] * self.value
        return terms


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("loss", math.nan, "nan"), ("loss", -math.inf, "-inf"), ("other", math.inf, "inf")],
)
def test_a_term_that_is_no_number_stops_before_the_step_and_says_where(name, value, text):
    objective = Fails(9, value, name)
    with pytest.raises(FloatingPointError) as raised:
        train(objective)
    expected = f"epoch 2, step 4: the term '{name}' is {text}; try a smaller learning rate"
    assert str(raised.value).startswith(expected)
    assert_identical(objective.model.state_dict(), objective.weights)
    history = raised.value.history
    assert isinstance(history, History) and history.index.tolist() == [1]


def test_nan_in_a_batch_is_told_from_nan_in_the_model():
    data = DATA.clone()
    data[23, 4] = math.nan
    loader = DataLoader(TensorDataset(data), batch_size=10)
    with pytest.raises(FloatingPointError, match="epoch 1, step 3: .* the batch itself has NaN"):
        train(lambda model, batch: reconstruction(model, *batch), loader)


def test_a_gradient_that_was_not_finite_is_named_as_the_cause():
    def objective(model, x):  # the root of 0 has an infinite slope
        return {"loss": sum((p * 0).sum() for p in model.parameters()).sqrt()}

    with pytest.raises(FloatingPointError, match="step 2: .* gradient of an earlier step was not"):
        train(objective)


def test_too_large_a_learning_rate_is_caught():
    model = Autoencoder([12, 6, 3])
    with pytest.raises(FloatingPointError, match="smaller learning rate|gradient"):
        fit(
            model,
            reconstruction,
            Batches(DATA, batch_size=10),
            epochs=50,
            optimizer=torch.optim.SGD(model.parameters(), lr=1e6),
        )


class Interrupted:
    """A noisy objective during which Ctrl-C is pressed at one step, or never."""

    def __init__(self, step=None):
        self.step, self.steps = step, 0

    def __call__(self, model, x):
        self.steps += 1
        if self.steps == self.step:
            raise KeyboardInterrupt
        return reconstruction(model, x + 0.1 * torch.randn_like(x))


def test_ctrl_c_keeps_the_history_so_far_and_what_was_learnt(capsys):
    history, _, optimizer = train(Interrupted(13))
    assert history.index.tolist() == [1, 2]
    assert history.stopped == "interrupted in epoch 3 after 2 steps"
    assert history.stopped in capsys.readouterr().out
    assert optimizer.state_dict()["state"][0]["step"] == 12
    whole, _, _ = train(Interrupted())
    assert history["loss"].tolist() == whole["loss"].tolist()[:2]


def test_ctrl_c_in_the_first_epoch_gives_an_empty_history_and_keeps_the_steps():
    history, model, _ = train(Interrupted(3))
    assert len(history) == 0 and history.stopped == "interrupted in epoch 1 after 2 steps"
    fresh = Autoencoder([12, 6, 3])
    assert not torch.equal(model.encoder[0].weight, fresh.encoder[0].weight)


def test_after_ctrl_c_the_checkpoint_goes_on_exactly(tmp_path):
    whole, model, optimizer = train(Interrupted())
    train(Interrupted(13), checkpoint=tmp_path / "run.pt")
    history, again, its_optimizer = train(Interrupted(), checkpoint=tmp_path / "run.pt")
    assert_identical(again.state_dict(), model.state_dict())
    assert_identical(its_optimizer.state_dict(), optimizer.state_dict())
    assert history["loss"].tolist() == whole["loss"].tolist() and history.stopped is None
