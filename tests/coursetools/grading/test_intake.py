"""Intake: the layouts in which notebooks arrive, and what must not get in."""

import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetools.grading.intake import collect, slug

NOTEBOOK = b'{"cells": [{"source": "# exercise 01.1, keep this line"}]}'
LAYOUTS = {
    "notebooks": ("ada.ipynb", "ada"),
    "a folder each": ("ada/any.ipynb", "ada"),
    "folders in it": ("ada/week 1/any.ipynb", "ada"),
    "moodle": ("Ada Lovelace_12345_assignsubmission_file_01_x.ipynb", "Ada Lovelace"),
    "moodle folder": ("Ada Lovelace_12345_assignsubmission_file/01_x.ipynb", "Ada Lovelace"),
    "old moodle folder": ("Ada Lovelace_12345_assignsubmission_file_/x.ipynb", "Ada Lovelace"),
    "canvas": ("lovelaceada_1234_5678_01_x-1.ipynb", "lovelaceada"),
    "nbgrader": ("submitted/ada/01/01_x.ipynb", "ada"),
    "nbgrader archive": ("archive/ada.ipynb", "ada"),
    "one folder": ("class/ada.ipynb", "ada"),
}


def fill(folder, files):
    """Write {"name": bytes} below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def archive(path, files, method=zipfile.ZIP_DEFLATED):
    """Write a zip archive of {"name" or ZipInfo: bytes}."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def only(path, **options):
    """The one submission in `path`."""
    (submission,) = collect(path, **options).submissions
    return submission


def problem(path, student="eve"):
    """What is wrong with one student's file, after a look that Ada's was read all the same."""
    found = {submission.student: submission for submission in collect(path).submissions}
    assert found["ada"].content == NOTEBOOK and found["ada"].problem is None
    assert found[student].content is None
    return found[student].problem


# ---------------------------------------------------------------------------- layouts


def test_one_folder_of_students_in_an_archive_is_the_class_whatever_its_name(tmp_path):
    files = {f"course 7/{name}/{name}.ipynb": NOTEBOOK for name in ("ada", "bob")}
    found = collect(archive(tmp_path / "download.zip", files | {"course 7/eve.zip": b""}))
    assert [submission.student for submission in found.submissions] == ["ada", "bob", "eve"]
    folder = fill(tmp_path / "handed in", {"ada/1/x.ipynb": NOTEBOOK, "ada/2/y.ipynb": NOTEBOOK})
    assert only(folder).student == "ada"
    alone = archive(tmp_path / "one.zip", {"ada/x.ipynb": NOTEBOOK, "ada/y.ipynb": NOTEBOOK})
    assert only(alone).student == "ada"


@pytest.mark.parametrize("kind", ["folder", "archive"])
@pytest.mark.parametrize(("name", "student"), LAYOUTS.values(), ids=list(LAYOUTS))
def test_a_layout_gives_the_student_and_the_notebook(tmp_path, name, student, kind):
    folder = fill(tmp_path / "class", {name: NOTEBOOK})
    if kind == "archive":
        folder = archive(tmp_path / "class.zip", {name: NOTEBOOK})
    found = only(folder)
    assert (found.student, found.content, found.problem) == (student, NOTEBOOK, None)
    assert name.endswith(found.file) and not found.late


def test_a_folder_with_one_archive_is_that_archive(tmp_path):
    folder = fill(tmp_path / "archive", {".DS_Store": b""})
    archive(folder / "notebooks.zip", {"ada.ipynb": NOTEBOOK})
    assert only(folder).content == NOTEBOOK


def test_students_are_sorted(tmp_path):
    fill(tmp_path, {"bob.ipynb": NOTEBOOK, "ada/x.ipynb": NOTEBOOK, "carl.ipynb": NOTEBOOK})
    assert [found.student for found in collect(tmp_path).submissions] == ["ada", "bob", "carl"]


def test_canvas_says_who_was_late(tmp_path):
    fill(tmp_path, {"ada_LATE_1_2_x.ipynb": NOTEBOOK, "bob_3_4_x.ipynb": NOTEBOOK})
    assert [found.late for found in collect(tmp_path).submissions] == [True, False]


def test_two_students_of_one_name_stay_apart(tmp_path):
    folders = [f"{name}_assignsubmission_file" for name in ("Ada_1", "Ada_2", "Bob_3")]
    fill(tmp_path, {f"{name}/x.ipynb": name.encode() for name in folders})
    found = {submission.student: submission.content for submission in collect(tmp_path).submissions}
    assert found == dict(zip(["Ada (1)", "Ada (2)", "Bob"], map(str.encode, folders)))


def test_a_file_named_like_another_students_upload_stays_with_its_own(tmp_path):
    name = "Eve_1_assignsubmission_file_Ada_2_assignsubmission_file_x.ipynb"
    assert only(fill(tmp_path, {name: NOTEBOOK})).student == "Eve"


def test_junk_and_stray_files_are_nobodys(tmp_path):
    names = "ada.ipynb marks.csv .DS_Store __MACOSX/bob.ipynb ._x.ipynb .ipynb_checkpoints/y.ipynb"
    files = dict.fromkeys(names.split(), NOTEBOOK)
    for path in (fill(tmp_path / "folder", files), archive(tmp_path / "class.zip", files)):
        assert only(path).student == "ada"
        assert collect(path).strays == ["marks.csv"]  # and so it is named


def test_names_beyond_ascii_are_composed_also_from_an_archive_that_hides_its_encoding(tmp_path):
    path = tmp_path / "mac.zip"
    archive(path, {"Zoe\u0308.ipynb": NOTEBOOK})
    assert only(path).student == "Zo\xeb"
    content = path.read_bytes()
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # clear the UTF-8 flag
        place = content.index(signature) + offset
        content = content[:place] + b"\0\0" + content[place + 2 :]
    path.write_bytes(content)
    assert only(path).student == "Zo\xeb"


def test_control_characters_and_broken_encodings_do_not_reach_a_name(tmp_path):
    (tmp_path / os.fsdecode(b"a\x1b[31m\xff.ipynb")).write_bytes(NOTEBOOK)
    found = only(tmp_path)
    assert found.student == "a⟨U+001B⟩[31m⟨U+DCFF⟩"
    assert found.file.encode("utf-8").isascii() is False


# ---------------------------------------------------------------------------- several notebooks


def aged(folder, ages):
    """Write Ada's {"name": (content, time)}."""
    for name, (content, time) in ages.items():
        fill(folder, {f"ada/{name}": content})
        os.utime(folder / "ada" / name, (time, time))
    return folder


def test_of_several_notebooks_the_newest_counts_and_the_others_are_named(tmp_path):
    aged(tmp_path, {"b.ipynb": (NOTEBOOK, 1), "a.ipynb": (NOTEBOOK + b" ", 2)})
    found = only(tmp_path)
    assert found.content == NOTEBOOK + b" " and found.file == "ada/a.ipynb"
    assert found.problem == "of several notebooks this one counts, not ada/b.ipynb"


def test_a_newer_notebook_without_exercises_does_not_count(tmp_path):
    aged(tmp_path, {"a.ipynb": (NOTEBOOK, 1), "scratch.ipynb": (b"{}", 2)})
    assert only(tmp_path).file == "ada/a.ipynb"


def test_a_newer_notebook_of_another_chapter_does_not_count(tmp_path):
    other = NOTEBOOK.replace(b"01.1", b"02.1")
    aged(tmp_path, {"a.ipynb": (NOTEBOOK, 1), "b.ipynb": (other, 2)})
    assert only(tmp_path, chapter="01").file == "ada/a.ipynb"
    assert only(tmp_path, chapter="02").file == only(tmp_path).file == "ada/b.ipynb"


def test_of_two_uploads_at_one_time_the_numbered_one_counts(tmp_path):
    names = ["ada_1_2_x-10.ipynb", "ada_1_2_x-9.ipynb", "ada_1_2_x.ipynb"]
    path = archive(tmp_path / "canvas.zip", dict.fromkeys(names, NOTEBOOK))
    assert only(path).file == names[0]


def test_an_unreadable_notebook_gives_way_to_a_readable_one_and_is_named(tmp_path):
    aged(tmp_path, {"a.ipynb": (NOTEBOOK, 1)})
    (tmp_path / "ada/b.ipynb").symlink_to("a.ipynb")
    found = only(tmp_path)
    assert found.content == NOTEBOOK
    assert found.problem.startswith("ada/b.ipynb: it is a link")


# ---------------------------------------------------------------------------- look-alikes


@pytest.mark.parametrize("hidden", ["\u200b", "\u200d", "\u00a0", "\x02", "\u3164", "\udcff"])
def test_names_that_differ_in_what_is_not_seen_are_told_apart(tmp_path, hidden):
    names = ["ada.ipynb", f"ada{hidden}.ipynb", f"ada{hidden}\x03.ipynb"]
    fill(tmp_path, dict.fromkeys(names, NOTEBOOK))
    found = collect(tmp_path).submissions
    assert len({one.student for one in found}) == 3
    assert all(one.student.isprintable() and one.problem is None for one in found)


def test_a_student_named_like_the_number_of_another_loses_nothing(tmp_path):
    folders = ["Ada_1_assignsubmission_file", "Ada_2_assignsubmission_file", "Ada (1)"]
    fill(tmp_path, {f"{name}/x.ipynb": NOTEBOOK for name in folders})
    first, second = collect(tmp_path).submissions
    assert (first.student, second.student) == ("Ada (1)", "Ada (2)")
    assert "of several notebooks this one counts, not Ada" in first.problem


# ---------------------------------------------------------------------------- all at once


def test_a_wrong_path_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.zip").write_bytes(NOTEBOOK)
    with pytest.raises(ValueError, match="No such file"):
        collect(tmp_path / "nowhere")
    for name in ("x.zip", "x.ipynb"):
        with pytest.raises(ValueError, match=f"{name} is no folder, notebook or sound zip archive"):
            collect(tmp_path / name)
    with pytest.raises(ValueError, match="no notebook .* name a folder or zip archive with"):
        collect(tmp_path / "empty")


# ---------------------------------------------------------------------------- slugs


@given(st.text(max_size=80))
def test_a_slug_is_a_safe_file_name(name):
    safe = slug(name)
    assert len(safe) <= 43 and safe == safe.lower() and safe[0].isalnum()
    assert set(safe) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert safe not in ("con", "nul", "aux", "prn", "com1", "lpt1")


@given(st.lists(st.text(alphabet="aA\u00e4 ._-/", max_size=6), unique=True, max_size=50))
def test_different_names_have_different_slugs(names):
    names = {*names, *map(slug, names)}
    assert len({slug(name) for name in names}) == len(names)
