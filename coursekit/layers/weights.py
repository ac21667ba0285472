"""First weights, and the generator that they are drawn from.

Each function of the form `he_normal(module)` sets the layers in a module, or the one that it is,
and returns it. What it does not name starts as PyTorch has it. Used by chapters 01 to 11.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from coursekit.arguments import check_choice, check_kind, check_number, check_seed

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Layers built inside draw their first weights from `seed`; the global generator is kept.

    With None nothing is changed: they draw from the surrounding `seeded`, or from the global
    generator. So a network builds its parts with `seed=None`, and no two parts start alike.
    """
    check_seed("seed", seed)
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def he_normal(module: nn.Module, *, fan: str = "in", gain: float = 2**0.5) -> nn.Module:
    """Kernels of convolutions ~ N(0, gain^2 / fan): the factor 2 for the half that a ReLU drops.

    He et al. 2015, Equations 10 and 14. With "in", the number of inputs that meet in one output,
    a signal keeps its size on the way up; with "out", the gradient on its way down. Where the taps
    of a transposed convolution with stride s are spread evenly, k^2 / s^2 meet.
    """
    check_choice("fan", fan, ("in", "out"))
    check_number("gain", gain, above=0, high=1000)
    for layer in _layers(module, CONVOLUTIONS):
        channels = layer.in_channels / layer.groups if fan == "in" else layer.out_channels
        taps = layer.kernel_size[0] * layer.kernel_size[1]
        if isinstance(layer, nn.ConvTranspose2d):
            taps /= layer.stride[0] * layer.stride[1]
        nn.init.normal_(layer.weight, std=gain / (channels * taps) ** 0.5)
    return module


def glorot_normal(module: nn.Module, *, gain: float = 1.0) -> nn.Module:
    """Weights of linear layers ~ N(0, 2 gain^2 / (d_in + d_out)) (Glorot and Bengio 2010)."""
    check_number("gain", gain, above=0, high=1000)
    for layer in _layers(module, nn.Linear):
        nn.init.xavier_normal_(layer.weight, gain)
    return module


def lecun_uniform(module: nn.Module) -> nn.Module:
    """Weights of convolutions and linear layers uniform within +-2.4 / inputs of a unit, biases 0.

    LeCun et al. 1998, Appendix A, for the tanh that bends at +-1.
    """
    for layer in _layers(module, (nn.Conv2d, nn.Linear)):
        bound = 2.4 / layer.weight[0].numel()
        nn.init.uniform_(layer.weight, -bound, bound)
    return zero_biases(module)


def dcgan_normal(module: nn.Module) -> nn.Module:
    """Kernels of convolutions ~ N(0, 0.02^2) (Radford et al. 2016)."""
    for layer in _layers(module, CONVOLUTIONS):
        nn.init.normal_(layer.weight, 0, 0.02)
    return module


def zero_biases(module: nn.Module) -> nn.Module:
    """Biases of convolutions and linear layers 0."""
    for layer in _layers(module, (*CONVOLUTIONS, nn.Linear)):
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return module


def _layers(module, kinds):
    check_kind("module", module, nn.Module, "a torch module")
    return [layer for layer in module.modules() if isinstance(layer, kinds)]
