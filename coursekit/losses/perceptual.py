"""Perceptual loss: distance between features of a trained network instead of pixels."""

from collections.abc import Mapping

from coursekit.losses.reconstruction import squared_error


def perceptual_loss(output, target, weights=None):
    """sum_l w_l / D_l ||phi_l(r) - phi_l(x)||^2, averaged over the batch.

    `output` and `target` are the features phi_l of reconstruction r and image x: two dicts of
    layer name -> (N, ...) with the same layers, as `coursekit.models.features.features` gives
    them. D_l is the number of features in layer l, so that a layer counts the same whatever its
    size; this is the one loss here that is a mean over an example. `weights` maps layers to w_l,
    1 where it is silent. Gradients reach the target too: make it under `torch.no_grad()`.

    Source: the feature reconstruction loss of Johnson et al. (ECCV 2016, equation 2), summed over
    layers; Pihlgren et al. (2020) train autoencoders with it on an AlexNet.
    Raises ValueError for other layers in one than in the other, for weights of layers that are not
    there, and for features of different shapes.

    >>> import torch
    >>> ones = {"conv1": torch.ones(2, 8, 4, 4), "conv2": torch.ones(2, 16, 2, 2)}
    >>> perceptual_loss(ones, {layer: 3 * phi for layer, phi in ones.items()}, {"conv2": 0.5})
    tensor(6.)
    """
    weights = weights or {}
    for name, given in (("target", target), ("output", output)):
        if not isinstance(given, Mapping) or not given:
            raise ValueError(
                f"{name} must be a dict of layer -> features, got {type(given).__name__}"
            )
    if output.keys() != target.keys() or weights.keys() - output.keys():
        raise ValueError(
            f"output, target and weights must name the same layers, got "
            f"{list(output)}, {list(target)} and {list(weights)}"
        )
    return sum(
        weights.get(layer, 1.0) * squared_error(output[layer], phi) / phi[0].numel()
        for layer, phi in target.items()
    )
