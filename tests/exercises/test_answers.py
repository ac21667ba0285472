"""Reading an answer: what passes, and the sentence for what does not."""

import numpy as np
import pytest
import torch

from coursekit.exercises.answers import (
    NotYet, read_array, read_count, read_number, require_close,
)


@pytest.mark.parametrize(
    "value", [[1, 2], (1.0, 2.0), np.array([1, 2], np.float32), torch.tensor([1.0, 2.0])]
)
def test_anything_that_is_an_array_of_numbers_passes(value):
    array = read_array(value, "the code", shape=(2,))
    assert array.dtype == np.float64 and array.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ones((5, 1)), r"the code: expected shape \(5,\), got shape \(5, 1\)"),
        (3.0, r"the code: expected shape \(5,\), got one number"),
        (None, "the code: expected numbers, got NoneType"),
        ("five", "the code: expected numbers, got str"),
        (["a"] * 5, "the code: expected numbers, got an array of <U1"),
        (np.ones(5, bool), "the code: expected numbers, got an array of bool"),
        (np.ones(5, complex), "the code: expected numbers, got an array of complex128"),
        ([1, 2, np.nan, np.inf, 5], "the code: 2 of 5 values are NaN or infinite"),
        ([[1, 2], [3]], r"the code: expected a NumPy array, got list \(.*inhomogeneous"),
        (torch.ones(5, requires_grad=True), r"expected a NumPy array, got Tensor \(.*detach"),
        ({"a": 1}, "the code: expected numbers, got dict"),
    ],
)
def test_what_is_no_such_array_is_described(value, message):
    with pytest.raises(NotYet, match=message):
        read_array(value, "the code", shape=(5,))


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float32(3), torch.tensor(3)])
def test_one_number(value):
    assert read_number(value, "k") == 3.0
    assert read_count(value, "k") == 3


def test_what_is_no_single_or_no_whole_number():
    with pytest.raises(NotYet, match=r"k: expected one number, got shape \(1,\)"):
        read_number(np.ones(1), "k")
    with pytest.raises(NotYet, match="k: expected a whole number, got 3.5"):
        read_count(3.5, "k")


def test_close_is_relative_to_the_largest_expected_value():
    require_close(np.array([1000.0, 0.05]), np.array([1000.0, 0.0]), "it")
    with pytest.raises(NotYet, match="it is off by up to 0.2"):
        require_close(np.array([1000.0, 0.2]), np.array([1000.0, 0.0]), "it")
