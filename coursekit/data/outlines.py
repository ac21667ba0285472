"""The outlines of the textured shapes, as signed distances.

An outline is one closed polygon or several; a point is inside if it lies within an odd number of
them. All keep within the circle of radius 1, and are about equally large to the eye. x runs to the
right and y down.

Used by chapters 03 to 09, through `coursekit.data.shapes`.
"""

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F

SIDE = 97  # points along an edge of a table of distances
REACH = 1.4  # from the centre to the edge of a table, in radii of a shape


def _arc(radius, start=0, end=360, n=48):
    """Points (n, 2) on a circle; angles in degrees from the right, clockwise; the last left out."""
    angle = np.deg2rad(np.linspace(start, end, n, endpoint=False))
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _star():
    return np.tile([1, 0.45], 5)[:, None] * _arc(1, -90, 270, 10)


def _crescent():
    """A disc, less another one that cuts its edge at 58 degrees above and below the right."""
    x, y = np.cos(np.deg2rad(58)), np.sin(np.deg2rad(58))
    return np.concatenate([_arc(1, 58, 302), _arc(y, 270, 90) + [x, 0]])


def _heart():
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([16 * np.sin(t) ** 3, -0.5 - y], axis=1) / 17.2


def _polygon(corners, unit):
    return np.array([corner.split(",") for corner in corners.split()], float) / unit


OUTLINES = {
    "disc": [_arc(0.85)],
    "ring": [_arc(0.92), _arc(0.46)],
    "square": [_polygon("-1,-1 1,-1 1,1 -1,1", 1.5)],
    "triangle": [_arc(1, -90, 270, 3)],
    "star": [_star()],
    "cross": [_polygon("-1,-3 1,-3 1,-1 3,-1 3,1 1,1 1,3 -1,3 -1,1 -3,1 -3,-1 -1,-1", 3.25)],
    "crescent": [_crescent()],
    "heart": [_heart()],
    "arrow": [_polygon("0,-10 9,0 4,0 4,9 -4,9 -4,0 -9,0", 10)],
    "hourglass": [_polygon("-7,-7 7,-7 1,0 7,7 -7,7 -1,0", 10)],
}
SHAPES = tuple(OUTLINES)


def distance(shape: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Signed distances (n, H, W) in radii of the shapes (n,) at the points x, y (n, H, W).

    Negative inside. A point beyond REACH has the distance of the nearest one that is not.
    """
    tables = _tables()[shape].unsqueeze(1)  # n x 1 x SIDE x SIDE
    grid = torch.stack([x, y], dim=-1) / REACH
    return F.grid_sample(tables, grid, padding_mode="border", align_corners=True).squeeze(1)


@cache
def _tables():
    """Signed distances (10, SIDE, SIDE), float32; y down and x across from -REACH to REACH."""
    x = np.linspace(-REACH, REACH, SIDE)
    points = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    tables = [signed_distance(points, polygons) for polygons in OUTLINES.values()]
    return torch.from_numpy(np.stack(tables)).float().view(-1, SIDE, SIDE)


def signed_distance(points: np.ndarray, polygons: list[np.ndarray]) -> np.ndarray:
    """Distance (M,) of points (M, 2) to the nearest edge, negative where they are inside."""
    start = np.concatenate(polygons)  # E x 2
    end = np.concatenate([np.roll(polygon, -1, axis=0) for polygon in polygons])
    edge, there = end - start, points[:, None] - start  # E x 2, M x E x 2
    share = ((there * edge).sum(-1) / (edge**2).sum(-1)).clip(0, 1)  # along the edge
    distance = np.linalg.norm(there - share[..., None] * edge, axis=-1).min(axis=1)
    above = start[:, 1] > points[:, 1:]  # M x E
    spans = above != (end[:, 1] > points[:, 1:])
    with np.errstate(divide="ignore", invalid="ignore"):  # level edges span nothing
        crossing = start[:, 0] + there[..., 1] / edge[:, 1] * edge[:, 0]
    inside = (spans & (points[:, :1] < crossing)).sum(axis=1) % 2 == 1
    return np.where(inside, -distance, distance)
