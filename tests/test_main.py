"""The readers' commands: data sets."""

import hashlib
import subprocess
import sys

import pytest

from coursekit.__main__ import main
from coursekit.data import store


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


def test_help_is_quick_because_it_imports_nothing_heavy():
    code = (
        "import sys; from coursekit.__main__ import main\n"
        "try: main(['--help'])\n"
        "finally: print({'torch', 'pandas', 'coursetools'} & set(sys.modules), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stderr == "set()\n" and "\n    data" in run.stdout


@pytest.mark.parametrize("arguments", [[], ["data"], ["run"], ["fly"]])
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
