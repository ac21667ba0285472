"""The receptive field of a unit: computed from the layers, and measured by gradients.

For chapters 07 and 08.
"""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.arguments import check_counts, check_kind
from coursekit.inspection.replacing import Replaced

WINDOWS = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.MaxPool1d,
    nn.MaxPool2d,
    nn.MaxPool3d,
    nn.AvgPool1d,
    nn.AvgPool2d,
    nn.AvgPool3d,
)
POINTWISE = (
    nn.ReLU,
    nn.LeakyReLU,
    nn.ELU,
    nn.GELU,
    nn.SiLU,
    nn.Softplus,
    nn.Sigmoid,
    nn.Tanh,
    nn.Dropout,
    nn.Dropout2d,
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.LocalResponseNorm,
    nn.Identity,
)


class ReceptiveField(NamedTuple):
    """Unit i sees the pixels from start + i jump on, `size` of them, in each direction.

    A negative `start` lies in the padding.
    """

    size: int
    jump: int
    start: int


def receptive_field(layers: nn.Sequential | Sequence[nn.Module]) -> ReceptiveField:
    """The receptive field of the last of `layers`: a Sequential, or a list of layers.

    With kernel k, stride s, padding p and dilation d, each layer adds (k - 1) d jumps to the size
    and takes p jumps off the start, then multiplies the jump by s (Araujo, Norris and Sim,
    Distill 2019). Layers that look at one position (activations, batch norm, dropout) change
    nothing. Two convolutions of 3 x 3 see what one of 5 x 5 sees:

    >>> receptive_field([nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3)])
    ReceptiveField(size=5, jump=1, start=0)

    Raises TypeError for what is no list of layers, and ValueError for any other layer, such as a
    flattening or linear one, after which there are no positions, and for one whose kernel, stride,
    padding or dilation differs by direction.
    """
    check_kind("layers", layers, (nn.Sequential, list, tuple), "a Sequential or a list of layers")
    size, jump, start = 1, 1, 0
    for layer in _flat([layers] if isinstance(layers, nn.Module) else layers):
        if isinstance(layer, POINTWISE):
            continue
        if not isinstance(layer, WINDOWS):
            raise ValueError(
                "layers must be convolutions, poolings and pointwise layers, got a "
                f"{type(layer).__name__}; measure it by receptive_field_by_gradient"
            )
        reach = (_same(layer, "kernel_size") - 1) * _same(layer, "dilation")
        padding = reach // 2 if layer.padding == "same" else _same(layer, "padding")
        size += reach * jump
        start -= padding * jump
        jump *= _same(layer, "stride")
    return ReceptiveField(size, jump, start)


@torch.enable_grad()
def receptive_field_by_gradient(
    model: nn.Module, shape: Sequence[int]
) -> tuple[int, int, int, int]:
    """The box of the input that the central output unit depends on, measured.

    `model` maps images of the given shape (N, C, H, W) to feature maps (N, K, H', W'); the unit
    is the one in row H' // 2 and column W' // 2. Returns (x1, y1, x2, y2), the pixels x1 <= x < x2
    and y1 <= y < y2 with a gradient that is not zero. Any layers and connections are allowed, but
    the box ends at the border of the image: choose H and W larger than the field.

    Measured in float64 on a copy in eval mode, in which nothing can cancel or be shut: every
    filter takes the mean of its inputs, biases are 0, batch norms are the identity, and average
    stands for max pooling, whose gradient reaches one pixel of the window only. The field of the
    weights as trained is smaller in effect (Luo et al. 2016).

    Raises ValueError when the output is not (N, K, H', W') or does not depend on the input, and
    for a max pooling with dilation.
    """
    check_kind("model", model, nn.Module, "a torch module")
    if len(check_counts("shape", shape, form="(N, C, H, W)")) != 4:
        raise ValueError(f"shape must be (N, C, H, W), got {tuple(shape)}")
    model = _averaging(model)
    x = torch.ones(shape, dtype=torch.float64, requires_grad=True)
    with Replaced({F.max_pool2d, torch.max_pool2d}, _mean_pool):
        output = model(x)
    if output.dim() != 4:
        raise ValueError(
            "model must return feature maps (N, K, H', W'), got "
            f"{tuple(output.shape)}; pass its convolutional part"
        )
    unit = output[..., output.shape[2] // 2, output.shape[3] // 2].sum()
    (gradient,) = torch.autograd.grad(unit, x)
    seen = gradient.abs().sum(dim=(0, 1)) > 0  # H x W
    if not seen.any():
        raise ValueError("model must let the output depend on the input, all gradients are 0")
    (y1, y2), (x1, x2) = _extent(seen.any(dim=1)), _extent(seen.any(dim=0))
    return x1, y1, x2, y2


def _averaging(model):
    """A copy of the model whose filters take means."""
    model = copy.deepcopy(model).cpu().double().eval()
    for layer in model.modules():
        if hasattr(layer, "reset_running_stats"):
            layer.reset_running_stats()
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.fill_(0.0 if name.endswith("bias") else 1 / p[0].numel() if p.dim() > 1 else 1.0)
    return model


def _mean_pool(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """Average pooling with the arguments of max pooling."""
    if dilation not in (1, (1, 1)):
        raise ValueError(f"model must have max poolings without dilation, got {dilation}")
    return F.avg_pool2d(input, kernel_size, stride, padding, ceil_mode)


def _flat(layers):
    for layer in layers:
        if getattr(type(layer), "forward", None) is nn.Sequential.forward:
            yield from _flat(layer)
        else:
            yield layer


def _same(layer, setting):
    """The setting of a layer, which must be the same in each direction."""
    value = getattr(layer, setting, 1)  # average poolings have no dilation
    values = set(value) if isinstance(value, tuple) else {value}
    if len(values) != 1:
        raise ValueError(
            f"layers must be square, got a {type(layer).__name__} with {setting} {value}"
        )
    (value,) = values
    return 0 if value == "valid" else value


def _extent(seen):
    """First and last + 1 of the places that are True."""
    places = seen.nonzero().flatten()
    return places[0].item(), places[-1].item() + 1
