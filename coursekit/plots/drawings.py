"""Drawings of networks, made from the shapes that flow through the real model.

Used by chapters 01 and 02; for chapters 03, 05, 06, 08, 10 and 11.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle
from torch import nn

from coursekit.arguments import check_counts, check_kind
from coursekit.layers import eval_mode

SHAPED = (nn.Linear, nn.modules.conv._ConvNd, nn.modules.pooling._MaxPoolNd)
SHAPED += (nn.modules.pooling._AvgPoolNd, nn.modules.pooling._AdaptiveAvgPoolNd)
SHAPED += (nn.Upsample, nn.Unflatten, nn.Flatten)
UNITS, MAPS, CODE = "#0072B2", "#56B4E9", "#D55E00"


@dataclass
class Block:
    """What one layer, or several of equal output, give: (K,) units or (C, H, W) maps."""

    shape: tuple[int, ...]
    inputs: tuple[int, ...] | None  # what the first of the layers read
    layers: list[nn.Module]
    level: int = 0  # how often the side of the maps was halved
    calls: int = 1

    @property
    def maps(self) -> bool:
        return len(self.shape) > 1


def architecture(model: nn.Module, shape: Sequence[int], *, title: str | None = None) -> Figure:
    """A drawing of `model` for an input of the given `shape`, without the batch.

    Vectors are bars, feature maps squares; a bar's height grows with the logarithm of its units, a
    square's side with that of its pixels and its breadth with that of its channels. Layers that
    leave the shape alone (activations, normalisations, dropout) are not drawn. The narrowest vector
    is the code. Where a layer reads more channels than the one before it gave, a dashed line leads
    from the block whose maps were joined; a layer that is called again has a loop. Nothing is
    written by hand: the model runs once on zeros, in eval mode.

    Raises TypeError for what is no module, ValueError where no layer with a shape is called.
    """
    check_kind("model", model, nn.Module, "a torch module")
    check_kind("title", title, (str, type(None)), "a text")
    blocks = trace(model, check_counts("shape", shape, form="(units) or (channels, height, width)"))
    if len(blocks) < 2:
        raise ValueError("model must call linear, convolutional or pooling layers, it calls none")
    joined = _joins(blocks)
    levels = [block.level if joined else 0 for block in blocks]  # a U goes down the page
    figure, axis = plt.subplots(figsize=(8.4, 2.7 + 0.32 * max(levels)))
    places = _draw_blocks(axis, blocks, levels)
    for source, target in joined:
        _draw_skip(axis, places[source], places[target])
    if title:
        axis.set_title(title)
    axis.set_aspect("equal")
    axis.axis("off")
    axis.autoscale_view()
    return figure


def trace(model: nn.Module, shape: Sequence[int]) -> list[Block]:
    """The blocks of one pass over zeros, the input first."""
    like = next(model.parameters(), torch.zeros(()))
    x = torch.zeros(1, *shape, dtype=like.dtype, device=like.device)
    blocks, first = [Block(tuple(shape[-3:]), None, [])], {}  # of a sequence, one frame

    def note(layer, inputs, output):
        if layer in first:
            first[layer].calls += 1
            return
        shape = tuple(output.shape[1:])
        if shape != blocks[-1].shape or isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd)):
            last = blocks[-1]
            blocks.append(Block(shape, tuple(inputs[0].shape[1:]), [], last.level))
            if blocks[-1].maps and last.maps:
                blocks[-1].level += _halvings(layer, last.shape, *blocks[-1].inputs[1:2], shape)
        blocks[-1].layers.append(layer)
        first[layer] = blocks[-1]

    handles = [m.register_forward_hook(note) for m in model.modules() if isinstance(m, SHAPED)]
    try:
        with eval_mode(model), torch.no_grad():
            model(x)
    except RuntimeError as error:  # torch's layers say so; the course's models raise ValueError
        raise ValueError(f"shape must be one that the model takes, got {(*shape,)}") from error
    finally:
        for handle in handles:
            handle.remove()
    return _merge(blocks)


def _halvings(layer, before, read, shape):
    """How often the side is halved from one block to the next; without padding it only shrinks."""
    stride = getattr(layer, "stride", 1)
    steps = stride if isinstance(stride, int) else stride[0]
    own = math.copysign(math.log2(steps), read - shape[1]) if steps > 1 else 0
    return round(math.log2(before[1] / read) + own)


def _merge(blocks):
    """Neighbours with as many channels on one level as one block: a double convolution."""
    merged = blocks[:1]
    for block in blocks[1:]:
        last = merged[-1]
        alike = block.maps and last.maps and block.shape[0] == last.shape[0] == block.inputs[0]
        if alike and last.layers and block.level == last.level:
            last.layers += block.layers
            last.shape = block.shape
        else:
            merged.append(block)
    return merged


def _joins(blocks):
    """Pairs (source, target) of blocks: the target also reads the maps of the source."""
    pairs = []
    for i, block in enumerate(blocks[1:], 1):
        before = blocks[i - 1]
        if not (block.maps and before.maps and len(block.inputs) == 3):
            continue
        extra = block.inputs[0] - before.shape[0]
        sources = [
            j
            for j, other in enumerate(blocks[: i - 1])
            if other.maps and other.shape[0] == extra and other.level == block.level
        ]
        if extra > 0 and sources:
            pairs.append((sources[-1], i))
    return pairs


def _size(block):
    """Breadth and height of a block on the page."""
    if block.maps:
        return 0.12 + 0.07 * math.log2(block.shape[0]), 0.35 + 0.22 * math.log2(block.shape[1])
    return 0.16, 0.25 + 0.2 * math.log2(block.shape[0])


def _draw_blocks(axis, blocks, levels):
    """Draw the blocks from left to right; their boxes (x, y, breadth, height)."""
    narrowest = min((b.shape[0] for b in blocks if not b.maps), default=0)
    places, x = [], 0.0
    for i, (block, level) in enumerate(zip(blocks, levels)):
        breadth, height = _size(block)
        y = -1.15 * level
        inner = 0 < i < len(blocks) - 1 and not block.maps
        code = inner and block.shape[0] == narrowest < min(
            math.prod(blocks[i - 1].shape), math.prod(blocks[i + 1].shape)
        )
        colour = CODE if code else MAPS if block.maps else UNITS
        box = Rectangle((x, y - height / 2), breadth, height, fc=colour, ec="white", lw=0.5)
        axis.add_patch(box)
        if i:
            _draw_funnel(axis, places[-1], (x, y, breadth, height))
        new = not i or i == len(blocks) - 1 or blocks[i - 1].level != block.level
        new = new or not blocks[i - 1].maps
        _label(axis, block, x + breadth / 2, y, height, sides=new)
        places.append((x, y, breadth, height))
        x += breadth + (0.62 if len(blocks) > 9 else 0.85)
    return places


def _draw_funnel(axis, before, here):
    """The layer between two blocks: grey between their edges, an arrow where the level changes."""
    (x0, y0, b0, h0), (x1, y1, _, h1) = before, here
    if y0 == y1:
        corners = [
            (x0 + b0, y0 + h0 / 2),
            (x1, y1 + h1 / 2),
            (x1, y1 - h1 / 2),
            (x0 + b0, y0 - h0 / 2),
        ]
        axis.add_patch(Polygon(corners, fc="0.92", ec="none", zorder=0))
    else:
        style = dict(arrowstyle="-|>", mutation_scale=8, color="0.45", lw=1)
        axis.add_patch(FancyArrowPatch((x0 + b0, y0), (x1, y1), **style))


def _draw_skip(axis, source, target):
    """A dashed line from the maps that are joined to the block that reads them."""
    (x0, y0, b0, h0), (x1, y1, _, h1) = source, target
    y = min(y0 + h0 / 4, y1 + h1 / 4)
    style = dict(arrowstyle="-|>", mutation_scale=8, color="0.55", lw=1, ls=(0, (4, 3)))
    axis.add_patch(FancyArrowPatch((x0 + b0, y), (x1, y), shrinkA=0, shrinkB=0, **style))


def _label(axis, block, x, y, height, sides):
    """Units or channels above, pixels below; a loop where a layer is called again."""
    text = f"{block.shape[0]:,}" if block.shape else "1"
    axis.text(x, y + height / 2 + 0.08, text, ha="center", va="bottom", fontsize=9)
    if block.maps and sides:
        text = " x ".join(map(str, block.shape[1:]))
        axis.text(x, y - height / 2 - 0.08, text, ha="center", va="top", fontsize=8, color="0.35")
    if block.calls > 1:
        axis.text(x, y, f"↻ {block.calls}", ha="center", va="center", fontsize=9, color="white")
