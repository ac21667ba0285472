"""The batch: what is graded again, what survives a kill, and what the instructor is told.

`FakeBox` and `fake_examine` of fakes.py stand in, except where a mark says box.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest

from coursetools.grading import grade as module
from coursetools.grading import records
from coursetools.grading.box import BoxError, Limits
from coursetools.grading.run import lock
from tests.coursetools.grading.batch import ROOT, SOURCE, examined, hand_in, statuses, stored


def test_a_second_run_grades_only_what_is_new_changed_or_damaged(log, grade, out):
    grade({"ada": b"1", "bob": b"2"})
    assert examined(log) == ["ada", "bob"]
    before = records.load(out)
    assert grade({"ada": b"1", "bob": b"2"}, seed=None) == 0
    assert examined(log) == [] and records.load(out) == before
    grade({"ada": b"1", "bob": b"2b", "eve": b"3"})
    assert examined(log) == ["bob", "eve"]
    seeds = [record["seed"] for record in records.load(out)]
    assert seeds[0] == before[0]["seed"] and not {before[1]["seed"], 3} & set(seeds)
    next(out.glob("records/ada-*")).write_text("{")
    grade({"ada": b"1", "bob": b"2", "eve": b"3"})  # bob goes back to his first version
    assert examined(log) == ["ada", "bob"]
    assert [r["score"] for r in records.load(out)][:2] == [r["score"] for r in before]
    with pytest.raises(ValueError, match="was graded with limits .*another folder with --out"):
        grade({"ada": b"1"}, limits=Limits(memory_mb=1))


def test_parts_grade_everybody_once_and_leave_nothing(log, grade, out, tmp_path):
    students = {f"s{n}": bytes([n]) for n in range(7)}
    (roster := tmp_path / "roster.csv").write_text("\n".join(["student", "amy", *students]))
    for part in ((0, 2), (3, 2), (1, 0)):
        with pytest.raises(ValueError, match="parts are numbered from 1"):
            grade(students, part=part)
    for index in (1, 2, 3):
        assert grade(students, part=(index, 3), roster=roster) == 0
    assert examined(log) == ["amy", *students]
    grade(students, roster=roster)
    assert examined(log) == []
    assert statuses(out) == dict.fromkeys(students, "ok") | {"amy": "missing"}


def test_missing_is_who_never_handed_in(log, grade, out, tmp_path, capsys):
    roster = tmp_path / "roster.csv"
    roster.write_text("\ufeffstudent,name\nada,Ada\nbob,Bob\nzoe,Zoe\n", encoding="utf-8")
    assert grade({"ada": b"1", "bob": b"mistake", "eve": b"3"}, roster=roster) == 1
    assert "not on the roster: eve" in capsys.readouterr().err
    before = {"ada": "ok", "bob": "infra_error", "eve": "ok"}
    assert statuses(out) == before | {"zoe": "missing"}
    # A later collection holds only late ones: who was there before is not missing now.
    assert grade({"zoe": b"2"}, roster=roster) == 1
    assert statuses(out) == before | {"zoe": "ok"}


def test_a_roster_with_a_mistake_is_refused(grade, out, tmp_path):
    for text, message in {
        "name\nAda\n": r"has no column 'student', only \['name'\]",
        "": "has no column 'student'",
        "student\nada\nada\n": "a student more than once: ada",
    }.items():
        (tmp_path / "roster.csv").write_text(text)
        with pytest.raises(ValueError, match=message):
            grade({"ada": b"1"}, roster=tmp_path / "roster.csv")
    assert not out.exists()


def test_what_could_not_be_judged_is_named_and_tried_again(log, grade, out, capsys):
    for _ in range(2):
        assert grade({"ada": b"1", "bob": b"mistake"}) == 1
        assert "Not judged: bob (a mistake in" in capsys.readouterr().out
    assert sorted(examined(log)) == ["ada", "bob", "bob"]
    assert grade({"ada": b"1", "bob": b"2"}) == 0
    assert f"2 submissions: 2 ok; records in {out}. Next: " in capsys.readouterr().out


def test_without_a_working_box_nothing_is_graded(log, grade, out, monkeypatch, capsys):
    def fail(slot=0):
        raise BoxError("no bubblewrap; apt-get install bubblewrap")

    monkeypatch.setattr(module, "self_test", fail)
    assert grade({"ada": b"1"}) == 2
    assert "apt-get install bubblewrap" in capsys.readouterr().err
    assert examined(log) == [] and not (out / "run.json").exists()
    assert grade({"ada": b"1"}, unsafe=True) == 0
    assert "WARNING: without a box" in capsys.readouterr().err
    assert records.load(out)[0]["unsafe"] is True


GRADER = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from coursetools.grading import box, grade, pool
if {fakes!r}:
    sys.path.insert(0, {fakes!r})
    import fakes
    pool.Box, pool.examine, pool.STOP_SECONDS = fakes.FakeBox, fakes.fake_examine, 0.2
    grade.self_test = lambda slot=0: None
if __name__ == "__main__":
    limits = box.Limits(total_seconds={seconds})
    sys.exit(grade.grade({path!r}, {out!r}, {source!r}, jobs=2, seed=3, limits=limits))
"""


def start_grader(path, out, fakes=Path(__file__).parent, seconds=600.0):
    """A grader in a process of its own."""
    names = {"path": str(path), "out": str(out), "source": str(SOURCE), "fakes": str(fakes)}
    script = path.with_name("grader.py")
    script.write_text(GRADER.format(seconds=seconds, **names))
    return subprocess.Popen(
        [sys.executable, script],
        text=True,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "nothing happened for a minute"
        time.sleep(0.005)


def running(text):
    """The processes with `text` in their command line, dead ones left out."""
    texts = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            texts[file.parent.name] = file.read_bytes()
    return {process for process in texts if text.encode() in texts[process]}


def test_a_killed_grader_loses_only_what_was_in_flight(log, grade, out, tmp_path):
    students = {f"s{n:02}": bytes([n]) for n in range(24)}
    grade(students, out / "whole", jobs=2)
    path, half = tmp_path / "submissions", out / "killed"
    for finished in (0, 2, 14):
        with start_grader(path, half) as grader:
            wait_for(lambda count=finished: len([*half.glob("records/*.json")]) >= count)
            grader.kill()
    kept = {path: path.stat().st_ino for path in half.glob("records/*.json")}
    assert grade(students, half) == 0 and len(kept) >= 14
    assert all(path.stat().st_ino == number for path, number in kept.items())  # not again
    assert stored(half) == stored(out / "whole")


ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("how", [signal.SIGKILL, *ASKED])
def test_a_stopped_grader_leaves_no_process_behind(log, out, tmp_path, how):
    path = hand_in(tmp_path, {"ada": b"1", "bob": b"hang", "eve": b"hang"})
    with start_grader(path, out) as grader:
        wait_for(lambda: len([*log.iterdir()]) == 3 and [*out.glob("records/ada-*.json")])
        pids = {file.name.partition("-")[2] for file in log.iterdir()}
        assert pids <= running("spawn")
        grader.send_signal(how)
        errors = grader.communicate(timeout=60)[1]
    wait_for(lambda: not pids & running("spawn"))
    assert statuses(out) == {"ada": "ok"}
    if how in ASKED:
        assert grader.returncode == 130 and "Give the same command again" in errors


def test_two_graders_in_one_folder_are_refused_but_two_parts_are_not(log, grade, out):
    def refused(*parts):
        for part in parts:
            with pytest.raises(RuntimeError, match="another grader is at work"):
                grade({"ada": b"1"}, part=part)

    with lock(out / "lock"):  # as one grader of all holds it
        refused((1, 1), (1, 2))
    with lock(out / "lock", shared=True), lock(out / "lock-2-of-2"):
        refused((1, 1), (2, 2))
        assert grade({"ada": b"1"}, part=(1, 2)) == 0


def test_a_hangup_that_is_ignored_stays_ignored(log, grade):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with module._stopping_as_ctrl_c_does():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


SPINS = """
import subprocess
subprocess.Popen(["sh", "-c", "sleep 600; true", "{marker}"])
while True:
    pass
"""


@pytest.mark.box
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_grader_that_is_stopped_while_code_runs_leaves_no_box_behind(out, tmp_path, how):
    marker = f"spins-{os.urandom(8).hex()}"
    notebook = nbformat.read(SOURCE, as_version=4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell(SPINS.format(marker=marker)))
    path = hand_in(tmp_path, {"ada": nbformat.writes(notebook).encode()})
    seconds = 500 + os.getpid() / 1e7  # in the command line of this grader's boxes only
    with start_grader(path, out, fakes="", seconds=seconds) as grader:
        wait_for(lambda: running(marker))
        grader.send_signal(how)
    wait_for(lambda: not running(f'"total_seconds": {seconds}') and not running(marker))
