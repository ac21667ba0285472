"""Blocks that several networks are made of."""

from torch import nn


def mlp(sizes, activation, last):
    """Linear layers of the given sizes, `activation` between them, `last` (or nothing) at the end.

    Weights ~ N(0, 2 g^2 / (d_in + d_out)) (Glorot and Bengio 2010), with g^2 = 2 before a ReLU,
    which lets half of a signal through (He et al. 2015), and 1 otherwise; biases 0. Then signal
    and gradient keep their size through many layers; under PyTorch's default they fade.
    """
    layers = []
    for i, (d_in, d_out) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(d_in, d_out)
        hidden = i < len(sizes) - 2
        nn.init.xavier_normal_(linear.weight, 2**0.5 if hidden and activation is nn.ReLU else 1.0)
        nn.init.zeros_(linear.bias)
        layers += [linear, activation()]
    layers[-1:] = [last()] if last else []
    return nn.Sequential(*layers)


def head(sizes, dropout, activation=nn.ReLU):
    """Linear layers of the given sizes, activation and dropout after each but the last."""
    layers = []
    for d_in, d_out in zip(sizes, sizes[1:]):
        layers += [nn.Linear(d_in, d_out), activation(), nn.Dropout(dropout)]
    return nn.Sequential(*layers[:-2])


def scaled(channels, width):
    """Each number of channels times `width`, rounded; ValueError where none would be left."""
    result = [round(c * width) for c in channels]
    if min(result) < 1:
        raise ValueError(f"width must leave at least 1 of {min(channels)} channels, got {width}")
    return result


def double_conv(c_in, c_mid, c_out, *, kernel_size=3, padding=0, batch_norm=False):
    """Two convolutions, each followed by batch normalisation, if wanted, and a ReLU."""
    layers = []
    for a, b in ((c_in, c_mid), (c_mid, c_out)):
        norm = [nn.BatchNorm2d(b)] if batch_norm else []
        layers += [nn.Conv2d(a, b, kernel_size, padding=padding), *norm, nn.ReLU()]
    return nn.Sequential(*layers)


def response_norm():
    """b_i = a_i / (2 + 1e-4 sum_j a_j^2)^0.75 over the channels j with |i - j| <= 2.

    The local response normalisation of Krizhevsky et al. 2012, Section 3.3, with their constants.
    PyTorch's layer takes the mean over the n = 5 channels where they take the sum: its alpha is
    n times theirs.
    """
    return nn.LocalResponseNorm(size=5, alpha=5 * 1e-4, beta=0.75, k=2.0)
