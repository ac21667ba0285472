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


@pytest.mark.parametrize("command", ["report", "mark", "similar"])
def test_a_folder_that_grade_did_not_make_is_named(command, tmp_path, capsys):
    assert main([command, str(tmp_path)]) == 1
    assert f"{tmp_path} has no run.json" in capsys.readouterr().err


def test_canvas_needs_the_column_and_the_column_canvas(tmp_path, capsys):
    for options in (["--canvas", "gradebook.csv"], ["--column", "PS1"]):
        assert main(["report", str(tmp_path), *options]) == 1
        assert "go together" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("--seed", "-1", "at least 0, got -1"),
        ("--seed", str(2**63), f"at most {2**63 - 1}, got {2**63}"),
        ("--jobs", "-1", "at least 1, got -1"),
        ("--jobs", "0", "at least 1, got 0"),
        ("--jobs", "501", "at most 500, got 501"),
        ("--time", "0", "at least 1, got 0.0"),
        ("--time", "nan", "a finite number, got nan"),
        ("--time", "inf", "a finite number, got inf"),
        ("--time", "1e9", "at most 86400, got 1000000000.0"),
        ("--call-time", "-5", "at least 1, got -5.0"),
        ("--memory", "-1", "at least 256, got -1"),
        ("--memory", str(10**12), "at most 10000000, got 1000000000000"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_before_anything_is_written(
    option, value, problem, tmp_path, capsys
):
    assert main(["grade", str(tmp_path), "--out", str(tmp_path / "out"), option, value]) == 1
    assert capsys.readouterr().err == f"coursetools: {option} must be {problem}\n"
    assert not [*tmp_path.iterdir()]


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
            "700",
            "--seed",
            "6",
            "--scheduler",
            "tcp://a:1",
            "--index",
            "2",
            "--of",
            "5",
            "--unsafe",
            "--student",
            "ada",
            "--student",
            "bob",
            "--exercise",
            "02.3",
        ]
    )
    ((paths, options),) = calls
    limits = options.pop("limits")
    assert (limits.total_seconds, limits.call_seconds, limits.memory_mb) == (9, 8, 700)
    assert paths == ("zip", "results") and options == {
        "source": "nb",
        "roster": "csv",
        "jobs": 3,
        "seed": 6,
        "scheduler": "tcp://a:1",
        "unsafe": True,
        "part": (2, 5),
        "students": ["ada", "bob"],
        "exercises": ["02.3"],
    }
