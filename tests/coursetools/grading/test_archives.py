"""Intake from archives that are damaged or forged: one member's trouble stays its own."""

import os
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetools.grading import archives
from coursetools.grading.intake import collect

NOTEBOOK = b'{"cells": [{"source": "# exercise 01.1, keep this line"}]}'


def archive(path, files, method=zipfile.ZIP_DEFLATED):
    """Write a zip archive of {"name" or ZipInfo: bytes}."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def problem(path):
    """What is wrong with Eve's file, after a look that Ada's was read all the same."""
    found = {submission.student: submission for submission in collect(path).submissions}
    assert found["ada"].content == NOTEBOOK and found["ada"].problem is None
    assert found["eve"].content is None
    return found["eve"].problem


# ---------------------------------------------------------------------------- a member


def member(kind):
    """A member of an archive with this file type."""
    info = zipfile.ZipInfo("eve.ipynb")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK])
def test_a_link_or_device_in_an_archive_is_not_read(tmp_path, kind):
    files = {"ada.ipynb": NOTEBOOK, member(kind): b"/etc/passwd"}
    assert "it is a link" in problem(archive(tmp_path / "class.zip", files))


def test_a_bomb_in_an_archive_is_not_unpacked(tmp_path, monkeypatch):
    path = archive(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK, "eve.ipynb": bytes(9_000_000)})
    assert "compressed more than 200 times" in problem(path)
    monkeypatch.setattr(archives, "MAX_TOTAL", 1_000_000)
    with pytest.raises(ValueError, match="has 2 members and 9000058 bytes of notebooks, at most"):
        collect(path)


def test_an_archive_that_lies_about_a_size_is_not_believed(tmp_path):
    path = archive(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK, "eve.ipynb": bytes(99_999)})
    content = path.read_bytes()
    assert content.count((99_999).to_bytes(4, "little")) == 2
    path.write_bytes(content.replace((99_999).to_bytes(4, "little"), (9).to_bytes(4, "little")))
    assert "damaged" in problem(path)


def test_a_damaged_encrypted_or_oddly_compressed_member(tmp_path):
    files = {"ada.ipynb": NOTEBOOK, "eve.ipynb": os.urandom(1000)}
    path = archive(tmp_path / "class.zip", files, zipfile.ZIP_STORED)
    content = path.read_bytes()
    middle = content.index(files["eve.ipynb"]) + 500
    path.write_bytes(content[:middle] + b"????" + content[middle + 4 :])
    assert "CRC" in problem(path)
    entry = content.rindex(b"PK\x01\x02")
    path.write_bytes(content[: entry + 8] + b"\1" + content[entry + 9 :])
    assert "encrypted" in problem(path)
    path.write_bytes(content[: entry + 10] + b"\x0e" + content[entry + 11 :])
    assert "compressed in an unusual way" in problem(path)


# ---------------------------------------------------------------------------- the archive


OUTSIDE = [
    "../eve.ipynb",
    "eve/../../eve.ipynb",
    "/eve.ipynb",
    "C:\\eve.ipynb",
    "C:eve.ipynb",
    "..\\eve.ipynb",
    "\\\\server\\eve.ipynb",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_member_whose_name_leads_out_is_refused_alone(tmp_path, name):
    path = archive(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK, name: NOTEBOOK})
    found = {submission.student: submission for submission in collect(path).submissions}
    assert found.pop("ada").content == NOTEBOOK
    (other,) = found.values()
    assert other.content is None and "its name leads out of the archive; rename" in other.problem


def test_a_name_that_leads_out_takes_no_students_place(tmp_path):
    forged = NOTEBOOK + b" "
    path = archive(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK, "../ada.ipynb": forged})
    (ada,) = collect(path).submissions
    assert ada.content == NOTEBOOK and "leads out of the archive" in ada.problem


@pytest.mark.parametrize("name", [".", ""])
def test_a_member_without_a_name_is_refused_alone(tmp_path, name):
    path = archive(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK, "x": NOTEBOOK})
    content = path.read_bytes()
    entry = content.rindex(b"PK\x01\x02")
    if name:
        content = content[: entry + 46] + name.encode() + content[entry + 47 :]
    else:  # the length of the name, then of what follows it
        content = content[: entry + 28] + b"\0\0\1\0" + content[entry + 32 :]
    path.write_bytes(content)
    ada, other = collect(path).submissions
    assert ada.content == NOTEBOOK
    assert other.student == "without a name" and "leads out" in other.problem


def test_an_empty_folder_in_an_archive_is_named_and_a_full_one_is_not(tmp_path):
    files = {"ada/": b"", "ada/week 1/": b"", "ada/week 1/x.ipynb": NOTEBOOK, "eve/": b""}
    assert "it is an empty folder" in problem(archive(tmp_path / "class.zip", files))


def test_an_archive_of_too_many_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    path = archive(tmp_path / "class.zip", {f"{n}.ipynb": NOTEBOOK for n in range(3)})
    with pytest.raises(ValueError, match="has 3 members .* divide it"):
        collect(path)


@given(st.data())
def test_whatever_is_in_an_archive_only_value_errors_stop_it(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzzed.zip"
    archive(path, {"ada.ipynb": NOTEBOOK, "eve/x.ipynb": NOTEBOOK * 9, "bob_1_2_x.ipynb": b""})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(
        content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    )
    try:
        found = collect(path)
    except ValueError:
        return
    for submission in found.submissions:
        assert (submission.content is None) <= (submission.problem is not None)
        submission.student.encode("utf-8")
