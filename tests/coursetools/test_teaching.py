"""The commands of teachers: what they refuse, and that their options arrive."""

import pytest

from coursetools.__main__ import main


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
