"""Films of cells: the same touching cells at several times, which drift, push and divide.

For chapter 10.
"""

from typing import NamedTuple

import numpy as np
import torch

from coursekit.arguments import MOST_SEED, check_count, check_number
from coursekit.data.cell_shapes import OVERLAP, gaps, painted, placed, shapes
from coursekit.data.microscope import microscope, photographed, projected

MARGIN = 24  # pixels around the image, from which cells come in
INERTIA, SHOVE = 0.8, 0.35  # of the drift: share kept a frame, and pixels a frame added at random
PUSHES = 8  # rounds a frame in which cells that lie in each other move apart
HALF = np.sqrt(0.5)  # half axes of a daughter over those of her mother
GROWTH = 1.03  # of the half axes a frame, until they are the mother's


class CellFilms(NamedTuple):
    """Images of cells at several times.

    images      (n, frames, 1, size, size) float32 in [0, 1], with the noise of the camera
    clean       the same without noise
    instances   (n, frames, size, size) int64: 0 is the ground, and a cell keeps its number
    mothers     (n, K) int64: at the number of a cell that of its mother, 0 for one without
    """

    images: torch.Tensor
    clean: torch.Tensor
    instances: torch.Tensor
    mothers: torch.Tensor


def cell_films(
    n: int, *, frames: int = 12, size: int = 128, division: float = 0.02, seed: int = 0
) -> CellFilms:
    """`n` films of touching cells, the first ones the same for any n.

    A cell drifts, turns and pushes those in its way; it may leave the image and come back. With
    the probability `division` a frame a grown one is replaced by two, which share its light and
    its area and grow. Numbers are not given twice, and cells that were never seen have one too.
    Raises TypeError and ValueError unless `n` and `seed` are whole numbers from 0 on, `frames` one
    from 1 to 1000, `size` one from 32 to 1024, and `division` a number from 0 to 1.

    >>> films = cell_films(1, frames=3, size=64)
    >>> films.images.shape, films.instances.shape
    (torch.Size([1, 3, 1, 64, 64]), torch.Size([1, 3, 64, 64]))
    """
    check_count("n", n, least=0)
    check_count("frames", frames, 1, 1000)
    check_count("size", size, 32, 1024)
    check_number("division", division, 0, 1)
    check_count("seed", seed, 0, MOST_SEED)
    images, clean = np.zeros((2, n, frames, 1, size, size), np.float32)
    instances = np.zeros((n, frames, size, size), np.int64)
    mothers = []
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        colony, slide = _Colony(size, division, rng), microscope(rng)
        for t in range(frames):
            light, owner = painted(colony.cells, size)
            clean[i, t, 0] = image = projected(light, slide)
            images[i, t, 0] = photographed(image, slide, rng)
            instances[i, t] = np.append(0, colony.numbers)[owner]
            colony.step(rng)
        mothers.append(colony.mothers)
    return CellFilms(*map(torch.from_numpy, (images, clean, instances)), _padded(mothers))


class _Colony:
    """Cells that live in and around an image."""

    def __init__(self, size, division, rng):
        side = size + 2 * MARGIN
        cells = placed(shapes(side, rng), side, 0.5, rng)
        self.cells = cells._replace(place=cells.place - MARGIN * (1 + 1j))
        self.drift = np.zeros(len(cells.place), complex)  # pixels a frame
        self.adult = cells.axes  # to which they grow
        self.numbers = 1 + np.arange(len(cells.place))
        self.mothers = [0] * (1 + len(cells.place))  # by number, of cells gone as well
        self.division = division

    def step(self, rng):
        """One frame later."""
        shove = SHOVE * (rng.normal(size=self.drift.shape) + 1j * rng.normal(size=self.drift.shape))
        self.drift = INERTIA * self.drift + shove
        self.cells = self.cells._replace(
            place=self.cells.place + self.drift,
            turn=self.cells.turn * np.exp(1j * rng.normal(0, 0.06, self.drift.shape)),
            axes=np.minimum(self.cells.axes * GROWTH, self.adult),
        )
        self._divide(rng)
        for _ in range(PUSHES):
            self.cells = _pushed(self.cells)

    def _divide(self, rng):
        grown = (self.cells.axes >= 0.99 * self.adult).all(axis=1)
        divides = grown & (rng.random(len(grown)) < self.division)
        one = np.flatnonzero(divides)
        order = np.concatenate([np.flatnonzero(~divides), one, one])
        self.cells, self.adult = self.cells.at(order), self.adult[order]
        self.drift, self.numbers = self.drift[order], self.numbers[order]
        side = np.repeat([0, 1, -1], [len(grown) - len(one), len(one), len(one)])
        born = side != 0
        self.mothers += self.numbers[born].tolist()
        self.numbers[born] = len(self.mothers) - np.arange(born.sum(), 0, -1)
        self.cells = self.cells._replace(
            place=self.cells.place + 0.7 * side * self.cells.axes[:, 0] * self.cells.turn,
            axes=np.where(born[:, None], HALF, 1) * self.cells.axes,
            turn=self.cells.turn * np.where(born, 1j, 1),  # they lie side by side
        )


def _pushed(cells):
    """Cells moved apart where their outlines cross by more than they may, each by half of it."""
    across = (slice(None), None)
    offset = cells.place[:, None] - cells.place + 1e6 * np.eye(len(cells.place))
    deep = np.maximum(0, -OVERLAP - gaps(cells.at(across), cells, offset))
    step = (deep / 2 * offset / np.abs(offset)).sum(axis=1)
    return cells._replace(place=cells.place + step)


def _padded(rows):
    """Lists of numbers as one tensor, filled up with 0."""
    table = torch.zeros(len(rows), max(map(len, rows), default=1), dtype=torch.int64)
    for row, values in zip(table, rows):
        row[: len(values)] = torch.tensor(values)
    return table
