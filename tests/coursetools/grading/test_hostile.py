"""A class of hostile, broken and honest submissions, graded as one batch.

Every kind gets exactly the points that its honest part earns, the honest ones get all of
theirs, and nothing outside of the boxes is read, written, reached or left behind.
"""

import json
import os
import socket
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from coursetools.gradebook import report
from coursetools.grading import records
from coursetools.grading.assignment import load
from coursetools.grading.confinement import FIRST_UID, PACKAGE, TOOLS
from coursetools.grading.grade import grade
from coursetools.grading.intake import slug
from tests.coursetools.grading import hostile
from tests.coursetools.grading.hostile_batch import (
    CANARY,
    HONEST,
    KINDS,
    LIMITS,
    SEED,
    STUDENTS,
    Tags,
    ours,
    record_of,
    snapshot,
    watched,
    words,
)


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """The graded batch: records by student, canaries, and the sockets nobody should reach."""
    folder = tmp_path_factory.mktemp("batch")
    for name in ("course", "submissions", "results"):
        (folder / name).mkdir()
    source = hostile.author_notebook(folder / "course")
    with (
        tempfile.NamedTemporaryFile("w", prefix="coursekit-", delete=False) as in_tmp,
        tempfile.NamedTemporaryFile("w", prefix=".coursekit-", dir=Path.home()) as at_home,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as local,
        pytest.MonkeyPatch.context() as patch,
    ):
        local.bind(f"\0coursekit-test-{os.getpid()}")
        local.listen()
        canaries = [
            Path(in_tmp.name),
            Path(at_home.name),
            folder / "course/canary.txt",
            folder / "results/canary.txt",
            folder / "canary.ipynb",
        ]
        author = json.loads(source.read_text())
        for path in canaries:
            path.write_text(CANARY)
        prelude = hostile.PRELUDE.format(
            paths=[str(path) for path in canaries],
            port=server.getsockname()[1],
            socket=local.getsockname().decode(),
            memory=hostile.memory(),
        )
        canaries[-1].write_bytes(hostile.notebook(author, HONEST["honest-full"], CANARY))
        for name, student in STUDENTS.items():
            content = hostile.notebook(author, KINDS[name], prelude)
            hostile.write(folder / "submissions", student, KINDS[name], content)
        before = {path: snapshot(path) for path in [*canaries, *watched(folder)]}
        patch.setenv("COURSEKIT_CANARY", CANARY)
        started = time.monotonic()
        status = grade(
            folder / "submissions", folder / "results", source, jobs=2, limits=LIMITS, seed=SEED
        )
        yield SimpleNamespace(
            folder=folder,
            source=source,
            status=status,
            seconds=time.monotonic() - started,
            records={record["student"]: record for record in records.load(folder / "results")},
            before=before,
            canaries=canaries,
            sockets=[server, local],
        )
    canaries[0].unlink(missing_ok=True)


# ------------------------------------------------------------------------------- the batch


@pytest.mark.box
@pytest.mark.parametrize("name", KINDS)
def test_a_submission_gets_the_points_of_its_honest_part(batch, name):
    record, kind = record_of(batch, name), KINDS[name]
    assert (record["score"], record["possible"]) == (kind.score, 10), words(record)
    assert record["status"] in kind.statuses, words(record)
    assert kind.says in words(record)


@pytest.mark.box
def test_every_submission_has_one_record_and_none_is_the_graders_fault(batch):
    assert batch.status == 0
    assert len(batch.records) == len(STUDENTS) >= 45
    assert len(list((batch.folder / "results/records").iterdir())) == len(STUDENTS)


@pytest.mark.box
def test_nothing_that_lies_outside_of_the_boxes_is_read(batch):
    for record in batch.records.values():
        for secret in (CANARY, str(SEED), "ESCAPED", "def with_ties", "_require_auc"):
            assert secret not in words(record), record["student"]


@pytest.mark.box
def test_nothing_that_lies_outside_of_the_boxes_is_written(batch):
    assert {path: snapshot(path) for path in batch.before} == batch.before
    folders = {path.parent for path in batch.before} | {PACKAGE, TOOLS, Path("/")}
    assert not [path for folder in folders for path in folder.glob("*ESCAPED*")]
    assert {path.name for path in (batch.folder / "results").iterdir()} <= {
        "canary.txt",
        "lock",
        "lock-1-of-1",
        "run.json",
        "run.lock",
        "records",
        "report",
    }


@pytest.mark.box
def test_nobody_connects_to_a_server_on_this_machine(batch):
    for server in batch.sockets:
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.box
def test_nothing_is_left_running(batch):
    deadline = time.monotonic() + 20
    while (left := ours()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left


@pytest.mark.box
def test_boxes_of_two_slots_have_different_uids_and_none_is_root(batch):
    if os.geteuid() != 0:
        pytest.skip("only root can give each slot a uid of its own")
    said = "\n".join(words(record) for record in batch.records.values())
    uids = {int(text.split(":")[0]) for text in said.split("held as uid ")[1:]}
    assert len(uids) >= 2
    assert min(uids) >= FIRST_UID


@pytest.mark.box
def test_records_are_text_that_other_programs_read(batch):
    for path in (batch.folder / "results/records").iterdir():
        text = path.read_bytes().decode("utf-8")
        assert json.loads(text, parse_constant=pytest.fail)["student"]
        assert path.parent == batch.folder / "results/records"


@pytest.mark.box
def test_a_student_cannot_make_a_record_or_a_cell_of_the_csv_huge(batch):
    for record in batch.records.values():
        assert len("; ".join(record["flags"])) < 32_767, record["student"]  # a cell in Excel


# ------------------------------------------------------------------------------- the report


@pytest.fixture(scope="module")
def pages(batch):
    """The folder of the report on the batch."""
    return report.write(batch.folder / "results", load(batch.source)).parent


@pytest.mark.box
def test_no_markup_of_a_student_reaches_a_page(batch, pages):
    files = [pages / "index.html", *(pages / "students").iterdir()]
    assert len(files) == len(STUDENTS) + 1
    for path in files:
        tags = Tags(path.read_text(encoding="utf-8")).found
        assert not {"script", "iframe", "object", "b"} & {name for name, _ in tags}
        assert not [names for _, names in tags if any(name.startswith("on") for name in names)]
        assert "default-src 'none'" in str(tags)
    attacked = (pages / "students" / f"{slug(STUDENTS['html'])}.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in attacked


@pytest.mark.box
def test_no_cell_of_a_csv_starts_a_formula(batch, pages):
    for name in ("tests.csv", "students.csv"):
        table = pd.read_csv(pages / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        cells = table.to_numpy().ravel()
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    students = {*table["student"]}
    assert len(table) == len(STUDENTS)
    assert 'O\'Brien, "Pat"⟨U+000A⟩+49' in students
    assert any("=cmd" in student for student in students)


# ------------------------------------------------------------------------------- beyond the batch


def test_without_bubblewrap_nothing_is_graded(tmp_path, monkeypatch, capsys):
    source = hostile.author_notebook(tmp_path)
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions/ada.ipynb").write_bytes(source.read_bytes())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert grade(tmp_path / "submissions", tmp_path / "results", source) == 2
    assert "apt-get install bubblewrap" in capsys.readouterr().err
    assert not list(tmp_path.glob("results/records/*"))
