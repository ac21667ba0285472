"""The input that a unit likes best.

For chapters 04 and 09.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.arguments import (
    MOST_SEED,
    check_count,
    check_counts,
    check_function,
    check_kind,
    check_number,
)
from coursekit.inspection.scoring import Score, input_gradient


def optimal_stimulus(
    model: nn.Module,
    score: Score,
    shape: Sequence[int],
    *,
    steps: int = 200,
    lr: float = 0.1,
    norm: float = 1.0,
    seed: int = 0,
) -> torch.Tensor:
    """Inputs of the given shape (N, ...) and Euclidean norm that a score is highest for.

    Gradient ascent on the sphere ||x|| = norm, from a random point of it (Erhan et al. 2009;
    Le et al. 2012): x <- norm (x + lr norm g / ||g||) / ||...||, g the gradient of
    the score. The step does not depend on the size of g; where g is 0 the input stays. Each of
    the N examples is a climb of its own: N starts for one unit, or N units with
    `score=lambda output: output.diagonal()`. For a linear unit the result is norm w / ||w||.

    Pixels are not kept within [0, 1]. The result is a local maximum: other seeds may find others.
    Raises TypeError and ValueError unless steps is a whole number from 0 on and lr and norm are
    positive, and for a score that is not (N,).
    """
    check_kind("model", model, nn.Module, "a torch module")
    check_function("score", score, "a function of the model's output")
    shape = check_counts("shape", shape, fewest=2, form="(N, ...)")
    check_count("steps", steps, least=0)
    check_number("lr", lr, above=0)
    check_number("norm", norm, above=0)
    check_count("seed", seed, 0, MOST_SEED)
    like = next(model.parameters(), torch.zeros(()))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(like)
    x = _to_sphere(x, norm)
    for _ in range(steps):
        x = _to_sphere(x + lr * _to_sphere(input_gradient(model, x, score), norm), norm)
    return x


def _to_sphere(x, norm):
    """Every example with the given norm; zeros stay zeros."""
    return norm * F.normalize(x.flatten(1), dim=1, eps=torch.finfo(x.dtype).tiny).view_as(x)
