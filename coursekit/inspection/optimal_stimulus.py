"""The input that a unit likes best."""

import torch
import torch.nn.functional as F

from coursekit.inspection.scoring import input_gradient


def optimal_stimulus(model, score, shape, *, steps=200, lr=0.1, norm=1.0, seed=0):
    """Inputs of the given shape (N, ...) and Euclidean norm that a score is highest for.

    Gradient ascent on the sphere ||x|| = norm, from a random point of it (Erhan et al. 2009;
    Le et al. 2012): x <- norm (x + lr norm g / ||g||) / ||...||, g the gradient of
    the score. The step does not depend on the size of g; where g is 0 the input stays. Each of
    the N examples is a climb of its own: N starts for one unit, or N units with
    `score=lambda output: output.diagonal()`. For a linear unit the result is norm w / ||w||.

    Pixels are not kept within [0, 1]. The result is a local maximum: other seeds may find others.
    Raises ValueError unless steps is at least 0 and lr and norm are positive, and for a score
    that is not (N,).
    """
    if steps < 0 or lr <= 0 or norm <= 0:
        raise ValueError(
            f"steps must be at least 0, lr and norm positive, got {steps}, {lr} and {norm}"
        )
    like = next(model.parameters(), torch.zeros(()))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(like)
    x = _to_sphere(x, norm)
    for _ in range(steps):
        x = _to_sphere(x + lr * _to_sphere(input_gradient(model, x, score), norm), norm)
    return x


def _to_sphere(x, norm):
    """Every example with the given norm; zeros stay zeros."""
    return norm * F.normalize(x.flatten(1), dim=1, eps=torch.finfo(x.dtype).tiny).view_as(x)
