"""Wrong answers to the exercises of chapter 02, and what each still earns."""

import math

import numpy as np
import pytest

from coursekit.exercises import check, find
from coursekit.exercises.chapter_01 import reconstruct as pca

RIGHT = {
    "parameters": 419120,
    "tied_parameters": 210224,
    "mse": 0.0319,
    "rmse_grey_levels": 45.5,
    "blank_bce": 543.427,
}

# 02.1: what is wrong with the five numbers, and the advice
SLIPS = [
    ({"parameters": 417792}, 4, "every layer also has biases"),
    ({"parameters": 210224}, 4, "the decoder counts as well"),
    ({"tied_parameters": 208896}, 4, "the biases are not shared"),
    ({"tied_parameters": 209560}, 4, "209560 is not right yet"),
    ({"parameters": 419121}, 4, "419121 is not right yet"),
    ({"rmse_grey_levels": 0.1786}, 4, "give grey levels of 0..255"),
    ({"rmse_grey_levels": 8.13}, 4, "the square root is missing"),
    ({"blank_bce": 0.693}, 4, "this is one pixel"),
    ({"blank_bce": 784}, 4, "this is in bits"),
    ({"mse": 25 / 28, "blank_bce": math.nan}, 3, "mse: 0.8928571429 is not right yet"),
]


@pytest.mark.parametrize(("slip", "points", "advice"), SLIPS)
def test_slips_in_02_1(slip, points, advice, capsys):
    assert check("02.1", lambda: RIGHT | slip) == points
    assert advice in capsys.readouterr().out


def test_02_1_right():
    assert check("02.1", lambda: RIGHT) == 5


# 02.2


def log_softmax(logits):
    shifted = logits - logits.max(axis=2, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))


def loss(logits, levels):
    """Nats for each pixel, (N, D)."""
    return -np.take_along_axis(log_softmax(logits), levels[..., None], axis=2)[..., 0]


def levels_of(images):
    return np.minimum(16 * images, 15).astype(int)


def mean_over_pixels(logits, images):
    return loss(logits, levels_of(images)).mean()


def sum_over_batch(logits, images):
    return loss(logits, levels_of(images)).sum()


def in_bits(logits, images):
    return loss(logits, levels_of(images)).sum(axis=1).mean() / np.log(2)


def overflows(logits, images):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        chosen = np.take_along_axis(p, levels_of(images)[..., None], axis=2)
        return -np.log(chosen).sum(axis=(1, 2)).mean()


def clips_the_probability(logits, images):
    p = np.clip(np.exp(log_softmax(logits)), 1e-12, 1)
    chosen = np.take_along_axis(p, levels_of(images)[..., None], axis=2)
    return -np.log(chosen).sum(axis=(1, 2)).mean()


def rounds_to_levels(logits, images):
    return loss(logits, np.round(15 * images).astype(int)).sum(axis=1).mean()


# 02.3


def ignores_ties(scores, labels):
    return (scores[labels == 1][:, None] > scores[labels == 0]).mean()


def ties_as_wins(scores, labels):
    return (scores[labels == 1][:, None] >= scores[labels == 0]).mean()


def reversed_order(scores, labels):
    gap = scores[labels == 0][:, None] - scores[labels == 1]
    return (gap > 0).mean() + (gap == 0).mean() / 2


def never_below_half(scores, labels):
    gap = scores[labels == 1][:, None] - scores[labels == 0]
    auc = (gap > 0).mean() + (gap == 0).mean() / 2
    return max(auc, 1 - auc)


def accuracy(scores, labels):
    return ((scores > np.median(scores)) == labels).mean()


# 02.4


def mean_of_train(train, test, code_size):
    return np.tile(train.mean(axis=0), (len(test), 1))


def copies(train, test, code_size):
    return test


def nearest_training_row(train, test, code_size):
    distances = ((test[:, None] - train) ** 2).sum(axis=2)
    return train[distances.argmin(axis=1)]


def copies_what_it_knows(train, test, code_size):
    known = np.linalg.norm(test - nearest_training_row(train, test, code_size), axis=1) < 0.2
    return np.where(known[:, None], test, train.mean(axis=0))


def pca_with_twice_the_code(train, test, code_size):
    return pca(train, test, 4 * code_size)


WRONG = [
    ("02.2", mean_over_pixels, 0),
    ("02.2", sum_over_batch, 1),  # the last test has one image only
    ("02.2", in_bits, 0),
    ("02.2", overflows, 4),
    ("02.2", clips_the_probability, 4),
    ("02.2", rounds_to_levels, 4),
    ("02.3", ignores_ties, 2),
    ("02.3", ties_as_wins, 2),
    ("02.3", reversed_order, 0),
    ("02.3", never_below_half, 4),
    ("02.3", accuracy, 0),
    ("02.4", pca, 2),
    ("02.4", mean_of_train, 0),
    ("02.4", copies, 0),
    ("02.4", nearest_training_row, 0),
    ("02.4", copies_what_it_knows, 0),
    ("02.4", pca_with_twice_the_code, 0),
]


@pytest.mark.parametrize(("number", "answer", "points"), WRONG)
def test_wrong_answers_are_rejected_with_any_seed(number, answer, points, score):
    assert [score(find(number), answer, seed) for seed in range(20)] == [points] * 20


def test_a_code_size_of_its_own_is_noticed_in_02_4(solutions, score):
    def always_two(train, test, code_size):
        return solutions["02.4"](train, test, 2)

    assert score(find("02.4"), always_two, seed=0) == 4


def test_02_4_says_how_far_the_answer_is(capsys):
    check("02.4", copies)
    assert "beyond 1 direction(s)" in capsys.readouterr().out
    check("02.4", pca)
    assert "squared error" in capsys.readouterr().out
