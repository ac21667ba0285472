"""Drawn cells: their outlines, where they stand, and which pixels are theirs.

Lengths are pixels. A place or a direction is one complex number, x + iy, so that turning is a
product. Sizes, outlines and grain were set by hand beside the nuclei of the Data Science Bowl 2018.

For chapters 04 and 10, through `coursekit.data.tissue`.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

RADIUS = 7.5  # the middle cell of the middle image
SMALLEST = 20  # pixels; less of a cell, as at the edge of the image, is left out
OVERLAP = 1.5  # by which two outlines may cross before the border is drawn between them
APART = 3.0  # at least between a cell that stands alone and those that were there before
TRIES = 12  # places that are tried for a cell, which is left out if it fits nowhere
ORDERS = np.arange(2, 6)  # waves around an outline
CLUMPS = 12  # a cell


class Shapes(NamedTuple):
    """M cells, each array (M, ...)."""

    place: np.ndarray  # complex: centres
    turn: np.ndarray  # complex of length 1: the direction of the long axis
    axes: np.ndarray  # (M, 2) half axes
    waves: np.ndarray  # (M, 4) complex: Fourier coefficients of the outline
    brightness: np.ndarray  # relative to the image's
    in_focus: np.ndarray  # bool
    clumps: np.ndarray  # (M, CLUMPS) complex: places, in units of the half axes
    clump_width: np.ndarray  # (M, CLUMPS), in the same unit
    clump_height: np.ndarray  # (M, CLUMPS), relative to the cell's brightness

    def at(self, which) -> "Shapes":
        """The cells at these indices, or one cell."""
        return Shapes(*(values[which] for values in self))


def shapes(size: int, rng: np.random.Generator) -> Shapes:
    """As many cells as an image of this size may hold, of one kind, without a place yet."""
    radius = RADIUS * np.exp(np.clip(rng.normal(0, 0.22), -0.4, 0.4))
    count = max(3, round(rng.uniform(0.15, 0.4) * size**2 / (np.pi * radius**2)))
    radii = radius * np.exp(rng.normal(0, 0.18, count).clip(-0.5, 0.4))
    aspect = 1 - np.abs(rng.normal(0.1, 0.22, count)).clip(0, 0.55)  # minor over major axis
    dense = rng.random(count) < 0.06  # small and bright: cells that divide or die
    radii = np.where(dense, 0.7, 1) * radii
    wave_size = rng.uniform(0.15, 0.4) / ORDERS**1.7
    grain = rng.uniform(0.1, 0.6)
    return Shapes(
        place=np.full(count, np.nan + 0j),
        turn=_directions(rng, count),
        axes=np.stack([radii / np.sqrt(aspect), radii * np.sqrt(aspect)], axis=1),
        waves=_complex_normal(rng, count, len(ORDERS)) * wave_size,
        brightness=rng.lognormal(0, 0.22, count) * np.where(dense, 1.7, 1),
        in_focus=rng.random(count) < 0.85,
        clumps=0.55 * _complex_normal(rng, count, CLUMPS),
        clump_width=rng.uniform(0.12, 0.35, (count, CLUMPS)),
        clump_height=grain * rng.normal(0.1, 1, (count, CLUMPS)),
    )


def _directions(rng, n):
    return np.exp(2j * np.pi * rng.random(n))


def _complex_normal(rng, *shape):
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2)


def depth(cells: Shapes, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far out an offset from the centre lies, 0 there and 1 on the outline; and its place u.

    u is the offset in units of the half axes. The outline is |u| = 1 + sum_m Re(w_m e^(i m t)) in
    the direction t of u. Offsets broadcast against the cells.
    """
    along = offset * cells.turn.conj()
    u = along.real / cells.axes[..., 0] + 1j * along.imag / cells.axes[..., 1]
    unit = u / np.maximum(np.abs(u), 1e-9)
    bend = sum((cells.waves[..., k] * unit**m).real for k, m in enumerate(ORDERS))
    return np.abs(u) / np.maximum(1 + bend, 0.3), u


def reach(cells: Shapes, direction: np.ndarray) -> np.ndarray:
    """Pixels from the centre to the outline in a direction."""
    return 1 / depth(cells, direction)[0]


def longest(cells: Shapes) -> np.ndarray:
    """A bound of the reach in any direction."""
    return cells.axes[..., 0] * (1 + np.abs(cells.waves).sum(axis=-1))


def placed(cells: Shapes, size: int, touching: float, rng: np.random.Generator) -> Shapes:
    """The cells that found a place, one after the other, each with this chance against another."""
    done = []
    for k in range(len(cells.place)):
        there, new = cells.at(done), cells.at(k)
        if done and rng.random() < touching:
            places, least = _against(new, there, rng), -OVERLAP
        else:
            places, least = rng.uniform(0, size, (2, TRIES)).T @ [1, 1j], APART
        inside = (places.real > 0) & (places.imag > 0) & (places.real < size) & (places.imag < size)
        free = inside & _free(new, there, places, least)
        if free.any():
            cells.place[k] = places[free.argmax()]
            done.append(k)
    return cells.at(done)


def _against(new, there, rng):
    """Places (TRIES,) of a cell against others: pressed together, or with a gap of two pixels."""
    partner = there.at(rng.integers(len(there.place), size=TRIES))
    direction = _directions(rng, TRIES)
    gap = np.where(rng.random(TRIES) < 0.7, rng.uniform(-OVERLAP, 0, TRIES), 2)
    return partner.place + (reach(partner, direction) + reach(new, -direction) + gap) * direction


def gaps(cells: Shapes, others: Shapes, offset: np.ndarray) -> np.ndarray:
    """Pixels between outlines on the line of centres; offset leads from `others` to `cells`."""
    distance = np.abs(offset)
    direction = offset / np.maximum(distance, 1e-9)
    return distance - reach(others, direction) - reach(cells, -direction)


def _free(new, there, places, least):
    """Which places (T,) keep at least `least` pixels from all others.

    A gap below 0 is measured on the line of centres. One above 0 is to hold everywhere: there the
    longest reach counts.
    """
    offset = places[:, None] - there.place  # T x M
    if least > 0:
        found = np.abs(offset) - longest(new) - longest(there)
    else:
        found = gaps(new, there, offset)
    return (found >= least - 1e-6).all(axis=1)


def painted(cells: Shapes, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Light (2, size, size), out of focus and in it, and each pixel's cell (size, size).

    Cells are numbered from 1 as they come in `cells`, 0 is the ground. A pixel in two outlines
    belongs to the cell in which it lies deeper, so that the border of cells that press against
    each other is a line.
    """
    light, owner = np.zeros((2, size, size)), np.zeros((size, size), np.int64)
    rim = np.ones((size, size))
    views = [_view(cells.at(k), size) for k in range(len(cells.place))]
    for k, (window, far, _) in enumerate(views):
        deeper = far < rim[window]
        rim[window][deeper], owner[window][deeper] = far[deeper], k + 1
    for k, (window, far, u) in enumerate(views):
        found = owner[window] == k + 1
        own = _largest_part(found)
        owner[window][found & ~own] = 0
        light[int(cells.in_focus[k])][window][own] = _glow(cells.at(k), far[own], u[own])
    return light, owner


def _view(cell, size):
    """The window that holds a cell, and how far out and where in the cell each pixel of it is."""
    radius = longest(cell) + 1
    rows, columns = (
        slice(int(np.clip(c - radius, 0, size)), int(np.clip(c + radius + 1, 0, size)))
        for c in (cell.place.imag, cell.place.real)
    )
    grid = np.arange(size)[columns] + 1j * np.arange(size)[rows, None]
    return ((rows, columns), *depth(cell, grid - cell.place))


def _largest_part(mask):
    """The largest connected part of a mask, nothing of one below SMALLEST."""
    parts, count = ndimage.label(mask)
    sizes = np.bincount(parts.ravel(), minlength=2)[1:]
    return (parts == 1 + sizes.argmax()) & (sizes.max() >= SMALLEST)


def _glow(cell, far, u):
    """Light of the pixels of a cell: less towards the rim, where it is thin, and with clumps."""
    distance = np.abs(u[:, None] - cell.clumps) / cell.clump_width  # pixels x CLUMPS
    clumps = np.exp(-(distance**2) / 2) @ cell.clump_height
    return cell.brightness * (1 - 0.4 * far**2) * (1 + clumps).clip(0.3, 2.5)


def numbered(owner: np.ndarray) -> np.ndarray:
    """Numbers of cells as 1, 2, ... without gaps, in the same order; 0 stays the ground."""
    numbers = np.unique(owner[owner > 0])
    return np.where(owner > 0, 1 + np.searchsorted(numbers, owner), 0)
