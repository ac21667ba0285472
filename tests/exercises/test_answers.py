"""Reading an answer: what passes, and the sentence for what does not."""

import numpy as np
import pytest
import torch

from coursekit.exercises import Exercise, check
from coursekit.exercises.answers import (
    NotYet,
    as_function,
    read_array,
    read_count,
    read_number,
    require_close,
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


class Doubling(torch.nn.Module):
    """Twice the input through a weight, in evaluation mode only."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1, bias=False)
        self.dropout = torch.nn.Dropout(0.9)
        torch.nn.init.constant_(self.layer.weight, 2.0)

    def forward(self, numbers):
        return self.dropout(self.layer(numbers))


def test_a_function_stays_as_it_is():
    assert as_function(abs) is abs


@pytest.mark.parametrize("answer", [Doubling(), Doubling])
def test_a_module_and_its_class_take_and_return_arrays(answer):
    result = as_function(answer)(np.ones((5, 1)))
    assert isinstance(result, np.ndarray) and result.tolist() == [[2.0]] * 5


def test_a_class_is_made_once():
    made = []

    class Counting(Doubling):
        def __init__(self):
            super().__init__()
            made.append(self)

    function = as_function(Counting)
    function(np.ones((1, 1)))
    function(np.ones((1, 1)))
    assert len(made) == 1


def test_a_module_keeps_the_modes_and_gradients_that_it_had():
    model = Doubling()
    model.layer.eval()
    as_function(model)(np.ones((5, 1)))
    assert model.training and model.dropout.training and not model.layer.training
    assert model.layer.weight.grad is None and torch.is_grad_enabled()


def test_a_module_without_parameters_whole_numbers_and_other_arguments():
    class Pick(torch.nn.Module):
        def forward(self, values, places, scale):
            return {"picked": [values[places] * scale], "scale": scale, "both": (values, places)}

    got = as_function(Pick())(np.array([1.0, 2.0, 3.0]), np.array([2, 0]), 10)
    assert got["picked"][0].tolist() == [30, 10] and got["scale"] == 10
    assert [array.dtype for array in got["both"]] == [np.float32, np.int64]


def test_what_was_wanted_stands_beside_the_reason_and_not_in_it():
    with pytest.raises(NotYet) as caught:
        require_close(0.5, 0.75, "the AUC")
    assert str(caught.value) == "the AUC is off by up to 0.25"
    assert caught.value.wanted == "0.75 as the AUC"


def test_what_cannot_be_called_is_named():
    with pytest.raises(TypeError, match="expected a function or a torch module, got int"):
        as_function(3)


def test_check_takes_modules(monkeypatch):
    exercise = Exercise("01.1", "Doubling")

    @exercise.test(points=2, message="twice the value")
    def values(answer, rng):
        require_close(read_array(answer(np.ones((3, 1))), "it", (3, 1)), 2.0, "it")

    monkeypatch.setattr(
        "coursekit.exercises.catalogue.exercises", lambda chapter: {"01.1": exercise}
    )
    assert check("01.1", Doubling()) == check("01.1", Doubling) == 2.0
