"""Transposed convolution by stamps, beside resizing and then convolving.

For chapter 03.
"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.arguments import (
    check_count,
    check_finite,
    check_input,
    check_kind,
    check_range,
    check_texts,
)
from coursekit.live.arrays import single
from coursekit.live.output import put

FEWEST_CELLS, MOST_CELLS = 2, 6  # along each side of the input
MOST_SIZE, MOST_STRIDE, MOST_PADDING = 5, 3, 2  # as in stamps.js
MOST_KERNELS = 3
OWN = ("ones", "tent")  # kernels that the page makes
CHECKS = 20  # random pictures that the page checks itself with


def stamps(
    image: Tensor,
    kernels: Mapping[str, Tensor] | None = None,
    *,
    size: int = 3,
    stride: int = 2,
    padding: int = 0,
    alt: str,
    caption: str,
) -> None:
    """Display a transposed convolution of `image` (H, W) in [0, 1], which has 2 to 6 cells a side.

    Each cell prints the kernel, times its value, `stride` apart; each pixel of the sum shows how
    many stamps reach it. Beside it the same kernel after resizing by the stride (nearest, edges
    repeated), of the same size, where every pixel gets all weights. The reader edits the cells,
    prints them one by one, and sets the kernel's size (1 to 5), the stride (1 to 3) and the padding
    (0 to 2), from the values given here. Kernels of ones and of a tent are always there; `kernels`
    {name: (k, k)} adds up to three of the notebook's own, k at most 5, such as a channel of a layer
    before and after training:

    >>> layer = torch.nn.ConvTranspose2d(1, 1, 4, stride=2)
    >>> kernels = {"first weights": layer.weight[0, 0]}

    `stamps(torch.ones(4, 4), kernels, alt=..., caption="Where the pattern comes from")` draws it.

    The page holds 20 outputs of torch for each of the two ways: `figure.living.check()` gives the
    largest difference from them. Raises TypeError and ValueError.
    """
    check_texts(alt, caption)
    check_range("image", check_input("image", image, ("H", "W")), 0, 1)
    if not FEWEST_CELLS <= min(image.shape) <= max(image.shape) <= MOST_CELLS:
        raise ValueError(
            f"image must have {FEWEST_CELLS} to {MOST_CELLS} cells a side, got {tuple(image.shape)}"
        )
    kernels = {} if kernels is None else _kernels(kernels)
    check_count("size", size, 1, MOST_SIZE)
    check_count("stride", stride, 1, MOST_STRIDE)
    check_count("padding", padding, 0, MOST_PADDING)
    if stride * (min(image.shape) - 1) + size <= 2 * padding:
        raise ValueError(f"padding must leave at least 1 pixel, got {padding}")
    image = image.detach().cpu().float()
    data = {
        "image": image.tolist(),
        "kernels": {name: kernel.tolist() for name, kernel in kernels.items()},
        "start": {"size": size, "stride": stride, "padding": padding},
        "check": _checks(),
    }
    still = _still(image, torch.ones(size, size), stride, padding)
    put("stamps", data, parts=("upsampling", "cells"), figure=still, alt=alt, caption=caption)


def resized(image: Tensor, kernel: Tensor, stride: int, padding: int) -> Tensor:
    """`image`, resized by `stride` and convolved with `kernel`, of the size and at the place that
    the transposed convolution with `padding` gives it; edges are repeated.
    """
    k = len(kernel)
    large = F.interpolate(image[None, None], scale_factor=float(stride))
    around = 2 * k  # enough on every side; then what is needed is cut out
    large = F.conv2d(F.pad(large, (around,) * 4, mode="replicate"), kernel[None, None])[0, 0]
    first = around - (k - 1 - padding - (stride - 1) // 2)
    h, w = (stride * (n - 1) + k - 2 * padding for n in image.shape)
    return large[first : first + h, first : first + w]


def stamped(image: Tensor, kernel: Tensor, stride: int, padding: int) -> Tensor:
    """The transposed convolution of one channel."""
    return F.conv_transpose2d(
        image[None, None], kernel[None, None], stride=stride, padding=padding
    )[0, 0]


def _kernels(kernels):
    check_kind("kernels", kernels, Mapping, "{name: kernel (k, k)}")
    if len(kernels) > MOST_KERNELS:
        raise ValueError(f"kernels must be at most {MOST_KERNELS}, got {len(kernels)}")
    checked = {}
    for name, kernel in kernels.items():
        check_kind("kernels: the name", name, str, "a text")
        if name in OWN:
            raise ValueError(f"kernels must not be called {name!r}, which is the page's own")
        own = f"kernels[{name!r}]"
        check_finite(own, check_input(own, kernel, ("k", "k")))
        if len(set(kernel.shape)) > 1 or len(kernel) > MOST_SIZE:
            raise ValueError(
                f"{own} must be (k, k), square, k at most {MOST_SIZE}, got {tuple(kernel.shape)}"
            )
        checked[name] = kernel.detach().cpu().float()
    return checked


def _checks():
    """Random pictures and kernels, with what torch makes of them in both ways."""
    generator = torch.Generator().manual_seed(0)
    cases = []
    for i in range(CHECKS):
        k, stride, padding = i % MOST_SIZE + 1, i % MOST_STRIDE + 1, i // 3 % (MOST_PADDING + 1)
        h, w = torch.randint(3, MOST_CELLS + 1, (2,), generator=generator).tolist()
        image, kernel = (
            torch.rand(a, b, generator=generator).mul(8).round() / 8 for a, b in ((h, w), (k, k))
        )
        padding = min(padding, (stride * (min(h, w) - 1) + k - 1) // 2)
        case = {"kernel": kernel - 0.5, "stride": stride, "padding": padding}
        results = (way(image, **case) for way in (stamped, resized))
        texts = dict(zip(("stamped", "resized"), map(single, results)))
        cases.append(case | texts | {"image": image.tolist(), "kernel": case["kernel"].tolist()})
    return cases


def _still(image, kernel, stride, padding) -> Figure:
    """The cells, and what both ways make of them, with the number of weights in each pixel."""
    sums, other = (way(image, kernel, stride, padding) for way in (stamped, resized))
    counts = stamped(torch.ones_like(image), torch.ones_like(kernel), stride, padding)
    figure, axes = plt.subplots(
        1, 3, figsize=(7.2, 3), width_ratios=(2, 3, 3), layout="constrained"
    )
    _cells(axes[0], image, image, f"input, kernel {len(kernel)} × {len(kernel)}")
    _cells(axes[1], sums, counts, f"stamps {stride} apart")
    _cells(axes[2], other, torch.full_like(other, kernel.numel()), "resize, then convolve")
    stamp = (stride - padding - 0.5,) * 2
    axes[1].add_patch(Rectangle(stamp, *kernel.shape, fill=False, lw=2))
    axes[0].add_patch(Rectangle((0.5, 0.5), 1, 1, fill=False, lw=2))
    return figure


def _cells(axis, values, numbers, title):
    """The values as shades, with a number in each cell."""
    most = max(values.max().item(), 1e-6)
    axis.imshow(values.numpy(), cmap="Blues", vmin=0, vmax=1.6 * most)
    for r, row in enumerate(numbers.tolist()):
        for c, number in enumerate(row):
            axis.text(c, r, f"{number:.3g}", ha="center", va="center", fontsize=8)
    axis.set_title(title)
    axis.set(xticks=[], yticks=[])
