"""One number an example from any model, and its gradient: what the maps of this room explain.

A `score` is a function from the model's output to one scalar an example (N,): a class logit
`lambda output: output[:, 3]`, a count, an answer. Models are looked at in eval mode, as they
predict, and left as they were: mode, running statistics and parameter gradients do not change.
"""

import torch

from coursekit.layers.modes import eval_mode


def evaluate(model, x, score):
    """score(model(x)) (N,) in eval mode, attached to the graph.

    Raises ValueError when the score is not one scalar an example.
    """
    with eval_mode(model):
        scores = score(model(x))
    if scores.shape != x.shape[:1]:
        raise ValueError(
            f"score must return one scalar an example, ({len(x)},), got "
            f"{tuple(scores.shape)}; a class score is lambda output: output[:, c]"
        )
    return scores


@torch.enable_grad()
def input_gradient(model, x, score):
    """The gradient of each example's score with respect to its input, shaped as x (N, ...).

    Its absolute value, the largest over the channels, is the saliency map of Simonyan et al.
    (arXiv:1312.6034, Section 3). Raises ValueError as `evaluate` does.
    """
    x = x.detach().requires_grad_()
    return torch.autograd.grad(evaluate(model, x, score).sum(), x)[0]
