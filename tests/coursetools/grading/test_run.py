"""A grading keeps its settings, closes its secrets to others, and loses its locks when killed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from coursetools.grading import records, run

ROOT = Path(__file__).parents[3]
SETTINGS = {"notebook": "02_x.ipynb", "limits": {"memory_mb": 4096}, "unsafe": False}


def test_the_seed_is_drawn_once_and_then_kept(tmp_path):
    seed = run.open_run(tmp_path / "new/folder", SETTINGS)
    assert run.open_run(tmp_path / "new/folder", SETTINGS) == seed
    assert run.open_run(tmp_path / "another", SETTINGS) != seed
    assert run.open_run(tmp_path / "given", SETTINGS, 7) == 7
    assert oct((tmp_path / "new/folder").stat().st_mode)[-3:] == "700"


def test_nobody_else_reads_results_also_where_the_folder_was_there(tmp_path):
    umask = os.umask(0)
    try:
        (folder := tmp_path / "results").mkdir(mode=0o775)
        run.open_run(folder, SETTINGS)
        with run.lock(folder / "lock"):
            records.save(folder, {"student": "ada", "key": "k" * 64})
    finally:
        os.umask(umask)
    folders = {folder, folder / "records"}
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert modes == {path: 0o700 if path in folders else 0o600 for path in modes}


def test_a_folder_that_everybody_writes_to_is_refused_and_stays_as_it_is(tmp_path):
    (folder := tmp_path / "shared").mkdir()
    folder.chmod(0o1777)
    with pytest.raises(ValueError, match="everybody may write to .*another folder with --out"):
        run.open_run(folder, SETTINGS)
    assert folder.stat().st_mode & 0o7777 == 0o1777 and not list(folder.iterdir())


def test_other_settings_are_refused_with_the_difference_and_the_remedy(tmp_path):
    run.open_run(tmp_path, SETTINGS, 7)
    for settings, seed, text in (
        (SETTINGS | {"unsafe": True}, None, r"unsafe False \(now True\); give the same"),
        (SETTINGS | {"limits": {"memory_mb": 9}}, None, r"'memory_mb': 4096.*now.*'memory_mb': 9"),
        (SETTINGS, 8, r"seed 7 \(now 8\).*another folder with --out"),
    ):
        with pytest.raises(ValueError, match=text):
            run.open_run(tmp_path, settings, seed)
    assert run.open_run(tmp_path, SETTINGS) == 7


def test_a_damaged_run_file_stops_with_what_to_do(tmp_path):
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(ValueError, match="move the file away"):
        run.open_run(tmp_path, SETTINGS)


HOLD = """
import sys
from pathlib import Path
from coursetools.grading.run import lock
with lock(Path(sys.argv[1]), shared="shared" in sys.argv):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["alone", "shared"])
def test_a_lock_keeps_another_process_out_until_it_is_killed(tmp_path, kind):
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path, kind],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RuntimeError, match="another grader is at work"), run.lock(path):
            pass
        if kind == "shared":
            with run.lock(path, shared=True):
                pass
        holder.kill()
        holder.wait()
        with run.lock(path):
            pass
