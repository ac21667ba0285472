"""Messages: what passes unchanged, and what is refused."""

import itertools
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from coursekit.exercises import codec
from coursekit.exercises.codec import ProtocolError, decode, encode

NUMBERS = st.sampled_from(codec.DTYPES).map(np.dtype)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(max_size=codec.KIND_CHARACTERS).map(codec.Foreign)
    | arrays.arrays(NUMBERS, arrays.array_shapes(min_dims=0, min_side=0))
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
)


def same(first, second):
    """Whether two values are equal in type, bits and order; NaN equals NaN."""
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(
            first, second, equal_nan=first.dtype.kind == "f"
        )
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict):
        return list(first) == list(second) and all(same(first[key], second[key]) for key in first)
    return first == second or first != first


@given(VALUES)
def test_plain_values_come_back_as_they_were(value):
    assert same(decode(encode(value)), value)


@given(st.binary())
def test_random_bytes_raise_nothing_but_protocol_errors(data):
    for message in (data, codec.LENGTH.pack(len(data)) + data):
        try:
            decode(message)
        except ProtocolError:
            pass


@given(VALUES, st.data())
def test_damaged_messages_raise_nothing_but_protocol_errors(value, data):
    message = bytearray(encode(value))
    place = data.draw(st.integers(0, len(message) - 1))
    message[place] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(message[: data.draw(st.integers(0, len(message)))] + message[place:]))
    except ProtocolError:
        pass


def message(packed, numbers=b""):
    text = packed if isinstance(packed, bytes) else json.dumps(packed).encode()
    return codec.LENGTH.pack(len(text)) + text + numbers


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "a message of 0 bytes"),
        (codec.LENGTH.pack(2**60) + b"{}", "claims"),
        (message(b"\xff"), "no JSON"),
        (message(b"[" * 100_000), "no JSON"),
        (message(b"9" * 10_000), "no JSON"),
        (message(b"[" * 40 + b"]" * 40), "deeper than 32"),
        (message([0] * 1_000_001), "more than 1000000 values"),
        (message({"array": ["|O", [1]]}, b"12345678"), "unknown type"),
        (message({"array": [["<f8"], [1]]}, b"12345678"), "unknown type"),
        (message({"array": ["<f8", [2]]}, b"12345678"), "more bytes than came"),
        (message({"array": ["<f8", [-1]]}, b"12345678"), "unknown type or shape"),
        (message({"array": ["<f8", [True]]}, b"12345678"), "unknown type or shape"),
        (message({"array": ["<f8", [2**62, 2**62, 0]]}), "impossible shape"),
        (message({"array": ["<f8", [1] * 65]}, b"12345678"), "65 axes"),
        (message(None, b"1"), "belong to no array"),
        (message({"class": "os.system"}), "unknown kind 'class'"),
        (message({"tuple": [], "dict": {}}), "2 keys"),
        (message({"dict": []}), "unknown kind 'dict'"),
        (message({"foreign": 3}), "unknown kind 'foreign'"),
        (message({"foreign": "x" * 301}), "unknown kind 'foreign'"),
    ],
    ids=itertools.count(),
)
def test_a_forged_message_is_refused(data, problem):
    with pytest.raises(ProtocolError, match=problem):
        decode(data)


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({1, 2}, "got set"),
        (1j, "got complex"),
        (len, "got builtin_function_or_method"),
        ({1: 2}, "the key 1"),
        (np.array([None]), "an array of object"),
        (np.array(["a"]), "an array of <U1"),
        (np.ones(2, complex), "an array of complex128"),
        (np.ndarray, "got type"),
        (nested(33), "deeper than 32"),
        ([0] * 1_000_001, "more than 1000000 values"),
        (10**5000, "4300 digits"),
        ("x" * 8_000_001, "at most 8000000"),
    ],
    ids=itertools.count(),
)
def test_a_value_of_another_kind_is_refused(value, problem):
    with pytest.raises(ProtocolError, match=problem):
        encode(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float32(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (torch.arange(3), np.arange(3)),
        (np.arange(3, dtype=">i2"), np.arange(3, dtype="<i2")),
        (np.arange(6.0).reshape(2, 3).T, np.arange(6.0).reshape(2, 3).T),
        (np.ones(2, np.longdouble), np.ones(2)),
        (np.ma.masked_array([1.0, 2.0]), np.array([1.0, 2.0])),
    ],
)
def test_relatives_become_plain(value, plain):
    assert same(decode(encode(value)), plain)


def test_decoded_arrays_can_be_written():
    array = decode(encode(np.zeros(3)))
    array += 1
    assert array.tolist() == [1, 1, 1]
