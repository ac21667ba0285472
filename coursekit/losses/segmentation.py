"""Cross-entropy with a weight for each pixel, and the weights that part touching cells.

Used by chapter 10.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor

from coursekit.arguments import (
    check_input,
    check_integers,
    check_number,
    check_numbers,
    check_range,
    check_tensor,
    within,
)
from coursekit.losses.inputs import at_labels, widened


def border_weights(
    instances: Tensor,
    *,
    w0: float = 10.0,
    sigma: float = 5.0,
    class_weights: Sequence[float] = (1.0, 1.0),
) -> Tensor:
    """w = w_c + w0 exp(-(d1 + d2)^2 / (2 sigma^2)) at each pixel (Ronneberger et al. 2015, eq. 2).

    d1 and d2 are the distances, in pixels, to the border of the nearest and of the second nearest
    cell: exact, Euclidean, between centres of pixels. The border of a cell is those of its pixels
    that have one of another label above, below, left or right; the edge of the image is no border.
    w_c is class_weights[0] in the background and class_weights[1] in cells; the paper balances
    the classes with it. Where an image has no second cell, d2 is infinite and w = w_c.
    The second term is the same for any pixel, as in the equation: it is large in the gap between
    two cells, and on the rims that face it.

    `instances`, (N, H, W) or (H, W), integer: 0 background, a positive number of its own for each
    cell -> float32 of the same shape, on the same device. Computed on the CPU, one distance
    transform a cell: do it once for a data set.
    The lecture prints d1^2 + d2^2 in the exponent; the paper has the square of the sum, as here.
    Raises ValueError for another shape, a type that is not integer, negative labels, sigma not
    above 0 and weights below 0.
    """
    check_tensor("instances", instances)
    shape = ("H", "W") if instances.dim() == 2 else ("N", "H", "W")
    check_integers("instances", instances, shape, "0 is background, a number each cell", fewest=1)
    check_range("instances", instances, 0, math.inf, "0 is the background")
    w0 = check_number("w0", w0, low=0)
    sigma = check_number("sigma", sigma, above=0)
    class_weights = check_numbers("class_weights", class_weights, fewest=2, low=0)
    if len(class_weights) != 2:
        raise ValueError(f"class_weights must be (background, cell), got {class_weights}")
    images = instances.cpu().reshape(-1, *instances.shape[-2:]).numpy()
    weights = np.stack([_weights(labels, w0, sigma, class_weights) for labels in images])
    return torch.from_numpy(weights).view(instances.shape).to(instances.device)


def _weights(labels, w0, sigma, class_weights):
    background, cell = class_weights
    d1, d2 = two_nearest_borders(labels)
    near = w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
    return (np.where(labels > 0, cell, background) + near).astype(np.float32)


def two_nearest_borders(labels):
    """Distances to the borders of the two nearest cells, (2, H, W); infinite without a cell."""
    cross = ndimage.generate_binary_structure(2, 1)
    border = ndimage.morphological_gradient(labels, footprint=cross, mode="nearest") > 0
    nearest = np.full((2, *labels.shape), np.inf)
    for label in np.unique(labels[border & (labels > 0)]):
        distance = ndimage.distance_transform_edt(~(border & (labels == label)))
        nearest[1] = np.minimum(nearest[1], np.maximum(nearest[0], distance))
        nearest[0] = np.minimum(nearest[0], distance)
    return nearest


def weighted_cross_entropy(logits: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """-sum_x w(x) log softmax(logits(x))[l(x)], averaged over the batch, in nats.

    The energy of Ronneberger et al. 2015, equation 1, with its sign made a loss; with weights of 1,
    F.cross_entropy summed over pixels. `logits` (N, C, H, W), `target` l (N, H, W) int64 from 0 to
    C - 1, `weights` (N, H, W), as from border_weights -> scalar. To weigh the mean over pixels
    instead, divide by H W: the gradient shrinks, its direction stays.
    Raises ValueError when shapes differ, for weights below 0, and for a target that is not one of
    the classes, as in a mask of 0 and 255.
    """
    check_input("logits", logits, ("N", "C", "H", "W"), fewest=1)
    n, _, height, width = logits.shape
    check_input("weights", weights, (n, height, width))
    logits, weights = widened(logits, within("weights", weights, 0, math.inf))
    hint = "make a 0/255 mask classes with (mask > 127).long()"
    found = at_labels("target", F.log_softmax(logits, dim=1), target, hint)
    return -(weights * found).sum() / n
