"""Objectives, optimisers and `every` that do not go together, and what an objective returns."""

import math

import pytest
import torch
from torch import nn

from coursekit.training import Batches, fit
from coursekit.training.players import by_prefix, check_terms, make_players, read_terms

DATA = torch.rand(20, 3, generator=torch.Generator().manual_seed(1))


def squared(model, x):
    return {"loss": model(x).square().mean()}


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.1)


def game(every=None, moves=6):
    model = nn.Linear(3, 1)
    objectives = {"a": squared, "b": squared}
    return make_players(model, objectives, {"a": sgd(model), "b": sgd(model)}, every, moves)


def test_an_optimiser_of_another_model_is_refused_before_training():
    model = nn.Linear(3, 1)
    for wrong in (sgd(nn.Linear(3, 1)), sgd(nn.ModuleList([model, nn.Linear(3, 1)]))):
        with pytest.raises(ValueError, match="2 of its . are not the model's"):
            fit(model, squared, Batches(DATA), optimizer=wrong, epochs=1)


def test_an_optimiser_of_a_part_of_the_model_is_fine():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
    before = model[0].weight.clone()
    fit(model, squared, Batches(DATA), optimizer=sgd(model[1]), epochs=1)
    assert torch.equal(model[0].weight, before)


@pytest.mark.parametrize(
    ("every", "error", "message"),
    [
        ({"b": 7}, ValueError, r"every\['b'\] must be at most 6, .* got 7: .* would never move"),
        ({"b": 1.5}, TypeError, r"every\['b'\] must be a whole number"),
        ({"c": 1}, ValueError, r"every must give players out of \['a', 'b'\]"),
        ([2], TypeError, "every must be a dict"),
    ],
)
def test_an_every_that_cannot_be_kept_is_refused(every, error, message):
    with pytest.raises(error, match=message):
        game(every)


def test_a_player_that_moves_in_the_last_step_only_moves():
    assert [player.every for player in game({"b": 6})] == [1, 6]


def test_an_epoch_without_a_move_has_no_terms():
    model = nn.Linear(3, 1)
    history = fit(
        model,
        {"a": squared},
        Batches(DATA, batch_size=10),
        optimizer={"a": sgd(model)},
        epochs=3,
        every={"a": 3},
    )
    assert [math.isnan(value) for value in history["a loss"]] == [True, False, False]


def test_frozen_parameters_of_a_players_optimiser_stay():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    fit(model, {"a": squared}, Batches(DATA), optimizer={"a": sgd(model)}, epochs=1)
    assert torch.equal(model[0].weight, before)


@pytest.mark.parametrize("objective", [None, "loss", {}, {"a": 3}, {1: squared}])
def test_an_objective_that_is_no_function_is_named(objective):
    with pytest.raises((TypeError, ValueError), match="objective"):
        by_prefix(objective)


LOSS = torch.tensor(1.0, requires_grad=True)


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        ({"loss": 1.0}, TypeError, r"'loss' is the float 1.0; leave out .item\(\)"),
        ({"loss": LOSS, "kl": 2}, TypeError, "'kl' is the int 2"),
        ({"loss": torch.ones(4)}, ValueError, r"'loss' is a tensor \(4,\) .*; average it over"),
        ({"loss": torch.tensor(1.0)}, ValueError, "depends on a parameter .* has no gradient"),
    ],
)
def test_terms_of_another_form_say_what_would_work(terms, error, message):
    with pytest.raises(error, match=f"the objective must return .*{message}"):
        check_terms(terms, learns=True)


def test_a_loss_without_gradient_is_fine_where_nothing_is_learnt():
    assert check_terms({"loss": torch.tensor(1.0)})


def test_terms_left_on_the_device_add_up_to_the_bits_of_those_read():
    terms = {"loss": torch.tensor([0.1]), "kl": torch.tensor(1 / 3, dtype=torch.bfloat16)}
    read, left = (read_terms(terms, "a ", wait) for wait in (True, False))
    assert list(read) == ["a loss", "a kl"]
    assert {name: (3 * value).item() for name, value in left.items()} == {
        name: 3 * value for name, value in read.items()
    }
