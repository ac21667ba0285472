import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from torch import nn

from coursekit.layers.convolutions import convolve_fft, convolve_loops, convolve_unfold
from coursekit.layers.locally_connected import LocallyConnected2d
from tests.models.conduct import Case, Conduct

every_way = pytest.mark.parametrize(
    "convolve", [convolve_loops, convolve_unfold, convolve_fft], ids=lambda f: f.__name__
)


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


def normal(*shape, seed=0):
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def whole(*shape, seed=0):
    """Small whole numbers: sums and products of them are exact in any order."""
    return torch.randint(-4, 5, shape, generator=torch.Generator().manual_seed(seed)).double()


@st.composite
def problems(draw):
    """x, kernel, padding and stride that fit each other."""
    n, c, o = (draw(st.integers(1, 3)) for _ in range(3))
    h, w = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    padding = draw(st.integers(0, 3))
    height = draw(st.integers(max(1, h - 2 * padding), 9))
    width = draw(st.integers(max(1, w - 2 * padding), 9))
    seed = draw(st.integers(0, 99))
    kernel = normal(o, c, h, w, seed=seed + 100)
    return normal(n, c, height, width, seed=seed), kernel, padding, draw(st.integers(1, 4))


@every_way
@given(problem=problems())
@settings(max_examples=60)
def test_every_way_equals_the_convolution_of_pytorch(convolve, problem):
    x, kernel, padding, stride = problem
    expected = F.conv2d(x, kernel, padding=padding, stride=stride)
    torch.testing.assert_close(
        convolve(x, kernel, padding=padding, stride=stride), expected, rtol=1e-10, atol=1e-11
    )


@every_way
def test_gradients_are_those_of_pytorch(convolve):
    x, kernel = normal(2, 2, 6, 5).requires_grad_(), normal(3, 2, 3, 3, seed=1).requires_grad_()
    weights = normal(2, 3, 3, 3, seed=2)
    ours = torch.autograd.grad(
        (weights * convolve(x, kernel, padding=1, stride=2)).sum(), (x, kernel)
    )
    theirs = torch.autograd.grad(
        (weights * F.conv2d(x, kernel, padding=1, stride=2)).sum(), (x, kernel)
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-11)


@every_way
def test_the_lecture_example_of_padding(convolve):
    kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])[None, None]
    impulse = torch.zeros(1, 1, 5, 5)
    impulse[..., 2, 2] = 1
    y = convolve(impulse, kernel, padding=1)
    assert y.shape == impulse.shape
    torch.testing.assert_close(y[..., 1:4, 1:4], kernel)


@every_way
def test_with_the_kernel_turned_round_it_is_the_convolution_of_mathematics(convolve):
    x, kernel = normal(5, 7), normal(2, 3, seed=1)
    # the definition: y[i, j] = sum_{m,n} x[i - m, j - n] kernel[m, n], x = 0 outside
    definition = torch.zeros(6, 9, dtype=torch.float64)
    for m in range(2):
        for n in range(3):
            definition[m : m + 5, n : n + 7] += kernel[m, n] * x
    padded = F.pad(x, (2, 2, 1, 1))[None, None]
    y = convolve(padded, kernel.flip(0, 1)[None, None])[0, 0]
    torch.testing.assert_close(y, definition, rtol=1e-10, atol=1e-11)
    torch.testing.assert_close(y, torch.from_numpy(signal.convolve2d(x, kernel)))
    without = convolve(padded, kernel[None, None])[0, 0]
    torch.testing.assert_close(without, torch.from_numpy(signal.correlate2d(x, kernel)))
    assert not torch.allclose(y, without)


def test_convolution_commutes_and_cross_correlation_does_not():
    a, b = normal(1, 1, 4, 4), normal(1, 1, 4, 4, seed=1)
    torch.testing.assert_close(
        convolve_loops(a, b.flip(2, 3), padding=3), convolve_loops(b, a.flip(2, 3), padding=3)
    )
    ab, ba = convolve_loops(a, b, padding=3), convolve_loops(b, a, padding=3)
    assert not torch.allclose(ab, ba)
    torch.testing.assert_close(ab, ba.flip(2, 3))


@every_way
def test_a_1x1_kernel_mixes_channels(convolve):
    x, mixing = normal(2, 4, 3, 5), normal(6, 4, seed=1)
    expected = torch.einsum("oc,nchw->nohw", mixing, x)
    torch.testing.assert_close(convolve(x, mixing[:, :, None, None]), expected)


@every_way
def test_away_from_the_border_a_shift_of_the_input_shifts_the_output(convolve):
    x, kernel = normal(1, 2, 9, 9), normal(3, 2, 3, 3, seed=1)
    shifted = convolve(x.roll((2, 1), (2, 3)), kernel, padding=1)
    expected = convolve(x, kernel, padding=1).roll((2, 1), (2, 3))
    torch.testing.assert_close(shifted[..., 3:-1, 2:-1], expected[..., 3:-1, 2:-1])
    assert not torch.allclose(shifted, expected)


@given(rows=st.integers(-8, 8), columns=st.integers(-8, 8))
def test_with_circular_padding_every_shift_commutes_exactly(rows, columns):
    layer = nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular", bias=False).double()
    layer.weight.data = whole(3, 2, 3, 3)
    x = whole(2, 2, 6, 7, seed=1)
    shift = {"shifts": (rows, columns), "dims": (2, 3)}
    with torch.no_grad():
        assert torch.equal(layer(x.roll(**shift)), layer(x).roll(**shift))


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


@every_way
@pytest.mark.parametrize(
    ("x", "kernel", "message"),
    [
        ((1, 4, 4), (1, 1, 3, 3), r"^x must be \(N, C, H, W\) floating point, got \(1, 4, 4\)"),
        ((1, 2, 4, 4), (1, 1, 3, 3), r"^kernel must be \(O, 2, h, w\) .* got \(1, 1, 3, 3\).*of x"),
        ((1, 1, 4, 2), (1, 1, 3, 3), r"padded image, 4 x 2 pixels, got 3 x 3; use more padding"),
    ],
)
def test_shapes_that_do_not_fit_are_named(convolve, x, kernel, message):
    with pytest.raises(ValueError, match=message):
        convolve(torch.zeros(x), torch.zeros(kernel))


@every_way
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"padding": -1}, "^padding must be at least 0, got -1"),
        ({"stride": 0}, "^stride must be at least 1, got 0"),
    ],
)
def test_padding_and_stride_out_of_range_are_named(convolve, options, message):
    with pytest.raises(ValueError, match=message):
        convolve(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 3, 3), **options)


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
