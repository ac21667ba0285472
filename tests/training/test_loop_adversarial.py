"""`fit` with several players: whose weights move, when, and under which names."""

import copy
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.layers.weights import seeded
from coursekit.training import Batches, evaluate, fit

POINTS = torch.randn(48, 2, generator=torch.Generator().manual_seed(0)) - 10

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0)


class Game(nn.Module):
    """The lecture's GAN for points, small."""

    def __init__(self):
        super().__init__()
        with seeded(0):
            self.generator = nn.Sequential(
                nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2)
            )
            self.discriminator = nn.Sequential(
                nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(8, 1)
            )

    def sample(self, n):
        return self.generator(torch.randn(n, 3))


def judge(model, points, real):
    logits = model.discriminator(points)
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, real))


def discriminator(model, batch):
    real = judge(model, batch, 1.0)
    fake = judge(model, model.sample(len(batch)), 0.0)
    return {"loss": real + fake, "real": real, "fake": fake}


def generator(model, batch):
    return {"loss": judge(model, model.sample(len(batch)), 1.0)}


PLAYERS = {"discriminator": discriminator, "generator": generator}


def adam(model):
    return {
        name: torch.optim.Adam(getattr(model, name).parameters(), lr=1e-2, betas=(0.5, 0.9))
        for name in PLAYERS
    }


def play(model, players=PLAYERS, epochs=2, optimizer=None, **more):
    torch.manual_seed(5)
    return fit(
        model,
        players,
        Batches(POINTS, batch_size=8),
        optimizer=optimizer or adam(model),
        epochs=epochs,
        **more,
    )


@pytest.mark.parametrize(
    ("mover", "other"), [("generator", "discriminator"), ("discriminator", "generator")]
)
def test_a_move_changes_its_own_players_weights_and_no_others(mover, other):
    model = Game()
    before = copy.deepcopy(model)
    play(model, {mover: PLAYERS[mover]}, optimizer={mover: adam(model)[mover]})
    for a, b in zip(getattr(model, other).parameters(), getattr(before, other).parameters()):
        assert torch.equal(a, b) and a.grad is None
    assert all(
        not torch.equal(a, b)
        for a, b in zip(getattr(model, mover).parameters(), getattr(before, mover).parameters())
    )


def test_a_game_ends_like_the_lectures_loop_with_frozen_and_detached_networks():
    def lectures_loop(model, batches, optimizers):
        for batch in batches:
            model.generator.requires_grad_(False)
            fakes = model.sample(len(batch)).detach()
            optimizers["discriminator"].zero_grad()
            (judge(model, batch, 1.0) + judge(model, fakes, 0.0)).backward()
            optimizers["discriminator"].step()
            model.generator.requires_grad_(True)
            model.discriminator.requires_grad_(False)
            optimizers["generator"].zero_grad()
            judge(model, model.sample(len(batch)), 1.0).backward()
            optimizers["generator"].step()
            model.discriminator.requires_grad_(True)

    def discriminator_in_that_order(model, batch):
        fakes = model.sample(len(batch))
        real = judge(model, batch, 1.0)
        return {"loss": real + judge(model, fakes, 0.0)}

    ours, theirs = Game(), Game()
    play(ours, {"discriminator": discriminator_in_that_order, "generator": generator})
    batches, optimizers = Batches(POINTS, batch_size=8), adam(theirs)
    theirs.train()
    torch.manual_seed(5)
    for _ in range(2):
        lectures_loop(theirs, batches, optimizers)
    assert_identical(ours.state_dict(), theirs.state_dict())


def test_terms_are_named_after_their_player():
    model = Game()
    history = play(model)
    assert list(history) == [
        "discriminator loss",
        "discriminator real",
        "discriminator fake",
        "generator loss",
        "seconds",
    ]
    total = history["discriminator real"] + history["discriminator fake"]
    assert history["discriminator loss"].to_numpy() == pytest.approx(total.to_numpy(), rel=1e-6)
    terms = evaluate(model, PLAYERS, Batches(POINTS))
    assert list(terms) == list(history)[:-1]


def test_every_lets_a_player_move_less_often_also_across_epochs():
    moves = []

    def watched(name):
        def objective(model, batch):
            moves.append(name)
            return PLAYERS[name](model, batch)

        return objective

    play(Game(), {name: watched(name) for name in PLAYERS}, every={"generator": 5})
    assert moves.count("discriminator") == 12
    turn = ["discriminator"] * 5 + ["generator"]
    assert moves == turn + turn + ["discriminator"] * 2


def test_a_game_resumes_to_the_same_bits(tmp_path):
    whole = Game()
    play(whole, epochs=4)
    path = tmp_path / "game.pt"
    model = Game()
    play(model, epochs=2, checkpoint=path)
    resumed = Game()
    history = play(resumed, epochs=4, checkpoint=path)
    assert_identical(resumed.state_dict(), whole.state_dict())
    assert len(history) == 4
    with pytest.raises(ValueError, match="optimizer of generator: Adam"):
        fit(
            resumed,
            generator,
            Batches(POINTS, batch_size=8),
            optimizer=torch.optim.Adam(resumed.parameters()),
            epochs=5,
            checkpoint=path,
        )


def test_a_loss_that_is_not_finite_names_the_player():
    def broken(model, batch):
        return {"loss": generator(model, batch)["loss"] / 0}

    with pytest.raises(FloatingPointError, match="the term 'generator loss' is inf"):
        play(Game(), {"discriminator": discriminator, "generator": broken})


def test_a_gradient_penalty_trains_through_its_second_derivative():
    def critic(model, batch):
        points = batch.clone().requires_grad_()
        (slope,) = torch.autograd.grad(model.discriminator(points).sum(), points, create_graph=True)
        return {"loss": (slope.norm(dim=1) - 1).square().mean()}

    model = Game()
    history = play(
        model,
        {"discriminator": critic},
        epochs=30,
        optimizer={"discriminator": adam(model)["discriminator"]},
    )
    assert history["discriminator loss"].iloc[-1] < 0.3 * history["discriminator loss"].iloc[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"optimizer": torch.optim.SGD([torch.zeros(1)])},
            r"names \['discriminator', 'generator'\] "
            "of the objectives, got SGD",
        ),
        ({"optimizer": {"generator": None}}, r"got \['generator'\]"),
        ({"every": {"critic": 5}}, r"players out of \['discriminator', 'generator'\].*critic"),
        ({"every": {"generator": 0}}, "from 1 on, got"),
        ({"patience": 3, "validation": Batches(POINTS)}, "a single objective"),
    ],
)
def test_players_that_do_not_fit_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        play(Game(), **change)


def test_several_optimisers_need_several_objectives():
    model = Game()
    for wrong in ({"optimizer": adam(model)}, {"every": {"generator": 2}}):
        with pytest.raises(ValueError, match="need a dict of objectives"):
            play(model, generator, **{"optimizer": torch.optim.Adam(model.parameters())} | wrong)
