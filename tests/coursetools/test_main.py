import hashlib
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from coursekit.data import store
from coursetools import notebooks
from coursetools.__main__ import main


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with one of two known files, and no cache."""
    contents = b"numbers"
    known = {
        name: store.File(hashlib.sha256(contents).hexdigest(), 0.1, "numbers", "us", "CC0")
        for name in ("here.npz", "gone.npz")
    }
    monkeypatch.setattr(store, "FILES", known)
    monkeypatch.setattr(store, "cache", lambda: tmp_path / "cache")
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    (tmp_path / "here.npz").write_bytes(contents)
    return tmp_path


def write(path, *sources):
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


def test_help_is_quick_because_it_imports_nothing_heavy():
    code = (
        "import sys; from coursetools.__main__ import main\n"
        "try: main(['--help'])\n"
        "finally: print({'torch', 'pandas', 'nbformat'} & set(sys.modules), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stderr == "set()\n"
    assert all(
        f"\n    {room}" in run.stdout
        for room in ("data", "run", "spread", "exercises", "grade", "report", "mark")
    )


@pytest.mark.parametrize("arguments", [[], ["data"], ["run"], ["exercises"], ["fly"]])
def test_incomplete_commands_show_the_usage(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: python -m coursekit" in capsys.readouterr().err


def test_data_list_says_what_there_is_and_where(data, capsys):
    assert main(["data", "list"]) == 0
    printed = capsys.readouterr().out
    assert str(data / "here.npz") in printed and "CC0" in printed
    assert "gone.npz" in printed and "not here" in printed


def test_data_fetch_prints_the_path(data, capsys):
    assert main(["data", "fetch", "here.npz"]) == 0
    assert capsys.readouterr().out == f"{data / 'here.npz'}\n"


def test_unknown_data_is_one_line_without_traceback(data, capsys):
    assert main(["data", "fetch", "cats.npz"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("coursekit: unknown data file 'cats.npz'; the known ones are here.npz")
    assert error.count("\n") == 1


def test_data_verify_finds_damage(data, capsys):
    assert main(["data", "verify"]) == 0
    assert capsys.readouterr().out == "here.npz: ok\ngone.npz: not here\n"
    (data / "here.npz").write_bytes(b"numb")
    assert main(["data", "verify"]) == 1
    assert "here.npz is damaged" in capsys.readouterr().out


def test_run_stores_the_outputs(tmp_path, capsys):
    path = write(tmp_path / "01_tiny.ipynb", "print(1)")
    assert main(["run", str(path), "--profile", "quick"]) == 0
    assert nbformat.read(path, as_version=4).metadata.coursekit.profile == "quick"
    assert "stored its outputs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "77"], "no notebook '77'; name one of "),
        (["spread", "77"], "no notebook '77'; name one of "),
        (["run", "PATH", "--profile", "fast"], "unknown profile 'fast'; the known ones are"),
        (["run", "PATH"], "01_tiny.ipynb: cell 0 raised ValueError: no (the file is unchanged)"),
    ],
)
def test_an_expected_error_is_one_line(tmp_path, capsys, arguments, message):
    path = write(tmp_path / "01_tiny.ipynb", "raise ValueError('no')")
    assert main([str(path) if word == "PATH" else word for word in arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"coursekit: {message}") and error.count("\n") == 1


def test_spread_prints_a_table_and_the_failures(tmp_path, capsys):
    path = write(
        tmp_path / "01_tiny.ipynb",
        "import os; seed = int(os.environ['COURSEKIT_SEED'])",
        "print(f'error: {2 + seed} (expected 0 to 9)')",
        "assert seed == 0",
    )
    assert main(["spread", str(path), "--profile", "quick", "--seeds", "2"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1].split() == ["error", "2", "3", "2", "3", "2.5"]
    assert printed.err == "seed 1: cell 2 raised AssertionError: \n"


def test_exercises_release_and_check(tmp_path, monkeypatch, capsys):
    released = "book/exercises/01_tiny.ipynb"
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(
        "coursetools.grading.release.generate", lambda root: {root / released: "new"}
    )
    assert main(["exercises", "release", "--check"]) == 1
    assert f"{released} is not what its source gives" in capsys.readouterr().out
    assert main(["exercises", "release"]) == 0
    assert capsys.readouterr().out == f"{released}\n"
    assert main(["exercises", "release", "--check"]) == 0
    assert capsys.readouterr().out == "exercises are up to date\n"


@pytest.mark.parametrize("command", ["report", "mark"])
def test_a_folder_that_grade_did_not_make_is_named(command, tmp_path, capsys):
    assert main([command, str(tmp_path)]) == 1
    assert f"{tmp_path} has no run.json" in capsys.readouterr().err


def test_canvas_needs_the_column_and_the_column_canvas(tmp_path, capsys):
    for options in (["--canvas", "gradebook.csv"], ["--column", "PS1"]):
        assert main(["report", str(tmp_path), *options]) == 1
        assert "go together" in capsys.readouterr().err


def test_every_option_of_grade_reaches_the_grader(monkeypatch):
    from coursetools.grading import grade

    calls = []
    monkeypatch.setattr(grade, "grade", lambda *paths, **options: calls.append((paths, options)))
    main(
        [
            "grade",
            "zip",
            "--out",
            "results",
            "--source",
            "nb",
            "--roster",
            "csv",
            "--jobs",
            "3",
            "--time",
            "9",
            "--call-time",
            "8",
            "--memory",
            "7",
            "--seed",
            "6",
            "--scheduler",
            "tcp://a:1",
            "--index",
            "2",
            "--of",
            "5",
            "--unsafe",
        ]
    )
    ((paths, options),) = calls
    limits = options.pop("limits")
    assert (limits.total_seconds, limits.call_seconds, limits.memory_mb) == (9, 8, 7)
    assert paths == ("zip", "results") and options == {
        "source": "nb",
        "roster": "csv",
        "jobs": 3,
        "seed": 6,
        "scheduler": "tcp://a:1",
        "unsafe": True,
        "part": (2, 5),
    }
