"""Where a convolutional network looks: class activation maps.

The maps are as small as the feature maps. To lay one over its image:
`F.interpolate(maps[:, None], image_size, mode="bilinear")[:, 0]`.

For chapter 09.
"""

import torch
from torch import nn

from coursekit.arguments import check_count, check_input, check_labels
from coursekit.inspection.feature_maps import capture, check_layer
from coursekit.inspection.scoring import Score, scores


def cam(
    features: torch.Tensor, weights: torch.Tensor, class_index: int | torch.Tensor
) -> torch.Tensor:
    """sum_k w_ck A_k: the class activation map, (N, H, W) (Zhou et al. 2016, Equation 2).

    `features` A (N, K, H, W) go through global average pooling and a linear layer with the
    `weights` w (C, K) to the class scores; `class_index` c is a number, or one an example (N,).
    The spatial mean of the map is the score of the class without its bias.
    Raises TypeError and ValueError for shapes or types that do not fit, and for a class that does
    not exist: -1 is none.

    >>> features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])  # 1 x 2 x 1 x 2
    >>> cam(features, torch.tensor([[1.0, 0.0], [1.0, -1.0]]), 1)
    tensor([[[-2., -2.]]])
    """
    check_input("features", features, ("N", "K", "H", "W"), fewest=1)
    check_input("weights", weights, ("C", features.shape[1]), "its columns are the features")
    if weights.dtype != features.dtype:
        raise ValueError(f"weights must be {features.dtype} as features are, got {weights.dtype}")
    index = _class_index(class_index, len(features), len(weights)).to(weights.device)
    return torch.einsum("nk,nkhw->nhw", weights[index], features)


@torch.enable_grad()
def grad_cam(model: nn.Module, layer: str, x: torch.Tensor, score: Score) -> torch.Tensor:
    """ReLU(sum_k a_k A_k) with a_k = mean_ij d score / d A_kij, (N, H, W).

    A (N, K, H, W) is the output of the named layer for the input x, the score any scalar an
    example (`coursekit.inspection.scoring`): a class logit, a count, an answer (Selvaraju et al.
    2017, Equations 1 and 2). For a network that ends in global average pooling and a linear layer
    it is the ReLU of `cam` divided by H W.

    The gradients are those of the tensor itself, so in-place ReLUs do no harm.
    Raises ValueError for an unknown layer (the message names close ones), for one whose output is
    not (N, K, H, W), for a score that is not (N,), and for one that does not depend on the layer.
    """
    check_layer("layer", model, layer)
    check_input("x", x, ("N", "..."))
    with capture(model, [layer]) as outputs:
        found = scores(model, x.detach().requires_grad_(), score)
    maps = outputs.get(layer)
    if maps is None or maps.dim() != 4:
        got = "no call of it" if maps is None else tuple(maps.shape)
        raise ValueError(f"layer must put out feature maps (N, K, H, W), {layer!r} gave {got}")
    (gradient,) = torch.autograd.grad(found.sum(), maps, allow_unused=True)
    if gradient is None:
        raise ValueError(f"score must depend on the layer, it does not on {layer!r}")
    weights = gradient.mean(dim=(2, 3))  # N x K
    return torch.einsum("nk,nkhw->nhw", weights, maps.detach()).relu()


def _class_index(index, n, classes):
    """The class of each of n examples, (n,) int64."""
    if not isinstance(index, torch.Tensor):
        return torch.full((n,), check_count("class_index", index, 0, classes - 1))
    return check_labels("class_index", index if index.dim() else index.expand(n), n, classes)
