"""A plane of codes, or two: the reader drags a point, and the decoder draws its image.

Used by chapter 01; for chapter 05.
"""

import copy
import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torch import nn

from coursekit.arguments import (
    check_counts,
    check_finite,
    check_input,
    check_kind,
    check_labels,
    check_texts,
    describe,
)
from coursekit.live.arrays import half, octets, single
from coursekit.live.network import SINGLE, network
from coursekit.live.output import put
from coursekit.training import predict

FORM = "{title: (decoder, codes)}, one or two"
MOST_POINTS, CLASSES = 2000, 10
PROBES, VALUES = 20, 48  # inputs, and values of each output, that the page checks itself with
MOVED = 1e-3  # the most that rounded weights may change a value
TILES = 9  # images along each side of the still


def plane(
    planes: Mapping[str, tuple[nn.Module, torch.Tensor]],
    labels: torch.Tensor,
    *,
    names: Sequence[str] = tuple("0123456789"),
    shape: Sequence[int] = (1, 28, 28),
    alt: str,
    caption: str,
) -> None:
    """Display {title: (decoder, codes)}: codes (N, 2) coloured by their labels (N,), and images.

    `decoder` maps (N, 2) to N images of `shape` (C, H, W) in [0, 1], flat or not; C = 1 is drawn as
    ink on paper, C = 3 in colour. `coursekit.live.network` lists the layers that it may have. With
    two planes of codes of the same examples the reader drags in one, and in the other the code of
    the nearest example is decoded. A linear decoder draws PCA's plane:

    >>> pca = nn.Linear(2, 784)  # weight: the components (784, 2), bias: the mean

    The page holds 20 outputs of torch: `figure.living.check()` in the page gives the largest
    difference from them. Raises TypeError and ValueError, also over 2,000 points and for weights
    whose rounding would change a value by more than 0.001.
    """
    check_texts(alt, caption)
    shape = check_counts("shape", shape, 3, form="(C, H, W)")
    if len(shape) != 3 or shape[0] not in (1, 3) or max(shape) > 256:
        raise ValueError(f"shape must be (C, H, W), C 1 or 3, H and W at most 256, got {shape}")
    check_kind("planes", planes, Mapping, FORM)
    if len(planes) not in (1, 2):
        raise ValueError(f"planes must be {FORM}, got {len(planes)}")
    parts = [_part(title, value, shape) for title, value in planes.items()]
    counts = {len(codes) for *_, codes in parts}
    if len(counts) > 1:
        raise ValueError(f"planes must show the same examples, got {sorted(counts)} codes")
    names = check_names(names)
    check_labels("labels", labels, counts.pop(), classes=len(names))
    data = {
        "planes": [_data(*part) for part in parts],
        "labels": octets(labels),
        "names": names,
        "shape": shape,
    }
    put("plane", data, parts=("network",), figure=_still(parts, shape), alt=alt, caption=caption)


def check_names(names: Sequence[str]) -> list[str]:
    """The names of one to ten classes, as a list of texts."""
    check_kind("names", names, (list, tuple), "a list of texts")
    for i, name in enumerate(names):
        check_kind(f"names[{i}]", name, str, "a text")
    if not 1 <= len(names) <= CLASSES:
        raise ValueError(f"names must be one to {CLASSES} texts, got {len(names)}")
    return list(names)


def _part(title, value, shape):
    """(title, decoder in the page's form, decode, codes) of one plane, checked."""
    name = f"planes[{title!r}]"
    check_kind(f"{name}: the title", title, str, "a text")
    check_kind(name, value, (tuple, list), "a pair (decoder, codes)")
    if len(value) != 2:
        raise ValueError(f"{name} must be a pair (decoder, codes), got {describe(value)}")
    model, codes = value
    codes = check_finite(f"{name}: codes", check_input(f"{name}: codes", codes, ("N", 2), fewest=2))
    if len(codes) > MOST_POINTS:
        raise ValueError(
            f"{name}: codes must be at most {MOST_POINTS}, got {len(codes)}; take some"
        )
    codes = codes.detach().cpu().float()
    form = network(f"{name}: the decoder", model, (2,))
    if math.prod(form["shape"]) != math.prod(shape):
        raise ValueError(
            f"{name}: the decoder must give images of shape {tuple(shape)}, "
            f"got {tuple(form['shape'])}"
        )
    return title, form, model, codes


def _data(title, form, model, codes):
    low, high = _ranges(codes)
    generator = torch.Generator().manual_seed(0)
    inputs = low + (high - low) * torch.rand(PROBES, 2, generator=generator)
    outputs = _decode(model, inputs).flatten(1)
    if form["bits"] == 16:
        moved = (
            (_decode(copy.deepcopy(model).half().float(), inputs).flatten(1) - outputs).abs().max()
        )
        if moved > MOVED:
            raise ValueError(
                f"planes[{title!r}]: the decoder's weights, as float16, move its images by up to "
                f"{moved:.2g}; take a smaller one: up to {SINGLE:,} weights are kept as float32"
            )
    every = max(1, outputs.shape[1] // VALUES)
    check = {"inputs": single(inputs), "outputs": single(outputs[:, ::every]), "every": every}
    return {
        "title": title,
        "network": form,
        "codes": half("codes", codes),
        "low": [round(v, 4) for v in low.tolist()],
        "high": [round(v, 4) for v in high.tolist()],
        "check": check,
    }


def _ranges(codes):
    """The part of the plane that is shown: nearly all codes, and a margin."""
    low, high = codes.quantile(0.005, 0), codes.quantile(0.995, 0)
    margin = 0.06 * (high - low).clamp_min(1e-3)
    return low - margin, high + margin


def _decode(model, codes):
    """What the model makes of codes in its own type, as float32."""
    like = next(model.parameters(), codes)
    return predict(model, codes.to(like.dtype)).float()


def _still(parts, shape) -> Figure:
    """The images along a grid of codes, a picture a plane."""
    figure, axes = plt.subplots(
        1, len(parts), figsize=(3.4 * len(parts), 3.6), squeeze=False, layout="constrained"
    )
    c, h, w = shape
    for axis, (title, _, model, codes) in zip(axes.flat, parts):
        low, high = _ranges(codes)
        steps = torch.linspace(0.04, 0.96, TILES)
        grid = torch.stack(torch.meshgrid(steps.flip(0), steps, indexing="ij")[::-1], -1)
        images = _decode(model, low + (high - low) * grid.reshape(-1, 2)).reshape(
            TILES, TILES, c, h, w
        )
        sheet = images.permute(0, 3, 1, 4, 2).reshape(TILES * h, TILES * w, c)
        axis.imshow(sheet.clamp(0, 1).squeeze(-1).numpy(), cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(title)
        axis.axis("off")
    return figure
