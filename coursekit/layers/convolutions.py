"""The convolution of a CNN, three ways.

What CNNs call convolution is the cross-correlation

    y[n, o, i, j] = bias[o] + sum_{c,a,b} w[o, c, a, b] x[n, c, s i + a, s j + b]

of an image x, padded with zeros, with a kernel w at stride s. The convolution of mathematics,
(x * w)[i] = sum_a x[i - a] w[a], turns the kernel round first; it is the cross-correlation with
`kernel.flip(2, 3)`. For learned kernels the difference is only in the order of the weights.
For chapter 07.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.arguments import check_count, check_input


def convolve_loops(x: Tensor, kernel: Tensor, *, padding: int = 0, stride: int = 1) -> Tensor:
    """`F.conv2d(x, kernel)` as it is defined: one sum for each position and output channel.

    `x` (N, C, H, W) and `kernel` (O, C, h, w) give (N, O, H', W') with
    H' = (H + 2 padding - h) // stride + 1, and W' likewise; `padding` rows and columns of zeros
    are added on each side. Differentiable, and slow.
    Raises ValueError if shapes or types do not fit, or padding < 0 or stride < 1.

    >>> x = torch.arange(9.0).view(1, 1, 3, 3)
    >>> convolve_loops(x, torch.tensor([[[[0.0, 0.0], [0.0, 1.0]]]]))  # x[i + 1, j + 1]
    tensor([[[[4., 5.],
              [7., 8.]]]])
    """
    rows, columns = _check(x, kernel, padding, stride)
    h, w = kernel.shape[2:]
    x = F.pad(x, (padding,) * 4)  # N x C x (H + 2 padding) x (W + 2 padding)
    y = x.new_zeros(len(x), len(kernel), rows, columns)
    for i in range(rows):
        for j in range(columns):
            top, left = stride * i, stride * j
            patch = x[:, :, top : top + h, left : left + w]  # N x C x h x w
            for o, weights in enumerate(kernel):
                y[:, o, i, j] = (weights * patch).sum(dim=(1, 2, 3))
    return y


def convolve_unfold(x: Tensor, kernel: Tensor, *, padding: int = 0, stride: int = 1) -> Tensor:
    """`F.conv2d(x, kernel)` as one matrix product: every patch is unfolded to a column.

    Arguments, result and errors as in `convolve_loops`. The matrix of patches holds each pixel up
    to h w times: memory is the price for the speed of a matrix product.
    """
    size = _check(x, kernel, padding, stride)
    patches = F.unfold(x, kernel.shape[2:], padding=padding, stride=stride)  # N x C h w x H' W'
    return (kernel.flatten(1) @ patches).unflatten(2, size)  # N x O x H' x W'


def convolve_fft(x: Tensor, kernel: Tensor, *, padding: int = 0, stride: int = 1) -> Tensor:
    """`F.conv2d(x, kernel)` as a product of Fourier transforms.

    The product of two transforms is the circular convolution, with the kernel turned round.
    Cross-correlation takes the complex conjugate of the kernel's transform instead: for a real
    kernel that is the transform of the kernel at reversed positions. The sums that wrap round the
    border lie in the last h - 1 rows and w - 1 columns and are cut off, and a stride only drops
    positions that were computed. So the cost hardly depends on the kernel's size.
    Arguments, result and errors as in `convolve_loops`, but no half types and no empty batch.
    """
    rows, columns = _check(x, kernel, padding, stride, fewest=1)
    if x.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"x must be float32 or float64, got {x.dtype}; write x.float()")
    x = F.pad(x, (padding,) * 4)  # N x C x (H + 2 padding) x (W + 2 padding)
    size = x.shape[2:]
    product = torch.einsum(
        "nchw,ochw->nohw", torch.fft.rfft2(x), torch.fft.rfft2(kernel, s=size).conj()
    )
    y = torch.fft.irfft2(product, s=size)  # N x O x (H + 2 padding) x (W + 2 padding)
    return y[:, :, ::stride, ::stride][:, :, :rows, :columns]  # N x O x H' x W'


def _check(x, kernel, padding, stride, fewest=0):
    check_input("x", x, ("N", "C", "H", "W"), fewest=fewest)
    check_input("kernel", kernel, ("O", x.shape[1], "h", "w"), "its channels are those of x")
    check_same_type(x, kernel)
    return output_size(x.shape[2:], kernel.shape[2:], padding, stride)


def check_same_type(x, kernel):
    if kernel.dtype != x.dtype:
        raise ValueError(
            f"kernel must be {x.dtype} as x is, got {kernel.dtype}; write kernel.to(x)"
        )


def output_size(image, kernel, padding, stride):
    """(H', W') from (H, W) and (h, w); ValueError if the kernel is larger than the padded image."""
    check_count("padding", padding, 0)
    check_count("stride", stride)
    padded = [side + 2 * padding for side in image]
    if any(k > side for k, side in zip(kernel, padded)):
        raise ValueError(
            "the kernel must fit into the padded image, "
            f"{padded[0]} x {padded[1]} pixels, got {kernel[0]} x {kernel[1]}; "
            "use more padding"
        )
    return tuple((side - k) // stride + 1 for k, side in zip(kernel, padded))
