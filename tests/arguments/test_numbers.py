"""Checks of numbers and lists: the value in the caller's form, or its name."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from coursekit.arguments import (
    MOST,
    MOST_SEED,
    check_count,
    check_counts,
    check_number,
    check_numbers,
    check_seed,
    describe,
)
from tests.arguments.refusing import refused

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_a_count_is_an_int(value):
    assert check_count("n", value) == 3 and type(check_count("n", value)) is int


@pytest.mark.parametrize("value", [True, np.bool_(True), 3.0, "3", None, [3], torch.tensor(3), 3j])
def test_what_is_no_whole_number_is_refused(value):
    message = f"n must be a whole number, got {describe(value)}"
    refused(TypeError, message, check_count, "n", value)
    refused(TypeError, message.replace("n", "n[1]", 1), check_counts, "n", [1, value])
    if value is not None:
        refused(TypeError, message, check_seed, "n", value)


def test_counts_have_bounds():
    assert check_count("n", 0, least=0) == 0 and check_count("n", MOST) == MOST
    refused(ValueError, "n must be at least 1, got 0", check_count, "n", 0)
    refused(ValueError, "n must be at least -2, got -3", check_count, "n", -3, -2, 5)
    refused(ValueError, "n must be at most 5, got 6", check_count, "n", 6, -2, 5)
    refused(ValueError, f"n must be at most {MOST}, got {10**15}", check_count, "n", 10**15)


def test_a_seed_may_be_none_zero_or_large():
    assert check_seed("seed", None) is None
    assert check_seed("seed", 0) == 0 and check_seed("seed", 2**63 - 1) == 2**63 - 1
    refused(ValueError, "seed must be at least 0, got -1", check_seed, "seed", -1)
    refused(ValueError, f"seed must be at most {2**63 - 1}, got {2**63}", check_seed, "seed", 2**63)
    torch.Generator().manual_seed(MOST_SEED)


@pytest.mark.parametrize(
    "values", [[3, 4], (3, 4), range(3, 5), np.array([3, 4]), torch.tensor([3, 4]), iter([3, 4])]
)
def test_counts_come_as_a_list_of_ints(values):
    found = check_counts("widths", values)
    assert found == [3, 4] and {type(value) for value in found} == {int}


@pytest.mark.parametrize(
    "values", ["34", b"34", 3, None, {3: 4}, {3, 4}, np.array(3), torch.tensor(3)]
)
def test_what_is_no_list_is_refused(values):
    got = describe(values)
    message = f"v must be a list of whole numbers, got {got}"
    refused(TypeError, message, check_counts, "v", values)
    message = f"v must be [a, b], got {got}"
    refused(TypeError, message, check_counts, "v", values, form="[a, b]")
    refused(TypeError, f"v must be a list of numbers, got {got}", check_numbers, "v", values)


def test_lists_have_a_least_length_and_their_numbers_bounds():
    assert check_counts("v", [], fewest=0) == check_numbers("v", [], fewest=0) == []
    message = "v must be [a, b], 2 numbers or more, got [3]"
    refused(ValueError, message, check_counts, "v", [3], 2, form="[a, b]")
    refused(ValueError, "v[1] must be at least 1, got 0", check_counts, "v", [3, 0])
    refused(ValueError, "v must hold 2 numbers or more, got [0.5]", check_numbers, "v", [0.5], 2)
    refused(
        ValueError, "v[1] must be at most 1, got 2", check_numbers, "v", [0.5, 2], low=0, high=1
    )
    refused(TypeError, "v[0] must be a number, got the str 'a'", check_numbers, "v", ["a"])
    refused(
        TypeError, "v[0] must be a number, got the list [1.0]", check_numbers, "v", torch.ones(1, 1)
    )
    assert check_numbers("v", torch.tensor([0.5, 1])) == check_numbers("v", (0.5, 1)) == [0.5, 1.0]


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.float16(2), np.int64(2), Fraction(4, 2)]
)
def test_a_number_is_a_float(value):
    assert check_number("p", value) == 2.0 and type(check_number("p", value)) is float


@pytest.mark.parametrize("value", [True, "2", None, [2.0], torch.tensor(2.0), 2j, np.ones(1)])
def test_what_is_no_number_is_refused(value):
    refused(TypeError, f"p must be a number, got {describe(value)}", check_number, "p", value)


@pytest.mark.parametrize("value", [NAN, INF, -INF, np.float32("nan"), 10**400])
def test_what_is_not_finite_is_refused(value):
    refused(ValueError, f"p must be a finite number, got {value}", check_number, "p", value)


def test_numbers_have_bounds_with_and_without_their_ends():
    assert check_number("p", 0, 0, 1) == 0 and check_number("p", 1, 0, 1) == 1
    refused(ValueError, "p must be at least 0, got -0.1", check_number, "p", -0.1, 0, 1)
    refused(ValueError, "p must be at most 1, got 1.1", check_number, "p", 1.1, 0, 1)
    refused(ValueError, "p must be above 0, got 0", check_number, "p", 0, above=0)
    refused(ValueError, "p must be below 1, got 1.0", check_number, "p", 1.0, 0, below=1)
    assert check_number("p", 0.5, above=0, below=1) == 0.5
