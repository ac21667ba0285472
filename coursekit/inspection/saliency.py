"""Which pixels a score depends on: by gradients through rectifiers, and by covering them.

The plain gradient is `coursekit.inspection.scoring.input_gradient`.

For chapter 09.
"""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.arguments import check_count, check_finite, check_input, check_kind, check_number
from coursekit.inspection.replacing import Replaced
from coursekit.inspection.scoring import Score, input_gradient, scores

IMAGES = 256  # covered images at a time: bounds the memory of `occlusion`
RELUS = {F.relu, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_}


def guided_backpropagation(model: nn.Module, x: torch.Tensor, score: Score) -> torch.Tensor:
    """The gradient of the score, where each ReLU passes back only what is positive, as x (N, ...).

    With the input u of a ReLU and the gradient g that arrives at its output it passes back
    g 1[u > 0] 1[g > 0]; plain backpropagation leaves out the second factor, `deconvnet` the first
    (Springenberg et al. 2015, Figure 1). The model is not changed: for this one pass every ReLU
    is exchanged, as a layer, function or method, in place (if its result is used) or not. Other
    rectifiers (leaky, `clamp`) and compiled models keep their own gradient. The score is as
    everywhere in `coursekit.inspection.scoring`; raises ValueError when it is not (N,).
    """

    def guided(input, inplace=False):
        return _PositiveGradient.apply(F.relu(input))

    with Replaced(RELUS, guided):
        return input_gradient(model, x, score)


def deconvnet(model: nn.Module, x: torch.Tensor, score: Score) -> torch.Tensor:
    """The deconvolutional network's map (Zeiler and Fergus 2014): each ReLU passes back 1[g > 0] g.

    Filters transposed and unpooling at the places of the maxima are what backpropagation does
    anyway. Arguments, result and limits as in `guided_backpropagation`.
    """

    def transposed(input, inplace=False):
        return _PositiveGradient.apply(input)

    with Replaced(RELUS, transposed):
        return input_gradient(model, x, score)


def occlusion(
    model: nn.Module,
    x: torch.Tensor,
    score: Score,
    size: int,
    *,
    stride: int = 1,
    value: float | torch.Tensor = 0.5,
) -> torch.Tensor:
    """How much the score falls when a square is covered, (N, rows, columns).

    Entry (i, j) is score(x) - score(x with `size` x `size` pixels from row i stride and column
    j stride on set to `value`); rows = (H - size) // stride + 1 (Zeiler and Fergus 2014,
    Section 4.2). `x` is (N, C, H, W); `value` a number, or one a channel (C, 1, 1). The model must
    return a tensor; the score gets it in batches of N in the order of x, so it may treat each
    example in its own way. Raises TypeError and ValueError for a size, stride or value that does
    not fit, NaN included.
    """
    n, channels, height, width = check_input("x", x, ("N", "C", "H", "W"), fewest=1).shape
    check_count("size", size, 1, min(height, width))
    check_count("stride", stride)
    if isinstance(value, torch.Tensor):
        check_finite("value", check_input("value", value, (channels, 1, 1)))
    else:
        check_number("value", value)
    covers = _covers(height, width, size, stride).to(x.device)  # P x H x W
    value = torch.as_tensor(value, dtype=x.dtype, device=x.device)

    def score_each(output):
        check_kind("model", output, torch.Tensor, "one that returns a tensor")
        return torch.cat([score(part) for part in output.split(n)])

    with torch.no_grad():
        whole = scores(model, x, score)  # N
        covered = [
            scores(model, torch.where(some[:, None, None], value, x).flatten(0, 1), score_each)
            for some in covers.split(max(1, IMAGES // n))
        ]
    drops = whole - torch.cat(covered).view(len(covers), n)  # P x N
    return drops.T.reshape(n, -1, (width - size) // stride + 1)  # N x rows x columns


class _PositiveGradient(torch.autograd.Function):
    """A ReLU that passes back the positive part of the gradient, whatever its input was."""

    @staticmethod
    def forward(ctx, u):
        return u.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        return g.clamp(min=0)


def _covers(height, width, size, stride):
    """Masks (P, H, W), each True on one square, row by row."""
    y, x = torch.arange(height)[:, None], torch.arange(width)
    return torch.stack(
        [
            (y >= top) & (y < top + size) & (x >= left) & (x < left + size)
            for top in range(0, height - size + 1, stride)
            for left in range(0, width - size + 1, stride)
        ]
    )
