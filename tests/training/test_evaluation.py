"""`predict` and `evaluate`: eval mode, no gradients, batches, results on the CPU."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.training import Batches, evaluate, predict

DATA = torch.rand(11, 3, generator=torch.Generator().manual_seed(1))


class Code(NamedTuple):
    mean: torch.Tensor
    log_variance: torch.Tensor


class Net(nn.Module):
    """A model with frozen layers and results of many forms."""

    def __init__(self):
        super().__init__()
        self.layer, self.norm, self.drop = nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout()
        self.norm.eval()
        self.seen = []

    def forward(self, x, shift=0.0):
        self.seen.append((self.training, self.drop.training, torch.is_grad_enabled(), len(x)))
        return self.drop(self.norm(self.layer(x))) + shift

    def forms(self, x):
        z = self(x)
        return {"code": Code(z, 2 * z), "pair": (z, [z + 1, x])}

    def total(self, x):
        return self(x).sum()

    def nothing(self, x):
        return None


@given(st.integers(1, 13))
def test_batches_give_what_the_whole_gives(batch_size):
    model = Net()
    with torch.no_grad():
        whole = Net.forward(model.eval(), DATA)
    torch.testing.assert_close(predict(model, DATA, batch_size=batch_size), whole)
    assert max(n for *_, n in model.seen[1:]) <= batch_size


def test_it_runs_in_eval_mode_without_gradients_and_restores_every_mode():
    model = Net()
    result = predict(model, DATA.requires_grad_(False), batch_size=6)
    assert model.seen == [(False, False, False, 6), (False, False, False, 5)]
    assert not result.requires_grad
    assert model.training and model.drop.training and not model.norm.training


def test_the_modes_come_back_after_an_error_too():
    model = Net()
    with pytest.raises(RuntimeError):
        predict(model, DATA[:, :2])
    assert model.training and not model.norm.training


def test_evaluate_leaves_a_frozen_layer_frozen():
    model = Net()
    evaluate(model, lambda model, x: {"loss": model(x).mean()}, Batches(DATA))
    assert model.training and model.drop.training and not model.norm.training


def test_a_method_and_results_of_every_form():
    model = Net()
    result, z = predict(model.forms, DATA, batch_size=4), predict(model, DATA)
    assert type(result["code"]) is Code and type(result["pair"]) is tuple
    torch.testing.assert_close(result["code"].log_variance, 2 * z)
    torch.testing.assert_close(result["pair"][1][0], z + 1)
    assert torch.equal(result["pair"][1][1], DATA) and len(model.seen) == 4


def test_several_inputs_stay_together():
    model, shift = Net(), torch.arange(11.0)[:, None]
    torch.testing.assert_close(
        predict(model, DATA, shift, batch_size=4), predict(model, DATA) + shift
    )


def test_a_model_without_parameters_predicts_and_is_evaluated():
    assert torch.equal(predict(nn.Flatten(), DATA), DATA)
    terms = evaluate(nn.Flatten(), lambda model, x: {"loss": model(x).sum() / len(x)}, [DATA])
    assert terms["loss"] == pytest.approx(DATA.sum().item() / 11)


@pytest.mark.parametrize("function", [lambda x: x, torch.sin, None, DATA.mul, "forward"])
def test_a_function_whose_model_cannot_be_switched_is_refused(function):
    with pytest.raises(TypeError, match="function must be a model or a method of one, such as"):
        predict(function, DATA)


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ((DATA.numpy(),), TypeError, "x must be a tensor"),
        ((DATA.double(),), ValueError, "x must hold torch.float32, .* got torch.float64"),
        ((DATA[:0],), ValueError, r"x must be \(N, ...\) with N > 0"),
        ((torch.tensor(1.0),), ValueError, r"x must be \(N, ...\) with N > 0"),
        ((DATA, DATA[:4]), ValueError, r"more\[0\] must be \(N, ...\) with N = 11, as x has"),
        ((DATA[:4], DATA), ValueError, r"more\[0\] must be \(N, ...\) with N = 4, as x has"),
        ((DATA, None), TypeError, r"more\[0\] must be a tensor"),
    ],
)
def test_inputs_that_cannot_be_used_are_named(inputs, error, message):
    with pytest.raises(error, match=message):
        predict(Net(), *inputs, batch_size=4)


@pytest.mark.parametrize("method", ["total", "nothing"])
def test_a_result_without_a_row_an_example_is_refused(method):
    with pytest.raises(ValueError, match="one row an example, 11 in this batch, got"):
        predict(getattr(Net(), method), DATA)
