import pytest
import torch
from torch import nn

from coursekit.layers.weights import (
    dcgan_normal,
    glorot_normal,
    he_normal,
    lecun_uniform,
    seeded,
    zero_biases,
)


def deviates(weight, std):
    """Whether the spread is that of `std` within five standard errors of normal draws."""
    return weight.std().item() == pytest.approx(std, rel=5 * (2 * weight.numel()) ** -0.5)


@pytest.mark.parametrize(("fan", "n"), [("in", 20), ("out", 60)])
def test_he_counts_the_channels_on_the_side_asked_for(fan, n):
    layer = he_normal(nn.Conv2d(20, 60, 3), fan=fan)
    assert deviates(layer.weight, (2 / (9 * n)) ** 0.5)
    torch.manual_seed(0)
    ours = he_normal(nn.Conv2d(20, 60, 3), fan=fan).weight
    torch.manual_seed(0)
    theirs = nn.Conv2d(20, 60, 3).weight
    nn.init.kaiming_normal_(theirs, mode=f"fan_{fan}", nonlinearity="relu")
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=0)


def test_he_counts_the_inputs_of_a_group_and_those_that_meet_in_an_up_convolution():
    assert deviates(he_normal(nn.Conv2d(64, 64, 3, groups=4)).weight, (2 / (9 * 16)) ** 0.5)
    assert deviates(he_normal(nn.ConvTranspose2d(64, 64, 2, stride=2)).weight, (2 / 64) ** 0.5)
    assert deviates(he_normal(nn.ConvTranspose2d(64, 64, 4, stride=2)).weight, (2 / 256) ** 0.5)
    assert deviates(he_normal(nn.Conv2d(64, 64, 3), gain=1.0).weight, (1 / 576) ** 0.5)


@torch.no_grad()
def test_a_signal_passes_an_up_convolution_with_its_size():
    layer = zero_biases(he_normal(nn.ConvTranspose2d(64, 64, 4, stride=2), gain=1.0))
    y = layer(torch.randn(2, 64, 20, 20, generator=torch.Generator().manual_seed(0)))
    assert y[..., 2:-2, 2:-2].std().item() == pytest.approx(1, abs=0.1)


def test_the_other_rules_have_the_spreads_of_their_papers():
    assert deviates(glorot_normal(nn.Linear(200, 300)).weight, (2 / 500) ** 0.5)
    assert deviates(glorot_normal(nn.Linear(200, 300), gain=2.0).weight, 2 * (2 / 500) ** 0.5)
    for layer in nn.Conv2d(20, 60, 3), nn.ConvTranspose2d(20, 60, 3):
        assert deviates(dcgan_normal(layer).weight, 0.02)
    for layer, inputs in (nn.Conv2d(20, 60, 3), 180), (nn.Linear(180, 60), 180):
        weight = lecun_uniform(layer).weight
        assert 0.99 * 2.4 / inputs < weight.abs().max() <= 2.4 / inputs
        assert layer.bias.abs().sum() == 0


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        (he_normal, {"0.weight", "1.weight"}),
        (glorot_normal, {"2.weight"}),
        (lecun_uniform, {"0.weight", "0.bias", "1.bias", "2.weight", "2.bias"}),
        (dcgan_normal, {"0.weight", "1.weight"}),
        (zero_biases, {"0.bias", "1.bias", "2.bias"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_rule_changes_its_layers_alone_and_returns_the_module(rule, changed):
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ConvTranspose2d(4, 3, 2, bias=False), nn.Linear(5, 5), nn.PReLU()
    )
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    assert rule(model) is model
    found = {name for name, weight in model.state_dict().items() if (weight != before[name]).any()}
    assert found == changed & before.keys()


def test_equal_seeds_give_equal_draws_and_leave_the_global_generator_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    draws = []
    for seed in (1, 1, 2):
        with seeded(seed):
            draws.append(torch.rand(3))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(draws[0], draws[1]) and not torch.equal(draws[0], draws[2])


def test_none_draws_on_from_the_surrounding_generator():
    with seeded(1):
        whole = torch.rand(6)
    with seeded(1):
        first = torch.rand(3)
        with seeded(None):
            rest = torch.rand(3)
    assert torch.equal(torch.cat([first, rest]), whole)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with seeded(None):
        assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: seeded("0").__enter__(), "^seed must be a whole number, got the str '0'"),
        (lambda: he_normal(nn.ReLU), "^module must be a torch module, got the type ReLU"),
        (lambda: he_normal(nn.ReLU(), fan="both"), "^fan must be one of 'in', 'out', got the str"),
        (lambda: glorot_normal(nn.ReLU(), gain=0), "^gain must be above 0, got 0"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
