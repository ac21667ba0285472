"""`plain`, and that `check` and the grader read an answer's values alike."""

import array
import collections
import copy
import enum
import functools
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from coursekit.exercises import PUBLIC_SEED, Exercise, catalogue, check
from coursekit.exercises.answers import as_function, read_array, read_count, read_number, require
from coursekit.exercises.by_hand import ask
from coursekit.exercises.codec import DTYPES, Foreign, decode, encode
from coursekit.exercises.plain import plain
from coursetools.grading.examine import AnswerError, _verdict
from coursetools.grading.worker import Notebook, describe


class Kind(enum.IntEnum):
    THREE = 3


class Unwilling:
    def __array__(self, *arguments, **options):
        raise OSError("not today")


def looped():
    loop = [0.5]
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ({"auc": 0.5, "net": torch.nn.ReLU(), "more": ...}, "'auc': 0.5, 'net': ReLU, 'more': ell"),
        ({1: 2, "x": 3, (1, 2): 4}, "{'<1>': 2, 'x': 3, '<(1, 2)>': 4}"),
        (collections.Counter("ab"), "{'a': 1, 'b': 1}"),
        ((range(2), collections.deque([1]), array.array("d", [2])), r"([0, 1], [1], [2.0])"),
        (Kind.THREE, "3"),
        (1j, "complex"),
        (b"ab", "bytes"),
        ({1, 2}, "set"),
        (np.ones(2, complex), "an array of complex128"),
        (np.array([None]), "an array of object"),
        (torch.ones(1, requires_grad=True), "Tensor (RuntimeError: Can't call numpy() on Ten"),
        (torch.ones(1, dtype=torch.bfloat16), "Tensor (TypeError: Got unsupported ScalarType"),
        (Unwilling(), "Unwilling (OSError: not today)"),
        (10**5000, "int (Exceeds the limit (4300 digits)"),
        (looped(), "list (nested deeper than 32, or more than 1000000 values)"),
        (range(10**15), "range (nested deeper than 32, or more than 1000000 values)"),
        ("x" * 8_000_001, "str (8000003 bytes beside the arrays"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_no_message_holds_is_named_and_the_rest_stays(value, seen, monkeypatch):
    monkeypatch.setattr(Foreign, "__repr__", Foreign.__str__)
    assert seen in str(plain(value))


def test_tensors_and_data_inside_become_arrays():
    seen = plain({"codes": [torch.arange(2), np.float32(0.5)], "place": (np.ones(2),)})
    assert type(seen["codes"][0]) is np.ndarray and seen["codes"][0].tolist() == [0, 1]
    assert type(seen["codes"][1]) is float and type(seen["place"]) is tuple


def test_a_foreign_value_is_read_as_what_it_was():
    exercise = Exercise("01.1", "Any")
    ask(exercise, "auc", 0.5, "the AUC")
    for value, problem in (
        ({1, 2}, "expected a dict of numbers, got set"),
        ({"auc": 1j}, "auc: expected numbers, got complex"),
        ({"auc": torch.ones(1, requires_grad=True)}, r"auc: .*got Tensor \(.*detach"),
        ({1: 0.5}, r"the dict has no 'auc'; it has \['<1>'\]"),
    ):
        with pytest.raises(AssertionError, match=problem):
            exercise.tests[0].run(lambda value=value: plain(value), 0)


# ---------------------------------------------------------------------------- agreement

RIGHT = st.sampled_from([0.5, 1, np.float32(0.5), torch.tensor(0.5), Kind.THREE, 3.0, (1, 2)])
ODD = st.sampled_from(
    [
        ...,
        1j,
        b"x",
        {1},
        float("nan"),
        10**30,
        None,
        True,
        "0.5",
        object(),
        range(2),
        looped(),
        Unwilling(),
        torch.nn.Linear(1, 1),
        torch.ones(2, requires_grad=True),
        torch.ones(2, dtype=torch.bfloat16),
        [torch.tensor(1.0), np.ones(1)],
        collections.deque([1.0, 2.0]),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.array([1, None]),
        np.array(["0.5", "1"]),
        np.ones(2, complex),
    ]
)
HUGE = st.builds(pow, st.just(10), st.just(5000))  # Hypothesis cannot print it
ARRAYS = arrays.arrays(st.sampled_from(DTYPES), st.sampled_from([(), (1,), (2,), (2, 1)]))
KEYS = st.sampled_from(["auc", "more", "", 1, None, (1,), np.str_("auc")])
VALUES = st.recursive(
    RIGHT | ODD | HUGE | ARRAYS | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=5,
)
DICTS = st.dictionaries(KEYS, VALUES, max_size=3).map(lambda more: more | {"auc": 0.5})


@pytest.fixture(scope="module")
def exercise():
    """Four tests, each for one way to read an answer."""
    made = Exercise("01.1", "Any")
    ask(made, "auc", 0.5, "the AUC in a dict")
    for points, read in (
        (2, lambda value: read_number(value, "it")),
        (4, lambda value: read_array(value, "it", (2,))),
        (8, lambda value: require(read_count(value, "it") > 2, "few")),
    ):

        @made.test(points=points, message=f"{points} points", name=f"of_{points}")
        def of_a_drawn_array(answer, rng, read=read):
            read(answer(rng.normal(size=(2, 3)), 3))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "exercises", lambda chapter: {"01.1": made})
        yield made


class Boxed:
    """An answer on the grader's side: the worker's replies, only without a box around it."""

    def __init__(self, answer):
        self.stops, self.notebook = [], object.__new__(Notebook)
        self.notebook.shell = SimpleNamespace(user_ns={"f": answer})
        self.notebook.answers, self.notebook.as_function = {}, as_function
        self.notebook.plain = plain

    def call(self, number, arguments):
        request = {"id": "1", "call": number, "answer": "f", "arguments": list(arguments)}
        reply = decode(self.notebook.reply(decode(encode(request))))
        if "error" in reply:
            raise AnswerError(reply["error"])
        return reply["value"]


class Mean(torch.nn.Module):
    def forward(self, data, k):
        return {"auc": data.mean() * 0 + 0.5, "more": self}


class Counter:
    def __init__(self):
        self.calls = 0

    def __call__(self, data=None, k=3):
        self.calls += 1
        return self.calls


def stub(*inputs):
    raise NotImplementedError()


def in_place(data=np.zeros(1), k=0):
    data -= data
    return data.sum()


def generates(*inputs):
    yield 3


@pytest.mark.parametrize(
    "answer",
    [
        Mean,
        Mean(),
        Counter(),
        stub,
        in_place,
        generates,
        dict,
        np.sum,
        np.shape,
        Exception,
        functools.partial(max, default=1),
        lambda *inputs: 1 / 0,
        lambda data, k: k,
        lambda *inputs: sys.exit(),
        lambda *inputs: [np.bool_(True), stub],
    ],
    ids=lambda answer: getattr(answer, "__name__", type(answer).__name__),
)
def test_check_and_the_grader_agree_on_every_kind_of_answer(exercise, answer):
    boxed, alone = Boxed(copy.deepcopy(answer)), Exercise("01.1", "Any")
    for test in exercise.tests:
        alone.tests[:] = [test]
        verdict, reason = _verdict("01.1", test, boxed, PUBLIC_SEED, [])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(catalogue, "exercises", lambda chapter: {"01.1": alone})
            try:
                here = "passed" if check("01.1", answer) else "failed"
            except BaseException as error:
                here = "error"
                assert describe(error) == reason
        assert here == verdict


@settings(max_examples=200)
@given(value=VALUES | DICTS)
def test_check_and_the_grader_agree_on_every_kind_of_value(exercise, value):
    def answer(*inputs):
        return value

    doubts, graded = [], []
    for test in exercise.tests:
        graded.append(_verdict("01.1", test, Boxed(answer), PUBLIC_SEED, doubts))
    earned = sum(t.points for t, (verdict, _) in zip(exercise.tests, graded) if verdict == "passed")
    with pytest.MonkeyPatch.context() as patch:
        printed = []
        patch.setattr("builtins.print", lambda *words: printed.append(" ".join(map(str, words))))
        assert check("01.1", answer) == earned
    assert all(reason in "\n".join(printed) for _, reason in graded) and not doubts


def test_inputs_reach_an_answer_in_the_same_form(exercise):
    seen = []
    check("01.1", lambda *inputs: seen.append(inputs))
    for test in exercise.tests:
        _verdict("01.1", test, Boxed(lambda *inputs: seen.append(inputs)), PUBLIC_SEED, [])
    here, there = seen[: len(seen) // 2], seen[len(seen) // 2 :]
    assert repr(here) == repr(there)
