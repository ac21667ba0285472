"""`Call`: what a verdict shows of an answer's last call."""

import numpy as np
import pytest
import torch

from coursekit.exercises.calls import Call


def test_inputs_have_the_names_that_the_answer_gives_them():
    call = Call(lambda data, share=0.5: 3)
    call(np.zeros((2, 2)), 0.25)
    assert call.lines("4 as the count") == [
        "data      shape (2, 2): 0, 0, 0, 0",
        "share     0.25",
        "returned  3",
        "wanted    4 as the count",
    ]


@pytest.mark.parametrize("answer", [lambda *inputs: 3, dict.fromkeys, torch.nn.Identity()])
def test_inputs_without_a_name_have_a_number(answer):
    call = Call(answer)
    call([1])
    assert call.lines()[0].split()[-1] == "[1]"


def test_the_last_call_counts_and_one_that_fails_returned_nothing():
    call = Call(lambda x: 1 / x)
    call(2.0)
    with pytest.raises(ZeroDivisionError):
        call(0)
    assert call.lines() == ["x  0"]


def test_an_answer_without_inputs_has_no_lines():
    call = Call(lambda: {"largest": 6})
    assert call.lines() == []
    call()
    assert call.lines("7") == []
