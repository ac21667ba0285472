import numpy as np
import pytest

from coursekit.data.microscope import Microscope, microscope, photographed, projected

PLAIN = Microscope(
    blur=1.0,
    stray=0.0,
    ground=0.1,
    slope=(0.0, 0.0),
    falloff=0.0,
    gain=0.5,
    photons=1_000.0,
    read_noise=0.01,
)


def point(layer=1):
    light = np.zeros((2, 65, 65))
    light[layer, 32, 32] = 1
    return light


def width(image):
    """Standard deviation in pixels of the light of a point in the middle, along x."""
    light = (image - image.min()).sum(axis=0)
    return np.sqrt((light * (np.arange(65) - 32) ** 2).sum() / light.sum())


def test_an_empty_slide_has_the_light_of_the_ground():
    assert np.allclose(projected(np.zeros((2, 8, 8)), PLAIN), 0.05)


def test_a_point_is_spread_and_twice_as_much_out_of_focus():
    assert width(projected(point(), PLAIN)) == pytest.approx(1, rel=0.05)
    assert width(projected(point(0), PLAIN)) == pytest.approx(2, rel=0.05)
    total = projected(point(), PLAIN).sum() - 0.05 * 65**2
    assert total == pytest.approx(PLAIN.gain)


def test_stray_light_is_added_far_away():
    far = projected(10 * point(), PLAIN._replace(stray=0.2))[32, 44]
    assert far > projected(10 * point(), PLAIN)[32, 44] + 1e-4


def test_the_lamp_is_uneven():
    image = projected(np.zeros((2, 33, 33)), PLAIN._replace(slope=(0.2, 0.0), falloff=0.1))
    assert image[16, 16] == pytest.approx(0.05)
    assert image[16, 32] == pytest.approx(0.05 * (1 + 0.2 - 0.1))
    assert image[16, 0] == pytest.approx(0.05 * (1 - 0.2 - 0.1))
    assert image[0, 16] == pytest.approx(0.05 * 0.9)


def test_too_much_light_saturates():
    assert projected(np.full((2, 8, 8), 5.0), PLAIN).max() == 1


def test_noise_is_poisson_and_gaussian():
    """Variance of an even image: its value over the photons, plus the read-out's."""
    clean = np.full((300, 300), 0.4)
    noisy = photographed(clean, PLAIN, np.random.default_rng(0))
    assert noisy.mean() == pytest.approx(0.4, abs=1e-3)
    assert noisy.var() == pytest.approx(0.4 / 1_000 + 0.01**2, rel=0.03)


def test_slides_differ():
    one, two = (microscope(np.random.default_rng(seed)) for seed in (0, 1))
    assert one != two and one == microscope(np.random.default_rng(0))
