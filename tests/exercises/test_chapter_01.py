"""Wrong answers to the exercises of chapter 01, and what each still earns."""

import itertools
import math
import re

import numpy as np
import pytest

from coursekit.exercises import check, find

RIGHT = {"largest": 6, "smallest": 1, "share": 6 / 7, "angle": 26.6, "standardised_share": 0.816}


def svd(data):
    return np.linalg.svd(data - data.mean(axis=0), full_matrices=False)


# 01.1: what is wrong with the five numbers, and the advice
SLIPS = [
    ({"share": 85.7}, 4, "give a fraction between 0 and 1"),
    ({"angle": math.atan(1 / 2)}, 4, "give degrees"),
    ({"angle": 63.4}, 4, "measure from the axis of the length"),
    ({"standardised_share": 0.857}, 4, "which matrix takes the place"),
    ({"largest": 1, "smallest": 6}, 3, "largest: 1 is not right yet"),
    ({"angle": 0, "share": 5 / 7}, 3, "angle: 0 is not right yet"),
    ({"largest": [6, 1]}, 4, r"largest: expected one number, got shape \(2,\)"),
]


@pytest.mark.parametrize(("slip", "points", "advice"), SLIPS)
def test_slips_in_01_1(slip, points, advice, capsys):
    assert check("01.1", lambda: RIGHT | slip) == points
    assert re.search(advice, capsys.readouterr().out)


def test_a_missing_number_in_01_1(capsys):
    assert check("01.1", lambda: {"largest": 6}) == 1
    assert "the dict has no 'share'; it has ['largest']" in capsys.readouterr().out


def test_no_dict_in_01_1(capsys):
    assert check("01.1", lambda: (6, 1)) == 0
    assert "expected a dict of numbers, got tuple" in capsys.readouterr().out


# 01.2


def not_centred(data, share):
    variances = np.linalg.svd(data, compute_uv=False) ** 2
    return np.searchsorted(np.cumsum(variances) / variances.sum(), share) + 1


def not_squared(data, share):
    singular = svd(data)[1]
    return np.searchsorted(np.cumsum(singular) / singular.sum(), share) + 1


def one_too_few(data, share):
    variances = svd(data)[1] ** 2
    return np.searchsorted(np.cumsum(variances) / variances.sum(), share)


def all_of_them(data, share):
    return data.shape[1]


def counts_its_calls():
    """The k of the calls as they once came, in their order."""
    turn = itertools.cycle([1, 2, 4, 8, 2, 4, 1, 3, 5])
    return lambda data, share: next(turn)


def fixed_thresholds(data, share):
    """Half the shares that a spectrum of variances 9, 9/4, 1, ... keeps."""
    variances = 1 / np.arange(1, min(len(data) - 1, data.shape[1]) + 1) ** 2
    return np.searchsorted(np.cumsum(variances) / variances.sum(), share) + 1


# 01.3


def noise_of_the_right_energy(train, test, k):
    right = fitted_to_the_test_rows(train, test, k)
    noise = np.random.default_rng(0).normal(size=test.shape)
    return test + noise * np.linalg.norm(right - test) / np.linalg.norm(noise)


def mean_of_the_test_rows(train, test, k):
    axes = svd(train)[2][:k]
    return test.mean(axis=0) + (test - test.mean(axis=0)) @ axes.T @ axes


def fitted_to_the_test_rows(train, test, k):
    axes = svd(test)[2][:k]
    return test.mean(axis=0) + (test - test.mean(axis=0)) @ axes.T @ axes


def mean_not_added(train, test, k):
    axes = svd(train)[2][:k]
    return (test - train.mean(axis=0)) @ axes.T @ axes


def copies(train, test, k):
    return test


def last_axes(train, test, k):
    axes = svd(train)[2][::-1][:k]
    return train.mean(axis=0) + (test - train.mean(axis=0)) @ axes.T @ axes


# 01.4


def ignores_the_decoder(decoder, data):
    return svd(data)[2][: decoder.shape[1]].T


def only_orthogonal(decoder, data):
    return np.linalg.qr(decoder)[0]


def only_normalised(decoder, data):
    return decoder / np.linalg.norm(decoder, axis=0)


def smallest_first(decoder, data):
    basis = np.linalg.qr(decoder)[0]
    return basis @ svd(data @ basis)[2][::-1].T


def raw_second_moment(decoder, data):
    basis = np.linalg.qr(decoder)[0]
    return basis @ np.linalg.svd(data @ basis, full_matrices=False)[2].T


WRONG = [
    ("01.2", not_centred, 3),
    ("01.2", not_squared, 0),
    ("01.2", one_too_few, 0),
    ("01.2", all_of_them, 0),
    ("01.2", counts_its_calls(), 0),
    ("01.2", fixed_thresholds, 0),
    ("01.3", noise_of_the_right_energy, 0),
    ("01.3", mean_of_the_test_rows, 2),
    ("01.3", fitted_to_the_test_rows, 2),
    ("01.3", mean_not_added, 0),
    ("01.3", copies, 0),
    ("01.3", last_axes, 1),
    ("01.4", ignores_the_decoder, 0),
    ("01.4", only_orthogonal, 2),
    ("01.4", only_normalised, 0),
    ("01.4", smallest_first, 2),
    ("01.4", raw_second_moment, 2),
]


@pytest.mark.parametrize(("number", "answer", "points"), WRONG)
def test_wrong_answers_are_rejected_with_any_seed(number, answer, points, score):
    assert [score(find(number), answer, seed) for seed in range(20)] == [points] * 20
