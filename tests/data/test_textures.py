from math import pi

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data.textures import TEXTURES, WAVES, linear_rgb, texture

PIXELS = torch.arange(32.0)[None]


def random(seed=0):
    return torch.rand(1, 2, WAVES, generator=torch.Generator().manual_seed(seed))


def paint(name, period=6.0, angle=0.0, x=PIXELS, y=PIXELS, seed=0):
    """A texture (32, 32)."""
    kind = torch.tensor([TEXTURES.index(name)])
    values = texture(kind, torch.tensor([period]), torch.tensor([angle]), x, y, random(seed))
    return values[0]


@given(st.sampled_from(TEXTURES), st.floats(3, 20), st.floats(-720, 720), st.integers(0, 2**31 - 1))
def test_values_lie_between_the_two_colours_and_vary(name, period, angle, seed):
    values = paint(name, period, angle, seed=seed)
    assert values.shape == (32, 32) and values.min() >= 0 and values.max() <= 1
    assert values.max() - values.min() > 0.2


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("stripes", 0.4, 0.6), ("checks", 0.4, 0.6), ("dots", 0.2, 0.4), ("clouds", 0.4, 0.6)],
)
def test_the_share_of_the_second_colour(name, low, high):
    shares = torch.stack([paint(name, seed=seed).mean() for seed in range(30)])
    assert low < shares.mean() < high


@pytest.mark.parametrize("degrees", [0.0, 30.0, 200.0])
def test_stripes_are_a_plane_wave(degrees):
    angle = torch.tensor(degrees).deg2rad()
    way = PIXELS * angle.cos() + PIXELS.T * angle.sin()
    wave = (2 * pi * way / 7 + 2 * pi * random()[0, 1, 0]).cos()
    wanted = (0.5 + 1.2 * wave).clamp(0, 1)
    assert (paint("stripes", 7.0, degrees) - wanted).abs().max() < 1e-4


@pytest.mark.parametrize("name", ["stripes", "checks", "dots"])
def test_a_pattern_comes_again_after_its_period(name):
    assert (paint(name, 6.0) - paint(name, 6.0, x=PIXELS + 6)).abs().max() < 1e-4
    assert (paint(name, 6.0) - paint(name, 6.0, x=PIXELS + 3)).abs().max() > 0.5


@pytest.mark.parametrize("name", TEXTURES)
def test_a_quarter_turn_is_clockwise(name):
    centred = PIXELS - 15.5
    plain, turned = (paint(name, angle=angle, x=centred, y=centred) for angle in (0.0, 90.0))
    assert (turned - plain.rot90(-1)).abs().max() < 1e-4


def test_clouds_are_correlated_near_and_not_far():
    values = torch.stack([paint("clouds", 10.0, seed=seed) for seed in range(200)]).flatten(1)
    centre = values.view(200, 32, 32)[:, 16, 8]
    near, far = (
        torch.corrcoef(torch.stack([centre, values.view(200, 32, 32)[:, 16, x]]))[0, 1]
        for x in (10, 28)
    )
    assert near > 0.6 and abs(far) < 0.3


@pytest.mark.parametrize(
    ("lightness", "chroma", "hue", "rgb"),
    [
        (1.0, 0.0, 77.0, (1, 1, 1)),
        (0.5, 0.0, 0.0, (0.125, 0.125, 0.125)),
        (0.62796, 0.25768, 29.234, (1, 0, 0)),
        (0.86644, 0.29483, 142.495, (0, 1, 0)),
        (0.45201, 0.31321, 264.052, (0, 0, 1)),
    ],
)
def test_known_colours(lightness, chroma, hue, rgb):
    """Black and white are the ends; the primaries' places are those of the CSS standard."""
    found = linear_rgb(torch.tensor([lightness]), chroma, torch.tensor([hue]))
    assert torch.allclose(found, torch.tensor([rgb], dtype=torch.float32), atol=1e-3)
