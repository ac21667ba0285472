"""Intake: one student's trouble stays that student's, and every file has an owner."""

import os

import pytest

from coursetools.grading import archives
from coursetools.grading.intake import collect
from tests.coursetools.grading.test_intake import NOTEBOOK, archive, fill, problem


def test_a_link_to_a_file_or_folder_is_not_followed(tmp_path):
    fill(tmp_path / "class", {"ada.ipynb": NOTEBOOK})
    fill(tmp_path / "secret", {"x.ipynb": NOTEBOOK})
    (tmp_path / "class/eve.ipynb").symlink_to(tmp_path / "secret/x.ipynb")
    (tmp_path / "class/mallory").symlink_to(tmp_path / "secret")
    assert "it is a link" in problem(tmp_path / "class")
    assert "only mallory (it is a link" in problem(tmp_path / "class", "mallory")


def test_a_link_put_in_place_after_the_look_is_not_followed(tmp_path):
    fill(tmp_path, {"secret.txt": b"secret"})
    (tmp_path / "x").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(OSError):
        archives._open(tmp_path / "x")


def test_a_pipe_does_not_stop_the_batch(tmp_path):
    fill(tmp_path, {"ada.ipynb": NOTEBOOK})
    os.mkfifo(tmp_path / "eve.ipynb")
    assert "device" in problem(tmp_path)


def test_a_notebook_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1_000_000)
    files = {"ada.ipynb": NOTEBOOK, "eve.ipynb": os.urandom(1_000_001)}
    for path in (fill(tmp_path / "class", files), archive(tmp_path / "class.zip", files)):
        assert problem(path) == "eve.ipynb: it is larger than 1 MB; clear its outputs"


def test_an_empty_folder_and_one_without_a_notebook(tmp_path):
    fill(tmp_path, {"ada.ipynb": NOTEBOOK, "eve/report.pdf": b"%PDF", "bob/x/y": b""})
    (tmp_path / "carl").mkdir()
    assert problem(tmp_path) == "no notebook, only eve/report.pdf"
    assert (
        problem(tmp_path, "carl")
        == "no notebook, only carl (it is an empty folder, or closed to you)"
    )


def test_a_folder_that_is_too_deep_is_not_searched(tmp_path):
    deep = "/".join(["eve", *"abcdefghij", "x.ipynb"])
    fill(tmp_path, {"ada.ipynb": NOTEBOOK, deep: NOTEBOOK})
    assert problem(tmp_path).startswith("no notebook, only eve/a/b/c/d/e/f (it is a link, folder")


@pytest.mark.parametrize("name", ["eve.ipynb.txt", "eve.ipynb.json"])
def test_a_notebook_with_a_second_ending_is_named(tmp_path, name):
    fill(tmp_path, {"ada.ipynb": NOTEBOOK, name: NOTEBOOK})
    assert problem(tmp_path) == f"no notebook, only {name}"


def test_an_archive_beside_notebooks_is_its_students_and_is_not_lost(tmp_path):
    fill(tmp_path, {"ada.ipynb": NOTEBOOK, "bob.ipynb": NOTEBOOK})
    for name in ("eve.zip", "bob.ZIP"):
        archive(tmp_path / name, {"x.ipynb": NOTEBOOK})
    assert problem(tmp_path) == "no notebook, only eve.zip"
    found = {submission.student: submission for submission in collect(tmp_path).submissions}
    assert found["bob"].content == NOTEBOOK and found["bob"].problem == "left aside: bob.ZIP"


def test_every_file_is_a_students_or_a_stray(tmp_path):
    names = ["ada.ipynb", "bob/x.ipynb", "bob/helper.py", "bob/data/a.csv", "carl.pdf", "readme"]
    names += [f"dora/{n}.txt" for n in range(7)]
    for path in (
        fill(tmp_path / "class", dict.fromkeys(names, NOTEBOOK)),
        archive(tmp_path / "class.zip", dict.fromkeys(names, NOTEBOOK)),
    ):
        found = collect(path)
        assert found.strays == ["carl.pdf", "readme"]
        ada, bob, dora = found.submissions
        assert ada.problem is None
        assert sorted(bob.problem[len("left aside: ") :].split(", ")) == sorted(names[2:4])
        assert dora.problem.startswith("no notebook, only dora/")
        assert dora.problem.endswith(".txt and 2 more")


def test_a_stray_beside_nbgraders_folder_does_not_make_one_student_of_all(tmp_path):
    names = ["submitted/ada/01/x.ipynb", "submitted/bob/01/x.ipynb", "gradebook.db"]
    found = collect(fill(tmp_path, dict.fromkeys(names, NOTEBOOK)))
    assert [one.student for one in found.submissions] == ["ada", "bob"]
    assert found.strays == ["gradebook.db"]
