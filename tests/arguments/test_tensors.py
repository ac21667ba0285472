"""Checks of tensors: what is right comes back as it is, what is wrong is named."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.arguments import (
    check_alike,
    check_finite,
    check_input,
    check_integers,
    check_labels,
    check_range,
    check_tensor,
    within,
)
from tests.arguments.refusing import refused

NAN, INF = math.nan, math.inf
X = torch.rand(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))


# ---------------------------------------------------------------------------- tensors


@pytest.mark.parametrize(
    ("value", "got", "hint"),
    [
        (np.ones(2), "the ndarray array([1., 1.])", "; write torch.from_numpy(x)"),
        ([1.0, 2.0], "the list [1.0, 2.0]", "; write torch.tensor(x)"),
        ((1, 2), "the tuple (1, 2)", "; write torch.tensor(x)"),
        (3, "the int 3", "; write torch.tensor(x)"),
        (0.5, "the float 0.5", "; write torch.tensor(x)"),
        (
            pd.DataFrame({"a": [1]}),
            "one of type DataFrame",
            "; write torch.from_numpy(x.to_numpy())",
        ),
        (None, "None", ""),
        ("seven", "the str 'seven'", ""),
    ],
)
def test_what_is_no_tensor_is_answered_with_the_conversion(value, got, hint):
    message = f"x must be a tensor, got {got}{hint}"
    refused(TypeError, message, check_tensor, "x", value)
    refused(TypeError, message, check_input, "x", value, ("N",))
    refused(TypeError, message, check_labels, "x", value, 2)
    refused(TypeError, message, check_integers, "x", value, ("N",))
    refused(TypeError, message, check_alike, "x", value, X, "target")


@pytest.mark.parametrize(
    "shape",
    [("N", "C", "H", "W"), (2, 3, 4, 5), ("N", 3, "..."), ("...",), ("N", "C", "H", "W", "...")],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_an_input_of_the_shape_comes_back_as_it_is(shape, dtype):
    x = X.to(dtype)
    assert check_input("x", x, shape) is x
    assert check_integers("x", x.long(), shape).dtype == torch.int64


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (("N", 3, "H"), "(N, 3, H)"),
        (("N", 4, "H", "W"), "(N, 4, H, W)"),
        (("N",), "(N,)"),
        (("N", "C", "H", "W", "D", "..."), "(N, C, H, W, D, ...)"),
    ],
)
def test_another_shape_is_named(shape, words):
    got = "got (2, 3, 4, 5) torch.float32"
    refused(ValueError, f"x must be {words} floating point, {got}", check_input, "x", X, shape)
    message = f"x must be {words} floating point, {got}; crop it"
    refused(ValueError, message, check_input, "x", X, shape, "crop it")
    refused(
        ValueError,
        f"x must be {words} integer, got (2, 3, 4, 5) torch.int64",
        check_integers,
        "x",
        X.long(),
        shape,
    )


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool, torch.complex64])
def test_another_type_is_named_and_bools_are_no_integers(dtype):
    message = f"x must be (...) floating point, got (2,) {dtype}"
    refused(ValueError, message, check_input, "x", torch.zeros(2, dtype=dtype), ("...",))
    for other in (torch.float32, torch.bool):
        message = f"x must be (N,) integer, got (2,) {other}"
        refused(ValueError, message, check_integers, "x", torch.zeros(2, dtype=other), ("N",))


def test_only_the_number_of_examples_may_be_zero_unless_one_is_needed():
    assert check_input("x", X[:0], ("N", "C", "H", "W")).shape == (0, 3, 4, 5)
    message = "x must be (N, C, H, W) floating point, got (0, 3, 4, 5) torch.float32"
    refused(ValueError, message, check_input, "x", X[:0], ("N", "C", "H", "W"), fewest=1)
    message = "x must be (N, C, H, W) floating point, got (2, 0, 4, 5) torch.float32"
    refused(ValueError, message, check_input, "x", X[:, :0], ("N", "C", "H", "W"))
    message = "x must be (N,) integer, got (0,) torch.int64"
    refused(ValueError, message, check_integers, "x", torch.zeros(0).long(), ("N",), fewest=1)


def test_images_have_a_least_size():
    shape = ("N", "C", "H", "W")
    assert check_input("x", X, shape, smallest=4) is X
    message = "x must be at least 5 pixels high and wide, got 4 x 5; pad it"
    refused(ValueError, message, check_input, "x", X, shape, "pad it", smallest=5)


def test_an_input_has_the_type_and_device_of_the_weights():
    model, x = nn.Linear(5, 1), X[0, 0]
    assert check_input("x", x, ("N", 5), model=model) is x
    assert check_input("x", x.double(), ("N", 5), model=nn.ReLU()).dtype == torch.float64
    for wrong, got in (
        (x.double(), "torch.float64 on cpu"),
        (x.half(), "torch.float16 on cpu"),
        (x.to("meta"), "torch.float32 on meta"),
    ):
        message = (
            f"x must be torch.float32 on cpu as the weights are, got {got}; write x.to(weights)"
        )
        refused(ValueError, message, check_input, "x", wrong, ("N", 5), model=model)
    with torch.autocast("cpu", torch.bfloat16):
        assert check_input("x", x.bfloat16(), ("N", 5), model=model).dtype == torch.bfloat16
        with pytest.raises(ValueError, match="got torch.float64"):
            check_input("x", x.double(), ("N", 5), model=model)


def test_labels_are_int64_one_an_example_and_name_a_class():
    labels = torch.tensor([0, 4])
    assert check_labels("y", labels, 2) is check_labels("y", labels, 2, classes=5) is labels
    assert check_labels("y", labels[:0], 0, classes=5).numel() == 0
    refused(
        ValueError, "y must be from 0 to 3, got 0 to 4", check_labels, "y", labels, 2, classes=4
    )
    refused(
        ValueError,
        "y must be from 0 to 4, got -1 to 3",
        check_labels,
        "y",
        labels - 1,
        2,
        classes=5,
    )
    for wrong, got in ((labels.int(), "(2,) torch.int32"), (labels[None], "(1, 2) torch.int64")):
        with pytest.raises(ValueError) as raised:
            check_labels("y", wrong, 2)
        assert f"y must be (2,) int64, got {got}; " in str(raised.value)
        assert ".long() makes them so" in str(raised.value)


def test_nothing_is_broadcast():
    assert check_alike("output", X, X + 1, "target") is X
    message = "output must be (2,) as the target is, got (2, 1)"
    refused(ValueError, message, check_alike, "output", torch.zeros(2, 1), torch.zeros(2), "target")


# ---------------------------------------------------------------------------- values of tensors


@pytest.mark.parametrize("value", [NAN, INF, -INF])
def test_finite_means_neither_nan_nor_infinite(value):
    assert check_finite("x", X) is X
    assert check_finite("x", X.long()).dtype == torch.int64
    with pytest.raises(
        ValueError, match=r"^x must be finite, got 1 NaN or inf.* in \(2,\); remove"
    ):
        check_finite("x", torch.tensor([1.0, value]))


@pytest.mark.parametrize("check", [check_range, within])
def test_a_range_holds_its_ends(check):
    x = torch.tensor([0.0, 0.5, 1.0])
    assert check("x", x, 0, 1) is x
    assert check("x", x[:0], 0, 1).numel() == 0
    for wrong, got in (
        (x - 1, "-1 to 0"),
        (2 * x, "0 to 2"),
        (x * NAN, "3 NaN among 3 values"),
        (torch.tensor([0, 0.5, NAN]), "1 NaN among 3 values"),
    ):
        refused(ValueError, f"x must be from 0 to 1, got {got}; h", check, "x", wrong, 0, 1, "h")
    refused(ValueError, "x must be at least 0, got -1 to 0", check, "x", x - 1, 0, INF)
    refused(ValueError, "x must be at most 0, got 0 to 1", check, "x", x, -INF, 0)
    assert check("x", torch.tensor([INF]), 0, INF).item() == INF


@given(
    values=st.lists(st.integers(0, 255), min_size=1),
    low=st.integers(-1000, 1000),
    high=st.integers(-1000, 1000),
)
def test_bounds_that_the_type_cannot_hold_do_not_wrap_around(values, low, high):
    """-1 is 255 in uint8: everything was out of range from -1 on."""
    x = torch.tensor(values, dtype=torch.uint8)
    if low <= min(values) and max(values) <= high:
        assert check_range("x", x, low, high) is x
    else:
        with pytest.raises(ValueError, match=f"^x must be from {low} to {high}, got "):
            check_range("x", x, low, high)


def test_large_integers_are_compared_exactly():
    x = torch.tensor([2**53 + 1])
    assert check_range("x", x, 0, 2**53 + 1) is x
    with pytest.raises(ValueError, match="^x must be from 0 to"):
        check_range("x", x, 0, 2**53)


def test_within_reads_nothing_elsewhere_than_on_a_cpu():
    """On a device without values, as on CUDA, a check that read them would raise."""
    x = torch.zeros(3, device="meta")
    assert within("x", x, 0, 1).shape == (3,)
    with pytest.raises(RuntimeError):
        check_range("x", x, 0, 1)


@pytest.mark.gpu
def test_on_a_gpu_within_marks_what_is_out_of_range():
    x = torch.tensor([-1.0, 0.5, 2.0, NAN]).cuda()
    assert within("x", x, 0, 1).isnan().tolist() == [True, False, True, True]
    with pytest.raises(ValueError, match="x must be from 0 to 1, got 1 NaN among 4 values"):
        check_range("x", x, 0, 1)
