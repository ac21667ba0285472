"""Intake: one notebook alone, and when something was handed in."""

import time
import zipfile

import pytest

from coursetools.grading.intake import collect
from tests.coursetools.grading.test_intake import (
    LAYOUTS,
    NOTEBOOK,
    aged,
    archive,
    fill,
    only,
    problem,
)


@pytest.mark.parametrize(
    ("name", "student"),
    [case for case in LAYOUTS.values() if "/" not in case[0]] + [("Ada.IPYNB", "Ada")],
)
def test_one_notebook_is_named_as_in_a_folder(tmp_path, name, student):
    fill(tmp_path, {name: NOTEBOOK, "bob.ipynb": NOTEBOOK})
    found = only(tmp_path / name)
    assert (found.student, found.file, found.content, found.problem) == (
        student,
        name,
        NOTEBOOK,
        None,
    )
    assert found.handed_in and only(tmp_path / name).late is False


@pytest.mark.parametrize("content", [b"", b"not JSON", b"PK\x03\x04"])
def test_one_notebook_that_is_none_is_still_handed_in(tmp_path, content):
    found = only(fill(tmp_path, {"ada.ipynb": content}) / "ada.ipynb")
    assert (found.student, found.content) == ("ada", content)


def test_one_notebook_that_is_a_folder_is_a_folder(tmp_path):
    found = collect(fill(tmp_path / "class.ipynb", {"ada.ipynb": NOTEBOOK, "bob.ipynb": NOTEBOOK}))
    assert [one.student for one in found.submissions] == ["ada", "bob"]


# ---------------------------------------------------------------------------- when


def member(name, minute):
    """A member of an archive of 2026-11-21 19:xx, by the clock of who packed it."""
    return zipfile.ZipInfo(name, (2026, 11, 21, 19, minute, 0))


def test_of_two_members_of_an_archive_the_one_that_is_minutes_newer_counts(tmp_path):
    files = {member("ada/b.ipynb", 1): NOTEBOOK, member("ada/a.ipynb", 3): NOTEBOOK + b" "}
    assert only(archive(tmp_path / "class.zip", files)).file == "ada/a.ipynb"


@pytest.fixture
def berlin(monkeypatch):
    """A machine with the clock of Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_time_is_that_of_the_file_or_of_the_member_by_the_machine_s_clock(tmp_path, berlin):
    aged(tmp_path / "class", {"a.ipynb": (NOTEBOOK, 1_795_285_800.7), "b.ipynb": (b"{}", 1.8e9)})
    assert only(tmp_path / "class").handed_in == "2026-11-21T18:30:00Z"
    one = only(tmp_path / "class/ada/a.ipynb")
    assert one.handed_in == "2026-11-21T18:30:00Z"
    path = archive(tmp_path / "class.zip", {member("ada.ipynb", 30): NOTEBOOK})
    assert only(path).handed_in == "2026-11-21T18:30:00Z"


@pytest.mark.parametrize(
    "date", [(1980, 1, 1, 0, 0, 0), (2026, 0, 0, 0, 0, 0), (2026, 2, 31, 25, 0, 0)]
)
def test_a_member_without_a_sound_time_is_read_and_has_none(tmp_path, date):
    info = zipfile.ZipInfo("ada.ipynb")
    info.date_time = date
    found = only(archive(tmp_path / "class.zip", {info: NOTEBOOK}))
    assert (found.content, found.handed_in) == (NOTEBOOK, None)


def test_nbgrader_s_timestamp_is_the_time_and_is_no_stray_file(tmp_path):
    files = {"ada/01/x.ipynb": NOTEBOOK, "bob/01/x.ipynb": NOTEBOOK, "eve/x.ipynb": NOTEBOOK}
    stamps = {"ada/01": b"2026-11-20 10:00:00.5 UTC", "bob/01": b"soon", "eve/old": b"2001-01-01"}
    files |= {f"{folder}/timestamp.txt": text for folder, text in stamps.items()}
    folder = fill(tmp_path / "submitted", files | {"timestamp.txt": b"2001-01-01"})
    found = collect(folder)
    assert found.strays == [] and [one.problem for one in found.submissions] == [None] * 3
    times = [one.handed_in for one in found.submissions]
    assert times[:2] == ["2026-11-20T10:00:00Z", None] and times[2] > "2026"


def test_a_timestamp_in_a_student_s_upload_to_moodle_does_not_count(tmp_path):
    folder = "Eve_1_assignsubmission_file"
    fill(tmp_path, {f"{folder}/x.ipynb": NOTEBOOK, f"{folder}/timestamp.txt": b"2001-01-01"})
    assert only(tmp_path).handed_in > "2026"


def test_a_timestamp_alone_is_no_notebook(tmp_path):
    fill(tmp_path, {"ada.ipynb": NOTEBOOK, "eve/01/timestamp.txt": b"2001-01-01"})
    assert problem(tmp_path) == "no notebook, only eve/01/timestamp.txt"
