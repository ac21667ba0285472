"""Textured shapes: 32 x 32 colour images of ten classes, every factor known.

An image is a shape in the light, on a ground: both have a texture in two colours, the shape a
rounded edge and a shadow. The class is the outline alone. Everything else varies by itself: each
factor is drawn evenly from its range, whatever the others are. No pixel says much about the class,
and no colour: it takes edges, and how they lie to each other.

Used by chapters 03 to 09, through `coursekit.data.photos`.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from coursekit.arguments import (
    MOST_SEED,
    check_count,
    check_input,
    check_kind,
    check_labels,
    check_range,
)
from coursekit.data.outlines import SHAPES, distance
from coursekit.data.textures import TEXTURES, WAVES, linear_rgb, texture

PIXELS = 32
MARGIN = 1.0  # pixels between a shape's circle and the edge of the image, at least
PATTERNS = 4096
FACTORS = {  # how many values, or from where to where
    "shape": len(SHAPES),
    "texture": len(TEXTURES),
    "ground_texture": len(TEXTURES),
    "pattern": PATTERNS,
    "x": (-1, 1),
    "y": (-1, 1),
    "size": (16, 28),
    "angle": (0, 360),
    "colour": (0, 360),
    "contrast": (75, 285),
    "lightness": (0.5625, 0.8125),
    "ground_lightness": (0.3125, 0.6875),
    "light": (0, 360),
    "brightness": (0.75, 1.75),
}


class TexturedShapes(NamedTuple):
    """Images (n, 3, 32, 32), float32 in [0, 1]; labels (n,), int64, an index into `SHAPES`;
    boxes (n, 4), int64, the columns x1 <= x < x2 and rows y1 <= y < y2 of the shape, as
    (x1, y1, x2, y2); factors, each (n,), int64 if counted and else float32, see `FACTORS`:

    shape       the label
    texture, ground_texture     index into `TEXTURES`: what is painted on the shape, the ground
    pattern     which of 4,096 patterns: fineness and phase of both textures, turn of the ground's
    x, y        place, from -1 (far left, top) to 1 (far right, bottom) in the room that size leaves
    size        diameter in pixels of the circle in which the shape turns
    angle       degrees, clockwise; the texture turns with its shape
    colour      hue of the shape, degrees in Oklab: 30 red, 110 yellow, 145 green, 265 blue
    contrast    degrees from this hue to the ground's
    lightness, ground_lightness     of the first of the two colours of each, in Oklab
    light       degrees clockwise from the right: where the light comes from
    brightness  factor on all light
    """

    images: torch.Tensor
    labels: torch.Tensor
    boxes: torch.Tensor
    factors: dict[str, torch.Tensor]


def textured_shapes(n: int, *, seed: int = 0) -> TexturedShapes:
    """`n` textured shapes in random order, the same for the same seed.

    The classes are exactly balanced: each has n // 10 images or one more. The other factors are
    drawn evenly from their ranges and independently of each other and of the class.
    Raises TypeError and ValueError unless `n` and `seed` are whole numbers from 0 on.

    >>> shapes = textured_shapes(20)
    >>> shapes.images.shape, shapes.labels.bincount().tolist()
    (torch.Size([20, 3, 32, 32]), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """
    check_count("n", n, least=0)
    check_count("seed", seed, 0, MOST_SEED)
    return draw_shapes(_draw_factors(n, np.random.default_rng(seed)))


def draw_shapes(factors: dict[str, torch.Tensor]) -> TexturedShapes:
    """The images that have these factors, each (n,), all named as in `TexturedShapes`.

    Nothing is random in it: two calls that differ in one factor show what that factor does.
    Raises TypeError and ValueError for factors that are missing, unknown, of unequal lengths, or
    out of their range in `FACTORS`.
    """
    factors = _check_factors(factors)
    n = len(factors["shape"])
    images = torch.zeros(n, 3, PIXELS, PIXELS)
    boxes = torch.zeros(n, 4, dtype=torch.int64)
    for start in range(0, n, 512):  # bounds the memory
        rows = slice(start, start + 512)
        images[rows], cover = _draw({name: values[rows] for name, values in factors.items()})
        boxes[rows] = _boxes(cover >= 0.5)
    return TexturedShapes(images, factors["shape"], boxes, factors)


def _draw_factors(n, rng):
    factors = {
        name: rng.integers(values, size=n) if isinstance(values, int) else rng.uniform(*values, n)
        for name, values in FACTORS.items()
    }
    factors["shape"] = rng.permutation(n) % len(SHAPES)
    return {name: torch.from_numpy(values) for name, values in factors.items()}


def _check_factors(factors):
    check_kind("factors", factors, dict, "a dict of tensors by name, as textured_shapes gives")
    if factors.keys() != FACTORS.keys():
        missing, unknown = FACTORS.keys() - factors.keys(), factors.keys() - FACTORS.keys()
        raise ValueError(
            f"factors must have the names {', '.join(FACTORS)}; missing are "
            f"{sorted(missing) or 'none'}, unknown {sorted(map(str, unknown)) or 'none'}"
        )
    factors = {name: _check_factor(name, factors[name]) for name in FACTORS}
    lengths = {name: len(values) for name, values in factors.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"factors must have one length, got {lengths}")
    return factors


def _check_factor(name, values):
    label, wanted = f"factors[{name!r}]", FACTORS[name]
    if isinstance(wanted, int):
        return check_labels(label, values, ("N",), wanted).detach().cpu()
    return check_range(label, check_input(label, values, ("N",)), *wanted).detach().cpu().float()


def _draw(f):
    """Images (m, 3, 32, 32) with the factors `f` (m,), and how much of each pixel the shape covers.

    Light adds up linearly; the square root at the end is the gamma of a display.
    """
    pixels = torch.arange(PIXELS) + 0.5 - PIXELS / 2  # from the centre
    room = PIXELS / 2 - MARGIN - f["size"] / 2
    x, y = (pixels - (room * f[name])[:, None] for name in ("x", "y"))  # m x 32, from the shape's
    light = torch.stack([f["light"].deg2rad().cos(), f["light"].deg2rad().sin()])[..., None]
    depth = -_distance(f, x, y)  # m x 32 x 32, pixels, above 0 inside
    cover = (0.5 + depth).clamp(0, 1)
    away = 0.1 * f["size"][:, None] * light  # 2 x m x 1
    shadow = (0.5 - _distance(f, x + away[0], y + away[1]) / 4).clamp(0, 1)
    slope = (light[0] * pixels).unsqueeze(1) + (light[1] * pixels).unsqueeze(2)
    falloff = 1 + 0.018 * slope
    shape, ground = _surfaces(f, x, y, pixels.expand(len(room), PIXELS))
    shape = shape * (_relief(depth, light) * falloff).unsqueeze(1)
    ground = ground * ((1 - 0.6 * shadow) * falloff).unsqueeze(1)
    image = torch.lerp(ground, shape, cover.unsqueeze(1)) * f["brightness"].view(-1, 1, 1, 1)
    return image.clamp(0, 1).sqrt(), cover


def _distance(f, x, y):
    """Signed distance (m, 32, 32) in pixels to the outlines; x, y (m, 32) from their centres."""
    angle, radius = f["angle"].deg2rad().view(-1, 1, 1), f["size"].view(-1, 1, 1) / 2
    cos, sin = angle.cos() / radius, angle.sin() / radius
    x, y = x.unsqueeze(1), y.unsqueeze(2)
    return distance(f["shape"], cos * x + sin * y, cos * y - sin * x) * radius


def _relief(depth, light):
    """Light on the shape (m, 32, 32): its edge is rounded over three pixels."""
    height = depth.clamp(0, 3)
    height = height - height**2 / 6
    down, across = torch.gradient(height, dim=(1, 2))
    return (1 - 0.7 * (across * light[0].unsqueeze(2) + down * light[1].unsqueeze(2))).clamp(min=0)


def _surfaces(f, x, y, pixels):
    """Shape and ground (m, 3, 32, 32) in even light: two colours each, mixed by a texture."""
    random = _patterns()[f["pattern"]].unbind(1)  # m x 3 x WAVES each
    fine, coarse = 4.5 + 2.5 * random[0][:, 2, 0], 8 + 6 * random[1][:, 2, 0]  # pixels
    own = texture(f["texture"], fine, f["angle"], x, y, random[0])
    turn = 360 * random[1][:, 2, 1]
    below = texture(f["ground_texture"], coarse, turn, pixels, pixels, random[1])
    hue, lightness = f["colour"], f["lightness"]
    colours = linear_rgb(lightness, 0.16, hue), linear_rgb(lightness - 0.22, 0.13, hue + 20)
    shape = _mix(own, *colours)
    hue, lightness = hue + f["contrast"], f["ground_lightness"]
    colours = linear_rgb(lightness, 0.07, hue), linear_rgb(lightness - 0.12, 0.06, hue - 15)
    return shape, _mix(below, *colours)


def _mix(share, first, second):
    """Images (m, 3, H, W) of two colours (m, 3), in shares (m, H, W) of the second."""
    first, second = first[..., None, None], second[..., None, None]
    return torch.lerp(first, second, share.unsqueeze(1))


@cache
def _patterns():
    """The random numbers in [0, 1] of every pattern, for a shape and a ground."""
    random = np.random.default_rng(0).random((PATTERNS, 2, 3, WAVES))
    return torch.from_numpy(random).float()


def _boxes(inside):
    """The boxes (m, 4) around what is inside (m, 32, 32)."""
    sides = torch.stack([inside.any(1), inside.any(2)], dim=1).int()  # m x 2 x 32, columns and rows
    first, last = sides.argmax(2), PIXELS - sides.flip(2).argmax(2)
    return torch.cat([first, last], dim=1)
