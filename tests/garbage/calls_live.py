"""Valid calls of `coursekit.live`; what counts as their result is the page."""

import functools

import torch
from torch import nn

from coursekit import live
from tests.garbage.calls import Call
from tests.live.figures import ALT, codes, strokes
from tests.live.pages import html

IMAGES, LABELS = strokes(32)
TEXTS = {"alt": ALT, "caption": "A caption"}
POINTS = torch.stack([codes(seed, 8) for seed in range(3)])


def page(function):
    """`function`, which displays a figure, as one that returns its HTML."""

    @functools.wraps(function)
    def shown(*args, **kwargs):
        return html(function, *args, **kwargs)

    return shown


torch.manual_seed(0)
CALLS = {
    "plane": Call(
        page(live.plane),
        planes={"codes": (nn.Linear(2, 36), codes(0, 32))},
        labels=LABELS,
        names=["row", "column"],
        shape=(1, 6, 6),
        accepts={"names": "list", "caption": "string"},
        refuses={"labels": "negative huge"},
        **TEXTS,
    ),
    "frames": Call(
        page(live.frames),
        points=POINTS,
        steps=(0, 1, 2),
        limit=3,
        labels=LABELS[:8],
        data=codes(5, 8),
        field=torch.full((3, 4, 4), 0.5),
        accepts={"points": "half", "limit": "float64", "steps": "zero huge", "caption": "string"},
        refuses={"labels": "negative huge", "field": "negative huge"},
        **TEXTS,
    ),
    "hourglass": Call(
        page(live.hourglass),
        images=IMAGES,
        labels=LABELS,
        others=IMAGES[:3],
        names=["row", "column"],
        seed=1,
        accepts={"names": "list", "seed": "zero", "caption": "string"},
        refuses={"images": "negative huge", "others": "negative huge", "labels": "negative huge"},
        **TEXTS,
    ),
    "stamps": Call(
        page(live.stamps),
        image=torch.full((3, 3), 0.5),
        kernels={"first weights": torch.ones(2, 2)},
        size=2,
        stride=1,
        padding=0,
        accepts={"caption": "string", "padding": "zero"},
        refuses={"image": "negative huge"},
        **TEXTS,
    ),
    "field": Call(
        page(live.field),
        denoisers={0.1: nn.Linear(2, 2), 0.3: nn.Linear(2, 2)},
        points=codes(4, 8),
        limit=3,
        accepts={"points": "half", "limit": "float64", "caption": "string"},
        **TEXTS,
    ),
}
