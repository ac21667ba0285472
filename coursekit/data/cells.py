"""Sets of cell images with each cell known: real nuclei, and drawn touching cells.

For chapter 10 whole images, for chapter 04 patches without noise, to which it adds its own.
"""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from coursekit.data import store
from coursekit.data.cell_shapes import numbered
from coursekit.data.tissue import touching_cells

PATCH = 64  # pixels, as in Gondara (2016)
STEP = 8  # pixels between the windows that are tried for a patch


class Cells(NamedTuple):
    """Images (N, 1, H, W) float32 in [0, 1]; instances (N, H, W) int64.

    Instances are 0 on the ground and 1, 2, ... in the cells of an image, one number each cell.
    """

    train_images: torch.Tensor
    train_instances: torch.Tensor
    test_images: torch.Tensor
    test_instances: torch.Tensor


def nuclei() -> Cells:
    """Stained nuclei under a fluorescence microscope: 267 training and 67 test images, 256 x 256.

    The images of stage 1 of the Data Science Bowl 2018 of that size, with corrected outlines. They
    are dark: in half of them the brightest pixel is below 0.61.
    Source: Caicedo et al. 2019. Raises as `store.fetch` does.
    """
    with np.load(store.fetch("dsb2018_nuclei.npz"), allow_pickle=False) as arrays:
        images = torch.from_numpy(arrays["images"]).unsqueeze(1).float() / 255  # N x 1 x 256 x 256
        instances = torch.from_numpy(arrays["instances"]).long()
        is_test = torch.from_numpy(arrays["is_test"])
    return Cells(images[~is_test], instances[~is_test], images[is_test], instances[is_test])


def cell_set() -> Cells:
    """Touching cells as a camera sees them: 30 training and 20 test images of 128 x 128 pixels.

    As few as the images of ISBI 2012.
    """
    train, test = touching_cells(30, seed=1), touching_cells(20, seed=2)
    return Cells(train.images, train.instances, test.images, test.instances)


def nucleus_patches() -> Cells:
    """Of each image of `nuclei` the patch of 64 x 64 pixels with most nuclei, from 0 to 1.

    Grey values are stretched in each patch. Raises as `store.fetch` does.
    """
    data = nuclei()
    return Cells(
        *_patches(data.train_images, data.train_instances),
        *_patches(data.test_images, data.test_instances),
    )


def cell_patches() -> Cells:
    """Touching cells without noise: 300 training and 100 test patches of 64 x 64 pixels.

    Grey values run from 0 to 1 in each, as in `nucleus_patches`.
    """
    train, test = (touching_cells(n, size=PATCH, seed=n) for n in (300, 100))
    return Cells(*_patches(train.clean, train.instances), *_patches(test.clean, test.instances))


def _patches(images, instances):
    """Of each image the window with most cell pixels: (N, 1, 64, 64) in [0, 1], (N, 64, 64)."""
    windows = [_fullest_window(cells) for cells in instances]
    patches = torch.stack([image[0][window] for image, window in zip(images, windows)])
    darkest, brightest = patches.amin((1, 2), True), patches.amax((1, 2), True)
    numbers = [numbered(cells[window].numpy()) for cells, window in zip(instances, windows)]
    stretched = (patches - darkest) / (brightest - darkest)
    return stretched.unsqueeze(1), torch.from_numpy(np.stack(numbers))


def _fullest_window(cells):
    """Rows and columns of the patch with most cell pixels, of cells (H, W)."""
    share = F.avg_pool2d((cells > 0).float().unsqueeze(0), PATCH, STEP).squeeze(0)
    top, left = (STEP * index for index in divmod(share.argmax().item(), share.shape[1]))
    return slice(top, top + PATCH), slice(left, left + PATCH)
