"""The denoising field: arrows r(x) - x of denoisers in the plane, and the walk x <- r(x).

For chapter 04.
"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from coursekit.arguments import check_finite, check_input, check_kind, check_number, check_texts
from coursekit.live.arrays import half, single
from coursekit.live.network import SINGLE, network
from coursekit.live.output import put
from coursekit.training import predict

FORM = "{noise: denoiser}"
FEWEST, MOST_LEVELS, MOST_POINTS = 2, 8, 1000
STEPS = 30  # of the walk
PROBES = 20  # inputs that the page checks itself with
SHOWN, ARROWS = 3, 15  # levels in the still, and arrows along a side


def field(
    denoisers: Mapping[float, nn.Module], points: Tensor, *, limit: float, alt: str, caption: str
) -> None:
    """Display {noise: denoiser} over the square from -`limit` to `limit`, with `points` (N, 2).

    A denoiser r maps (N, 2) to (N, 2) and was trained to undo Gaussian noise of that standard
    deviation, added to the `points`, at most 1,000, which lie on a curve. The page shows r(x) - x
    as arrows, cut where they would reach the next one; the reader sets the noise, from 2 to 8
    levels, chooses a start and follows x <- r(x) for 30 steps. `coursekit.live.network` lists the
    layers that a denoiser may have, with at most 50,000 weights:

    >>> t = 9 * torch.rand(1000).sqrt()
    >>> spiral = torch.stack([t * t.cos(), t * t.sin()], 1) / 6
    >>> denoisers = {s: nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 2))
    ...              for s in (0.1, 0.3)}  # each to be trained on its own noise

    `field(denoisers, spiral, limit=2, alt=..., caption="Follow the arrows")` then draws it.

    The page holds 20 outputs of torch for each denoiser: `figure.living.check()` gives the largest
    difference from them. Raises TypeError and ValueError.
    """
    check_texts(alt, caption)
    limit = check_number("limit", limit, above=0, high=60_000)
    check_finite("points", check_input("points", points, ("N", 2), fewest=2))
    if len(points) > MOST_POINTS:
        raise ValueError(f"points must be at most {MOST_POINTS}, got {len(points)}; take some")
    points = points.detach().cpu().float()
    check_kind("denoisers", denoisers, Mapping, FORM)
    if not FEWEST <= len(denoisers) <= MOST_LEVELS:
        raise ValueError(
            f"denoisers must be {FORM}, {FEWEST} to {MOST_LEVELS}, got {len(denoisers)}"
        )
    levels = {
        check_number("denoisers: the noise", noise, above=0): model
        for noise, model in denoisers.items()
    }
    levels = dict(sorted(levels.items()))
    start = [round(part * limit, 3) for part in (-0.75, 0.75)]
    data = {
        "points": half("points", points),
        "levels": [_level(noise, model, limit) for noise, model in levels.items()],
        "level": (len(levels) - 1) // 2,
        "limit": limit,
        "start": start,
        "steps": STEPS,
    }
    still = _still(levels, points, limit, torch.tensor([start]))
    put("field", data, parts=("network", "trainer"), figure=still, alt=alt, caption=caption)


def _level(noise, model, limit):
    """One denoiser in the page's form, with what torch makes of some points."""
    name = f"denoisers[{noise:g}]"
    form = network(name, model, (2,))
    if form["shape"] != [2]:
        raise ValueError(f"{name} must give points (N, 2), got shape {tuple(form['shape'])}")
    if form["bits"] == 16:
        raise ValueError(f"{name} must have at most {SINGLE:,} weights; take a smaller one")
    generator = torch.Generator().manual_seed(0)
    inputs = limit * (2 * torch.rand(PROBES, 2, generator=generator) - 1)
    outputs = check_finite(f"{name}: its outputs", _denoise(model, inputs))
    check = {"inputs": single(inputs), "outputs": single(outputs), "every": 1}
    return {"noise": noise, "network": form, "check": check}


def _denoise(model, points):
    """r(x), by the model in its own type, as float32."""
    like = next(model.parameters(), points)
    return predict(model, points.to(like.dtype)).float()


def _still(levels, points, limit, start) -> Figure:
    """Arrows and a walk, at the lowest noise, at the highest and between."""
    chosen = torch.linspace(0, len(levels) - 1, min(SHOWN, len(levels))).round().int().tolist()
    figure, axes = plt.subplots(
        1, len(chosen), figsize=(2.5 * len(chosen), 2.8), layout="constrained"
    )
    side = limit * ((2 * torch.arange(ARROWS) + 1) / ARROWS - 1)
    grid = torch.cartesian_prod(side, side)
    for axis, (noise, model) in zip(axes, (list(levels.items())[i] for i in chosen)):
        step = _denoise(model, grid) - grid
        step *= (1.8 * limit / ARROWS / step.norm(dim=1, keepdim=True)).clamp(max=1)
        path = [start]
        for _ in range(STEPS):
            path.append(_denoise(model, path[-1]))
        axis.scatter(*points.T.numpy(), s=1, c="C0")
        axis.quiver(*grid.T.numpy(), *step.T.numpy(), angles="xy", scale_units="xy", scale=1)
        axis.plot(*torch.cat(path).T.numpy(), ".-", c="C1", ms=4, lw=1.2)
        axis.set(xlim=(-limit, limit), ylim=(-limit, limit), xticks=[], yticks=[], aspect="equal")
        axis.set_title(f"noise {noise:g}")
    return figure
