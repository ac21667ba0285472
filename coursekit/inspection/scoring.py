"""One number an example from any model, and its gradient: what the maps of this room explain.

A `score` is a function from the model's output to one scalar an example (N,): a class logit
`lambda output: output[:, 3]`, a count, an answer. Models are looked at in eval mode, as they
predict, and left as they were: mode, running statistics and parameter gradients do not change.

For chapters 04 and 09.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from coursekit.arguments import check_finite, check_function, check_input, check_kind, describe
from coursekit.layers.modes import eval_mode

Score = Callable[[Any], torch.Tensor]


def scores(model: nn.Module, x: torch.Tensor, score: Score) -> torch.Tensor:
    """score(model(x)) (N,) in eval mode, attached to the graph.

    Raises TypeError and ValueError when x is not finite and of the type and device of the model's
    weights, and when the score is not one scalar an example.
    """
    check_kind("model", model, nn.Module, "a torch module")
    check_finite("x", check_input("x", x, ("N", "..."), fewest=1, model=model))
    check_function("score", score, "a function of the model's output")
    with eval_mode(model):
        found = score(model(x))
    got = tuple(found.shape) if isinstance(found, torch.Tensor) else describe(found)
    if got != (len(x),):
        raise ValueError(
            f"score must return one scalar an example, ({len(x)},), got {got}; "
            "a class score is lambda output: output[:, c]"
        )
    return found


@torch.enable_grad()
def input_gradient(model: nn.Module, x: torch.Tensor, score: Score) -> torch.Tensor:
    """The gradient of each example's score with respect to its input, shaped as x (N, ...).

    Its absolute value, the largest over the channels, is the saliency map of Simonyan et al.
    (arXiv:1312.6034, Section 3). Raises as `scores` does.
    """
    x = check_input("x", x, ("N", "...")).detach().requires_grad_()
    return torch.autograd.grad(scores(model, x, score).sum(), x)[0]
