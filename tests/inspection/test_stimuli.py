import math

import pytest
import torch
from torch import nn

from coursekit.inspection.stimuli import optimal_stimulus


def first(output):
    return output[:, 0]


def test_a_linear_unit_likes_its_own_weights_best():
    torch.manual_seed(0)
    unit = nn.Linear(20, 1)
    x = optimal_stimulus(unit, first, (3, 20), norm=2.0)
    weight = unit.weight.detach()
    assert torch.allclose(x, (2 * weight / weight.norm()).expand(3, 20), atol=1e-3)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_size_of_the_gradient_does_not_matter(scale):
    torch.manual_seed(0)
    unit = nn.Linear(20, 1)
    expected = optimal_stimulus(unit, first, (1, 20), steps=5)
    x = optimal_stimulus(unit, lambda output: scale * first(output), (1, 20), steps=5)
    assert torch.allclose(x, expected, atol=1e-5)


def test_each_example_can_climb_for_a_unit_of_its_own():
    torch.manual_seed(0)
    layer = nn.Linear(20, 4)
    x = optimal_stimulus(layer, lambda output: output.diagonal(), (4, 20))
    assert torch.allclose(x, nn.functional.normalize(layer.weight.detach(), dim=1), atol=1e-3)


def test_a_quadratic_form_is_highest_at_its_first_eigenvector():
    torch.manual_seed(0)
    factor = torch.randn(6, 6, dtype=torch.float64)
    values, vectors = torch.linalg.eigh(factor @ factor.T)
    layer = nn.Linear(6, 6, bias=False).double()
    layer.weight.data = factor.T
    x = optimal_stimulus(layer, lambda output: output.square().sum(dim=1), (2, 6), steps=2000)
    assert x.dtype == torch.float64
    assert torch.allclose((x @ vectors[:, -1]).abs(), torch.ones(2).double(), atol=1e-6)


def test_images_have_the_norm_and_score_higher_than_any_of_many_random_ones():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(),
        nn.BatchNorm2d(4),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(144, 2),
    )
    state = {name: value.clone() for name, value in model.state_dict().items()}
    x = optimal_stimulus(model, first, (2, 1, 8, 8), norm=5.0, steps=50)
    assert torch.allclose(x.flatten(1).norm(dim=1), torch.full((2,), 5.0))
    assert model.training and all(p.grad is None for p in model.parameters())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    others = torch.randn(500, 1, 8, 8)
    others *= 5 / others.flatten(1).norm(dim=1)[:, None, None, None]
    assert model.eval()(x)[:, 0].min() > model(others)[:, 0].max()


def test_a_dead_unit_leaves_the_start():
    dead = nn.Sequential(nn.Linear(5, 1), nn.ReLU())
    nn.init.constant_(dead[0].bias, -100)
    x = optimal_stimulus(dead, first, (1, 5))
    assert torch.allclose(x, optimal_stimulus(dead, first, (1, 5), steps=0))
    assert x.norm().item() == pytest.approx(1)


def test_the_seed_alone_decides_the_start():
    unit = nn.Linear(5, 1)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    x = optimal_stimulus(unit, first, (1, 5), steps=0, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(9)
    assert torch.equal(x, optimal_stimulus(unit, first, (1, 5), steps=0, seed=1))
    assert not torch.equal(x, optimal_stimulus(unit, first, (1, 5), steps=0, seed=2))


@pytest.mark.parametrize(
    ("settings", "got"),
    [
        ({"steps": -1}, "steps must be at least 0, got -1"),
        ({"steps": 1.5}, "steps must be a whole number, got the float 1.5"),
        ({"lr": 0}, "lr must be above 0, got 0"),
        ({"lr": math.nan}, "lr must be a finite number, got nan"),
        ({"norm": -2.0}, "norm must be above 0, got -2.0"),
        ({"norm": "1"}, "norm must be a number, got the str '1'"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"shape": (5,)}, r"shape must be \(N, ...\), 2 numbers or more, got \[5\]"),
        ({"shape": (0, 5)}, r"shape\[0\] must be at least 1, got 0"),
        ({"score": None}, "score must be a function of the model's output, got None"),
        ({"model": torch.sum}, "model must be a torch module, got"),
    ],
)
def test_settings_that_cannot_climb_are_refused(settings, got):
    valid = {"model": nn.Linear(5, 1), "score": first, "shape": (1, 5)}
    with pytest.raises((TypeError, ValueError), match=f"^{got}"):
        optimal_stimulus(**valid | settings)


def test_a_score_of_the_whole_batch_is_refused():
    with pytest.raises(ValueError, match=r"score must return one scalar an example, \(2,\)"):
        optimal_stimulus(nn.Linear(5, 1), torch.sum, (2, 5))
