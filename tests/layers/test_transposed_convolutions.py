import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.layers.transposed_convolutions import (
    transposed_gradient,
    transposed_scatter,
    transposed_stuffed,
)

every_way = pytest.mark.parametrize(
    "transposed",
    [transposed_scatter, transposed_stuffed, transposed_gradient],
    ids=lambda f: f.__name__,
)


def normal(*shape, seed=0):
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@st.composite
def problems(draw):
    """x, kernel and options that fit each other and leave at least one pixel."""
    n, c, o = (draw(st.integers(1, 3)) for _ in range(3))
    stride = draw(st.integers(1, 4))
    more = draw(st.integers(0, stride - 1))
    sizes, kernels = ([draw(st.integers(1, 5)) for _ in range(2)] for _ in range(2))
    most = min((stride * (s - 1) + k + more - 1) // 2 for s, k in zip(sizes, kernels))
    options = dict(padding=draw(st.integers(0, most)), stride=stride, output_padding=more)
    seed = draw(st.integers(0, 99))
    return normal(n, c, *sizes, seed=seed), normal(c, o, *kernels, seed=seed + 100), options


@every_way
@given(problem=problems())
@settings(max_examples=80, deadline=None)
def test_every_way_equals_the_transposed_convolution_of_pytorch(transposed, problem):
    x, kernel, options = problem
    y = transposed(x, kernel, **options)
    expected = F.conv_transpose2d(x, kernel, **options)
    torch.testing.assert_close(y, expected, rtol=1e-10, atol=1e-10)
    sides = [
        options["stride"] * (n - 1) + k - 2 * options["padding"] + options["output_padding"]
        for n, k in zip(x.shape[2:], kernel.shape[2:])
    ]
    assert y.shape == (len(x), kernel.shape[1], *sides)


@every_way
@given(problem=problems())
@settings(max_examples=30, deadline=None)
def test_it_is_the_transpose_of_the_convolution_with_the_same_kernel(transposed, problem):
    """<transposed(x), y> = <x, conv(y)>, which reads a matrix and its transpose."""
    x, kernel, options = problem
    up = transposed(x, kernel, **options)
    y = normal(*up.shape, seed=7)
    down = F.conv2d(y, kernel, padding=options["padding"], stride=options["stride"])
    assert down.shape == x.shape
    torch.testing.assert_close((up * y).sum(), (x * down).sum(), rtol=1e-10, atol=1e-10)


@every_way
def test_gradients_are_those_of_pytorch(transposed):
    x, kernel = normal(2, 2, 4, 3).requires_grad_(), normal(2, 3, 3, 2, seed=1).requires_grad_()
    options = dict(padding=1, stride=2, output_padding=1)
    theirs = F.conv_transpose2d(x, kernel, **options)
    weights = normal(*theirs.shape, seed=2)
    ours = transposed(x, kernel, **options)
    for a, b in zip(
        torch.autograd.grad((weights * ours).sum(), (x, kernel)),
        torch.autograd.grad((weights * theirs).sum(), (x, kernel)),
    ):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-10)
    with torch.no_grad():
        assert not transposed(x, kernel, **options).requires_grad


@every_way
@pytest.mark.parametrize(
    ("n", "kernel", "stride", "size"), [(2, 3, 1, 4), (4, 3, 1, 6), (8, 3, 1, 10), (2, 3, 2, 5)]
)
def test_the_sizes_of_the_lecture(transposed, n, kernel, stride, size):
    x, w = torch.ones(1, 1, n, n), torch.ones(1, 1, kernel, kernel)
    y = transposed(x, w, stride=stride)
    assert y.shape == (1, 1, size, size)
    assert F.conv2d(y, w, stride=stride).shape == x.shape  # the regular partner of each


@every_way
def test_the_numbers_of_the_lecture(transposed):
    """torch.manual_seed(123), a 2 x 2 image and nn.ConvTranspose2d(1, 1, 3), bias included."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(123)
        x = torch.rand(4).view(1, 1, 2, 2)
        layer = nn.ConvTranspose2d(1, 1, 3)
    shown = torch.tensor(
        [
            [-0.2863, -0.2766, -0.1478, -0.3274],
            [-0.3522, -0.5356, -0.1591, -0.2911],
            [-0.3054, -0.4644, -0.3286, -0.2444],
            [-0.2332, -0.2557, -0.1876, -0.3970],
        ]
    )
    with torch.no_grad():
        y = transposed(x, layer.weight) + layer.bias
    torch.testing.assert_close(y[0, 0], shown, rtol=0, atol=5e-5)


def test_stamps_print_the_kernel_once_for_each_pixel():
    kernel = torch.tensor([[[[1.0, 2], [3, 4]]]])
    x = torch.tensor([[[[1.0, 10], [100, 1000]]]])
    apart = transposed_scatter(x, kernel, stride=2)[0, 0]
    assert apart.tolist() == [
        [1, 2, 10, 20],
        [3, 4, 30, 40],
        [100, 200, 1000, 2000],
        [300, 400, 3000, 4000],
    ]
    over = transposed_scatter(x, kernel)[0, 0]
    assert over.tolist() == [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]]


@every_way
@pytest.mark.parametrize(
    ("x", "kernel", "options", "message"),
    [
        ((1, 4, 4), (1, 1, 3, 3), {}, r"^x must be \(N, C, H, W\) floating point, got \(1, 4, 4\)"),
        ((1, 2, 4, 4), (1, 2, 3, 3), {}, r"^kernel must be \(2, O, h, w\) .*first axis"),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"padding": -1}, "^padding must be at least 0, got -1"),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"stride": 0}, "^stride must be at least 1, got 0"),
        (
            (1, 1, 4, 4),
            (1, 1, 3, 3),
            {"stride": 2, "output_padding": 2},
            "^output_padding must be at most 1, got 2",
        ),
        (
            (1, 1, 1, 4),
            (1, 1, 3, 3),
            {"padding": 2},
            r"^padding must leave at least 1 pixel, got 2, so \(-1, 2\)",
        ),
    ],
)
def test_what_does_not_fit_is_named(transposed, x, kernel, options, message):
    with pytest.raises(ValueError, match=message):
        transposed(torch.zeros(x), torch.zeros(kernel), **options)


@every_way
def test_another_type_of_kernel_is_named(transposed):
    with pytest.raises(ValueError, match="^kernel must be torch.float32 as x is, got torch.float6"):
        transposed(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 3, 3).double())
