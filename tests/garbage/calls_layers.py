"""Valid calls of `coursekit.layers`."""

import torch
from torch import nn

from coursekit import layers
from tests.garbage.calls import Call, Fresh

X = torch.rand(2, 2, 5, 4, generator=torch.Generator().manual_seed(0))
DOWN = torch.rand(3, 2, 3, 2, generator=torch.Generator().manual_seed(1))
UP = torch.rand(2, 3, 3, 2, generator=torch.Generator().manual_seed(2))
LABELS = torch.tensor([0, 2])


def convolution(seed=0):
    with layers.seeded(seed):
        return nn.Conv2d(2, 3, 3)


def linear(seed=0):
    with layers.seeded(seed):
        return nn.Linear(3, 4)


def draw(seed):
    with layers.seeded(seed):
        return torch.rand(3)


def shapes(module):
    """What does not depend on a seed, of a block whose first weights are PyTorch's."""
    return [torch.tensor(weight.shape) for weight in module.parameters()]


LOCAL = layers.LocallyConnected2d(2, 3, 3, size=(5, 4), padding=1)
EMPTY = {"x": "empty"}  # no examples: none come out


def in_eval_mode(model):
    with layers.eval_mode(model) as same:
        return same(torch.ones(1, 2, 5, 4))


CALLS = {
    "eval_mode": Call(in_eval_mode, model=Fresh(convolution)),
    "LocallyConnected2d": Call(
        layers.LocallyConnected2d,
        in_channels=2,
        out_channels=3,
        kernel_size=3,
        size=(5, 4),
        padding=1,
        stride=2,
        bias=True,
        seed=0,
        # one number is a square, and another padding, if even 0, is a layer too
        accepts={"size": "integer", "padding": "zero"},
    ),
    "LocallyConnected2d.forward": Call(LOCAL.forward, x=X, accepts=EMPTY),
    **{
        name: Call(
            getattr(layers, name),
            x=X,
            kernel=DOWN,
            padding=1,
            stride=2,
            accepts=EMPTY | {"padding": "zero"},
        )
        for name in ("convolve_loops", "convolve_unfold", "convolve_fft")
    },
    **{
        name: Call(
            getattr(layers, name),
            x=X,
            kernel=UP,
            padding=1,
            stride=2,
            output_padding=1,
            accepts=EMPTY | {"padding": "zero", "output_padding": "zero"},
        )
        for name in ("transposed_gradient", "transposed_scatter", "transposed_stuffed")
    },
    "dcgan_normal": Call(layers.dcgan_normal, module=Fresh(convolution)),
    "double_conv": Call(
        lambda c_in, c_mid, c_out, kernel_size, padding, batch_norm: shapes(
            layers.double_conv(
                c_in, c_mid, c_out, kernel_size=kernel_size, padding=padding, batch_norm=batch_norm
            )
        ),
        c_in=2,
        c_mid=3,
        c_out=4,
        kernel_size=3,
        padding=1,
        batch_norm=True,
    ),
    "glorot_normal": Call(
        layers.glorot_normal, module=Fresh(linear), gain=1.0, accepts={"gain": "float64"}
    ),
    "he_normal": Call(
        layers.he_normal, module=Fresh(convolution), fan="in", gain=1.0, accepts={"gain": "float64"}
    ),
    "head": Call(
        lambda sizes, dropout, activation: shapes(
            layers.head(sizes, dropout=dropout, activation=activation)
        ),
        sizes=[3, 4, 2],
        dropout=0.1,
        activation=nn.ReLU,
    ),
    "join_labels": Call(
        layers.join_labels,
        x=X,
        labels=LABELS,
        classes=3,
        accepts={"x": "float64"},
        refuses={"labels": "negative huge"},
    ),
    "lecun_uniform": Call(layers.lecun_uniform, module=Fresh(convolution)),
    "mlp": Call(layers.mlp, sizes=[3, 4, 2], activation=nn.ReLU, last=nn.Sigmoid),
    "response_norm": Call(layers.response_norm),
    "scaled": Call(layers.scaled, widths=[4, 8], scale=0.5, accepts={"scale": "float64 integer"}),
    "seeded": Call(draw, seed=0),
    "zero_biases": Call(layers.zero_biases, module=Fresh(convolution)),
}
EXEMPT = {}
