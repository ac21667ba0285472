import pytest
import torch
from torch import nn

from coursekit.layers.blocks import double_conv, head, mlp, response_norm, scaled


def names(block):
    return [type(layer).__name__ for layer in block]


def test_activations_stand_between_linear_layers_and_the_last_where_asked_for():
    assert names(mlp([5, 4, 3])) == ["Linear", "ReLU", "Linear"]
    assert names(mlp([5, 4, 3], activation=nn.Tanh, last=nn.Sigmoid)) == [
        "Linear",
        "Tanh",
        "Linear",
        "Sigmoid",
    ]


@pytest.mark.parametrize(("activation", "gain"), [(nn.ReLU, 2**0.5), (nn.Tanh, 1.0)])
def test_the_spread_makes_up_for_what_the_activation_behind_a_layer_drops(activation, gain):
    network = mlp([400, 300, 200], activation=activation)
    for layer, expected in ((network[0], gain * (2 / 700) ** 0.5), (network[2], (2 / 500) ** 0.5)):
        rel = 5 * (2 * layer.weight.numel()) ** -0.5
        assert layer.weight.std().item() == pytest.approx(expected, rel=rel)
        assert layer.bias.abs().sum() == 0


def test_a_head_drops_out_behind_every_layer_but_the_last():
    assert names(head([5, 4, 3], dropout=0.3)) == ["Linear", "ReLU", "Dropout", "Linear"]
    assert head([5, 4, 3], dropout=0.3)[2].p == 0.3


@pytest.mark.parametrize("batch_norm", [False, True])
def test_two_convolutions_each_with_its_activation(batch_norm):
    block = double_conv(2, 3, 4, kernel_size=5, padding=1, batch_norm=batch_norm)
    step = ["Conv2d", "BatchNorm2d", "ReLU"] if batch_norm else ["Conv2d", "ReLU"]
    assert names(block) == step * 2
    assert block(torch.rand(2, 2, 9, 8)).shape == (2, 4, 5, 4)


def test_the_response_norm_is_the_formula_of_the_paper():
    a = 100 * torch.randn(2, 8, 3, 2, generator=torch.Generator().manual_seed(0)).double()
    expected = torch.empty_like(a)
    for i in range(8):
        total = sum(a[:, j] ** 2 for j in range(max(0, i - 2), min(7, i + 2) + 1))
        expected[:, i] = a[:, i] / (2 + 1e-4 * total) ** 0.75
    torch.testing.assert_close(response_norm()(a), expected, rtol=1e-12, atol=0)


def test_scaled_channels_are_rounded():
    assert scaled((96, 256), scale=0.26) == [25, 67]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mlp([3]), r"^sizes must be \[input, ..., output\], 2 numbers or more, got \[3\]"),
        (lambda: mlp([3, 2], activation=nn.ReLU()), "^activation must be a class of modules, as"),
        (lambda: mlp([3, 2], activation=torch.relu), "^activation must be a class of modules, as"),
        (lambda: mlp([3, 2], last="sigmoid"), "^last must be a class .* got the str 'sigmoid'"),
        (lambda: head([3, 2], dropout=1.0), "^dropout must be below 1, got 1.0"),
        (lambda: scaled((96, 256), scale=0), "^scale must be above 0, got 0"),
        (lambda: scaled((96, 256), scale=0.001), "^scale must leave at least 1 of 96 channels"),
        (lambda: double_conv(2, 3, 4, kernel_size=3.0), "^kernel_size must be a whole number"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
