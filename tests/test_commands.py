"""The commands and the CI files: what they promise, and that they stop with advice."""

import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def make(*arguments):
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True)


def workflow(name):
    """A parsed workflow; YAML 1.1 reads its key `on` as true."""
    parsed = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
    return parsed | {"on": parsed.pop(True)}


def commands(job):
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_make_alone_lists_the_commands():
    listed = set(re.findall(r"^make (\w+)", make().stdout, re.MULTILINE))
    assert listed == {"book", "test", "coverage", "lint", "run", "spread", "bench", "clean"}


def test_a_python_that_does_not_fit_is_named(tmp_path):
    run = make("book", "PYTHON=false", f"VENV={tmp_path}/none")
    assert run.returncode and "Python 3.11 to 3.13 is needed" in run.stdout
    assert not (tmp_path / "none").exists()


def test_the_parts_of_make_test_run_in_order():
    planned = make("--dry-run", "test", "READY=Makefile").stdout
    parts = [
        "ruff check . &&",
        "ruff format --check .",
        "pytest coursekit coursetools tests --ignore=tests/book",
        "--nbval-lax",
        "rm -rf _build",
        "jupyter-book build --all -W -n",
        "pytest tests/book",
    ]
    places = [planned.find(part) for part in parts]
    assert -1 not in places and places == sorted(places)


def test_the_tested_versions_hold_except_in_a_conda_environment(tmp_path):
    (tmp_path / "conda/conda-meta").mkdir(parents=True)
    for name, pinned in (("plain", True), ("conda", False)):
        planned = make("--dry-run", "environment", f"VENV={tmp_path / name}").stdout
        assert ("--constraint constraints.txt" in planned) is pinned
        assert '--editable ".[book,test]"' in planned


@pytest.mark.parametrize("name", ["coursekit", "coursetools"])
def test_each_package_has_a_command_of_its_name(name):
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts[name].partition(":")
    assert callable(getattr(import_module(module), function)) and module == f"{name}.__main__"


def test_a_commit_is_checked_by_the_environments_own_ruff():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    for hook in repo["hooks"]:
        assert hook["language"] == "system" and hook["entry"].startswith("ruff ")


def test_versions_are_proposed_for_packages_and_actions():
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "github-actions"}


def test_ci_runs_make_test():
    script = (ROOT / ".ci/run").read_text()
    assert script.rstrip().endswith("\nmake test") and "set -euo pipefail" in script
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_pin_majors_limit_rights_and_time(path):
    parsed = workflow(path.name)
    assert parsed["permissions"]["contents"] == "read"
    for job in parsed["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/x@v1"))


def test_every_change_runs_on_cpu_and_main_is_published():
    ci = workflow("ci.yml")
    test, deploy = ci["jobs"]["test"], ci["jobs"]["deploy"]
    assert "pull_request" in ci["on"] and ci["on"]["push"]["branches"] == ["main"]
    assert test["env"]["PIP_EXTRA_INDEX_URL"].endswith("/whl/cpu")
    assert ".ci/run" in commands(test)
    assert any(step.get("with", {}).get("path") == "_build/html" for step in test["steps"])
    assert deploy["needs"] == "test" and "refs/heads/main" in deploy["if"]
    assert any("deploy-pages" in step.get("uses", "") for step in deploy["steps"])


def test_a_pull_request_keeps_its_book_with_no_right_but_reading():
    preview = workflow("preview.yml")
    (job,) = preview["jobs"].values()
    assert preview["on"] == {"pull_request": None}
    assert preview["permissions"] == {"contents": "read"}
    assert "permissions" not in job and "secrets" not in str(preview)
    kept = job["steps"][-1]
    assert "make book" in commands(job) and kept["uses"].startswith("actions/upload-artifact@")
    assert kept["with"]["path"] == "_build/html" and kept["with"]["if-no-files-found"] == "error"


def test_the_gpu_runner_runs_gpu_tests_and_claims_but_no_foreign_code():
    gpu = workflow("gpu.yml")
    job = gpu["jobs"]["gpu"]
    assert job["runs-on"] == ["self-hosted", "gpu"] and "pull_request" not in gpu["on"]
    assert "pytest -m gpu" in commands(job) and "make test-notebooks" in commands(job)
    assert "--profile full" in commands(job) and "get_device_name" in commands(job)


def test_the_weekly_colab_run_opens_an_issue_when_it_fails():
    colab = workflow("colab.yml")
    job = colab["jobs"]["colab"]
    assert colab["on"]["schedule"] and colab["permissions"]["issues"] == "write"
    assert colab["env"]["IMAGE"] == "us-docker.pkg.dev/colab-images/public/runtime"
    run = commands(job)
    assert "pip install -q" in run and "diff before.txt" in run and "--profile quick" in run
    assert [step["if"] for step in job["steps"] if "gh issue create" in step.get("run", "")] == [
        "failure()"
    ]
