"""Touching cells: nuclei that glow on dark ground, each cell known, clean and as a camera sees it.

A cell has an irregular outline, a brightness and clumps of its own. It stands alone or against
another one, with a gap of one or two pixels or none. They are drawn to look like the nuclei of the
Data Science Bowl 2018 (`coursekit.data.nuclei`), but crowded: of those, not one in four touches.

For chapters 04 and 10, through `coursekit.data.cells`.
"""

from typing import NamedTuple

import numpy as np
import torch

from coursekit.arguments import MOST_SEED, check_count, check_number
from coursekit.data.cell_shapes import numbered, painted, placed, shapes
from coursekit.data.microscope import microscope, photographed, projected


class TouchingCells(NamedTuple):
    """Images of cells and what is in them.

    images      (n, 1, size, size) float32 in [0, 1], with the noise of the camera
    clean       the same without noise
    instances   (n, size, size) int64: 0 is the ground, 1, 2, ... one number each cell
    """

    images: torch.Tensor
    clean: torch.Tensor
    instances: torch.Tensor


def touching_cells(
    n: int, *, size: int = 128, touching: float = 0.5, seed: int = 0
) -> TouchingCells:
    """`n` images of size x size pixels, the first ones the same for any n.

    `touching` is the probability that a cell is put against one that is already there, and not
    on free ground: with 0 all are apart, with 0.5 six of ten touch another one. An image holds
    fifteen to forty per cent of cells where they find room.
    Raises TypeError and ValueError unless `n` and `seed` are whole numbers from 0 on, `size` one
    from 32 to 1024, and `touching` a number from 0 to 1.

    >>> cells = touching_cells(2, size=64)
    >>> cells.images.shape, cells.instances.shape
    (torch.Size([2, 1, 64, 64]), torch.Size([2, 64, 64]))
    """
    check_count("n", n, least=0)
    check_count("size", size, 32, 1024)
    check_number("touching", touching, 0, 1)
    check_count("seed", seed, 0, MOST_SEED)
    images, clean = np.zeros((2, n, 1, size, size), np.float32)
    instances = np.zeros((n, size, size), np.int64)
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        light, owner = painted(placed(shapes(size, rng), size, touching, rng), size)
        slide = microscope(rng)
        clean[i, 0] = image = projected(light, slide)
        images[i, 0] = photographed(image, slide, rng)
        instances[i] = numbered(owner)
    return TouchingCells(*map(torch.from_numpy, (images, clean, instances)))
