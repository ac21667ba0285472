"""The transposed convolution, in its three readings.

It spreads an image x (N, C, H, W) by a kernel w (C, O, h, w) at stride s,

    y[n, o, s i + a - p, s j + b - p] += sum_c w[c, o, a, b] x[n, c, i, j]   for all i, j, a, b,

and gives (N, O, H', W') with H' = s (H - 1) + h - 2 p + output_padding, W' likewise. It is the
transpose of the convolution from H' x W' to H x W with the same kernel, padding and stride, and
not its inverse: the word "deconvolution" misleads. That convolution rounds down, so s heights H'
share one H; `output_padding`, from 0 to s - 1, says which of them is meant.
Dumoulin and Visin, arXiv 1603.07285. For chapter 03.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.arguments import check_count, check_input
from coursekit.layers.convolutions import check_same_type


def transposed_scatter(
    x: Tensor, kernel: Tensor, *, padding: int = 0, stride: int = 1, output_padding: int = 0
) -> Tensor:
    """`F.conv_transpose2d(x, kernel)` by stamps: each pixel prints the kernel, times its value.

    Stamps lie `stride` pixels apart and add up where they overlap; then `padding` rows and columns
    are cut off on each side. Differentiable, and slow.
    Raises ValueError if shapes or types do not fit, padding leaves nothing, or a number is out of
    range.

    >>> x = torch.tensor([[[[1.0, 2.0]]]])
    >>> transposed_scatter(x, torch.ones(1, 1, 1, 3), stride=2)  # the third is in both stamps
    tensor([[[[1., 1., 3., 2., 2.]]]])
    """
    rows, columns = _check(x, kernel, padding, stride, output_padding)
    h, w = kernel.shape[2:]
    y = x.new_zeros(len(x), kernel.shape[1], rows + 2 * padding, columns + 2 * padding)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            stamps = torch.einsum("nc,cohw->nohw", x[:, :, i, j], kernel)  # N x O x h x w
            top, left = stride * i, stride * j
            y[:, :, top : top + h, left : left + w] += stamps
    return y[:, :, padding : padding + rows, padding : padding + columns]  # N x O x H' x W'


def transposed_stuffed(
    x: Tensor, kernel: Tensor, *, padding: int = 0, stride: int = 1, output_padding: int = 0
) -> Tensor:
    """`F.conv_transpose2d(x, kernel)` as a direct convolution of x, stuffed with zeros.

    stride - 1 zeros go between the pixels, h - 1 - padding around them (a negative number cuts);
    the kernel is turned round and its channels change places. Most products are with a zero.
    Arguments, result and errors as in `transposed_scatter`.
    """
    _check(x, kernel, padding, stride, output_padding)
    sides = [stride * (side - 1) + 1 for side in x.shape[2:]]
    stuffed = x.new_zeros(*x.shape[:2], *sides)
    stuffed[:, :, ::stride, ::stride] = x
    above, left = (side - 1 - padding for side in kernel.shape[2:])
    around = (left, left + output_padding, above, above + output_padding)
    return F.conv2d(F.pad(stuffed, around), kernel.flip(2, 3).transpose(0, 1))  # N x O x H' x W'


def transposed_gradient(
    x: Tensor, kernel: Tensor, *, padding: int = 0, stride: int = 1, output_padding: int = 0
) -> Tensor:
    """`F.conv_transpose2d(x, kernel)` as the gradient of a convolution.

    The derivative of sum(x conv(y)) with respect to y, conv being linear: the same whatever y is.
    So the layer's forward pass is a convolution's backward pass, and the other way round.
    Arguments, result and errors as in `transposed_scatter`.
    """
    size = _check(x, kernel, padding, stride, output_padding)
    differentiable = torch.is_grad_enabled()
    with torch.enable_grad():
        y = x.new_zeros(len(x), kernel.shape[1], *size, requires_grad=True)  # N x O x H' x W'
        maps = F.conv2d(y, kernel, padding=padding, stride=stride)  # N x C x H x W
        (gradient,) = torch.autograd.grad(maps, y, x, create_graph=differentiable)
    return gradient  # N x O x H' x W'


def _check(x, kernel, padding, stride, output_padding):
    """(H', W')"""
    check_input("x", x, ("N", "C", "H", "W"))
    check_input("kernel", kernel, (x.shape[1], "O", "h", "w"), "its first axis is x's channels")
    check_same_type(x, kernel)
    check_count("padding", padding, 0)
    check_count("stride", stride)
    check_count("output_padding", output_padding, 0, stride - 1)
    size = tuple(
        stride * (side - 1) + k - 2 * padding + output_padding
        for side, k in zip(x.shape[2:], kernel.shape[2:])
    )
    if min(size) < 1:
        raise ValueError(f"padding must leave at least 1 pixel, got {padding}, so {size}")
    return size
