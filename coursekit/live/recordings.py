"""Recorded training: points that move from frame to frame, over a field if there is one.

For chapters 02, 05 and 06.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure

from coursekit.arguments import (
    check_counts,
    check_finite,
    check_input,
    check_labels,
    check_number,
    check_range,
    check_texts,
)
from coursekit.live.arrays import half, octets
from coursekit.live.output import put

SHOWN = 4  # frames in the still
CLASSES = 10


def frames(
    points: torch.Tensor,
    steps: Sequence[int],
    *,
    limit: float,
    labels: torch.Tensor | None = None,
    data: torch.Tensor | None = None,
    field: torch.Tensor | None = None,
    alt: str,
    caption: str,
) -> None:
    """Display `points` (T, N, 2) after the training `steps` (T,), to play and to step through.

    The square from -`limit` to `limit` is shown. `labels` (N,) from 0 to 9 colour the points,
    `data` (M, 2) stay where they are, and `field` (T, G, G) in [0, 1], the value at the middle of
    each of G x G cells, is painted below: row 0 is the lowest, column 0 the leftmost; over one half
    in the colour of the data, under it in that of the points. Raises TypeError and ValueError.
    """
    check_texts(alt, caption)
    limit = check_number("limit", limit, above=0, high=60_000)
    count, number = check_input("points", points, ("T", "N", 2)).shape[:2]
    check_finite("points", points)
    steps = check_counts("steps", steps, least=0)
    if len(steps) != count or count < 2:
        raise ValueError(f"steps must be one for each of at least 2 frames, got {len(steps)}")
    content = {"limit": limit, "count": number, "steps": steps}
    if labels is not None:
        content["labels"] = octets(check_labels("labels", labels, number, CLASSES))
    if data is not None:
        check_finite("data", check_input("data", data, ("M", 2)))
        content["data"] = half("data", data)
    if field is not None:
        side = check_input("field", field, (count, "G", "G")).shape[1]
        if field.shape[2] != side:
            raise ValueError(f"field must be (T, G, G), square, got {tuple(field.shape)}")
        content["field"] = octets((check_range("field", field, 0, 1) * 255).round())
        content["side"] = side
    content["points"] = half("points", points)
    still = _still(points, steps, limit, labels, data, field)
    put("frames", content, figure=still, alt=alt, caption=caption)


def _still(points, steps, limit, labels, data, field) -> Figure:
    """A few of the frames, from the first to the last."""
    shown = torch.linspace(0, len(steps) - 1, min(SHOWN, len(steps))).round().int().tolist()
    figure, axes = plt.subplots(
        1, len(shown), figsize=(1.9 * len(shown), 2.2), squeeze=False, layout="constrained"
    )
    square = (-limit, limit)
    look = {"color": "C1"} if labels is None else {"c": labels.cpu(), "cmap": "tab10"}
    for axis, t in zip(axes.flat, shown):
        if field is not None:
            picture = field[t].detach().cpu().float().numpy()
            extent = (*square, *square)
            axis.imshow(picture, cmap="PuOr", vmin=-0.4, vmax=1.4, origin="lower", extent=extent)
        if data is not None:
            axis.scatter(*data.detach().cpu().float().T.numpy(), s=2, c="C0")
        axis.scatter(*points[t].detach().cpu().float().T.numpy(), s=2, **look)
        axis.set(xlim=square, ylim=square, xticks=[], yticks=[], aspect="equal")
        axis.set_title(f"step {steps[t]}")
    return figure
