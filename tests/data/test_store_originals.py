"""The last resort of `store.fetch`: our file is made from originals, here from a local server's."""

import numpy as np
import pytest

from coursekit.data import origins, store
from coursekit.data.files import FILES
from tests.data import originals

DEAD = "http://127.0.0.1:9"  # nobody listens there
TINY = "fsdd.npz"  # where one will do
KEPT = origins.KEPT


@pytest.fixture(scope="module")
def here():
    """Where this machine has the course's own files."""
    return {name: store.find(name) for name in originals.NAMES}


@pytest.fixture(autouse=True)
def nothing_is_here(monkeypatch, tmp_path, server):
    """An empty cache, no folder, and a release without files."""
    monkeypatch.setattr(origins, "KEPT", originals.TINY_KEPT)
    monkeypatch.setattr(store, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(store, "mirrors", lambda: [f"{server.address}/release"])
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)


@pytest.fixture
def publish(server, monkeypatch):
    """publish(name, arrays): the server has the originals of these arrays, and `FILES` says so."""

    def publish(name, arrays=None, places=("origin",)):
        arrays = arrays or originals.tiny(name)
        contents = originals.rebuild(name, arrays)
        places = [place if "://" in place else f"{server.address}/{place}" for place in places]
        file = originals.entry(name, arrays, contents, places)
        monkeypatch.setattr(store, "FILES", {name: file})
        for path, content in contents.items():
            server.pages[f"/origin/{path}"] = len(content), content
        return arrays

    return publish


def assert_fetched(name, arrays):
    """The cache holds these arrays, verified, and nothing else."""
    path = store.fetch(name)
    assert path == store.cache() / name == store.find(name)
    assert [found.name for found in store.cache().iterdir()] == [name]
    with np.load(path, allow_pickle=False) as found:
        assert found.files == list(arrays)
        for key in found.files:
            np.testing.assert_array_equal(found[key], arrays[key], strict=True)


def failure(name):
    """What `fetch` says; the cache stays empty."""
    with pytest.raises(FileNotFoundError) as raised:
        store.fetch(name)
    assert list(store.cache().iterdir()) == []
    return str(raised.value)


@pytest.mark.parametrize("name", originals.NAMES)
def test_a_file_is_made_where_the_release_has_none(publish, server, name):
    assert_fetched(name, publish(name))
    asked = [f"/release/{name}", *(path for path in server.pages)]
    assert server.asked == asked
    assert store.fetch(name) == store.cache() / name and server.asked == asked  # only once
    assert store.find(name).stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.data(name)) for name in originals.NAMES]
)
def test_the_courses_own_arrays_come_back_from_their_originals(here, publish, monkeypatch, name):
    monkeypatch.setattr(origins, "KEPT", KEPT)
    with np.load(here[name], allow_pickle=False) as arrays:
        arrays = publish(name, {key: arrays[key] for key in arrays.files})
    assert store.FILES[name].arrays == FILES[name].arrays
    assert_fetched(name, arrays)


@pytest.mark.parametrize("name", originals.NAMES)
def test_the_next_place_is_tried_when_the_first_is_dead(publish, server, name):
    assert_fetched(name, publish(name, places=(DEAD, "gone", "origin")))


@pytest.mark.parametrize("name", originals.NAMES)
def test_half_an_original_is_reported_and_leaves_nothing(publish, server, name):
    publish(name)
    *_, last = server.pages
    length, body = server.pages[last]
    server.pages[last] = length, body[: length // 2]
    message = failure(name)
    assert f"{server.address}/release/{name}: " in message and "404" in message
    assert f"{server.address}{last}: " in message


@pytest.mark.parametrize("name", ["mnist.npz", "cifar10_subset.npz"])
def test_an_original_with_another_md5_is_reported_and_leaves_nothing(publish, server, name):
    publish(name)
    *_, last = server.pages
    server.pages[last] = 5, b"other"
    assert f"{last}: its md5 is 795f3202b17cb6bc3d4b771d8c6c9eaf, which does not" in failure(name)


def test_an_original_without_md5_is_verified_by_its_arrays(publish, server):
    publish(TINY)
    [path] = server.pages
    server.pages[path] = 5, b"other"
    assert "fsdd.npz cannot be made from v1.0.10.zip: BadZipFile" in failure(TINY)
    other = originals.tiny(TINY)
    other["audio"][0] += 1
    [content] = originals.rebuild(TINY, other).values()
    server.pages[path] = len(content), content
    assert "is not fsdd.npz: the digest of its arrays is" in failure(TINY)


def test_the_message_says_what_was_tried_and_how_to_make_the_file(publish, server):
    publish("mnist.npz", places=(DEAD, "gone"))
    message = failure("mnist.npz")
    first = "train-images-idx3-ubyte.gz"
    for url in (f"{server.address}/release/mnist.npz", f"{DEAD}/{first}"):
        assert f"\n  {url}: " in message
    assert f"\n  {server.address}/gone/{first}: " in message
    assert "train-labels" not in message.split("Without a network")[0]  # one missing is enough
    assert "Its origin: far away." in message
    assert "`python -m coursetools data pack mnist.npz ORIGIN`" in message
    assert f"the folder that holds {first}, train-labels-idx1-ubyte.gz, " in message


def test_damage_of_a_made_file_is_noticed(publish):
    publish(TINY)
    path = store.fetch(TINY)
    whole = path.read_bytes()
    for damaged in (whole[:-100], whole[:300] + bytes([whole[300] ^ 1]) + whole[301:], b"", b"PK"):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged or another version"):
            store.find(TINY)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_file_that_was_made_elsewhere_is_taken_from_folder_and_mirror(
    publish, server, monkeypatch, tmp_path, save
):
    arrays = publish(TINY)
    save(tmp_path / TINY, **arrays)
    content = (tmp_path / TINY).read_bytes()
    server.pages = {f"/release/{TINY}": (len(content), content)}
    assert_fetched(TINY, arrays)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    assert store.find(TINY) == tmp_path / TINY


def test_other_arrays_under_the_name_are_refused(publish, monkeypatch, tmp_path):
    arrays = publish(TINY)
    np.savez(tmp_path / TINY, **(arrays | {"take": arrays["take"] + 1}))
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(ValueError, match="damaged or another version"):
        store.find(TINY)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupted_making_leaves_nothing(publish, monkeypatch, error):
    publish(TINY)
    seen = []

    def save(path, **arrays):
        path.write_bytes(b"half")
        seen.append(store.find(TINY))
        raise error

    monkeypatch.setattr(store.np, "savez", save)
    with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else FileNotFoundError):
        store.fetch(TINY)
    assert seen == [None] and list(store.cache().iterdir()) == []


def test_two_processes_that_make_it_at_once_both_get_the_verified_file(
    publish, server, fetch_twice
):
    arrays = publish(TINY)
    path = store.cache() / TINY
    assert fetch_twice(TINY, f"{server.address}/release") == [path, path]
    assert len(server.asked) == 4  # release and original, twice
    assert_fetched(TINY, arrays)
