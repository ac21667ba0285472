import dataclasses
import hashlib

import pytest

from coursekit.data import store
from tests.garbage.kinds import garbage

NAME = "tiny.npz"
CONTENT = b"the right bytes" * 1000
WRONG = b"other bytes" * 1000


@pytest.fixture(autouse=True)
def one_known_file(monkeypatch, tmp_path):
    """The course has one data file, an empty cache, and neither folder nor mirror is set."""
    file = store.File(hashlib.sha256(CONTENT).hexdigest(), 0.1, "bytes", "nowhere", "none")
    monkeypatch.setattr(store, "FILES", {NAME: file})
    monkeypatch.setattr(store, "cache", lambda: tmp_path / "cache")
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.delenv("COURSEKIT_MIRROR", raising=False)


@pytest.fixture
def server(server):
    """The server has the right bytes, wrong ones and half of them."""
    server.pages = {
        f"/right/{NAME}": (len(CONTENT), CONTENT),
        f"/wrong/{NAME}": (len(WRONG), WRONG),
        f"/half/{NAME}": (len(CONTENT), CONTENT[:5000]),
    }
    return server


@pytest.fixture
def mirrors(server, monkeypatch):
    """Set the mirrors that are tried: folders of the server, in this order."""
    return lambda *folders: monkeypatch.setattr(
        store, "mirrors", lambda: [f"{server.address}/{folder}" for folder in folders]
    )


def in_cache():
    """Everything that lies in the cache."""
    return sorted(path.name for path in store.cache().glob("*"))


def test_a_download_is_verified_and_kept(mirrors, server):
    mirrors("right")
    path = store.fetch(NAME)
    assert path == store.cache() / NAME and path.read_bytes() == CONTENT
    assert store.fetch(NAME) == path
    assert len(server.asked) == 1 and in_cache() == [NAME]


def test_other_users_of_the_cache_can_read_a_download(mirrors):
    mirrors("right")
    assert store.fetch(NAME).stat().st_mode & 0o444 == 0o444


def test_mirrors_are_tried_in_turn_until_one_has_the_right_bytes(mirrors, server):
    mirrors("missing", "wrong", "half", "right", "never")
    assert store.fetch(NAME).read_bytes() == CONTENT
    asked = [f"/{folder}/{NAME}" for folder in ("missing", "wrong", "half", "right")]
    assert server.asked == asked


def test_mirrors_come_from_the_environment_first_and_end_with_the_release(monkeypatch):
    monkeypatch.setenv("COURSEKIT_MIRROR", "http://one/a http://two")
    one, two, release = store.mirrors()
    assert (one, two) == ("http://one/a", "http://two")
    assert release.startswith("https://") and release.endswith("/releases/download/data-1")


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("wrong", "does not match"),
        ("half", "Incomplete|incomplete|broken|match"),
        ("missing", "404"),
    ],
)
def test_a_broken_download_leaves_nothing_behind_and_says_why(mirrors, folder, reason):
    mirrors(folder)
    with pytest.raises(FileNotFoundError, match=reason) as raised:
        store.fetch(NAME)
    assert f"/{folder}/{NAME}" in str(raised.value)
    assert in_cache() == []


def test_without_a_network_the_message_says_what_to_set_and_where_to_put_the_file(monkeypatch):
    monkeypatch.setattr(store, "mirrors", lambda: ["http://127.0.0.1:9"])  # nobody listens there
    with pytest.raises(FileNotFoundError) as raised:
        store.fetch(NAME)
    message = str(raised.value)
    assert f"{NAME} (0.1 MB)" in message and "http://127.0.0.1:9/tiny.npz" in message
    assert f"set COURSEKIT_DATA to a folder that holds {NAME}" in message
    assert f"put the file at {store.cache() / NAME}" in message
    assert "COURSEKIT_MIRROR" in message and "COURSEKIT_PROFILE=quick" in message


def test_an_error_without_words_is_reported_by_its_name(monkeypatch):
    def fail(*args, **kwargs):
        raise TimeoutError

    monkeypatch.setattr(store.pooch, "retrieve", fail)
    with pytest.raises(FileNotFoundError, match="TimeoutError"):
        store.fetch(NAME)


def test_a_cache_that_cannot_be_written_is_reported(mirrors, monkeypatch, tmp_path):
    mirrors("right")
    (tmp_path / "file").touch()
    monkeypatch.setattr(store, "cache", lambda: tmp_path / "file" / "cache")
    with pytest.raises(FileNotFoundError, match="could not be downloaded") as raised:
        store.fetch(NAME)
    assert str(tmp_path / "file") in str(raised.value)


def test_the_folder_of_coursekit_data_comes_before_the_cache(monkeypatch, tmp_path, mirrors):
    mirrors("right")
    assert store.fetch(NAME) == store.cache() / NAME
    (tmp_path / NAME).write_bytes(CONTENT)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    assert store.fetch(NAME) == tmp_path / NAME


def test_a_file_without_originals_names_its_origin_and_no_recipe(monkeypatch):
    file = dataclasses.replace(store.FILES[NAME], origin="https://far.away/collection")
    monkeypatch.setattr(store, "FILES", {NAME: file})
    monkeypatch.setattr(store, "mirrors", list)
    with pytest.raises(
        FileNotFoundError, match="Its origin: https://far.away/collection"
    ) as raised:
        store.fetch(NAME)
    assert "data pack" not in str(raised.value)


def test_a_file_that_the_folder_lacks_comes_from_the_cache(monkeypatch, tmp_path, mirrors):
    mirrors("right")
    cached = store.fetch(NAME)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    assert store.find(NAME) == cached


@pytest.mark.parametrize("place", ["folder", "cache"])
def test_a_damaged_file_is_named_and_left_untouched(monkeypatch, tmp_path, mirrors, place, server):
    mirrors("right")
    (tmp_path / place).mkdir()
    damaged = tmp_path / place / NAME
    damaged.write_bytes(CONTENT[:-1])
    if place == "folder":
        monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / place))
    with pytest.raises(ValueError, match="damaged or another version") as raised:
        store.fetch(NAME)
    assert str(damaged) in str(raised.value)
    assert store.FILES[NAME].sha256 in str(raised.value)
    assert f"data fetch {NAME}" in str(raised.value)
    assert damaged.read_bytes() == CONTENT[:-1] and server.asked == []


def test_a_folder_that_is_none_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="COURSEKIT_DATA='.*nowhere' is not a folder"):
        store.fetch(NAME)


@pytest.mark.parametrize("ask", [store.find, store.fetch])
def test_an_unknown_name_lists_the_known_ones(ask):
    with pytest.raises(ValueError, match=f"unknown data file 'huge.npz'.*{NAME}.*name must be one"):
        ask("huge.npz")


@pytest.mark.parametrize("ask", [store.find, store.fetch])
@pytest.mark.parametrize(("kind", "value"), garbage(NAME).items())
def test_garbage_is_refused_by_name(ask, kind, value):
    with pytest.raises((TypeError, ValueError), match=r"\bname\b"):
        ask(value)


def test_two_processes_that_fetch_at_once_both_get_the_verified_file(server, fetch_twice):
    path = store.cache() / NAME
    assert fetch_twice(NAME, f"{server.address}/right") == [path, path]
    assert len(server.asked) == 2 and in_cache() == [NAME]
    assert path.read_bytes() == CONTENT


def test_the_file_never_stands_half_written_under_its_name(mirrors, monkeypatch):
    """Whoever looks while bytes arrive sees no file, or after the end the whole one."""
    mirrors("right")
    seen = []

    class Watching(store.pooch.HTTPDownloader):
        def __call__(self, url, output_file, pooch, **kwargs):
            super().__call__(url, output_file, pooch, **kwargs)
            seen.append(store.find(NAME))

    monkeypatch.setattr(store.pooch, "HTTPDownloader", Watching)
    store.fetch(NAME)
    assert seen == [None] and store.find(NAME)


@pytest.mark.data
def test_every_file_of_the_course_is_here_and_verified(monkeypatch):
    monkeypatch.undo()
    assert all(store.find(name) for name in store.FILES)
