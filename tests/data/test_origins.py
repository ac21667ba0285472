import hashlib
import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from coursekit.data import origins
from tests.data import originals


@pytest.fixture
def made(tmp_path, monkeypatch):
    """made(name, **changes): what is made of tiny originals, some of them with other bytes."""
    monkeypatch.setattr(origins, "KEPT", originals.TINY_KEPT)

    def make(name, change=None, digest=None):
        arrays = originals.tiny(name)
        contents = originals.rebuild(name, arrays)
        if change:
            first = next(iter(contents))
            contents[first] = change(contents[first])
        for path, content in contents.items():
            (tmp_path / path).write_bytes(content)
        paths = [tmp_path / path for path in contents]
        return origins.make(name, paths, digest or origins.digest(arrays))

    return make


@pytest.mark.parametrize("name", originals.NAMES)
def test_arrays_come_back_as_they_were(made, name):
    wanted = originals.tiny(name)
    found = made(name)
    assert list(found) == list(wanted)  # the order of the arrays in the release's file
    for key in wanted:
        assert found[key].dtype == wanted[key].dtype, key
        np.testing.assert_array_equal(found[key], wanted[key])


def test_the_part_of_cifar_10_is_what_the_rule_says():
    names = [f"{i}.png".encode() for i in range(30)]
    labels = np.arange(30) % 3
    kept = origins._smallest(names, labels, 4)
    hashes = [hashlib.sha256(name).hexdigest() for name in names]
    assert [hashes[i] for i in kept] == sorted(hashes[i] for i in kept) and len(kept) == 12
    for label in range(3):
        mine = sorted(hashes[i] for i in range(30) if labels[i] == label)
        assert mine[:4] == [hashes[i] for i in kept if labels[i] == label]


@pytest.mark.parametrize("name", originals.NAMES)
@pytest.mark.parametrize(
    "change",
    [lambda content: content[: len(content) // 2], lambda content: b"", lambda c: b"<html>"],
)
def test_an_original_that_is_cut_or_another_file_is_refused(made, name, change):
    with pytest.raises(ValueError, match=f"{name} cannot be made from "):
        made(name, change)


@pytest.mark.parametrize("name", originals.NAMES)
def test_arrays_that_are_not_the_courses_are_refused(made, name):
    with pytest.raises(
        ValueError, match=f"is not {name}: the digest of its arrays is .*expected 00"
    ):
        made(name, digest="0" * 64)


def test_an_idx_file_of_other_numbers_is_refused(made):
    with pytest.raises(ValueError, match="no IDX file of bytes"):
        made("mnist.npz", lambda content: originals.idx(np.zeros((2, 2), np.uint8), kind=13))


class Hostile:
    """What makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "thing",
    [
        Hostile,
        lambda path: np.array([Hostile(path)]),
        lambda path: np.sum,
        lambda path: np.frombuffer,
        lambda path: print,
    ],
)
def test_a_pickle_that_calls_functions_is_refused_before_it_calls_them(made, tmp_path, thing):
    content = {"label_names": thing(tmp_path / "was_here")}
    hostile = originals.archive({"batches.meta": pickle.dumps(content, protocol=2)})
    with pytest.raises(ValueError, match="it calls .* which arrays do not need"):
        made("cifar10_subset.npz", lambda content: hostile)
    assert not (tmp_path / "was_here").exists()


def test_a_recording_at_another_rate_is_refused(made):
    def change(content):
        result = io.BytesIO()
        with zipfile.ZipFile(result, "w") as files:
            files.writestr("top/recordings/0_anna_0.wav", originals.recording(np.zeros(9), 16000))
        return result.getvalue()

    with pytest.raises(ValueError, match="0_anna_0.wav is not one channel of 16 bits at 8 kHz"):
        made("fsdd.npz", change)


@pytest.mark.parametrize(
    "other",
    [
        {"a": np.array([1, 2, 4]), "b": np.zeros(())},
        {"a": np.array([1, 2, 3]), "c": np.zeros(())},
        {"a": np.array([1, 2, 3]), "b": np.zeros(1)},
        {"a": np.array([[1, 2, 3]]), "b": np.zeros(())},
        {"a": np.array([1, 2, 3], np.int32), "b": np.zeros(())},
        {"a": np.array([1, 2, 3])},
    ],
)
def test_the_digest_depends_on_names_types_shapes_and_values(other):
    arrays = {"a": np.array([1, 2, 3]), "b": np.zeros(())}
    assert origins.digest(other) != origins.digest(arrays)


def test_the_digest_does_not_depend_on_order_and_layout():
    arrays = {"a": np.arange(6).reshape(2, 3), "b": np.array(["x"])}
    other = {"b": np.array(["x"]), "a": np.asfortranarray(arrays["a"])}
    assert origins.digest(other) == origins.digest(arrays)
