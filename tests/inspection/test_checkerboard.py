import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.inspection.checkerboard import checkerboard_energy, overlap


@pytest.mark.parametrize(
    ("kernel", "stride", "period"),
    [
        (4, 2, [2, 2]),
        (3, 2, [2, 1]),
        (5, 2, [3, 2]),
        (5, 3, [2, 2, 1]),
        (3, 3, [1, 1, 1]),
        (6, 3, [2, 2, 2]),
        (2, 3, [1, 1, 0]),
        (3, 1, [3]),
    ],
)
def test_the_overlaps_of_odena(kernel, stride, period):
    counts = overlap(12, kernel=kernel, stride=stride)
    start = stride * (-(-kernel // stride) - 1)  # where the ends are passed
    inside = counts[start : len(counts) - kernel + 1].tolist()
    assert len(inside) >= 2 * stride
    assert inside == (period * len(inside))[: len(inside)]


small = st.integers(1, 7)


@given(st.integers(1, 12), small, small)
def test_overlaps_are_the_outputs_that_each_input_reaches_counted_one_by_one(size, kernel, stride):
    counts = [0] * (stride * (size - 1) + kernel)
    for i in range(size):
        for k in range(kernel):
            counts[i * stride + k] += 1
    assert overlap(size, kernel=kernel, stride=stride).tolist() == counts


@given(small, small)
def test_overlaps_are_even_if_and_only_if_the_stride_divides_the_kernel(kernel, stride):
    counts = overlap(20, kernel=kernel, stride=stride)[kernel : -kernel or None]
    assert (counts.unique().numel() == 1) == (kernel % stride == 0)


@given(small, small)
def test_in_two_dimensions_it_is_the_outer_product(kernel, stride):
    counts = F.conv_transpose2d(
        torch.ones(1, 1, 5, 6), torch.ones(1, 1, kernel, kernel), stride=stride
    )[0, 0]
    expected = torch.outer(
        overlap(5, kernel=kernel, stride=stride), overlap(6, kernel=kernel, stride=stride)
    )
    assert torch.equal(counts.long(), expected)


def test_the_gradient_of_a_strided_convolution_has_the_same_pattern():
    x = torch.zeros(1, 1, 21, requires_grad=True)
    F.conv1d(x, torch.ones(1, 1, 3), stride=2).sum().backward()
    assert torch.equal(x.grad[0, 0].long(), overlap(10, kernel=3, stride=2))


@pytest.mark.parametrize("name", ["size", "kernel", "stride"])
def test_numbers_below_one_and_fractions_are_refused(name):
    valid = {"size": 4, "kernel": 3, "stride": 2}
    with pytest.raises(ValueError, match=f"^{name} must be at least 1, got 0$"):
        overlap(**valid | {name: 0})
    with pytest.raises(TypeError, match=f"^{name} must be a whole number, got the float 2.5$"):
        overlap(**valid | {name: 2.5})


def wave(period, size=32):
    """A cosine of the given period across the columns, 1 x 1 x size x size."""
    x = torch.arange(size, dtype=torch.float64)
    return torch.cos(2 * torch.pi * x / period).expand(1, 1, size, size)


@pytest.mark.parametrize(
    ("period", "stride", "energy"),
    [(2, 2, 1), (4, 2, 0), (4, 4, 1), (2, 4, 1), (8, 4, 0), (16, 2, 0)],
)
def test_patterns_of_the_period_have_all_the_energy_and_others_none(period, stride, energy):
    for images in (wave(period), wave(period).mT, 0.3 + 5 * wave(period)):
        found = checkerboard_energy(images, stride=stride).item()
        assert found == pytest.approx(energy, abs=1e-12)


def test_a_sum_of_patterns_has_the_share_of_its_part():
    images = wave(8) + 0.5 * wave(2)  # energies 1/2 and 1/4
    assert checkerboard_energy(images).item() == pytest.approx(1 / 3)
    channels = torch.cat([wave(8), 0.5 * wave(2)], dim=1)
    assert checkerboard_energy(channels).item() == pytest.approx(1 / 3)


@pytest.mark.parametrize("stride", [2, 4])
def test_white_noise_has_the_share_of_the_frequencies(stride):
    images = torch.randn(400, 1, 16, 24, generator=torch.Generator().manual_seed(0))
    expected = ((stride - 1) * (16 + 24) - (stride - 1) ** 2) / (16 * 24 - 1)
    shares = checkerboard_energy(images, stride=stride)
    assert shares.mean().item() == pytest.approx(expected, abs=5 * shares.std().item() / 20)
    if stride == 2:
        assert pytest.approx(0.031, abs=1e-4) == (64 + 64 - 1) / (64 * 64 - 1)


@given(st.integers(0, 100), st.sampled_from([2, 3, 6]))
def test_the_energy_is_a_share_that_brightness_and_contrast_leave(seed, stride):
    images = torch.rand(3, 2, 6, 12, generator=torch.Generator().manual_seed(seed)).double()
    shares = checkerboard_energy(images, stride=stride)
    assert shares.shape == (3,) and (shares >= 0).all() and (shares <= 1).all()
    assert torch.allclose(checkerboard_energy(3 * images - 1, stride=stride), shares, rtol=1e-9)
    assert torch.allclose(checkerboard_energy(images.roll((1, 2), (2, 3)), stride=stride), shares)


def test_a_constant_image_has_none():
    assert checkerboard_energy(torch.full((2, 3, 6, 6), 0.3)).tolist() == [0, 0]


def generator(upsample, seed):
    torch.manual_seed(seed)
    return nn.Sequential(*upsample(16, 16), nn.ReLU(), *upsample(16, 1))


def transposed(kernel):
    def upsample(c_in, c_out):
        return [
            nn.ConvTranspose2d(c_in, c_out, kernel, 2, padding=1, output_padding=int(kernel == 3))
        ]

    return upsample


def resize(c_in, c_out):
    return [nn.Upsample(scale_factor=2), nn.Conv2d(c_in, c_out, 3, padding=1)]


def test_untrained_transposed_convolutions_draw_checkerboards_and_resizing_does_not():
    def energy(upsample):
        codes = torch.rand(4, 16, 8, 8, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            images = [generator(upsample, seed)(codes) for seed in range(10)]
        return torch.stack([checkerboard_energy(image).mean() for image in images]).mean()

    resized = energy(resize)
    assert energy(transposed(3)) > 5 * resized
    assert resized < (32 + 32 - 1) / (32 * 32 - 1)  # white noise


@pytest.mark.parametrize(
    ("images", "stride", "message"),
    [
        (torch.zeros(3, 8, 8), 2, r"images must be \(N, C, H, W\) .*got \(3, 8, 8\)"),
        (torch.zeros(1, 1, 8, 9), 2, "divide the 8 x 9 pixels of images, got 2; crop them"),
        (torch.zeros(1, 1, 8, 8), 1, "stride must be at least 2, got 1"),
    ],
)
def test_images_without_the_frequency_are_refused(images, stride, message):
    with pytest.raises(ValueError, match=message):
        checkerboard_energy(images, stride=stride)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_one_value_that_is_not_finite_is_refused(value):
    """It gave an energy of 0: no checkerboard at all."""
    images = torch.rand(2, 1, 8, 8)
    images[0, 0, 0, 0] = value
    with pytest.raises(ValueError, match="images must be finite, got 1 NaN or infinite values"):
        checkerboard_energy(images)
