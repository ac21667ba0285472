import re

import numpy as np
import pytest

from coursekit.compat import import_torchvision
from coursekit.data import origins, store
from coursekit.data.files import FILES, Original


@pytest.mark.parametrize("name", FILES)
def test_an_entry_says_what_the_file_is_and_where_its_data_are(name):
    file = FILES[name]
    assert re.fullmatch("[0-9a-f]{64}", file.sha256) and 0 < file.megabytes < 60
    assert file.contents and file.source and file.licence and file.origin
    assert bool(file.originals) == (name in origins.MAKERS)
    assert re.fullmatch("[0-9a-f]{64}" if file.originals else "", file.arrays)


def test_no_two_files_are_the_same():
    assert len({file.sha256 for file in FILES.values()}) == len(FILES) == 11


def test_places_and_md5_sums_are_those_of_torchvision():
    datasets = import_torchvision().datasets
    originals = FILES["mnist.npz"].originals
    assert [(one.name, one.md5) for one in originals] == datasets.MNIST.resources
    for one in originals:
        assert list(one.urls) == [mirror + one.name for mirror in datasets.MNIST.mirrors]
    [one] = FILES["cifar10_subset.npz"].originals
    assert (one.urls, one.md5) == ((datasets.CIFAR10.url,), datasets.CIFAR10.tgz_md5)


def test_an_original_is_known_by_its_md5(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    one = Original(("https://a/b/x",), "900150983cd24fb0d6963f7d28e17f72")  # RFC 1321's
    assert one.name == "x" and one.problem(tmp_path / "x") is None
    (tmp_path / "x").write_bytes(b"abd")
    assert "does not match the expected 900150983cd2" in one.problem(tmp_path / "x")
    assert Original(one.urls).problem(tmp_path / "x") is None


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.data(name)) for name in origins.MAKERS]
)
def test_the_digest_is_that_of_the_arrays(name):
    with np.load(store.find(name), allow_pickle=False) as arrays:
        assert origins.digest(arrays) == FILES[name].arrays
