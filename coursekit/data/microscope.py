"""A fluorescence microscope and its camera: light becomes an image, and then one with noise.

For chapters 04 and 10, through `coursekit.data.tissue`.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage


class Microscope(NamedTuple):
    """The settings of one slide; `microscope` draws them."""

    blur: float  # pixels, in focus; twice as much out of it
    stray: float  # share of the light that is spread over STRAY pixels
    ground: float  # light of the empty slide, cells having about 1
    slope: tuple[float, float]  # of the lamp: its relative change from the centre to the edge
    falloff: float  # of the lamp, at the edge and relative
    gain: float  # image value of light 1
    photons: float  # at image value 1
    read_noise: float  # standard deviation, image value


STRAY = 7.0


def microscope(rng: np.random.Generator) -> Microscope:
    """A slide's settings, between a good and a poor one."""
    return Microscope(
        blur=rng.uniform(0.7, 1.3),
        stray=rng.uniform(0.05, 0.15),
        ground=rng.uniform(0.02, 0.12),
        slope=tuple(rng.normal(0, 0.12, 2)),
        falloff=rng.uniform(0, 0.2),
        gain=rng.uniform(0.3, 0.65),
        photons=np.exp(rng.uniform(np.log(200), np.log(2000))),
        read_noise=rng.uniform(0.005, 0.02),
    )


def projected(light: np.ndarray, slide: Microscope) -> np.ndarray:
    """The image (H, W) in [0, 1], without noise, of light (2, H, W) out of focus and in focus."""
    y, x = (np.linspace(-1, 1, side) for side in light.shape[1:])
    blurred = ndimage.gaussian_filter(light[0], 2 * slide.blur)
    sharp = ndimage.gaussian_filter(light[1], slide.blur)
    stray = slide.stray * ndimage.gaussian_filter(light.sum(0), STRAY)
    down, right = np.meshgrid(y, x, indexing="ij")
    lamp = 1 + slide.slope[0] * right + slide.slope[1] * down
    lamp -= slide.falloff * (right**2 + down**2)
    return (slide.gain * lamp * (sharp + blurred + stray + slide.ground)).clip(0, 1)


def photographed(clean: np.ndarray, slide: Microscope, rng: np.random.Generator) -> np.ndarray:
    """What the camera makes of an image: photons counted (Poisson), then read out (Gaussian)."""
    counted = rng.poisson(slide.photons * clean) / slide.photons
    return (counted + rng.normal(0, slide.read_noise, clean.shape)).clip(0, 1)
