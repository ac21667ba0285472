"""A crash leaves the old file or the new one, and what is private is closed to others."""

import os
import stat

import pytest

from coursetools.files import write


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "records/ada.json"
    write(path, "first", private=True)

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write(path, "second", private=True)
    assert path.read_text() == "first" and [*path.parent.iterdir()] == [path]


def test_file_and_folder_reach_the_disk_before_write_returns(tmp_path, monkeypatch):
    order, replace_file, sync = [], os.replace, os.fsync

    def spy(descriptor):
        order.append("folder" if os.path.isdir(f"/dev/fd/{descriptor}") else "file")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    monkeypatch.setattr(os, "replace", lambda *x: (order.append("replace"), replace_file(*x)))
    write(tmp_path / "x", b"first")
    assert order == ["file", "replace", "folder"]


def test_only_what_is_private_is_closed_to_others(tmp_path):
    umask = os.umask(0o022)
    try:
        write(tmp_path / "page", "for all")
        write(tmp_path / "class/marks", "for me", private=True)
    finally:
        os.umask(umask)
    modes = [
        stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("page", "class", "class/marks")
    ]
    assert modes == [0o644, 0o700, 0o600]
