"""Records: what makes a new key, and that no crash or damage costs more than one of them."""

import json
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from coursetools.grading import records
from coursetools.grading.assignment import load
from coursetools.grading.box import Limits
from coursetools.grading.grade import grade
from coursetools.grading.intake import Submission
from coursetools.grading.release import students_notebook

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "notebooks/exercises/02_fully_connected_autoencoders.ipynb"
SUBMISSION = Submission("ada", "02_x.ipynb", b"{}")


@pytest.fixture
def assignment():
    return load(SOURCE)


def a_record(student="ada", key="k" * 64, graded="2026-01-01T00:00:00Z", **more):
    return {
        "student": student,
        "key": key,
        "status": "ok",
        "graded": graded,
        "late": False,
        "tests": [],
        "file": "x.ipynb",
        "message": "",
        "chapter": "02",
        "score": 0.0,
        "possible": 5,
        "seconds": 0.0,
        "unsafe": False,
        "flags": [],
        "texts": {},
        **dict.fromkeys(records.LATER),
    } | more


# ---------------------------------------------------------------------------- keys


def test_a_key_is_the_same_again_and_different_for_every_change(assignment, monkeypatch):
    def key(submission=SUBMISSION, limits=Limits(), seed=1):
        return records.key(submission, assignment, limits, seed)

    assert key() == key() and len(key()) == 64
    changed = [
        key(replace(SUBMISSION, content=b"{ }")),
        key(replace(SUBMISSION, content=None)),
        key(replace(SUBMISSION, student="bob")),  # the same file twice has two records
        key(replace(SUBMISSION, late=True)),
        key(limits=Limits(memory_mb=100)),
        key(seed=2),
    ]
    monkeypatch.setattr(records, "versions", lambda: {"torch": "0"})
    changed.append(key())
    assert len({*changed, records.key(SUBMISSION, assignment, Limits(), 1)}) == len(changed)


def test_a_copy_with_another_time_has_the_same_key_and_all_hand_ins_the_same_judge(assignment):
    key = records.key(SUBMISSION, assignment, Limits(), 1)
    later = replace(SUBMISSION, handed_in="2026-11-21T18:30:00Z")
    assert records.key(later, assignment, Limits(), 1) == key
    job = records.Job(assignment, Limits(), 1)
    other = replace(SUBMISSION, student="bob", content=b"{ }", late=True)
    found = [records.infra_error(one, job, "") for one in (SUBMISSION, other)]
    assert found[0]["judge"] == found[1]["judge"] and found[0]["digest"] != found[1]["digest"]
    changed = [
        records.judge(assignment, Limits(memory_mb=9), 1),
        records.judge(assignment, Limits(), 2),
    ]
    assert len({found[0]["judge"], *changed}) == 3


def test_outputs_of_the_authors_notebook_make_no_new_key_but_its_text_does(assignment):
    before = records.key(SUBMISSION, assignment, Limits(), 1)
    code = next(cell for cell in assignment.notebook.cells if cell.cell_type == "code")
    code.outputs, code.execution_count = [], 7
    assert records.key(SUBMISSION, assignment, Limits(), 1) == before
    code.source += "\n"
    assert records.key(SUBMISSION, assignment, Limits(), 1) != before


@pytest.mark.parametrize("module", ["exercises/chapter_02.py", "grading/examine.py"])
def test_a_change_of_the_tests_or_of_the_grader_makes_a_new_key(assignment, monkeypatch, module):
    before = records.key(SUBMISSION, assignment, Limits(), 1)
    read = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: read(path) + b"#" * str(path).endswith(module)
    )
    assert records.key(SUBMISSION, assignment, Limits(), 1) != before


def test_every_module_that_judges_is_part_of_the_key():
    assert all((ROOT / f"coursetools/grading/{name}.py").is_file() for name in records.GRADER)


def test_each_submission_has_a_seed_of_its_own_that_stays_and_tells_no_secret():
    def seed(secret=7, **change):
        return records.own_seed(secret, replace(SUBMISSION, **change))

    assert seed() == seed(student="bob", late=True) == seed()  # the same work, the same inputs
    others = [seed(), seed(content=b"{ }"), seed(content=None), seed(8), seed(0), seed(2**62)]
    assert len(set(others)) == len(others) and all(0 <= other < 2**64 for other in others)


# ---------------------------------------------------------------------------- files


def test_what_is_saved_is_loaded_and_found(tmp_path):
    path = records.save(tmp_path, a_record("Ada Löve/../x", score=2.5, reason="\ud800<b>"))
    assert path.parent == tmp_path / "records" and re.fullmatch(r"[a-z_0-9-]+\.json", path.name)
    found = records.find(tmp_path, "k" * 64)
    assert records.load(tmp_path) == [found] == [json.loads(path.read_text())]
    assert records.find(tmp_path, "k" * 63 + "j") is None


def test_the_newest_record_of_each_student_wins(tmp_path):
    for key, hour in (("a", 2), ("b", 9), ("c", 4)):
        records.save(tmp_path, a_record("ada", key * 64, f"2026-01-01T{hour:02}:00:00Z"))
    records.save(tmp_path, a_record("aaron", "d" * 64))
    assert [(r["student"], r["key"][0]) for r in records.load(tmp_path)] == [
        ("aaron", "d"),
        ("ada", "b"),
    ]


def test_the_history_of_a_student_ends_with_the_newest_record(tmp_path):
    for key, hour in (("a", 2), ("b", 9), ("c", 4)):
        records.save(tmp_path, a_record("ada", key * 64, f"2026-01-01T{hour:02}:00:00Z"))
    records.save(tmp_path, a_record("aaron", "d" * 64))
    found = records.history(tmp_path)
    assert {name: [r["key"][0] for r in rs] for name, rs in found.items()} == {
        "aaron": ["d"],
        "ada": ["a", "c", "b"],
    }


def test_a_record_from_before_these_fields_were_there_is_read(tmp_path):
    old = {name: value for name, value in a_record().items() if name not in records.LATER}
    path = records.save(tmp_path, old)
    assert "handed_in" not in json.loads(path.read_text())
    (found,) = records.load(tmp_path)
    assert found == a_record() and found["handed_in"] is found["digest"] is None


DAMAGE = [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"student": "ada"}', b"[" * 100_000, b"\0" * 9]


@pytest.mark.parametrize("content", DAMAGE, ids=lambda content: repr(content[:20]))
def test_a_damaged_record_is_named_left_alone_and_replaced(tmp_path, capsys, content):
    path = records.save(tmp_path, a_record())
    records.save(tmp_path, a_record("bob", "b" * 64))
    path.write_bytes(content)
    assert [record["student"] for record in records.load(tmp_path)] == ["bob"]
    assert f"{path} is damaged" in capsys.readouterr().err
    assert path.read_bytes() == content
    assert records.find(tmp_path, "k" * 64) is None
    records.save(tmp_path, a_record())
    assert len(records.load(tmp_path)) == 2


@pytest.mark.parametrize(
    "change",
    [{"score": "9"}, {"score": float("nan")}, {"late": 1}, {"tests": [7]}, {"tests": [{}]}]
    + [{"answers": []}, {"answers": {"02.3": 7}}, {"texts": {"02.5": None}}]
    + [{"handed_in": time} for time in (7, "", "soon", "2026-11-21", "9999-12-31T23:59:59Z")]
    + [{"digest": 7}, {"judge": []}, {"regraded": "02.3"}],
    ids=str,
)
def test_a_record_with_a_value_that_no_report_can_read_is_damaged(tmp_path, capsys, change):
    path = records.save(tmp_path, a_record())
    path.write_text(json.dumps(a_record(**change)))
    records.save(tmp_path, a_record("bob", "b" * 64))
    assert [record["student"] for record in records.load(tmp_path)] == ["bob"]
    assert records.damaged(tmp_path) == [path.name]
    assert f"{path} is damaged" in capsys.readouterr().err


def test_strays_are_kept_named_and_forgotten(tmp_path, capsys):
    assert records.strays(tmp_path) == []
    records.keep_strays(tmp_path, ["marks.csv"])
    assert records.strays(tmp_path) == ["marks.csv"]
    assert "nobody's, not graded: marks.csv" in capsys.readouterr().err
    records.keep_strays(tmp_path, [])
    assert records.strays(tmp_path) == []


def test_a_number_that_json_lacks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        records.save(tmp_path, a_record(score=float("nan")))
    assert not [*tmp_path.glob("records/*")]


# ---------------------------------------------------------------------------- real boxes


@pytest.mark.box
def test_a_seed_gives_the_same_records_with_one_job_or_two(tmp_path):
    notebook = nbformat.read(SOURCE, as_version=4)
    starts = [i for i, cell in enumerate(notebook.cells) if cell.source.startswith("## Ex")]
    del notebook.cells[starts[3] :], notebook.cells[starts[0] : starts[1]]  # 02.2, 02.3 stay
    source, folder, found = tmp_path / "02_small.ipynb", tmp_path / "class", []
    nbformat.write(notebook, source)
    folder.mkdir()
    nbformat.write(notebook, folder / "ada.ipynb")
    nbformat.write(students_notebook(notebook), folder / "bob.ipynb")
    (folder / "eve.ipynb").write_bytes(b"{}")
    for jobs in (1, 2):
        assert grade(folder, tmp_path / str(jobs), source=source, jobs=jobs, seed=3) == 0
        stored = records.load(tmp_path / str(jobs))
        found.append([record | {"seconds": 0, "graded": ""} for record in stored])
    assert found[0] == found[1]
    assert [(record["status"], record["score"]) for record in found[0]] == [
        ("ok", 10.0),
        ("ok", 0.0),
        ("unreadable", 0.0),
    ]
