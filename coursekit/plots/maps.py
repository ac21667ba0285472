"""Maps: points in the plane, one colour a class, and names that stand where their class is.

Used by chapters 01 to 06.
"""

import textwrap
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from coursekit.arguments import (
    check_counts,
    check_finite,
    check_input,
    check_integers,
    check_kind,
    check_number,
    check_range,
    to_cpu,
)
from coursekit.plots.figures import CLASS_COLOURS

LONGEST_LINE = 16  # letters of a name
PADDING = 4.0  # points around a name: its frame, and room to the next
TRIED = 100  # points of a class where its name may stand


def scatter_classes(
    axis: Axes,
    points: torch.Tensor | np.ndarray,
    labels: torch.Tensor | np.ndarray | list[int],
    *,
    title: str,
    names: Sequence[str] | None = None,
    size: float = 4,
) -> None:
    """A map: points (N, 2), coloured by their labels (N,) from 0 to 9, and one name a class.

    A name stands on a point of its class where the class is dense and among itself. Names never
    cover each other: one that finds no such place stands beside, with a line to its class. They
    are placed when the figure is drawn, so limits and sizes may still change. `names` are the
    names of the classes 0, 1, ... (the labels themselves), `size` is that of a dot in points².
    Raises ValueError for labels beyond the ten colours, for points that are not finite and, when
    the figure is drawn, for names that do not fit on it.
    """
    check_kind("axis", axis, Axes, "an axis of matplotlib")
    check_kind("title", title, str, "a text")
    check_number("size", size, above=0, high=1000)
    points = check_input("points", to_cpu("points", points), ("N", 2), fewest=1)
    points = check_finite("points", points).double().numpy()
    labels = _check_classes(labels, len(points))
    classes = np.unique(labels)
    names = _check_names(names, classes)
    for k in classes:
        own = points[labels == k]
        dots = {"s": size, "color": CLASS_COLOURS[k], "linewidths": 0, "alpha": 0.6}
        axis.scatter(*own.T, rasterized=True, **dots)
    axis.set(title=title, xlabel="first coordinate", ylabel="second coordinate")
    axis.add_artist(Names(axis, points, labels, {k: names[k] for k in classes}))


class Names(Artist):
    """Places the names of the classes whenever the axis is drawn, just before they are."""

    zorder = 2.9  # texts have 3

    def __init__(self, axis, points, labels, names):
        super().__init__()
        self.points, self.labels = points, labels
        self.texts = {k: self._text(axis, k, name) for k, name in names.items()}
        self.set_in_layout(False)

    def _text(self, axis, k, name):
        frame = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": CLASS_COLOURS[k], "alpha": 0.85}
        text = axis.text(
            *self.points[self.labels == k][0],
            textwrap.fill(name, LONGEST_LINE),
            ha="center",
            va="center",
            fontsize=10,
            fontweight="bold",
            linespacing=1,
            bbox=frame,
        )
        text.set_in_layout(False)
        return text

    def draw(self, renderer):
        """Move each name to its place, and draw a line to the class of one that stands beside."""
        pixels = self.axes.transData.transform(self.points)
        corners = self.axes.bbox.get_points()
        seen = ((pixels >= corners[0]) & (pixels <= corners[1])).all(axis=1)
        pixels, labels = pixels[seen], self.labels[seen]
        for k, text in self.texts.items():
            text.set_visible(k in labels)
        shown = {k: text for k, text in self.texts.items() if k in labels}
        padding = 2 * renderer.points_to_pixels(PADDING)
        boxes = [text.get_window_extent(renderer) for text in shown.values()]
        sizes = [np.array([box.width, box.height]) + padding for box in boxes]
        regions = [dense_points(pixels, labels == k, size) for k, size in zip(shown, sizes)]
        back = self.axes.transData.inverted()
        for (k, text), centre, region, size in zip(
            shown.items(), place(sizes, regions, *corners), regions, sizes
        ):
            text.set_position(back.transform(centre))
            if not inside(region, centre, (size - padding) / 2).any():
                line = Line2D(*np.transpose([centre, region[0]]), color=CLASS_COLOURS[k], lw=1)
                line.set_figure(self.figure)
                line.draw(renderer)


def inside(points, centre, half):
    """Which points lie in the box around `centre` that is twice `half` wide and high."""
    return (np.abs(points - centre) < half - 1e-6).all(axis=-1)


def dense_points(pixels, own, size):
    """Points of a class (M, 2), the best place for its name first.

    Best is where a box of the name's size holds many points of the class and few of the others:
    own · (own / (all + a twentieth of the class))², so that stragglers count little. Places with
    less than a tenth of the best score are left out.
    """
    chosen = pixels[own][:: -(-own.sum() // TRIED)]
    near = inside(pixels, chosen[:, None], size / 2)
    count = near[:, own].sum(1)
    score = count * (count / (near.sum(1) + own.sum() / 20)) ** 2
    best = np.argsort(-score, kind="stable")
    return chosen[best[score[best] >= score.max() / 10]]


def place(sizes, regions, low, high):
    """Centres of boxes between the corners `low` and `high` that do not overlap, one a class.

    Each box takes the first point of its region where it is free, then the free place nearest to
    that region. Where this leaves no room for one of them, all go to the cells of a grid.
    """
    beside = [by_distance(grid(low, high, size, size / 4), r[0]) for size, r in zip(sizes, regions)]
    centres = free_places(sizes, map(np.concatenate, zip(regions, beside)), low, high)
    if centres is None:
        cells = grid(low, high, *2 * [np.max(sizes, axis=0)])
        centres = free_places(sizes, [by_distance(cells, r[0]) for r in regions], low, high)
    if centres is None:
        raise ValueError("names do not fit on the map; make the figure larger or the names shorter")
    return centres


def free_places(sizes, candidates, low, high):
    """For each box the first of its candidates where it covers none before it, or None."""
    centres = []
    for i, (size, spots) in enumerate(zip(sizes, candidates)):
        spots = np.clip(spots, low + size / 2, high - size / 2)
        for centre, other in zip(centres, sizes[:i]):
            spots = spots[~inside(spots, centre, (size + other) / 2)]
        if not len(spots) or (size > high - low).any():
            return None
        centres.append(spots[0])
    return centres


def grid(low, high, size, step):
    """Centres of boxes of one size, a step apart, from the top left corner on."""
    x = np.arange(low[0] + size[0] / 2, high[0] - size[0] / 2 + 1e-6, step[0])
    y = np.arange(high[1] - size[1] / 2, low[1] + size[1] / 2 - 1e-6, -step[1])
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def by_distance(spots, point):
    return spots[np.argsort(((spots - point) ** 2).sum(1), kind="stable")]


def _check_classes(labels, n):
    """Labels (n,) as an integer array from 0 to 9."""
    if isinstance(labels, list):
        labels = torch.tensor(check_counts("labels", labels, least=0))
    labels = check_integers("labels", to_cpu("labels", labels), (n,), "as many as points")
    check_range("labels", labels, 0, 9, "there are ten colours, draw ten classes at a time")
    return labels.numpy()


def _check_names(names, classes):
    """Names that can be looked up by class."""
    if names is None:
        return {k: str(k) for k in classes}
    check_kind("names", names, (list, tuple), "a list of texts")
    for i, name in enumerate(names):
        check_kind(f"names[{i}]", name, str, "a text")
    if len(names) <= classes.max():
        raise ValueError(
            f"names must hold one for each of the classes 0 to {classes.max()}, got {len(names)}"
        )
    return names
