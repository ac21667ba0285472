"""`brief`: one short line, whatever the value."""

import numpy as np
import pytest
import torch

from coursekit.exercises.brief import brief


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (0.5, "0.5"),
        (np.float32(1 / 3), "0.333333"),
        (float("nan"), "nan"),
        (None, "None"),
        (True, "True"),
        ("five", "'five'"),
        (np.arange(3), "shape (3,): 0, 1, 2"),
        (np.zeros((0, 2)), "shape (0, 2): "),
        (np.array(2.5), "shape (): 2.5"),
        (np.array([[1, np.inf]]), "shape (1, 2): 1, inf"),
        (np.eye(3), "shape (3, 3): 1, 0, 0, 0, 1, ..."),
        (np.array([True, False]), "shape (2,): True, False"),
        ({"share": 0.5}, "{'share': 0.5}"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_a_value_in_one_line(value, text):
    assert brief(value) == text


@pytest.mark.parametrize("value", [torch.eye(9), "x" * 999, {n: n for n in range(999)}, [9] * 999])
def test_the_line_is_short(value):
    assert len(brief(value)) < 100 and "\n" not in brief(value)


def test_a_number_too_long_to_be_printed_is_short_too():
    assert len(brief([10**5000])) < 100
