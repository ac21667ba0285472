import numpy as np
import pytest
import torch
import torch.nn.functional as F

from coursekit.data import gaussian_noise, load, touching_cells


@pytest.fixture(scope="module")
def patches():
    return load("cell-patches")


def check_form(images, instances, n, size):
    assert images.shape == (n, 1, size, size) and images.dtype == torch.float32
    assert images.min() >= 0 and images.max() <= 1
    assert instances.shape == (n, size, size) and instances.dtype == torch.int64
    for cells in instances:
        numbers = cells.unique()
        assert torch.equal(numbers, torch.arange(len(numbers)))


def check_stretched(images):
    assert (images.amin((1, 2, 3)) == 0).all() and (images.amax((1, 2, 3)) == 1).all()


def test_touching_cells_are_few_and_noisy():
    data = load("cells")
    check_form(data.train_images, data.train_instances, 30, 128)
    check_form(data.test_images, data.test_instances, 20, 128)
    drawn = touching_cells(30, seed=1)
    assert torch.equal(data.train_images, drawn.images)
    assert (data.train_images - drawn.clean).std() > 0.005


def test_patches_of_cells_are_clean_and_stretched(patches):
    check_form(patches.train_images, patches.train_instances, 300, 64)
    check_form(patches.test_images, patches.test_instances, 100, 64)
    check_stretched(patches.train_images)
    check_stretched(patches.test_images)
    assert (patches.train_instances.amax((1, 2)) > 0).all()


def test_no_test_image_is_in_the_training_set(patches):
    for data in load("cells"), patches:
        train = {image.numpy().tobytes() for image in data.train_images}
        assert len(train) == len(data.train_images)
        assert not train & {image.numpy().tobytes() for image in data.test_images}


def left_over(clean):
    """Squared error of smoothed noisy patches over that of noisy ones, noise of 0.3."""
    noisy = gaussian_noise(clean, 0.3, generator=torch.Generator().manual_seed(0))
    smooth = F.avg_pool2d(noisy, 5, 1, padding=2, count_include_pad=False)
    return ((smooth - clean).square().mean() / (noisy - clean).square().mean()).item()


def test_averaging_over_neighbours_removes_most_of_the_noise(patches):
    """A denoiser has to do better than that."""
    assert 0.03 < left_over(patches.test_images) < 0.2


@pytest.mark.data("dsb2018_nuclei.npz")
def test_drawn_patches_are_as_hard_to_denoise_as_real_ones(patches):
    real = load("nucleus-patches")
    assert left_over(patches.test_images) == pytest.approx(left_over(real.test_images), rel=0.3)


@pytest.mark.data("dsb2018_nuclei.npz")
def test_nuclei_are_all_there():
    data = load("nuclei")
    check_form(data.train_images, data.train_instances, 267, 256)
    check_form(data.test_images, data.test_instances, 67, 256)
    most = [
        instances.amax((1, 2)).sum() for instances in (data.train_instances, data.test_instances)
    ]
    assert sum(most) == 9_543
    inside = data.train_instances > 0
    images = data.train_images[:, 0]
    assert images[inside].mean() > 3 * images[~inside].mean()


@pytest.mark.data("dsb2018_nuclei.npz")
def test_patches_of_nuclei_are_the_fullest_windows():
    whole, patches = load("nuclei"), load("nucleus-patches")
    check_form(patches.train_images, patches.train_instances, 267, 64)
    check_form(patches.test_images, patches.test_instances, 67, 64)
    check_stretched(patches.train_images)
    for cells, patch in zip(whole.train_instances[:20].numpy(), patches.train_instances[:20]):
        windows = np.lib.stride_tricks.sliding_window_view(cells > 0, (64, 64))[::8, ::8]
        assert (patch > 0).sum() == windows.sum(axis=(2, 3)).max()
