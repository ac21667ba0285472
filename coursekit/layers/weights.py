"""First weights, and the generator that they are drawn from."""

from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def seeded(seed: int):
    """Layers built inside draw their initial weights from `seed`; the global generator is kept."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def initialise(model, nonlinearity="relu"):
    """First weights of all convolutions: N(0, 2 / fan_in), the factor 2 before a ReLU only.

    (He et al. 2015, Equation 10.) Other layers keep PyTorch's: in linear ones they are smaller,
    so that the classes are equally likely at the start.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity=nonlinearity)


def he_initialise(layer):
    """Weights ~ N(0, 2 / n), n the number of inputs that meet in one output; biases 0.

    For convolutions and 2x2 up-convolutions (stride 2, so that no two taps meet); other layers
    are left alone. He et al. 2015; model.apply(he_initialise).
    """
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        up = isinstance(layer, nn.ConvTranspose2d)
        n = layer.in_channels if up else layer.weight[0].numel()
        nn.init.normal_(layer.weight, std=(2 / n) ** 0.5)
        nn.init.zeros_(layer.bias)
