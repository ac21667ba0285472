"""A convolution whose weights are not shared. For chapter 07."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_flag, check_input
from coursekit.layers.convolutions import output_size
from coursekit.layers.weights import seeded


class LocallyConnected2d(nn.Module):
    """A convolution whose kernel is another one at every position: local, weights not shared.

        y[n, o, i, j] = b[o, i, j] + sum_{c,a,b} w[o, c, a, b, i, j] x[n, c, s i + a, s j + b]

    Maps (N, C, H, W), where `size` is (H, W) or one number for both, to (N, O, H', W') with
    H' = (H + 2 padding - k) // stride + 1. It has O C k^2 H' W' weights, and O H' W' biases if
    `bias`. With the same kernel and bias everywhere it is `nn.Conv2d`.

    `weight` is (O, C, k, k, H', W') and `bias` (O, H', W'); both start uniform within
    +-1 / sqrt(C k^2), as those of `nn.Conv2d`; `seed` fixes them.
    Raises ValueError if a number is below 1 (`padding`: 0), if the kernel is larger than the padded
    image and, in `forward`, for an input of another shape.

    >>> layer = LocallyConnected2d(1, 1, 3, size=100, padding=1, bias=False)
    >>> layer.weight.numel()  # a shared kernel has 9
    90000
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        size: int | tuple[int, int],
        padding: int = 0,
        stride: int = 1,
        bias: bool = True,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        check_count("in_channels", in_channels)
        check_count("out_channels", out_channels)
        check_count("kernel_size", kernel_size)
        self.size = _pair(size)
        self.in_channels = in_channels
        self.kernel_size, self.padding, self.stride = kernel_size, padding, stride
        self.output_size = output_size(self.size, (kernel_size, kernel_size), padding, stride)
        inputs = (in_channels, kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.empty(out_channels, *inputs, *self.output_size))
        self.bias = None
        if check_flag("bias", bias):
            self.bias = nn.Parameter(torch.empty(out_channels, *self.output_size))
        bound = (in_channels * kernel_size**2) ** -0.5
        with seeded(seed):
            for parameter in self.parameters():
                nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        hint = "a layer without shared weights fits one size of image"
        check_input("x", x, ("N", self.in_channels, *self.size), hint, model=self)
        patches = F.unfold(x, self.kernel_size, padding=self.padding, stride=self.stride)
        weight = self.weight.flatten(4).flatten(1, 3)  # O x C k k x H' W'
        y = torch.einsum("npl,opl->nol", patches, weight)  # N x O x H' W'
        y = y.unflatten(2, self.output_size)  # N x O x H' x W'
        return y if self.bias is None else y + self.bias


def _pair(size):
    """(H, W) of (H, W) or of one number for both."""
    if isinstance(size, int):
        return (check_count("size", size),) * 2
    pair = tuple(check_counts("size", size, 2, form="(H, W) or one number"))
    if len(pair) != 2:
        raise ValueError(f"size must be (H, W) or one number, got {pair}")
    return pair
