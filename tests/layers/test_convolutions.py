import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from torch import nn

from coursekit.layers.convolutions import convolve_fft, convolve_loops, convolve_unfold

every_way = pytest.mark.parametrize(
    "convolve", [convolve_loops, convolve_unfold, convolve_fft], ids=lambda f: f.__name__
)


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
