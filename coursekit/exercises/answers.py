"""Reading an answer: plain numbers of the right kind, shape and size, or a clear reason.

Every function raises `NotYet` with a sentence for the reader that says what was expected
and what came, and never what the right value is.

Used by the exercises of every chapter.
"""

import sys
from collections.abc import Callable

import numpy as np

from coursekit.exercises.brief import brief
from coursekit.exercises.codec import Foreign


class NotYet(AssertionError):
    """An answer misses a requirement; the text says how, without giving the solution.

    `wanted` is the right value in words, where that gives nothing away: `check` shows it, on its
    public inputs; a grader records the text alone.
    """

    def __init__(self, reason: str, wanted: str = ""):
        super().__init__(reason)
        self.wanted = wanted


def require(condition: bool, reason: str, wanted: str = "") -> None:
    """Raise `NotYet(reason, wanted)` unless `condition` holds.

    An `assert` would not do: `python -O` drops it, and an assertion that fails inside the
    reader's own function must not look like a verdict of the test.
    """
    if not condition:
        raise NotYet(reason, wanted)


def as_function(answer) -> Callable:
    """`answer` as a function of arrays: a function as it is, a torch module or its class wrapped.

    A module is called with tensors on its device, floats in the type of its parameters, in
    evaluation mode and without gradients, and returns arrays. A class is called without arguments
    first. Raises TypeError for what cannot be called.
    """
    torch = sys.modules.get("torch")  # no module exists where torch was never imported
    if torch and isinstance(answer, type) and issubclass(answer, torch.nn.Module):
        answer = answer()
    if torch and isinstance(answer, torch.nn.Module):
        return lambda *arguments: _evaluate(torch, answer, arguments)
    if not callable(answer):
        raise TypeError(f"expected a function or a torch module, got {type(answer).__name__}")
    return answer


def _evaluate(torch, model, arguments: tuple):
    """What `model` returns for arrays, as arrays; its training mode is left as it was."""
    example = next(model.parameters(), torch.empty(0))

    def tensor(value):
        if not isinstance(value, np.ndarray):
            return value
        dtype = example.dtype if value.dtype.kind == "f" else None
        return torch.as_tensor(value, dtype=dtype, device=example.device)

    training = {part: part.training for part in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            return _arrays(torch, model(*map(tensor, arguments)))
    finally:
        for part, mode in training.items():
            part.training = mode


def _arrays(torch, value):
    """`value` with its tensors as arrays, also those in lists, tuples and dicts."""
    if isinstance(value, torch.Tensor):
        return value.cpu().numpy()
    if isinstance(value, dict):
        return {key: _arrays(torch, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [_arrays(torch, item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    return value


def kind(value) -> str:
    """What `value` is, in words: the name of its type, or what it was in the student's process."""
    return value.kind if isinstance(value, Foreign) else type(value).__name__


def read_array(value, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """`value` as a float64 array of this `shape`, all finite.

    Integers, floats, lists and CPU tensors without gradient pass; text, None, booleans and
    complex numbers do not.

    >>> read_array([[1], [2]], "the code", shape=(2,))
    Traceback (most recent call last):
    coursekit.exercises.answers.NotYet: the code: expected shape (2,), got shape (2, 1)
    """
    try:
        array = np.asarray(value)
    except Exception as error:  # a tensor that needs a gradient, rows of unequal length
        raise NotYet(f"{name}: expected a NumPy array, got {kind(value)} ({error})") from None
    got = f"an array of {array.dtype}" if array.ndim else kind(value)
    require(array.dtype.kind in "iuf", f"{name}: expected numbers, got {got}")
    require(array.shape == shape, f"{name}: expected {_form(shape)}, got {_form(array.shape)}")
    bad = int(np.size(array) - np.isfinite(array).sum())
    require(not bad, f"{name}: {bad} of {array.size} values are NaN or infinite")
    return array.astype(np.float64)


def read_number(value, name: str) -> float:
    """`value` as one finite float."""
    return float(read_array(value, name, shape=()))


def read_count(value, name: str) -> int:
    """`value` as a whole number."""
    number = read_number(value, name)
    require(number == round(number), f"{name}: expected a whole number, got {number:g}")
    return int(number)


def require_close(got, expected, name: str, rtol: float = 1e-4, hint: str = "") -> None:
    """`got` must equal `expected` up to `rtol` times the largest absolute expected value."""
    difference = float(np.max(np.abs(got - expected)))
    allowed = rtol * float(np.max(np.abs(expected)))
    reason = f"{name} is off by up to {difference:.2g}" + (f"; {hint}" if hint else "")
    require(difference <= allowed, reason, wanted=f"{brief(expected)} as {name}")


def _form(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "one number"
