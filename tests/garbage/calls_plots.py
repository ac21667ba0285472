"""Valid calls of `coursekit.plots`; what is compared is what the artists of a figure hold."""

import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import nn

from coursekit import plots
from coursekit.training import History
from tests.garbage.calls import Call, Fresh

IMAGES = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
POINTS = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
AXIS = Fresh(lambda: plt.figure().add_subplot())
TEXT = {"title": "string"}
GREY = {"vmin": "float64 negative zero", "vmax": "float64 huge"}


def numbers(axes):
    """The values and limits of the images, the points and the curves that axes hold."""
    found = []
    for axis in axes:
        found += [[image.get_array().filled(-1), *image.get_clim()] for image in axis.images]
        found += [image.get_extent() for image in axis.images]
        found += [dots.get_offsets().filled(-1) for dots in axis.collections]
        found += [dots.get_sizes() for dots in axis.collections]
        found += [curve.get_ydata() for curve in axis.lines]
    return found


def shown(figure, alt, caption):
    plots.show(figure, alt=alt, caption=caption)
    return "shown"


def image_rows(rows, size, vmin, vmax, cmap, title=None):
    figure = plots.image_rows(rows, title=title, size=size, vmin=vmin, vmax=vmax, cmap=cmap)
    return [numbers(figure.axes), figure.get_figheight()]


def row(images):
    return image_rows({"images": images}, 1.0, 0.0, 1.0, "gray_r")


def mosaic(axis, images, columns, vmin, vmax, cmap, extent=None):
    given = {"extent": extent, "vmin": vmin, "vmax": vmax, "cmap": cmap}
    plots.mosaic(axis, images, columns=columns, **given)
    return numbers([axis])


def scatter_classes(axis, points, labels, title, names, size):
    plots.scatter_classes(axis, points, labels, title=title, names=names, size=size)
    axis.figure.canvas.draw()
    return numbers([axis])


def learning_curves(histories, ylabel, terms, title):
    figure = plots.learning_curves(histories, ylabel=ylabel, terms=terms, title=title)
    return numbers(figure.axes)


def architecture(model, shape, title):
    figure = plots.architecture(model, shape, title=title)
    return [text.get_text() for text in figure.axes[0].texts]


def table(frame, better, digits):
    return repr(plots.table(frame, better=better, digits=digits))


def play(clips, rate):
    return repr(plots.play({"a": clips}, rate=rate))


def play_all(clips):
    return plots.play(clips)._repr_html_()


CALLS = {
    "play": Call(play_all, clips=Fresh(lambda: {"a": POINTS[:, 0]})),
    "play of a clip": Call(play, clips=POINTS[:, 0].contiguous(), rate=8_000),
    "architecture": Call(
        architecture,
        model=Fresh(lambda: nn.Linear(3, 2)),
        shape=(3,),
        title="A layer",
        accepts={"title": "string none"},
    ),
    "table": Call(
        table,
        frame=Fresh(lambda: pd.DataFrame({"error": [1.5, 2.5]})),
        better=Fresh(lambda: {"error": "low"}),
        digits=3,
        accepts={"better": "none"},
    ),
    "show": Call(
        shown,
        figure=Fresh(plt.figure),
        alt="A line that rises to the right",
        caption="A rising line",
        accepts={"caption": "string"},
    ),
    "as_images": Call(plots.as_images, images=IMAGES),
    "as_images in colour": Call(
        plots.as_images,
        images=IMAGES.expand(3, 3, 8, 8).contiguous(),
        refuses={"images": "negative huge"},
    ),
    "image_rows": Call(
        image_rows,
        rows={"images": IMAGES, "flat": IMAGES.flatten(1)},
        title="Images",
        size=1.0,
        vmin=0.0,
        vmax=1.0,
        cmap="gray_r",
        accepts=TEXT | GREY | {"size": "float64"},
    ),
    "image_rows of a row": Call(row, images=IMAGES),
    "mosaic": Call(
        mosaic,
        axis=AXIS,
        images=IMAGES,
        columns=2,
        extent=(0.0, 1.0, 0.0, 2.0),
        vmin=0.0,
        vmax=1.0,
        cmap="gray_r",
        accepts=GREY | {"extent": "float64"},
    ),
    "scatter_classes": Call(
        scatter_classes,
        axis=AXIS,
        points=POINTS,
        labels=torch.tensor([0, 0, 1, 1, 2, 2]),
        title="A map",
        names=["one", "two", "three"],
        size=4,
        accepts=TEXT | {"size": "float64"},
        refuses={"labels": "negative huge"},
    ),
    "learning_curves": Call(
        learning_curves,
        histories={"a run": History({"loss": [2.0, 1.0], "kl": [0.5, 1.0]}, index=[1, 2])},
        ylabel="nats",
        terms=("loss", "kl"),
        title="Learning curves",
        accepts=TEXT | {"ylabel": "string"},
    ),
}
EXEMPT = {
    "CLASS_COLOURS": "a constant",
    "PAGE_WIDTH": "a constant",
    "Players": "what play returns",
    "Table": "what table returns",
}
