"""One small living figure of each kind."""

import functools

import torch
from torch import nn

from coursekit import live
from tests.live.pages import html

ALT = "Codes on a plane, and the image of the chosen one."
SHAPE = (3, 8, 12)  # colour, not square


@functools.cache
def convolutional():
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 4 * 2 * 3), nn.Unflatten(1, (4, 2, 3))),
        *(nn.ConvTranspose2d(4, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Upsample(scale_factor=2)),
        *(nn.Conv2d(4, 3, 3, padding=1), nn.Sigmoid()),
    ).eval()


@functools.cache
def linear():
    torch.manual_seed(1)
    model = nn.Linear(2, 3 * 8 * 12)
    nn.init.normal_(model.weight, std=0.1)
    return model


def codes(seed, n=60):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))


@functools.cache
def plane():
    labels = torch.arange(60) % 3
    planes = {"codes": (convolutional(), codes(0))}
    return html(live.plane, planes, labels, shape=SHAPE, alt=ALT, caption="A plane")


@functools.cache
def two_planes():
    labels = torch.arange(60) % 3
    planes = {"PCA": (linear(), 3 * codes(1)), "deep": (convolutional(), codes(0))}
    names = ["cat", "dog", "<b>sheep</b>"]
    options = {"names": names, "shape": SHAPE, "alt": ALT, "caption": "Two planes"}
    return html(live.plane, planes, labels, **options)


@functools.cache
def frames():
    points = torch.stack([codes(seed, 30) for seed in range(5)])
    field = torch.rand(5, 6, 6, generator=torch.Generator().manual_seed(0))
    return html(
        live.frames,
        *(points, [0, 10, 20, 30, 40]),
        limit=3,
        data=codes(9),
        field=field,
        alt=ALT,
        caption="Frames",
    )


def strokes(n=48, side=6):
    """Images with one bright row or column, by class."""
    images, labels = torch.zeros(n, 1, side, side), torch.arange(n) % 2
    for i in range(n):
        image = images[i, 0] if labels[i] else images[i, 0].T
        image[i // 2 % side] = 1
    return images, labels


@functools.cache
def hourglass():
    images, labels = strokes()
    others = torch.eye(6).repeat(4, 1, 1, 1)
    options = {"names": ["row", "column"], "alt": ALT, "caption": "An hourglass"}
    return html(live.hourglass, images, labels, others, **options)


def tall():
    """A picture that is not square, for stamps."""
    return torch.rand(4, 3, generator=torch.Generator().manual_seed(0))


def first_weights(k=4):
    return torch.randn(k, k, generator=torch.Generator().manual_seed(k))


@functools.cache
def stamps():
    options = {"padding": 1, "alt": ALT, "caption": "Stamps"}
    return html(live.stamps, tall(), {"first weights": first_weights()}, **options)


@functools.cache
def denoisers():
    """{noise: denoiser}: one that halves, as is right for a standard Gaussian, and a bent one."""
    shrinking, bent = nn.Linear(2, 2, bias=False), nn.Sequential(nn.Linear(2, 8), nn.Tanh())
    nn.init.eye_(shrinking.weight).data /= 2
    torch.manual_seed(2)
    return {1.0: shrinking, 0.5: bent.append(nn.Linear(8, 2))}


@functools.cache
def field():
    options = {"limit": 3, "alt": ALT, "caption": "A field"}
    return html(live.field, denoisers(), codes(3, 40), **options)


KINDS = {
    "plane": plane,
    "two planes": two_planes,
    "frames": frames,
    "hourglass": hourglass,
    "stamps": stamps,
    "field": field,
}
