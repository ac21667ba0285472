"""Blocks that several networks are made of. Used by chapters 01 to 06, 08, 10 and 11."""

from collections.abc import Sequence

from torch import nn

from coursekit.arguments import check_count, check_counts, check_flag, check_number, describe
from coursekit.layers.weights import glorot_normal, zero_biases


def check_activation(name, value, optional=False):
    """`value`, which must be a class of modules, of which a network makes its activations."""
    if optional and value is None:
        return value
    if not (isinstance(value, type) and issubclass(value, nn.Module)):
        raise TypeError(f"{name} must be a class of modules, as nn.ReLU is, got {describe(value)}")
    return value


def mlp(
    sizes: Sequence[int],
    *,
    activation: type[nn.Module] = nn.ReLU,
    last: type[nn.Module] | None = None,
) -> nn.Sequential:
    """Linear layers of the given sizes, `activation` between them, `last` (or nothing) at the end.

    Weights ~ N(0, 2 g^2 / (d_in + d_out)) (Glorot and Bengio 2010), with g^2 = 2 before a ReLU,
    which lets half of a signal through (He et al. 2015), and 1 otherwise; biases 0. Then signal
    and gradient keep their size through many layers; under PyTorch's default they fade.
    """
    sizes = check_counts("sizes", sizes, 2, form="[input, ..., output]")
    check_activation("activation", activation)
    check_activation("last", last, optional=True)
    layers = []
    for i, (d_in, d_out) in enumerate(zip(sizes, sizes[1:])):
        hidden = i < len(sizes) - 2
        gain = 2**0.5 if hidden and activation is nn.ReLU else 1.0
        layers += [zero_biases(glorot_normal(nn.Linear(d_in, d_out), gain=gain)), activation()]
    layers[-1:] = [last()] if last is not None else []
    return nn.Sequential(*layers)


def head(
    sizes: Sequence[int], *, dropout: float = 0.5, activation: type[nn.Module] = nn.ReLU
) -> nn.Sequential:
    """Linear layers of the given sizes, activation and dropout after each but the last."""
    sizes = check_counts("sizes", sizes, 2, form="[input, ..., classes]")
    check_number("dropout", dropout, 0, below=1)
    check_activation("activation", activation)
    layers = []
    for d_in, d_out in zip(sizes, sizes[1:]):
        layers += [nn.Linear(d_in, d_out), activation(), nn.Dropout(dropout)]
    return nn.Sequential(*layers[:-2])


def scaled(widths: Sequence[int], *, scale: float) -> list[int]:
    """Each width times `scale`, rounded; ValueError where none would be left.

    >>> scaled((64, 192), scale=0.5)
    [32, 96]
    """
    widths = check_counts("widths", widths)
    check_number("scale", scale, above=0, high=1000)
    result = [round(width * scale) for width in widths]
    if min(result) < 1:
        raise ValueError(f"scale must leave at least 1 of {min(widths)} channels, got {scale}")
    return result


def double_conv(
    c_in: int,
    c_mid: int,
    c_out: int,
    *,
    kernel_size: int = 3,
    padding: int = 0,
    batch_norm: bool = False,
) -> nn.Sequential:
    """Two convolutions, each followed by batch normalisation, if wanted, and a ReLU."""
    for name, value in (("c_in", c_in), ("c_mid", c_mid), ("c_out", c_out)):
        check_count(name, value)
    check_count("kernel_size", kernel_size)
    check_count("padding", padding, 0)
    check_flag("batch_norm", batch_norm)
    layers = []
    for a, b in ((c_in, c_mid), (c_mid, c_out)):
        norm = [nn.BatchNorm2d(b)] if batch_norm else []
        layers += [nn.Conv2d(a, b, kernel_size, padding=padding), *norm, nn.ReLU()]
    return nn.Sequential(*layers)


def response_norm() -> nn.LocalResponseNorm:
    """b_i = a_i / (2 + 1e-4 sum_j a_j^2)^0.75 over the channels j with |i - j| <= 2.

    The local response normalisation of Krizhevsky et al. 2012, Section 3.3, with their constants.
    PyTorch's layer takes the mean over the n = 5 channels where they take the sum: its alpha is
    n times theirs.
    """
    return nn.LocalResponseNorm(size=5, alpha=5 * 1e-4, beta=0.75, k=2.0)
