import warnings

import pytest
import torch
import torch.nn.functional as F
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from torch import nn

from coursekit.data import load, textured_shapes

PIXELS = 3 * 32 * 32
SEEDS = (0, 1)


def check_form(data, n_train, n_test):
    train = data.train_images, data.train_labels, n_train
    for images, labels, n in train, (data.test_images, data.test_labels, n_test):
        assert images.shape == (n, 3, 32, 32) and images.dtype == torch.float32
        assert images.is_contiguous() and images.min() == 0 and images.max() == 1
        assert labels.dtype == torch.int64 and labels.bincount().tolist() == [n // 10] * 10


def no_image_twice(data):
    every = torch.cat([data.train_images, data.test_images])
    return len({image.numpy().tobytes() for image in every}) == len(every)


@pytest.mark.data("cifar10_subset.npz")
def test_cifar10_has_its_sizes_and_its_classes_in_the_published_order():
    data = load("cifar10")
    check_form(data, 15_000, 4_000)
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    assert data.class_names == tuple(names.split())
    assert data.train_labels[:10].tolist() == [7, 4, 8, 0, 5, 3, 6, 9, 2, 3]


@pytest.mark.data("cifar10_subset.npz")
def test_the_colours_are_those_of_the_whole_of_cifar10():
    """Red, green and blue, whose means and deviations over all 50,000 images are well known."""
    images = load("cifar10").train_images
    assert images.mean((0, 2, 3)).tolist() == pytest.approx([0.4914, 0.4822, 0.4465], abs=5e-3)
    assert images.std((0, 2, 3)).tolist() == pytest.approx([0.2470, 0.2435, 0.2616], abs=5e-3)


@pytest.mark.data("cifar10_subset.npz")
def test_no_photograph_stands_twice():
    assert no_image_twice(load("cifar10"))


@pytest.mark.data("cifar10_subset.npz")
def test_the_photographs_stand_upright():
    """The sky is above: ships and airplanes are brighter at the top; rows are not columns."""
    data = load("cifar10")
    planes = data.train_images[(data.train_labels == 0) | (data.train_labels == 8)].mean((0, 1))
    assert planes[:4].mean() > planes[-4:].mean() + 0.03
    assert abs(planes[:, :4].mean() - planes[:, -4:].mean()) < 0.01


def test_textured_shapes_have_the_same_form_and_balanced_classes():
    data = load("textured-shapes")
    check_form(data, 8_000, 2_000)
    names = "disc ring square triangle star cross crescent heart arrow hourglass"
    assert data.class_names == tuple(names.split())
    assert no_image_twice(data)


# ---------------------------------------------------------------------------- difficulty


def parts(seed):
    """4,000 images to learn from and 1,000 to test, standardised, and their labels."""
    for n, first in (4_000, 100), (1_000, 200):
        images, labels, *_ = textured_shapes(n, seed=first + seed)
        yield (images - 0.35) / 0.22, labels


def convolutional():
    layers = []
    for channels, width in (3, 16), (16, 32), (32, 64):
        layers += nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 4 * 4, 10))


def connected():
    first, last = nn.Linear(PIXELS, 11), nn.Linear(11, 10)
    return nn.Sequential(nn.Flatten(), first, nn.ReLU(), nn.Linear(11, 11), nn.ReLU(), last)


def accuracy(make, seed, epochs=5):
    """On the test images, after `epochs` of Adam."""
    (images, labels), (test_images, test_labels) = parts(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = make().to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
        for _ in range(epochs):
            for batch in torch.randperm(len(labels)).split(64):
                optimizer.zero_grad()
                F.cross_entropy(model(images[batch]), labels[batch]).backward()
                optimizer.step()
    with torch.no_grad():
        return (model(test_images).argmax(1) == test_labels).double().mean().item()


def test_both_networks_have_as_many_parameters():
    sizes = [sum(p.numel() for p in make().parameters()) for make in (convolutional, connected)]
    assert sizes == [33_834, 34_055]


@pytest.mark.parametrize("seed", SEEDS)
def test_textured_shapes_need_convolution(seed):
    """Measured over six seeds: 0.69 to 0.74 against 0.21 to 0.26."""
    assert accuracy(convolutional, seed) > accuracy(connected, seed) + 0.3


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("c", [1e-4, 1e-2])
def test_a_linear_classifier_cannot_tell_them_apart(seed, c):
    """Measured over six seeds: 0.17 to 0.23; chance is 0.1."""
    train, test = ((images.flatten(1), labels) for images, labels in parts(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early, another regulariser
        model = LogisticRegression(C=c, max_iter=30).fit(*train)
    assert model.score(*test) < 0.4
