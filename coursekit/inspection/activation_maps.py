"""Where a convolutional network looks: class activation maps.

The maps are as small as the feature maps. To lay one over its image:
`F.interpolate(maps[:, None], image_size, mode="bilinear")[:, 0]`.
"""

import torch

from coursekit.inspection.features import capture
from coursekit.inspection.scoring import evaluate


def cam(features, weights, class_index):
    """sum_k w_ck A_k: the class activation map, (N, H, W) (Zhou et al. 2016, Equation 2).

    `features` A (N, K, H, W) go through global average pooling and a linear layer with the
    `weights` w (C, K) to the class scores; `class_index` c is a number, or one an example (N,).
    The spatial mean of the map is the score of the class without its bias.

    >>> features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])  # 1 x 2 x 1 x 2
    >>> cam(features, torch.tensor([[1.0, 0.0], [1.0, -1.0]]), 1)
    tensor([[[-2., -2.]]])
    """
    if features.dim() != 4 or weights.dim() != 2 or weights.shape[1] != features.shape[1]:
        raise ValueError(
            "features and weights must be (N, K, H, W) and (C, K), "
            f"got {tuple(features.shape)} and {tuple(weights.shape)}"
        )
    index = torch.as_tensor(class_index, device=weights.device)
    if index.shape not in ((), features.shape[:1]):
        raise ValueError(
            f"class_index must be a number or ({len(features)},), got {tuple(index.shape)}"
        )
    return torch.einsum("nk,nkhw->nhw", weights[index].expand(features.shape[:2]), features)


@torch.enable_grad()
def grad_cam(model, layer, x, score):
    """ReLU(sum_k a_k A_k) with a_k = mean_ij d score / d A_kij, (N, H, W).

    A (N, K, H, W) is the output of the named layer for the input x, the score any scalar an
    example (`coursekit.inspection.scoring`): a class logit, a count, an answer (Selvaraju et al.
    2017, Equations 1 and 2). For a network that ends in global average pooling and a linear layer
    it is the ReLU of `cam` divided by H W.

    The gradients are those of the tensor itself, so in-place ReLUs do no harm.
    Raises ValueError for an unknown layer (the message names close ones), for one whose output is
    not (N, K, H, W), for a score that is not (N,), and for one that does not depend on the layer.
    """
    with capture(model, [layer]) as outputs:
        scores = evaluate(model, x.detach().requires_grad_(), score)
    maps = outputs.get(layer)
    if maps is None or maps.dim() != 4:
        got = "no call of it" if maps is None else tuple(maps.shape)
        raise ValueError(f"layer must put out feature maps (N, K, H, W), {layer!r} gave {got}")
    (gradient,) = torch.autograd.grad(scores.sum(), maps, allow_unused=True)
    if gradient is None:
        raise ValueError(f"score must depend on the layer, it does not on {layer!r}")
    weights = gradient.mean(dim=(2, 3))  # N x K
    return torch.einsum("nk,nkhw->nhw", weights, maps.detach()).relu()
