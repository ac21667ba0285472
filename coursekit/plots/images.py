"""Images in rows and in mosaics: grey or in colour, square or not.

Used by every chapter that has images.
"""

import math
import textwrap
from collections.abc import Sequence

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.arguments import (
    check_count,
    check_finite,
    check_input,
    check_kind,
    check_number,
    check_numbers,
    check_range,
    to_cpu,
)
from coursekit.plots.figures import PAGE_WIDTH

Images = torch.Tensor | np.ndarray
MOST_IMAGES = 40  # in a row: more would be too small to see
GAP, MARGIN, TITLE = 0.06, 0.1, 0.25  # inches
LONGEST_LINE = 24  # letters of a row's name


def as_images(images: Images) -> np.ndarray:
    """What `imshow` takes: grey images as (N, H, W), those in colour as (N, H, W, 3).

    `images` is a tensor or an array of floating point: (N, 1, H, W), (N, 3, H, W) in [0, 1], or
    flat (N, D) grey ones, square. Raises ValueError for other shapes and for NaN.
    """
    return _pictures("images", images)


def image_rows(
    rows: dict[str, Images],
    *,
    title: str | None = None,
    size: float = 1.1,
    vmin: float = 0.0,
    vmax: float = 1.0,
    cmap: str = "gray_r",
) -> Figure:
    """Rows of images under each other, each with its name at the left: {"original": images, ...}.

    Images are as `as_images` takes them; rows may differ in length and in the shape of an image.
    Grey values are drawn from `vmin` (white) to `vmax` (black), or in another colour map. The
    figure is as wide as the page whatever it holds; `size` is the most inches an image is high.
    """
    check_kind("rows", rows, dict, "a dict of images by name")
    check_kind("title", title, (str, type(None)), "a text")
    check_number("size", size, 0.2, 10)
    scale = _grey_scale(vmin, vmax, cmap)
    pictures = {name: _pictures(f"rows[{name!r}]", images) for name, images in rows.items()}
    n = max(map(len, pictures.values()), default=0)
    if not 1 <= n <= MOST_IMAGES:
        raise ValueError(
            f"rows must hold 1 to {MOST_IMAGES} images each, got {n}; write images[:12]"
        )
    figure, axes = plt.subplots(len(rows), n, figsize=(PAGE_WIDTH, 1), squeeze=False, layout="none")
    for axis in axes.flat:
        axis.axis("off")
    for (name, row), line in zip(pictures.items(), axes):
        for axis, picture in zip(line, row):
            axis.imshow(picture, **scale)
        line[0].annotate(
            textwrap.fill(check_kind("a name of rows", name, str, "a text"), LONGEST_LINE),
            (0, 0.5),
            (-6, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=9,
        )
    if title:
        figure.suptitle(title, fontsize=11, fontweight="bold", va="top")
    _arrange(axes, [row.shape[1] / row.shape[2] for row in pictures.values()], size, bool(title))
    return figure


def mosaic(
    axis: Axes,
    images: Images,
    *,
    columns: int,
    extent: Sequence[float] | None = None,
    vmin: float = 0.0,
    vmax: float = 1.0,
    cmap: str = "gray_r",
) -> None:
    """One picture of many images side by side, in rows of `columns`, from the top left on.

    Images are as `as_images` takes them. A mosaic over a plane of codes has an `extent`: the
    coordinates (left, right, bottom, top) of its edges; others have no axes. Grey values are
    drawn from `vmin` to `vmax`; a last row that is not full ends in white.
    """
    check_kind("axis", axis, Axes, "an axis of matplotlib")
    scale = _grey_scale(vmin, vmax, cmap)
    pictures = _pictures("images", images)
    columns = check_count("columns", columns, most=len(pictures))
    picture = _side_by_side(pictures, columns)
    axis.grid(False)
    if extent is None:
        axis.imshow(picture, **scale)
        axis.axis("off")
        return
    left, right, bottom, top = extent = _check_extent(extent)
    height, width = picture.shape[:2]
    aspect = (right - left) / width * height / (top - bottom)  # pixels stay square
    axis.imshow(picture, extent=extent, aspect=aspect, **scale)


def _pictures(name, images):
    """`as_images` of the argument `name`."""
    x = to_cpu(name, images)
    shapes = f"{name} must be (N, 1, H, W), (N, 3, H, W) or (N, D) with D a square"
    if x.dim() == 2 and x.shape[1] != math.isqrt(x.shape[1]) ** 2:
        raise ValueError(f"{shapes}, got {tuple(x.shape)}; write {name}.reshape(-1, 1, H, W)")
    if x.dim() == 2:
        side = math.isqrt(x.shape[1])
        x = check_input(name, x, ("N", "D"), fewest=1).reshape(-1, 1, side, side)
    if x.dim() != 4 or x.shape[1] not in (1, 3):
        fix = "unsqueeze(1)" if x.dim() == 3 else "reshape(-1, 1, H, W)"
        raise ValueError(f"{shapes}, got {tuple(x.shape)}; {name}.{fix} makes grey ones")
    check_input(name, x, ("N", "C", "H", "W"), "divide bytes by 255", fewest=1)
    check_finite(name, x)
    x = x if x.dtype == torch.float64 else x.float()
    if x.shape[1] == 1:
        return x[:, 0].numpy()
    check_range(name, x, 0, 1, f"write {name}.clamp(0, 1)")
    return x.permute(0, 2, 3, 1).numpy()


def _grey_scale(vmin, vmax, cmap):
    """The options of `imshow` that give grey values their colours."""
    vmin, vmax = check_number("vmin", vmin), check_number("vmax", vmax)
    if not vmin < vmax:
        raise ValueError(f"vmin must be below vmax, got {vmin:g} and {vmax:g}")
    if not isinstance(cmap, str) or cmap not in matplotlib.colormaps:
        raise ValueError(f'cmap must be the name of a colour map, such as "RdBu", got {cmap!r}')
    return {"vmin": vmin, "vmax": vmax, "cmap": cmap}


def _check_extent(extent):
    extent = check_numbers("extent", extent, fewest=4)
    if len(extent) != 4 or extent[0] >= extent[1] or extent[2] >= extent[3]:
        raise ValueError(f"extent must be (left, right, bottom, top), got {tuple(extent)}")
    return extent


def _side_by_side(pictures, columns):
    """(N, H, W) or (N, H, W, 3) as one picture, filled with white."""
    n, height, width, *colour = pictures.shape
    rows = math.ceil(n / columns)
    white = 1.0 if colour else np.nan  # NaN is not drawn, whatever the colour map
    grid = np.full((rows * columns, height, width, *colour), white, pictures.dtype)
    grid[:n] = pictures
    grid = grid.reshape(rows, columns, height, width, *colour).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width, *colour)


def _arrange(axes, ratios, size, titled):
    """Place the images in inches: what the longest name leaves of the page's width is theirs.

    `ratios` are height over width of the images in each row.
    """
    figure, n = axes[0, 0].figure, axes.shape[1]
    names = [line[0].texts[0].get_window_extent() for line in axes]
    left = max(name.width for name in names) / figure.dpi + 2 * MARGIN
    width = (PAGE_WIDTH - left - MARGIN - (n - 1) * GAP) / n
    width = min(width, size / max(ratios))
    heights = [max(width * r, name.height / figure.dpi) for r, name in zip(ratios, names)]
    height = sum(heights) + (len(heights) - 1) * GAP + 2 * MARGIN + titled * TITLE
    figure.set_figheight(height)
    if titled:
        figure.texts[0].set_y(1 - MARGIN / height)
    free = PAGE_WIDTH - left - MARGIN - n * width - (n - 1) * GAP
    bottom = height - MARGIN - titled * TITLE + GAP
    for line, high in zip(axes, heights):
        bottom -= high + GAP
        for k, axis in enumerate(line):
            x = left + free / 2 + k * (width + GAP)
            axis.set_position([x / PAGE_WIDTH, bottom / height, width / PAGE_WIDTH, high / height])
