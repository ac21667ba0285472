import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch import nn

from coursekit.layers.locally_connected import LocallyConnected2d
from tests.layers.test_convolutions import normal, problems
from tests.models.conduct import Case, Conduct


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "padded",
            lambda seed: LocallyConnected2d(2, 3, 3, size=(6, 5), padding=1, seed=seed),
            (2, 6, 5),
            (3, 6, 5),
        ),
        Case(
            "strided",
            lambda seed: LocallyConnected2d(1, 2, 2, size=7, stride=2, bias=False, seed=seed),
            (1, 7, 7),
            (2, 3, 3),
            lr=3e-2,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def test_with_weights_of_its_own_at_every_position_a_shift_does_not_commute():
    layer, x = LocallyConnected2d(1, 1, 3, size=6, padding=1), torch.rand(1, 1, 6, 6)
    with torch.no_grad():
        shifted, expected = layer(x.roll(1, 2)), layer(x).roll(1, 2)
    assert (shifted - expected)[..., 2:-1, 2:-1].abs().max() > 0.01


def test_the_lecture_counts_parameters_of_four_layers_on_100_pixels_squared():
    def count(layer):
        return sum(parameter.numel() for parameter in layer.parameters())

    with torch.device("meta"):
        dense = nn.Linear(100 * 100, 1000, bias=False)
        local = LocallyConnected2d(1, 1, 3, size=100, padding=1, bias=False)
        shared = nn.Conv2d(1, 1, 3, padding=1, bias=False)
        square = nn.Linear(100**2, 100**2, bias=False)
    assert [count(layer) for layer in (square, dense, local, shared)] == [100**4, 10**7, 90_000, 9]


@given(problem=problems())
@settings(max_examples=40)
def test_a_locally_connected_layer_counts_its_positions_weights_and_biases(problem):
    x, kernel, padding, stride = problem
    (_, c, *size), o, k = x.shape, len(kernel), min(kernel.shape[2:])
    layer = LocallyConnected2d(c, o, k, size=tuple(size), padding=padding, stride=stride)
    rows, columns = F.conv2d(x, kernel[:, :, :k, :k], padding=padding, stride=stride).shape[2:]
    assert layer.output_size == (rows, columns)
    assert layer.weight.numel() == rows * columns * k**2 * c * o
    assert layer.bias.numel() == rows * columns * o


@given(problem=problems())
@settings(max_examples=40)
def test_with_equal_weights_everywhere_it_is_a_convolution(problem):
    x, kernel, padding, stride = problem
    k = min(kernel.shape[2:])
    kernel, bias = kernel[:, :, :k, :k], normal(len(kernel), seed=5)
    layer = LocallyConnected2d(
        x.shape[1], len(kernel), k, size=x.shape[2:], padding=padding, stride=stride
    ).double()
    layer.weight.data.copy_(kernel[..., None, None].expand_as(layer.weight))
    layer.bias.data.copy_(bias[:, None, None].expand_as(layer.bias))
    expected = F.conv2d(x, kernel, bias, stride, padding)
    torch.testing.assert_close(layer(x), expected, rtol=1e-10, atol=1e-11)


def test_each_position_uses_its_own_kernel():
    layer, x = LocallyConnected2d(2, 3, 3, size=4, padding=1).double(), normal(1, 2, 4, 4)
    y = layer(x)
    for i in range(4):
        for j in range(4):
            there = F.conv2d(x, layer.weight[..., i, j], layer.bias[:, i, j], padding=1)
            torch.testing.assert_close(y[..., i, j], there[..., i, j])


def test_first_weights_are_uniform_as_those_of_a_convolution():
    layer = LocallyConnected2d(3, 4, 5, size=20)
    for weights in layer.parameters():
        assert 0.95 / 75**0.5 < weights.abs().max() <= 1 / 75**0.5
        assert abs(weights.mean()) < 5 / (3 * 75 * weights.numel()) ** 0.5


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 1, 3), {"size": 8}, "^in_channels must be at least 1, got 0"),
        ((1, 1, 3), {"size": (8, 0)}, r"^size\[1\] must be at least 1, got 0"),
        ((1, 1, 3), {"size": (8, 8, 8)}, r"^size must be \(H, W\) or one number, got \(8, 8, 8\)"),
        ((1, 1, 3), {"size": 8, "padding": -1}, "^padding must be at least 0, got -1"),
        ((1, 1, 3), {"size": (8, 2)}, "padded image, 8 x 2 pixels, got 3 x 3"),
    ],
)
def test_a_layer_that_cannot_be_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        LocallyConnected2d(*arguments, **options)


def test_a_locally_connected_layer_takes_one_size_only():
    layer = LocallyConnected2d(1, 1, 3, size=(8, 6))
    with pytest.raises(ValueError, match=r"^x must be \(N, 1, 8, 6\) .*got \(2, 1, 6, 8\).*one"):
        layer(torch.zeros(2, 1, 6, 8))
