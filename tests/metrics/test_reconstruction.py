import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.metrics.reconstruction import psnr, ssim

every_score = pytest.mark.parametrize("score", [psnr, ssim], ids=["psnr", "ssim"])


def images(n=3, c=1, h=20, w=24, seed=0, peak=1.0):
    generator = torch.Generator().manual_seed(seed)
    return peak * torch.rand(n, c, h, w, generator=generator, dtype=torch.float64)


def noisy(x, peak=1.0):
    return x + 0.1 * peak * torch.randn(x.shape, generator=torch.Generator().manual_seed(9))


@pytest.mark.parametrize("peak", [1.0, 255.0])
def test_psnr_agrees_with_scikit_image(peak):
    metrics = pytest.importorskip("skimage.metrics")
    x, y = noisy(images(peak=peak), peak), images(peak=peak)
    expected = [
        metrics.peak_signal_noise_ratio(b.numpy(), a.numpy(), data_range=peak) for a, b in zip(x, y)
    ]
    assert psnr(x, y, peak=peak).tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("peak", [1.0, 255.0])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 11, 11), (2, 17, 40)])
def test_ssim_agrees_with_scikit_image_as_wang_defines_it(shape, peak):
    metrics = pytest.importorskip("skimage.metrics")
    y = images(3, *shape, peak=peak)
    x = noisy(y, peak)
    expected = [
        metrics.structural_similarity(
            b.numpy(),
            a.numpy(),
            data_range=peak,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            channel_axis=0,
        )
        for a, b in zip(x, y)
    ]
    assert ssim(x, y, peak=peak).tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("error", [0.1, 0.01, 0.5])
def test_a_constant_error_has_its_decibels(error):
    target = images() / 2
    expected = [-20 * math.log10(error)] * 3
    assert psnr(target + error, target).tolist() == pytest.approx(expected)


def test_psnr_of_equal_images_is_infinite():
    assert torch.isposinf(psnr(images(), images())).all()


def test_psnr_takes_flat_images():
    x, y = noisy(images()), images()
    assert torch.equal(psnr(x.flatten(1), y.flatten(1)), psnr(x, y))


@given(c=st.integers(1, 3), h=st.integers(11, 20), w=st.integers(11, 20), seed=st.integers(0, 99))
def test_an_image_is_like_itself_and_likeness_is_mutual(c, h, w, seed):
    x, y = images(2, c, h, w, seed), images(2, c, h, w, seed + 1)
    assert ssim(x, x).tolist() == pytest.approx([1, 1], abs=1e-12)
    assert ssim(x, y).tolist() == pytest.approx(ssim(y, x).tolist(), abs=1e-12)
    assert (ssim(x, y) < 0.9).all()


def test_ssim_of_constant_images_compares_their_means():
    x, y = torch.full((1, 1, 16, 16), 0.2), torch.full((1, 1, 16, 16), 0.6)
    expected = (2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4)
    assert ssim(x, y).item() == pytest.approx(expected, rel=1e-6)


def test_ssim_punishes_blur_that_psnr_prefers_to_a_shift_of_brightness():
    target = images(1, 1, 32, 32)
    blurred = torch.nn.functional.avg_pool2d(target, 3, stride=1, padding=1)
    brighter = target + psnr(blurred, target).neg().div(20).mul(math.log(10)).exp()
    assert psnr(brighter, target).item() == pytest.approx(psnr(blurred, target).item())
    assert ssim(blurred, target) < 0.5 < ssim(brighter, target)


@every_score
@given(cut=st.integers(1, 4))
def test_every_image_has_its_own_score_whatever_the_batch(score, cut):
    x, y = noisy(images(5)), images(5)
    parts = torch.cat([score(x[:cut], y[:cut]), score(x[cut:], y[cut:])])
    assert parts.shape == (5,)
    assert torch.allclose(parts, score(x, y), rtol=1e-12)


@every_score
def test_less_noise_scores_higher(score):
    x, y = noisy(images()), images()
    assert (score((x + y) / 2, y) > score(x, y)).all()


@every_score
def test_images_in_float32_are_scored_in_float64(score):
    x, y = noisy(images()).float(), images().float()
    assert torch.equal(score(x, y), score(x.double(), y.double()))


@every_score
def test_images_of_another_shape_are_refused(score):
    with pytest.raises(
        ValueError,
        match=r"output must be \(3, 1, 20, 24\) as the target is, "
        r"got \(1, 1, 20, 24\)",
    ):
        score(images(1), images(3))


@every_score
@pytest.mark.parametrize(
    ("target", "got"),
    [(255 * torch.ones(1, 1, 12, 12), "255 to 255"), (-torch.ones(1, 1, 12, 12), "-1 to -1")],
)
def test_images_in_another_range_are_refused_with_the_fix(score, target, got):
    with pytest.raises(ValueError, match=rf"target must be from 0 to 1.0, got {got}; rescale"):
        score(target, target)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 1, 10, 28), "at least 11 pixels high and wide, got 10 x 28"),
        ((2, 1, 28, 10), "at least 11 pixels high and wide, got 28 x 10"),
        ((28, 28), r"target must be \(N, C, H, W\) .* got \(28, 28\)"),
    ],
)
def test_images_without_room_for_the_window_are_refused(shape, message):
    with pytest.raises(ValueError, match=message):
        ssim(torch.zeros(shape), torch.zeros(shape))


@every_score
@pytest.mark.parametrize("name", ["output", "target"])
def test_missing_values_and_whole_numbers_are_refused(score, name):
    pair = {"output": noisy(images()), "target": images()}
    with pytest.raises(ValueError, match=f"^{name} must be .* floating point"):
        score(**pair | {name: (255 * pair[name]).to(torch.uint8)}, peak=255)
    pair[name][1, 0, 5, 6] = math.nan
    with pytest.raises(ValueError, match=f"^{name} must be .* NaN"):
        score(**pair)


@every_score
def test_images_in_half_precision_are_scored_in_float64(score):
    x, y = noisy(images()).half(), images().half()
    assert torch.equal(score(x, y), score(x.double(), y.double()))


@every_score
@pytest.mark.parametrize("peak", [0, -1.0, math.nan])
def test_peaks_that_are_none_are_refused(score, peak):
    with pytest.raises(ValueError, match=f"^peak must be .* got {peak}"):
        score(images(), images(), peak=peak)
