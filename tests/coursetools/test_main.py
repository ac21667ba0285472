"""The authors' and graders' commands: what each does, and that a mistake is one line."""

import subprocess
import sys
import types
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbformat.v4 import new_code_cell, new_notebook

from coursetools import notebooks
from coursetools.__main__ import main, seed_list


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
        for room in (
            "run",
            "spread",
            "release",
            "data",
            "grade",
            "report",
            "mark",
            "similar",
            "gradebook",
        )
    )


@pytest.mark.parametrize(
    "arguments", [[], ["data"], ["data", "pack", "mnist.npz"], ["run"], ["fly"]]
)
def test_incomplete_commands_show_the_usage(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: python -m coursetools" in capsys.readouterr().err


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
    assert error.startswith(f"coursetools: {message}") and error.count("\n") == 1


@pytest.mark.parametrize("package", ["nbformat", "nbclient"])
def test_a_package_that_is_not_installed_is_one_line_that_names_the_extra(package):
    code = (
        f"import sys; sys.modules['{package}'] = None\n"
        "from coursetools.__main__ import main\n"
        "sys.exit(main(['run', '01', '--profile', 'quick']))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert run.stderr.startswith(f"coursetools: {package} is not installed; the extra coursekit[to")
    assert "pip install -e '.[tools]'" in run.stderr


def test_a_missing_kernel_is_one_line_too(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(notebooks, "NotebookClient", lambda *_, **__: NoKernel())
    assert main(["run", str(write(tmp_path / "01_tiny.ipynb", "1"))]) == 1
    assert capsys.readouterr().err.startswith("coursetools: ipykernel is not installed; the extra")


class NoKernel:
    """Stands for nbclient where no kernel is installed."""

    def execute(self, **options):
        raise NoSuchKernel("python3")


def pack_of(monkeypatch):
    """The calls of a stand-in for `coursetools.packing.pack`."""
    calls = []
    packing = types.ModuleType("coursetools.packing")
    packing.pack = lambda *arguments: calls.append(arguments) or arguments[2] / arguments[0]
    monkeypatch.setitem(sys.modules, "coursetools.packing", packing)
    return calls


@pytest.mark.parametrize(
    ("folder", "options", "out"),
    [("", [], "."), ("course", [], "course"), ("course", ["--out", "here"], "here")],
)
def test_data_pack_writes_to_the_folder_of_data(monkeypatch, capsys, folder, options, out):
    calls = pack_of(monkeypatch)
    monkeypatch.setenv("COURSEKIT_DATA", folder)
    assert main(["data", "pack", "mnist.npz", "raw", *options]) == 0
    assert calls == [("mnist.npz", Path("raw"), Path(out))]
    assert capsys.readouterr().out == f"{Path(out) / 'mnist.npz'}\n"


def test_spread_prints_tables_and_the_failures(tmp_path, capsys):
    path = write(
        tmp_path / "01_tiny.ipynb",
        "import os; seed = int(os.environ['COURSEKIT_SEED'])",
        "from coursekit.checks import expect; expect('error', seed, quick=(0, 9), full=(0, 9))",
        "assert seed == 2",
    )
    assert main(["spread", str(path), "--profile", "quick", "--seeds", "2,4"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].endswith("01_tiny.ipynb with the seeds 2, 4 (quick)")
    assert "\nerror  " in printed.out and " 2         3         4 " in printed.out
    assert printed.err == "seed 4: cell 2 raised AssertionError: \n"


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0-4", [0, 1, 2, 3, 4]), ("3", [3]), ("0,2,5", [0, 2, 5]), ("1-3,2,7-7", [1, 2, 3, 7])],
)
def test_seeds_are_written_as_ranges_and_lists(text, seeds):
    assert seed_list(text) == seeds


@pytest.mark.parametrize("text", ["", "-1", "a", "5-3", "1,", "0 - 4", "0-2-4"])
def test_what_names_no_seeds_is_refused(text, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["spread", "01", f"--seeds={text}"])
    assert "write 0-9" in capsys.readouterr().err


def test_release_and_check(tmp_path, monkeypatch, capsys):
    released = "book/exercises/01_tiny.ipynb"
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(
        "coursetools.grading.release.generate", lambda root: {root / released: "new"}
    )
    assert main(["release", "--check"]) == 1
    assert f"{released} is not what its source gives" in capsys.readouterr().out
    assert main(["release"]) == 0
    assert capsys.readouterr().out == f"{released}\n"
    assert main(["release", "--check"]) == 0
    assert capsys.readouterr().out == "exercises are up to date\n"
