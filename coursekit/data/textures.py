"""Textures as sums of plane waves, and colours by their hue.

Used by chapters 03 to 09, through `coursekit.data.shapes`.
"""

from math import pi

import torch

TEXTURES = ("stripes", "checks", "dots", "clouds")
WAVES = 10  # plane waves in clouds; stripes are one, checks and dots two that cross
SHARP = torch.tensor([1.2, 1.2, 1.2, 0.35])  # how steeply each texture passes between colours
SPARSE = torch.tensor([0.0, 0.0, 0.55, 0.0])  # dots cover less than half of the surface

# From Oklab, where equal lightness looks equally light, to linear sRGB: a matrix, the cube, and
# another matrix (Ottosson 2020).
TO_CONES = torch.tensor(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
TO_RGB = torch.tensor(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def linear_rgb(lightness: torch.Tensor, chroma: float, hue: torch.Tensor) -> torch.Tensor:
    """Colours (n, 3) in linear light, in [0, 1]; hues in degrees, and all as in Oklab."""
    angle = hue.deg2rad()
    lab = torch.stack([lightness, chroma * angle.cos(), chroma * angle.sin()], dim=1)
    return ((lab @ TO_CONES.T) ** 3 @ TO_RGB.T).clamp(0, 1)


def texture(
    kind: torch.Tensor,
    period: torch.Tensor,
    angle: torch.Tensor,
    x: torch.Tensor,
    y: torch.Tensor,
    random: torch.Tensor,
) -> torch.Tensor:
    """Values (n, H, W) in [0, 1]: 0 where a surface has its first colour, 1 where its second.

    `kind` (n,) indexes TEXTURES; `period` (n,) pixels; `angle` (n,) degrees, clockwise; `x` (n, W)
    and `y` (n, H) pixels from the texture's origin; `random` (n, 2, WAVES) in [0, 1] decides
    phases and the directions of the clouds' waves.
    A wave cos(a x + b y + p) is the real part of a product of one factor in x and one in y, so
    that the sum of all waves is a matrix product.
    """
    height, length, direction = _waves(kind, random[:, 0])  # n x WAVES each
    direction = direction + angle.deg2rad()[:, None]
    frequency = 2 * pi / (period[:, None] * length)
    across = (frequency * direction.cos()).unsqueeze(2) * x.unsqueeze(1)  # n x WAVES x W
    down = (frequency * direction.sin()).unsqueeze(2) * y.unsqueeze(1)
    across = across + 2 * pi * random[:, 1].unsqueeze(2)
    right = torch.cat([across.cos(), -across.sin()], dim=1) * height.repeat(1, 2).unsqueeze(2)
    total = torch.cat([down.cos(), down.sin()], dim=1).mT @ right  # n x H x W
    sparse, sharp = SPARSE[kind].view(-1, 1, 1), SHARP[kind].view(-1, 1, 1)
    return (0.5 + sharp * (total - sparse)).clamp(0, 1)


def _waves(kind, random):
    """Heights, lengths in periods and directions in radians (n, WAVES) of a texture's waves."""
    clouds = (kind == TEXTURES.index("clouds")).unsqueeze(1)
    one, two = torch.eye(WAVES)[0], torch.eye(WAVES)[:2].sum(0)
    lengths = torch.linspace(0.7, 3, WAVES)  # long waves are the high ones
    height = torch.stack([one, two, two, lengths / 3])[kind]
    crossed = torch.arange(WAVES) * pi / 2
    return (
        height,
        torch.where(clouds, lengths, 1.0),
        torch.where(clouds, 2 * pi * random, crossed),
    )
