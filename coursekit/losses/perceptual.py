"""Perceptual loss: distance between features of a trained network instead of pixels.

Used by chapters 03 and 05.
"""

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor

from coursekit.arguments import check_kind, check_number
from coursekit.losses.inputs import alike


def perceptual_loss(
    output: Mapping[str, Tensor],
    target: Mapping[str, Tensor],
    *,
    weights: Mapping[str, float] | None = None,
) -> Tensor:
    """sum_l w_l / D_l ||phi_l(r) - phi_l(x)||^2, averaged over the batch.

    `output` and `target` are the features phi_l of reconstruction r and image x: two dicts of
    layer name -> (N, ...) with the same layers, as `coursekit.inspection.features` gives
    them. D_l is the number of features in layer l, so that a layer counts the same whatever its
    size; this is the one loss here that is a mean over an example. `weights` maps layers to w_l,
    1 where it is silent. Gradients reach the target too: make it under `torch.no_grad()`.

    Source: the feature reconstruction loss of Johnson et al. (ECCV 2016, equation 2), summed over
    layers; Pihlgren et al. (2020) train autoencoders with it on an AlexNet.
    Raises TypeError for what is no dict of tensors, and ValueError for other layers in one than in
    the other, for weights of layers that are not there or below 0, and for features of different
    shapes.

    >>> import torch
    >>> ones = {"conv1": torch.ones(2, 8, 4, 4), "conv2": torch.ones(2, 16, 2, 2)}
    >>> threes = {layer: 3 * phi for layer, phi in ones.items()}
    >>> perceptual_loss(ones, threes, weights={"conv2": 0.5})
    tensor(6.)
    """
    check_kind("output", output, Mapping, "a dict of layer -> features")
    check_kind("target", target, Mapping, "a dict of layer -> features")
    weights = {} if weights is None else check_kind("weights", weights, Mapping, "a dict or None")
    if not output or output.keys() != target.keys() or weights.keys() - output.keys():
        raise ValueError(
            f"output, target and weights must name the same layers, got "
            f"{list(output)}, {list(target)} and {list(weights)}"
        )
    return sum(
        check_number(f"weights[{layer!r}]", weights.get(layer, 1), low=0)
        * F.mse_loss(*alike(**{f"output[{layer!r}]": output[layer], f"target[{layer!r}]": phi}))
        for layer, phi in target.items()
    )
