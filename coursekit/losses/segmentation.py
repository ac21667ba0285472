"""Cross-entropy with a weight for each pixel, and the weights that part touching cells."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from coursekit.losses.reconstruction import check_shapes


def border_weights(instances, w0=10.0, sigma=5.0, class_weights=(1.0, 1.0)):
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
    Raises ValueError for another shape, a type that is not integer, and negative labels.
    """
    integer = instances.dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
    if instances.dim() not in (2, 3) or not integer:
        raise ValueError(
            "instances must be (N, H, W) or (H, W) integer, 0 in the background and a "
            f"number for each cell, got {tuple(instances.shape)} {instances.dtype}"
        )
    if (instances < 0).any():
        raise ValueError(
            f"instances must be at least 0, which is the background, got {instances.min().item()}"
        )
    if instances.dim() == 3:
        return torch.stack([border_weights(image, w0, sigma, class_weights) for image in instances])
    background, cell = class_weights
    labels = instances.cpu().numpy()
    d1, d2 = two_nearest_borders(labels)
    weights = np.where(labels > 0, cell, background) + w0 * np.exp(
        -((d1 + d2) ** 2) / (2 * sigma**2)
    )
    return torch.from_numpy(weights.astype(np.float32)).to(instances.device)


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


def weighted_cross_entropy(logits, target, weights):
    """-sum_x w(x) log softmax(logits(x))[l(x)], averaged over the batch, in nats.

    The energy of Ronneberger et al. 2015, equation 1, with its sign made a loss; with weights of 1,
    F.cross_entropy summed over pixels. `logits` (N, C, H, W), `target` l (N, H, W) int64 from 0 to
    C - 1, `weights` (N, H, W), as from border_weights -> scalar. To weigh the mean over pixels
    instead, divide by H W: the gradient shrinks, its direction stays.
    Raises ValueError when shapes differ, or a target is not one of the classes, as in a mask of 0
    and 255.
    """
    if logits.dim() < 2:
        raise ValueError(f"logits must be (N, C, H, W), got {tuple(logits.shape)}")
    check_shapes(logits[:, 0], target)
    check_shapes(logits[:, 0], weights, "weights")
    classes = logits.shape[1]
    if target.dtype != torch.int64 or target.min() < 0 or target.max() >= classes:
        raise ValueError(
            f"target must be int64 from 0 to {classes - 1}, got {target.dtype} from "
            f"{target.min().item()} to {target.max().item()}; make a 0/255 mask "
            "classes with (mask > 127).long()"
        )
    return (weights * F.cross_entropy(logits, target, reduction="none")).sum() / len(target)
