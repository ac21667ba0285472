import numpy as np
import pytest

from coursekit.data import origins, store
from coursetools.packing import pack
from tests.data import originals
from tests.garbage.kinds import garbage

RECIPES = "mnist.npz, cifar10_subset.npz, fsdd.npz"


@pytest.fixture
def published(tmp_path, monkeypatch):
    """published(name): the tiny arrays, and the path of their originals, which `FILES` knows."""
    monkeypatch.setattr(origins, "KEPT", originals.TINY_KEPT)

    def publish(name):
        arrays = originals.tiny(name)
        contents = originals.rebuild(name, arrays)
        file = originals.entry(name, arrays, contents, ["https://far.away"])
        monkeypatch.setitem(store.FILES, name, file)
        folder = tmp_path / "originals"
        folder.mkdir()
        for path, content in contents.items():
            (folder / path).write_bytes(content)
        return arrays, folder if len(contents) > 1 else folder / path

    return publish


@pytest.mark.parametrize("name", originals.NAMES)
@pytest.mark.parametrize("form", [str, lambda path: path])
def test_a_file_is_packed_and_the_store_takes_it(published, tmp_path, monkeypatch, name, form):
    arrays, origin = published(name)
    path = pack(name, form(origin), form(tmp_path / "new" / "out"))
    assert path == tmp_path / "new" / "out" / name
    assert list(path.parent.iterdir()) == [path]
    with np.load(path, allow_pickle=False) as found:
        assert found.files == list(arrays)
        for key in arrays:
            np.testing.assert_array_equal(found[key], arrays[key], strict=True)
    monkeypatch.setenv("COURSEKIT_DATA", str(path.parent))
    assert store.find(name) == path


def test_a_download_under_another_name_will_do(published, tmp_path):
    _, origin = published("fsdd.npz")
    other = origin.rename(tmp_path / "as-the-browser-called-it.zip")
    assert pack("fsdd.npz", other, tmp_path).is_file()


@pytest.mark.parametrize("name", ["mnist.npz", "cifar10_subset.npz"])
def test_a_damaged_original_is_refused(published, tmp_path, name):
    _, origin = published(name)
    last = sorted(origin.parent.rglob("*.gz"))[-1]
    last.write_bytes(b"other")
    with pytest.raises(
        ValueError, match=f"origin: .*{last.name} is damaged.*its md5 is 795f3202b1"
    ):
        pack(name, origin, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_version_of_the_original_is_refused(published, tmp_path):
    arrays, origin = published("fsdd.npz")
    arrays["audio"][3] += 1
    origin.write_bytes(*originals.rebuild("fsdd.npz", arrays).values())
    with pytest.raises(ValueError, match="is not fsdd.npz: the digest of its arrays"):
        pack("fsdd.npz", origin, tmp_path / "out")


def test_a_missing_original_is_named_with_its_address(published, tmp_path):
    _, folder = published("mnist.npz")
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(
        ValueError, match="origin must be the folder that holds train.*no file.*t10k"
    ):
        pack("mnist.npz", folder, tmp_path / "out")
    with pytest.raises(ValueError, match="origin must be the file .*comes from https://www.cs.tor"):
        pack("cifar10_subset.npz", tmp_path, tmp_path / "out")


def test_a_name_without_recipe_lists_those_with_one_and_says_where_the_data_are(tmp_path):
    with pytest.raises(
        ValueError, match=f"one of {RECIPES}, got 'isbi2012.npz'.*imagej.net/events"
    ):
        pack("isbi2012.npz", tmp_path, tmp_path)
    with pytest.raises(ValueError, match=f"name must be one of {RECIPES}, got 'cats.npz'"):
        pack("cats.npz", tmp_path, tmp_path)


def test_out_is_a_folder(published, tmp_path):
    _, origin = published("fsdd.npz")
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", tmp_path / "fsdd.npz"):
        with pytest.raises(ValueError, match="out must be a folder"):
            pack("fsdd.npz", origin, out)


@pytest.mark.parametrize("argument", ["name", "origin", "out"])
@pytest.mark.parametrize("kind", garbage("fsdd.npz"))
def test_garbage_is_refused_by_name(published, tmp_path, argument, kind):
    _, origin = published("fsdd.npz")
    valid = {"name": "fsdd.npz", "origin": origin, "out": tmp_path}
    if (argument, kind) == ("out", "string"):
        pytest.skip("any string is the name of a folder")
    with pytest.raises((TypeError, ValueError), match=rf"\b{argument}\b"):
        pack(**valid | {argument: garbage("fsdd.npz")[kind]})
