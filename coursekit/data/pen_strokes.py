"""Pen-stroke digits: 28 x 28 images of ten classes drawn by a simulated pen, factors known.

A digit is a skeleton (a few smooth strokes), bent a little at random, stretched, slanted, turned,
scaled and centred as in MNIST, and then inked. Skeletons and distributions were set by hand,
looking at training images of MNIST and at those that a classifier of pen digits got wrong.

Used by chapters 01 and 02, through `coursekit.data.digits`.
"""

from functools import cache
from math import pi, sqrt
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from scipy.interpolate import CubicSpline
from scipy.spatial.distance import cdist

from coursekit.arguments import MOST_SEED, check_count

# The ways to write a digit: (digit, name, share within its class, strokes). A stroke is a list of
# points "x,y" that the pen passes in this order, in hundredths of the digit's height; x runs to
# the right and y down. Strokes are smooth; a corner is where one ends and the next one begins,
# and a stroke that ends where it began is a closed curve.
SKELETONS = [
    (0, "closed", 4, "50,0 22,14 10,50 22,86 50,100 78,86 90,50 78,14 50,0"),
    (0, "pointed", 3, "66,0 38,12 14,45 12,78 32,98 62,84 82,48 84,12 66,0"),
    (0, "overlapping", 2, "66,6 40,2 16,28 10,64 30,96 62,96 86,66 84,26 62,4 42,4"),
    (0, "curled", 2, "70,22 50,4 20,22 10,60 28,96 62,96 88,64 84,24 60,4 44,12 48,26"),
    (0, "open", 1, "54,2 24,10 10,50 26,92 58,98 86,72 88,34 78,12"),
    (1, "bar", 8, "54,0 51,33 49,67 46,100"),
    (1, "flag", 2, "26,26 40,16 54,0; 54,0 52,50 48,100"),
    (1, "flag and base", 2, "20,22 38,14 52,0; 52,0 52,50 50,100; 16,100 50,100 84,100"),
    (1, "hook", 1, "48,0 48,40 48,80 54,96 64,96"),
    (2, "plain", 3, "12,22 34,2 64,4 76,26 60,54 36,78 10,98; 10,98 50,96 92,96"),
    (2, "looped", 3, "14,22 38,2 72,6 74,34 52,66 24,92 8,86 18,72 40,78 64,92 94,92"),
    (2, "wide loop", 3, "20,30 30,6 64,2 76,30 64,66 38,94 12,92 14,68 42,66 68,82 90,100"),
    (2, "flat", 2, "8,30 24,8 56,4 66,26 46,56 18,82 10,68 30,62 62,78 98,72"),
    (2, "swan", 2, "14,24 38,2 70,8 72,38 46,72 14,94; 14,94 34,88 60,94 92,100"),
    (2, "zigzag", 1, "10,10 46,8 84,6; 84,6 50,50 12,96; 12,96 50,94 94,92"),
    (2, "long neck", 2, "26,20 40,0 58,12 52,46 38,76 20,98; 20,98 50,92 88,92"),
    (2, "curled", 1, "40,34 22,30 22,10 52,0 78,18 70,46 42,76 10,96; 10,96 50,92 92,98"),
    (3, "round", 4, "16,12 44,0 74,14 66,36 38,46; 38,46 74,54 82,78 54,98 12,88"),
    (3, "angular", 2, "16,6 48,4 78,4; 78,4 60,24 40,42; 40,42 76,50 84,76 56,98 12,90"),
    (3, "looped", 2, "12,14 46,0 76,14 60,40 36,48 42,40 70,48 84,74 54,99 10,88"),
    (3, "flowing", 2, "20,12 44,0 68,12 62,36 48,46 64,54 70,76 50,98 14,94"),
    (3, "large bowl", 1, "10,12 38,0 60,12 52,34 34,46; 34,46 74,46 92,70 72,94 30,96 12,84"),
    (4, "open", 4, "26,4 16,30 14,54; 14,54 44,54 84,48; 76,8 68,50 62,100"),
    (4, "closed", 1, "62,0 36,32 8,66; 8,66 50,64 94,62; 62,0 60,50 58,100"),
    (4, "round", 3, "22,2 12,32 26,54 54,50 78,24; 82,4 72,50 64,100"),
    (4, "crossed", 3, "40,0 24,30 8,58; 8,58 50,56 94,48; 74,16 60,60 48,100"),
    (4, "pointed", 1, "70,4 38,20 10,52; 10,52 40,54 66,44; 70,4 66,50 60,100"),
    (5, "flagged", 3, "32,6 26,28 22,44; 22,44 54,38 78,62 58,94 12,90; 32,6 60,6 90,2"),
    (5, "flowing", 3, "84,6 50,2 28,20 40,42 70,60 70,84 42,98 10,88"),
    (5, "long flag", 3, "42,20 34,36 30,50; 30,50 58,50 64,76 36,98 4,84; 42,20 70,12 98,6"),
    (5, "wide", 1, "18,8 16,28 20,42; 20,42 60,40 82,64 60,94 26,98 8,80; 18,8 50,6 86,8"),
    (6, "curl", 4, "66,0 36,24 16,62 30,95 62,96 78,74 60,56 36,66 24,86"),
    (6, "straight back", 3, "64,0 42,30 22,66 28,94 54,98 72,78 62,62 40,70 22,90"),
    (6, "wide", 2, "46,0 20,34 14,74 42,99 80,86 84,58 56,46 28,70"),
    (6, "open", 1, "44,0 24,32 12,70 26,96 62,94 90,76 84,58 60,66 46,86"),
    (7, "plain", 4, "12,10 48,8 86,4; 86,4 60,48 42,100"),
    (7, "curved", 3, "12,16 44,6 80,8 74,40 58,72 46,100"),
    (7, "hooked", 2, "12,34 16,8; 16,8 46,8 84,4; 84,4 62,50 46,100"),
    (7, "barred", 2, "14,10 48,8 84,4; 84,4 60,48 42,100; 24,56 56,54 88,50"),
    (7, "wavy", 1, "12,24 26,6 46,14 62,12 82,2; 82,2 58,48 40,100"),
    (8, "open", 3, "78,10 48,0 24,20 50,46 76,72 50,99 20,84 36,58 66,32 82,6"),
    (8, "closed", 3, "50,0 22,18 50,46 82,76 50,100 18,76 50,46 78,18 50,0"),
    (8, "narrow foot", 3, "80,10 48,0 20,18 36,40 58,58 62,84 44,100 30,84 40,60 64,34 84,8"),
    (8, "pointed foot", 2, "70,12 42,2 22,20 44,42 60,62 48,98 34,82 44,58 62,32 90,2"),
    (8, "flag", 2, "72,14 42,2 22,22 46,44 66,70 44,98 20,82 38,58 70,26 98,2"),
    (8, "crossed", 2, "30,100 46,60 76,20 52,0 24,16 44,48 72,76 78,100; 30,100 56,94 78,100"),
    (8, "two rings", 1, "50,0 26,22 50,44 74,22 50,0; 50,44 16,72 50,100 84,72 50,44"),
    (9, "one stroke", 3, "74,14 46,2 20,28 42,48 72,18; 72,18 70,56 60,100"),
    (9, "ring and stem", 3, "72,20 46,0 20,24 44,46 72,20; 74,6 70,56 66,100"),
    (9, "round tail", 1, "74,20 48,0 20,24 44,44 74,20; 74,20 74,60 56,96 16,90"),
    (9, "leaning", 3, "86,8 54,2 16,22 20,42 52,36 86,8; 86,8 62,52 40,100"),
    (9, "large ring", 1, "80,28 50,0 16,28 40,64 78,30; 80,10 76,56 74,100"),
    (9, "open", 2, "78,4 40,6 18,26 40,44 72,30; 72,30 62,62 48,100"),
]

BOX = 20.0  # pixels, the larger side of the ink at scale 1, as in MNIST
CENTRE = 14.0  # pixels (the first pixel is 0), the centre of mass without shift, as in MNIST
POINTS = 96  # along the strokes of a skeleton; drawn, neighbours are about a pixel apart at most
KNOTS = 16  # points that a skeleton may be given by, at most
REACH = 0.3  # digit heights, the distance over which bent points move together
BLUR = 0.8  # pixels over which the ink of strokes that meet runs together
CAP = sqrt(2 * pi) * BLUR  # pixels, twice the length of ink that rounds off a free end
EDGE = 1.4  # pixels over which the ink fades out at the edge of a stroke


class PenDigits(NamedTuple):
    """Images (n, 1, 28, 28), float32 in [0, 1]; labels (n,), int64; factors, each (n,) float32:

    variant     row of `SKELETONS` (int64): the way to write the digit
    slant       degrees, positive leans to the right (a shear)
    rotation    degrees, positive turns clockwise
    aspect      factor on the width before slant and rotation; 1 leaves the skeleton as it is
    wobble      standard deviation of the smooth bending of the skeleton, in digit heights
    width       stroke width in pixels
    pressure    relative change of that width from the middle to the end of each stroke
    scale       larger side of the ink over 20 pixels
    shift_x, shift_y    pixels to the right and down, away from the centred position
    """

    images: torch.Tensor
    labels: torch.Tensor
    factors: dict[str, torch.Tensor]


def pen_digits(n: int, *, seed: int = 0) -> PenDigits:
    """`n` pen-stroke digits in random order, the same for the same seed.

    The classes are exactly balanced: each has n // 10 images or one more.
    Raises TypeError and ValueError unless `n` and `seed` are whole numbers from 0 on.

    >>> digits = pen_digits(20)
    >>> digits.images.shape, digits.labels.bincount().tolist()
    (torch.Size([20, 1, 28, 28]), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """
    check_count("n", n, least=0)
    check_count("seed", seed, 0, MOST_SEED)
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randperm(n, generator=generator) % 10
    factors = _draw_factors(labels, generator)
    return PenDigits(render(factors, generator), labels, factors)


def _draw_factors(labels, generator):
    def normal(mean, deviation):
        return mean + deviation * torch.randn(len(labels), generator=generator)

    def uniform(low, high):
        return low + (high - low) * torch.rand(len(labels), generator=generator)

    shares = torch.tensor(
        [[share * (digit == k) for digit, _, share, _ in SKELETONS] for k in range(10)],
        dtype=torch.float32,
    )  # 10 x variants
    return {
        "variant": torch.multinomial(shares[labels], 1, generator=generator).squeeze(1),
        "slant": normal(8, 12).clamp(-40, 50),
        "rotation": normal(0, 6),
        "aspect": normal(0, 0.18).exp(),
        "wobble": uniform(0.02, 0.10),
        "width": normal(0.92, 0.28).exp().clamp(1.2, 5.5),
        "pressure": uniform(-0.3, 0.3),
        "scale": uniform(0.94, 1.02),
        "shift_x": uniform(-0.5, 0.5),
        "shift_y": uniform(-0.5, 0.5),
    }


def render(factors: dict[str, torch.Tensor], generator: torch.Generator) -> torch.Tensor:
    """Images (n, 1, 28, 28) with the given factors, as `PenDigits` lists them.

    The generator draws the bends only. With generators of equal seeds, two calls that differ in
    one factor (not in `variant`) show what that factor does.
    """
    images = torch.zeros(len(factors["variant"]), 1, 28, 28)
    for rows in torch.arange(len(images)).split(1024):  # bounds the memory
        part = {name: values[rows, None] for name, values in factors.items()}  # M x 1 each
        images[rows, 0] = _ink(*_trace(part, generator), part["width"] / 2)
    return images


@cache
def _skeletons():
    """Every row of `SKELETONS` as in `_skeleton`, stacked, as float32 tensors."""
    rows = [_skeleton(strokes.split(";")) for *_, strokes in SKELETONS]
    return tuple(torch.from_numpy(np.stack(arrays)).float() for arrays in zip(*rows))


def _skeleton(strokes):
    """Strokes as P = POINTS points on smooth curves.

    Returns the points (2, P); the modes (KNOTS, P), which turn standard normal numbers into a
    bend; the place of each point in its stroke, from -1 to 1 (P,); and 1 where a stroke ends
    freely, else 0 (P,). The bend is a Gaussian process over the plane with covariance
    exp(-distance^2 / 2 REACH^2), and a tenth of the variance for each given point alone. Strokes
    that share a point stay joined.
    """
    strokes = [
        np.array([point.split(",") for point in stroke.split()], float) / 100 for stroke in strokes
    ]
    knots, index = np.unique(np.concatenate(strokes), axis=0, return_inverse=True)
    numbers = np.split(index, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    ways = [np.linalg.norm(np.diff(stroke, axis=0), axis=1).cumsum() for stroke in strokes]
    ends = np.cumsum([0] + [way[-1] for way in ways])
    splines, places = [], []
    for own, way, count in zip(numbers, ways, np.diff(np.rint(ends / ends[-1] * POINTS))):
        places.append(np.linspace(-1, 1, int(count)))
        splines.append(
            CubicSpline(  # linear in the knots: a row holds their weights at a place
                np.append(0, way) / way[-1] * 2 - 1,
                np.eye(len(knots))[own],
                bc_type="periodic" if own[0] == own[-1] else "natural",
            )(places[-1])
        )
    spline, place = np.concatenate(splines), np.concatenate(places)  # P x K, P
    covariance = np.exp(-(cdist(knots, knots) ** 2) / (2 * REACH**2)) + 0.1 * np.eye(len(knots))
    modes = np.zeros((KNOTS, POINTS))
    modes[: len(knots)] = (spline @ np.linalg.cholesky(covariance)).T
    free = (abs(place) == 1) & np.isclose(spline @ np.bincount(index), 1)  # a knot passed once
    return (spline @ knots).T, modes, place, free


def _trace(f, generator):
    """The pen's way for M digits with factors `f` (M, 1).

    Returns x, y, radius and length (M, P) of its P points, in pixels.
    """
    points, modes, place, free = (part[f["variant"].squeeze(1)] for part in _skeletons())
    bend = torch.randn(len(points), 2, KNOTS, generator=generator) @ modes  # M x 2 x P
    x, y = (points - 0.5 + f["wobble"].unsqueeze(2) * bend).unbind(1)  # M x P each
    x = x * f["aspect"] - y * f["slant"].deg2rad().tan()
    cos, sin = f["rotation"].deg2rad().cos(), f["rotation"].deg2rad().sin()
    x, y = x * cos - y * sin, x * sin + y * cos
    side = torch.maximum(*(c.amax(1, True) - c.amin(1, True) for c in (x, y)))
    zoom = (BOX * f["scale"] - f["width"]) / side
    x, y = x * zoom, y * zoom
    radius = f["width"] / 2 * (1 + f["pressure"] * place)
    lifted = place.diff() < 0  # the pen moves to its next stroke
    gap = F.pad(torch.hypot(x.diff(), y.diff()).masked_fill(lifted, 0), (1, 1))
    length = (gap[:, 1:] + gap[:, :-1] + free * CAP) / 2
    mass = length * radius
    mass = mass / mass.sum(1, True)
    x = x - (x * mass).sum(1, True) + CENTRE + f["shift_x"]
    y = y - (y * mass).sum(1, True) + CENTRE + f["shift_y"]
    return x, y, radius, length


def _ink(x, y, radius, length, mean_radius):
    """Images (M, 28, 28) of strokes: 1 inside, 0 outside, a ramp of EDGE pixels between them.

    The distance d of a pixel q to a stroke is a soft minimum over the points p of the stroke,
    exp(-d^2 / 2 b^2) = sum_p l_p exp(-(|q - p|^2 - r_p^2 + r^2) / 2 b^2) / (sqrt(2 pi) b)
    with length l_p, radius r_p, mean radius r and b = BLUR. Along a straight line of even radius
    it is the distance itself. It factors in x and y: one matrix product for all pixels.
    """
    near_x, near_y = (
        torch.exp(-((c.unsqueeze(2) - torch.arange(28)) ** 2) / (2 * BLUR**2)) for c in (x, y)
    )  # M x P x 28 each
    weight = length / CAP * torch.exp((radius**2 - mean_radius**2) / (2 * BLUR**2))
    total = near_y.transpose(1, 2) @ (near_x * weight.unsqueeze(2))  # M x 28 x 28
    distance = (-2 * BLUR**2 * total.clamp(1e-30, 1).log()).sqrt()
    return ((mean_radius.unsqueeze(2) - distance) / EDGE + 0.5).clamp(0, 1)
