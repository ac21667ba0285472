"""Checks of choices and kinds."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.arguments import (
    check_choice,
    check_flag,
    check_function,
    check_kind,
    check_texts,
    describe,
)
from tests.arguments.refusing import refused

NAN, INF = math.nan, math.inf


def test_a_choice_is_one_of_them_in_kind_too():
    assert check_choice("mode", "max", ("mean", "max")) == "max"
    assert check_choice("mode", None, ("mean", None)) is None
    got = "mode must be one of 'mean', 'max', got the str 'maximum'"
    refused(ValueError, got, check_choice, "mode", "maximum", ("mean", "max"))
    for value in (True, 1.0, [1], np.ones(2), torch.ones(1), "1"):
        message = f"k must be one of 1, 2, got {describe(value)}"
        refused(ValueError, message, check_choice, "k", value, (1, 2))


def test_a_flag_is_true_or_false():
    assert check_flag("bias", True) is True and check_flag("bias", False) is False
    for value in (1, 0, "True", None, np.bool_(True), torch.tensor(True)):
        message = f"bias must be True or False, got {describe(value)}"
        refused(TypeError, message, check_flag, "bias", value)


def test_kinds_and_functions():
    model = nn.ReLU()
    assert check_kind("model", model, nn.Module, "a torch module") is model
    message = "model must be a torch module, got the type ReLU"
    refused(TypeError, message, check_kind, "model", nn.ReLU, nn.Module, "a torch module")
    assert check_function("f", len) is len and check_function("f", nn.ReLU) is nn.ReLU
    message = "f must be a function of x, got the int 3"
    refused(TypeError, message, check_function, "f", 3, "a function of x")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        (torch.zeros(2, 3), "a tensor (2, 3) torch.float32"),
        (nn.Parameter(torch.zeros(2)), "a tensor (2,) torch.float32"),
        ("seven", "the str 'seven'"),
        ("s" * 50, "one of type str"),
        ("a\nb", "the str 'a\\nb'"),
        ([0] * 50, "one of type list"),
        (nn.Sequential(nn.ReLU()), "one of type Sequential"),
        (check_kind, "the function check_kind"),  # without its place in memory
        (nn.ReLU, "the type ReLU"),
        (INF, "the float inf"),
    ],
)
def test_descriptions_are_short(value, words):
    assert describe(value) == words


def test_a_figure_is_described_and_its_caption_short():
    check_texts("A line that rises", "A rising line")
    alt = "alt must say what the figure shows, got 'A line'"
    refused(ValueError, alt, check_texts, "A line", "A rising line")
    caption = "caption must have one to eight words, got ''"
    refused(ValueError, caption, check_texts, "A line that rises", "")
    refused(TypeError, "alt must be a text, got None", check_texts, None, "A rising line")
