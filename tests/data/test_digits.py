import pytest
import torch

from coursekit.data import load


def check_form(images, labels, n):
    assert images.shape == (n, 1, 28, 28) and images.dtype == torch.float32
    assert images.min() == 0 and images.max() == 1
    assert labels.shape == (n,) and labels.dtype == torch.int64
    assert labels.unique().tolist() == list(range(10))


@pytest.mark.data("mnist.npz")
def test_mnist_has_its_published_sizes_and_class_counts():
    data = load("mnist")
    check_form(data.train_images, data.train_labels, 60_000)
    check_form(data.test_images, data.test_labels, 10_000)
    assert data.train_labels.bincount().tolist() == [
        5923,
        6742,
        5958,
        6131,
        5842,
        5421,
        5918,
        6265,
        5851,
        5949,
    ]
    assert data.test_labels.bincount().tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]


@pytest.mark.data("mnist.npz")
def test_mnist_is_in_its_original_order_and_has_its_known_mean_and_deviation():
    data = load("mnist")
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert data.train_images.mean().item() == pytest.approx(0.1307, abs=5e-5)
    assert data.train_images.std().item() == pytest.approx(0.3081, abs=5e-5)


def test_pen_digits_have_the_same_form_and_balanced_classes():
    data = load("pen-digits")
    check_form(data.train_images, data.train_labels, 8_000)
    check_form(data.test_images, data.test_labels, 2_000)
    assert data.train_labels.bincount().tolist() == [800] * 10
    assert data.test_labels.bincount().tolist() == [200] * 10


def test_no_pen_digit_of_the_test_set_is_in_the_training_set():
    data = load("pen-digits")
    train = {image.numpy().tobytes() for image in data.train_images}
    assert not train & {image.numpy().tobytes() for image in data.test_images}
