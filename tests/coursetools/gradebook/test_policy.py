"""The policy file: what is read, and that nothing in it is guessed or passed over."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from coursetools.gradebook.policy import Policy, read

STUDENTS = ["ada", "Zo\xeb L\xf6ve", "b⟨U+200B⟩"]
WHOLE = """\ufeff
due = 2026-11-20T23:59:00+01:00
attempts = "best"

[late]
per_day = 0.1
most = 0.5
nothing_after_days = 7

[extensions]
ada = 2026-11-27T23:59:00+01:00
"Zoe\u0308 L\xf6ve" = 2026-11-28T00:00:00Z

[handed_in]
"b⟨U+200B⟩" = 2026-11-20 18:00:00Z
"""


@pytest.fixture
def policy(tmp_path):
    """The policy that a text, or bytes, means."""

    def parse(text):
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "policy.toml").write_bytes(content)
        return read(tmp_path, STUDENTS)

    return parse


def test_the_example_of_the_instructors_page_is_read_and_does_what_it_says(tmp_path):
    page = (Path(__file__).parents[3] / "book/instructors.md").read_text()
    (example,) = re.findall(r"```toml\n(.+?)```", page, re.DOTALL)
    (tmp_path / "policy.toml").write_text(example)
    found = read(tmp_path, ["Ada Lovelace", "grace", "linus"])
    assert found.attempts == "best" and found.due.isoformat() == "2026-11-20T23:59:00+01:00"
    assert [found.penalty(days) for days in (0, 1, 7, 8)] == [0, 0.1, 0.5, 1]
    assert set(found.extensions) == {"grace"} and len(found.handed_in) == 2


def test_without_a_file_or_with_an_empty_one_nothing_is_taken_off(tmp_path, policy):
    assert read(tmp_path, []) == Policy() == policy("") == policy("# due = soon\n[late]")
    assert Policy().penalty(1000) == 0


def test_every_key_is_read(policy):
    berlin = timezone(timedelta(hours=1))
    assert policy(WHOLE) == Policy(
        due=datetime(2026, 11, 20, 23, 59, tzinfo=berlin),
        attempts="best",
        per_day=0.1,
        most=0.5,
        nothing_after_days=7,
        extensions={
            "ada": datetime(2026, 11, 27, 23, 59, tzinfo=berlin),
            "Zo\xeb L\xf6ve": datetime(2026, 11, 28, tzinfo=UTC),
        },
        handed_in={"b⟨U+200B⟩": datetime(2026, 11, 20, 18, tzinfo=UTC)},
    )


def test_a_time_without_an_offset_is_the_machine_s(policy):
    due = policy("due = 2026-11-20T23:59:00").due
    assert due.tzinfo and due == datetime(2026, 11, 20, 23, 59).astimezone()


@pytest.mark.parametrize(
    ("days", "penalty"), [(0, 0), (1, 0.1), (3, 0.3), (5, 0.5), (7, 0.5), (8, 1), (400, 1)]
)
def test_the_penalty_grows_by_the_day_to_the_most_and_then_nothing_counts(policy, days, penalty):
    assert policy(WHOLE).penalty(days) == pytest.approx(penalty)


def test_no_day_of_grace_can_be_said_with_0(policy):
    found = policy("[late]\nnothing_after_days = 0\nper_day = 1")
    assert (found.penalty(0), found.penalty(1)) == (0, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("duedate = 1", r"unknown key 'duedate'; known are due, attempts, late, ext"),
        ("[late]\nmax = 1", r"unknown key 'late.max'; known are late.per_day, late.most, "),
        ('due = "2026-11-20T23:59:00"', r"due must be a date with a time.*got '2026"),
        ("due = 2026-11-20", r"due must be a date with a time, such as .*got 2026-11-20$"),
        ("due = 0001-01-01T00:00:00", "due must be a date with a time"),
        ("due = 9999-12-31T23:59:00-12:00", "due must be a date with a time"),
        ("due = 23:59:00", "due must be .*got 23:59:00$"),
        ('attempts = "first"', "attempts must be \"last\" or \"best\", got 'first'"),
        ("attempts = []", r"attempts must be .*got \[\]"),
        ("late = 0.1", r"late must be a table: \[late\], got 0.1"),
        ("[[late]]\nper_day = 0.1", r"late must be a table"),
        ("extensions = 1", r"extensions must be a table: \[extensions\], got 1"),
        ("[late]\nper_day = -0.1", r"late.per_day must be a share between 0 and 1, got -0.1"),
        ("[late]\nper_day = 10", r"late.per_day must be a share between 0 and 1, got 10"),
        ("[late]\nper_day = nan", r"late.per_day must be a share between 0 and 1, got nan"),
        ("[late]\nmost = inf", r"late.most must be a share between 0 and 1, got inf"),
        ("[late]\nmost = true", r"late.most must be a share between 0 and 1, got True"),
        ('[late]\nmost = "0.5"', r"late.most must be a share between 0 and 1, got '0.5'"),
        ("[late]\nnothing_after_days = -1", r"late.nothing_after_days must be .* number.*got -1"),
        ("[late]\nnothing_after_days = 1.5", r"late.nothing_after_days must be .*got 1.5"),
        ("[late]\nnothing_after_days = true", r"late.nothing_after_days must be a whole number"),
        ("[extensions]\nadda = 2026-11-20T23:59:00", r"extensions names 'adda'.* nearest: ada"),
        ("[handed_in]\n'' = 2026-11-20T23:59:00", r"handed_in names '', of whom there is no"),
        ("[handed_in]\nada = 2026-11-20", r"handed_in.ada must be a date with a time"),
        ("[extensions]\nada.b = 2026-11-20T23:59:00", r"extensions.ada must be a date with a time"),
        ("[extensions]\n'Zo\xeb L\xf6ve' = 2026-11-20T23:59:00\n'Zoe\u0308 L\xf6ve' = "
         "2026-11-20T23:59:00", "extensions names 'Zo.* L\xf6ve' twice"),
        ("due = 2026-11-20T23:59:00\ndue = 2026-11-20T23:59:00", r"cannot be read \(Cannot overw"),
        ("due: tomorrow", r"cannot be read \(.*line 1"),
        (b"\xff\xfed\0u\0e\0", "cannot be read"),
        ("a = " + "[" * 100_000, "cannot be read"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_the_file_and_the_key(policy, text, message):
    with pytest.raises(ValueError, match=f"(?s)^policy.toml:? {message}"):
        policy(text)
