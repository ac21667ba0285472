"""Plain values as bytes and back: what an answer is given, and what it may return.

A message is JSON, followed by the raw numbers of its arrays. Nothing in it can name a class
or run code, and `decode` believes no size that it has not checked: either it returns plain
values or it raises `ProtocolError`. Needs NumPy and the standard library only.

In the JSON a list stands for itself, and an object has one key that says what it is: `{"tuple":
[...]}`, `{"dict": {...}}`, `{"array": [type, shape]}` or `{"foreign": text}`.

Used by the exercises of every chapter: the grader and its box speak it.
"""

import json
import math
import struct
from dataclasses import dataclass

import numpy as np

DEPTH, ITEMS, JSON_BYTES = 32, 1_000_000, 8_000_000
KIND_CHARACTERS = 300
DTYPES = ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8")
KINDS = "None, numbers, text, lists, tuples, dicts with text as keys and arrays of numbers"
LENGTH = struct.Struct(">Q")


class ProtocolError(ValueError):
    """Bytes that are no message, or a value that no message can hold."""


@dataclass(frozen=True)
class Foreign:
    """Stands for a value that no message can hold; `kind` says in words what it was."""

    kind: str

    def __str__(self):
        return self.kind


def encode(value) -> bytes:
    """`value` as bytes; whatever has `__array__` (a tensor, a data frame) becomes an array.

    Numbers of NumPy become Python's. Raises ProtocolError for a value of another kind, and
    lets through what a value raises on its conversion to an array.

    >>> decode(encode({"auc": (0.5, None)}))
    {'auc': (0.5, None)}
    """
    writer = _Writer()
    packed = writer.pack(value, DEPTH)
    try:
        text = json.dumps(packed).encode()
    except ValueError as error:  # a whole number of thousands of digits
        raise ProtocolError(str(error)) from None
    if len(text) > JSON_BYTES:
        raise ProtocolError(f"{len(text)} bytes beside the arrays; at most {JSON_BYTES} can be")
    return b"".join([LENGTH.pack(len(text)), text, *writer.blobs])


class _Writer:
    """Turns values into what JSON can keep; the numbers of arrays go to `blobs`."""

    def __init__(self):
        self.blobs, self.items = [], 0

    def pack(self, value, depth: int):
        self.items += 1
        _check_size(depth, self.items)
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, np.bool_ | np.number) and value.dtype.kind in "biuf":
            value = float(value) if value.dtype.kind == "f" else value.item()
        if isinstance(value, int | float):
            return value
        if isinstance(value, list | tuple):
            packed = [self.pack(item, depth - 1) for item in value]
            return packed if isinstance(value, list) else {"tuple": packed}
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise ProtocolError(f"a dict with the key {key!r}; keys must be text")
            return {"dict": {key: self.pack(item, depth - 1) for key, item in value.items()}}
        if isinstance(value, Foreign):
            return {"foreign": value.kind[:KIND_CHARACTERS]}
        if hasattr(value, "__array__") and not isinstance(value, type):
            return self.array(np.asarray(value))
        raise ProtocolError(f"got {type(value).__name__}; what can be passed on: {KINDS}")

    def array(self, array: np.ndarray) -> dict:
        if array.dtype.kind not in "biuf":
            raise ProtocolError(f"got an array of {array.dtype}; expected one of numbers")
        plain = np.float64 if array.dtype.itemsize > 8 else array.dtype.newbyteorder("<")
        array = array.astype(plain, order="C")
        self.blobs.append(array.tobytes())
        return {"array": [array.dtype.str, list(array.shape)]}


def _check_size(depth: int, items: int) -> None:
    if depth < 0 or items > ITEMS:
        raise ProtocolError(f"nested deeper than {DEPTH}, or more than {ITEMS} values")


def decode(data: bytes):
    """The value that `encode` made `data` of, its arrays writable; ProtocolError for others."""
    view = memoryview(data)
    if len(view) < LENGTH.size:
        raise ProtocolError(f"a message of {len(view)} bytes")
    (size,) = LENGTH.unpack_from(view)
    if size > min(JSON_BYTES, len(view) - LENGTH.size):
        raise ProtocolError(f"a message of {len(view)} bytes claims {size} bytes of JSON")
    start = LENGTH.size + size
    try:
        packed = json.loads(str(view[LENGTH.size : start], "utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"no JSON: {error}") from None
    reader = _Reader(view[start:])
    value = reader.unpack(packed, DEPTH)
    if len(reader.rest):
        raise ProtocolError(f"{len(reader.rest)} bytes belong to no array")
    return value


class _Reader:
    """Turns packed JSON back into values, taking the numbers of arrays from `rest`."""

    def __init__(self, rest: memoryview):
        self.rest, self.items = rest, 0

    def unpack(self, packed, depth: int):
        self.items += 1
        _check_size(depth, self.items)
        if isinstance(packed, list):
            return [self.unpack(item, depth - 1) for item in packed]
        if not isinstance(packed, dict):
            return packed
        if len(packed) != 1:
            raise ProtocolError(f"an object of {len(packed)} keys")
        ((kind, content),) = packed.items()
        if kind == "tuple" and isinstance(content, list):
            return tuple(self.unpack(item, depth - 1) for item in content)
        if kind == "dict" and isinstance(content, dict):
            return {key: self.unpack(item, depth - 1) for key, item in content.items()}
        if kind == "foreign" and isinstance(content, str) and len(content) <= KIND_CHARACTERS:
            return Foreign(content)
        if kind == "array" and isinstance(content, list) and len(content) == 2:
            return self.array(*content)
        raise ProtocolError(f"an object of the unknown kind {kind[:20]!r}")

    def array(self, dtype, shape) -> np.ndarray:
        sizes = shape if isinstance(shape, list) else [None]
        if dtype not in DTYPES or any(type(size) is not int or size < 0 for size in sizes):
            raise ProtocolError("an array of unknown type or shape")
        size = math.prod(sizes) * np.dtype(dtype).itemsize
        if len(sizes) > DEPTH or size > len(self.rest):
            raise ProtocolError(f"an array claims {len(sizes)} axes and more bytes than came")
        taken, self.rest = self.rest[:size], self.rest[size:]
        try:
            return np.frombuffer(taken, dtype).reshape(sizes).copy()
        except (ValueError, OverflowError) as error:  # no elements, but a size beyond all bounds
            raise ProtocolError(f"an array of impossible shape: {error}") from None
