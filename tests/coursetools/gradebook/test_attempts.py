"""Which of several hand-ins counts, and what lateness costs."""

import math
from types import SimpleNamespace

import pytest

from coursetools.__main__ import main
from coursetools.gradebook import attempts, report
from coursetools.gradebook.marking import NAME
from coursetools.grading import records
from tests.coursetools.gradebook.test_report import ASSIGNMENT
from tests.coursetools.gradebook.test_report import record as one_record

DUE = "due = 2026-11-20T23:59:00+01:00\n"
LATE = DUE + "[late]\nper_day = 0.1\nmost = 0.35\nnothing_after_days = 7\n"
BEST = 'attempts = "best"\n' + LATE


def record(handed_in="2026-11-20T12:00:00Z", student="ada", content="a", **more):
    """A record of 10 points, graded when it was handed in."""
    name = f"{student}{content}{more.get('graded', '')}"
    return one_record(student) | {
        "key": name.encode().hex().ljust(64, "0")[-64:],
        "handed_in": handed_in,
        "graded": handed_in or "2026-11-20T12:00:00Z",
        "digest": content,
        "judge": "today",
        "regraded": None,
        "score": 10.0,
        "possible": 16,
    } | more  # fmt: skip


@pytest.fixture
def results(tmp_path):
    """A function that saves records and a policy and returns their folder."""

    def save(*found, policy=None):
        for one in found:
            records.save(tmp_path, one)
        (tmp_path / "policy.toml").unlink(missing_ok=True)
        if policy is not None:
            (tmp_path / "policy.toml").write_text(policy)
        return tmp_path

    return save


@pytest.fixture
def only(results):
    """The record that counts of the one student, as attributes."""

    def load(*found, policy):
        (one,) = attempts.load(results(*found, policy=policy))
        return SimpleNamespace(**one)

    return load


def row(folder):
    return report.frame(*report.load(folder, ASSIGNMENT))[0].iloc[0].to_dict()


# ------------------------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("handed_in", "days", "penalty"),
    [
        ("2026-11-20T12:00:00Z", 0, 0),
        ("2026-11-20T22:59:00Z", 0, 0),  # the very second
        ("2026-11-20T22:59:01Z", 1, 0.1),
        ("2026-11-21T22:59:00Z", 1, 0.1),
        ("2026-11-21T22:59:01Z", 2, 0.2),
        ("2026-11-25T12:00:00Z", 5, 0.35),
        ("2026-11-27T22:59:00Z", 7, 0.35),
        ("2026-11-27T22:59:01Z", 8, 1),
        ("2199-01-01T00:00:00Z", 62864, 1),
    ],
)
def test_every_day_begun_costs_its_share(only, handed_in, days, penalty):
    found = only(record(handed_in), policy=LATE)
    assert (found.days_late, found.penalty) == (days, pytest.approx(penalty))
    assert bool(found.notes) == bool(days) and found.flags == []


def test_without_a_due_date_or_without_a_policy_nothing_is_taken_off(only):
    for policy in (None, "", "[late]\nper_day = 1"):
        found = only(record("2199-01-01T00:00:00Z", late=True, status="late"), policy=policy)
        assert math.isnan(found.days_late) and (found.penalty, found.notes) == (0, [])


def test_an_extension_is_the_student_s_own_due_date(results):
    late = "2026-11-21T12:00:00Z"
    folder = results(record(late), record(late, "bob"), record(late, "eve"), policy=LATE + """
[extensions]
bob = 2026-11-22T00:00:00Z
eve = 2026-11-19T00:00:00Z
""")  # fmt: skip
    ada, bob, eve = attempts.load(folder)
    assert [one["days_late"] for one in (ada, bob, eve)] == [1, 0, 3]
    assert "due 2026-11-22 00:00 (UTC+0000) by extension: in time." in bob["notes"][0]
    assert "extension" not in ada["notes"][0]


def test_an_extension_needs_no_due_date_for_all(only):
    policy = "[late]\nper_day = 0.5\n[extensions]\nada = 2026-11-20T00:00:00Z"
    assert only(record(), policy=policy).penalty == 0.5


def test_what_the_files_say_can_be_corrected(only):
    policy = LATE + "[handed_in]\nada = 2026-11-22T10:00:00+01:00"
    found = only(record(), policy=policy)
    assert (found.handed_in, found.days_late) == ("2026-11-22T09:00:00Z", 2)
    early = policy.replace("-22T", "-19T")
    assert only(record(None, late=True), policy=early).days_late == 0  # Canvas was wrong


def test_a_correction_is_that_of_the_newest_hand_in(only):
    policy = BEST + "[handed_in]\nada = 2026-11-30T10:00:00+01:00"
    found = only(record("2026-11-19T10:00:00Z"), record(content="b"), policy=policy)
    assert (found.digest, found.days_late) == ("a", 0)


@pytest.mark.parametrize(
    ("handed_in", "days"), [("2026-11-20T12:00:00Z", 1), (None, 1), ("2026-11-22T12:00:00Z", 2)]
)
def test_what_canvas_marks_as_late_is_a_day_late_at_least(only, handed_in, days):
    late = {"late": True, "status": "late", "graded": "2026-11-23T00:00:00Z"}
    found = only(record(handed_in, **late), policy=LATE)
    assert found.days_late == days and found.flags == []
    assert ("Canvas marks it as late" in found.notes[0]) == (days == 1)
    extended = LATE + "[extensions]\nada = 2026-11-30T00:00:00Z"
    assert only(record(handed_in, **late), policy=extended).penalty == 0


def test_an_unknown_time_is_flagged_and_costs_nothing(only):
    found = only(record(None, flags=["odd"]), policy=LATE)
    assert found.flags == ["odd", attempts.UNKNOWN] and found.penalty == 0
    assert math.isnan(found.days_late)
    assert only(record(None), policy="").flags == []


def test_who_handed_in_nothing_is_not_late(only):
    missing = {"status": "missing", "digest": None, "score": 0.0}
    found = only(record(None, **missing), policy=LATE)
    assert (found.flags, found.notes, found.attempt, found.penalty) == ([], [], "", 0)


def test_a_policy_that_makes_no_sense_stops_the_report(results):
    folder = results(record(), policy="[extensions]\nbob = 2026-11-20T00:00:00Z")
    with pytest.raises(ValueError, match="policy.toml: extensions names 'bob', of whom there is"):
        report.write(folder, ASSIGNMENT)


# ------------------------------------------------------------------------------- attempts


def three(**last):
    """Three hand-ins: in time with 10 points, a day late with 12, two days late with 11."""
    return (
        record("2026-11-20T12:00:00Z", content="a", score=10.0),
        record("2026-11-21T12:00:00Z", content="b", score=12.0),
        record("2026-11-22T12:00:00Z", content="c", **{"score": 11.0} | last),
    )


@pytest.mark.parametrize(
    ("policy", "content", "attempt"),
    [
        (None, "c", "3 of 3"),
        (LATE, "c", "3 of 3"),
        (BEST, "b", "2 of 3"),
        (BEST.replace("0.1", "0.2"), "a", "1 of 3"),
        ('attempts = "best"', "b", "2 of 3"),
    ],
)
def test_the_last_or_the_best_after_the_penalty_counts(only, policy, content, attempt):
    found = only(*three(), policy=policy)
    assert (found.digest, found.attempt, found.flags) == (content, attempt, [])
    told = f"Of 3 hand-ins this one counts, number {attempt[0]}."
    assert (told in found.notes) == (content != "c")


def test_of_equally_good_ones_the_newest_counts(only):
    found = only(*three(score=12.0), policy='attempts = "best"')
    assert found.attempt == "3 of 3"


def test_the_same_content_graded_twice_is_one_hand_in_with_its_newest_record(only):
    again = record(content="a", score=3.0, graded="2026-12-01T00:00:00Z")
    found = only(*three(), again, policy='attempts = "best"')
    assert (found.digest, found.attempt) == ("b", "1 of 3")
    assert only(policy=None).score == 3 and only(policy=None).attempt == "3 of 3"


def test_records_without_a_content_are_no_hand_ins_but_the_newest_counts(only):
    old = one_record("ada") | {"key": "0" * 64, "score": 16.0, "graded": "2026-01-01T00:00:00Z"}
    found = only(old, record(), policy=BEST)
    assert (found.attempt, found.score) == ("1 of 1", 10)
    gone = record("2026-11-23T00:00:00Z", digest=None, status="unreadable", score=0.0, content="d")
    assert only(*three(), gone, policy=None).status == "unreadable"
    assert only(policy=BEST).attempt == "2 of 4"


def test_other_tests_than_the_newest_hand_in_s_are_flagged(only):
    found = only(*three(judge="tomorrow"), policy=BEST)
    assert (found.digest, found.flags) == ("b", [attempts.OTHER_TESTS])
    assert only(*three(judge="tomorrow"), policy=LATE).flags == []


def test_while_the_newest_is_not_judged_there_is_no_total(results):
    folder = results(*three(status="infra_error", score=None), policy=BEST)
    found = row(folder)
    assert found["status"] == "infra_error" and math.isnan(found["total"])
    assert found["attempt"] == "3 of 3"


def test_an_earlier_one_that_was_never_judged_is_left_out_and_flagged(only):
    first, second, third = three()
    second |= {"status": "infra_error", "score": None}
    found = only(first, second, third, policy=BEST)
    assert (found.digest, found.flags) == ("a", [attempts.UNJUDGED])


def test_the_free_text_is_that_of_the_newest_work_that_could_be_judged(only):
    found = only(*three(texts={"02.5": "newer"}), policy=BEST)
    assert (found.digest, found.texts) == ("b", {"02.5": "newer"})
    broken = {"status": "unreadable", "score": 0.0, "texts": {}}
    found = only(*three(**broken), policy=BEST)
    assert (found.digest, found.texts) == ("b", {"02.5": "my answer"})
    assert only(*three(**broken), policy=LATE).texts == {}


def test_mark_asks_for_the_answers_that_the_report_waits_for(results, monkeypatch):
    folder = results(*three(status="unreadable", score=0.0, texts={}), policy=BEST)
    monkeypatch.setattr("coursetools.teaching._graded", lambda options: (folder, ASSIGNMENT))
    assert main(["mark", str(folder)]) == 0
    assert ",ada" in (folder / NAME).read_text()
    assert "my answer" in (folder / "marking.html").read_text()
    assert row(folder)["unmarked"] == "02.5"


# ------------------------------------------------------------------------------- the report


def test_the_penalty_is_taken_off_the_whole_total(results):
    folder = results(record("2026-11-22T12:00:00Z"), policy=LATE)
    (folder / NAME).write_text("student,exercise,points,comment\nada,02.5,4,Good\n")
    found = row(folder)
    assert (found["score"], found["manual"], found["penalty"]) == (10, 4, 0.2)
    assert found["total"] == pytest.approx(0.8 * 14)
    assert report.standing(found) == "11.2 of 20"


def test_an_unmarked_total_stays_blank_also_when_nothing_counts(results):
    folder = results(record("2026-12-22T12:00:00Z"), policy=LATE)
    found = row(folder)
    assert found["penalty"] == 1 and math.isnan(found["total"])
    assert report.standing(found) == "0 + ? of 20"


def test_both_pages_and_the_table_say_what_was_taken_off_and_why(results):
    folder = results(record("2026-11-22T12:00:00Z"), policy=LATE)
    index = report.write(folder, ASSIGNMENT).read_text()
    page = (folder / "report/students/ada.html").read_text()
    told = (
        "Handed in 2026-11-22 13:00 (UTC+0100), due 2026-11-20 23:59 (UTC+0100): "
        "2 days late, 20 % of all points are taken off."
    )
    for text in (index, page, (folder / "report/students.csv").read_text()):
        assert told in text
    assert "Points: 8 + ? of 20" in page


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (DUE, "2 days late, nothing is taken off."),
        (DUE + "[late]\nnothing_after_days = 1", "2 days late, too late to count."),
        (DUE + "[late]\nper_day = 0.0333", "2 days late, 6.66 % of all points are taken off."),
    ],
)
def test_the_consequence_is_said_in_words(only, policy, words):
    assert only(record("2026-11-22T12:00:00Z"), policy=policy).notes[0].endswith(f": {words}")


def test_a_page_does_not_say_late_where_an_extension_says_in_time(results):
    for policy, told in ((LATE, True), (LATE + "[extensions]\nada = 2026-12-01T00:00:00Z", False)):
        folder = results(record(late=True, status="late"), policy=policy)
        report.write(folder, ASSIGNMENT)
        page = (folder / "report/students/ada.html").read_text()
        assert ("Graded; handed in late." in page) == told
        assert ("in time." in page) != told


def test_without_a_policy_the_report_says_nothing_of_it(results):
    folder = results(*three())
    index = report.write(folder, ASSIGNMENT).read_text()
    text = (folder / "report/students/ada.html").read_text() + index
    assert "Handed in" not in text and "hand-in" not in text
    assert row(folder)["handed_in"] == "2026-11-22T12:00:00Z"


def test_nothing_that_is_stored_is_changed_by_a_report(results):
    folder = results(*three(), policy=BEST)
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    report.write(folder, ASSIGNMENT)
    assert {path: path.read_bytes() for path in before} == before
