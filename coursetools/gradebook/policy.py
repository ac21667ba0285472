"""RESULTS/policy.toml: when the work was due, what lateness costs, which hand-in counts.

| key | what it says |
|---|---|
| `due` | a date with a time; without an offset it is the machine's time |
| `attempts` | "last" (default) or "best": the hand-in that counts |
| `late.per_day` | share of the points taken off for each day begun |
| `late.most` | the largest share that is taken off |
| `late.nothing_after_days` | from more days late on, nothing counts |
| `extensions.STUDENT` | when it was due for this student |
| `handed_in.STUDENT` | when the student's newest work was handed in, where the files are wrong |
"""

import math
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from coursetools.characters import distinct
from coursetools.grading.times import YEARS
from coursetools.names import nearest

NAME = "policy.toml"
ATTEMPTS = ("last", "best")
SHARE = "a share between 0 and 1"
DAYS = "a whole number of days, 0 or more"
TIME = "a date with a time, such as 2026-11-27T23:59:00+01:00, without quotes"


@dataclass(frozen=True)
class Policy:
    """What decides about lateness and attempts; all times know their zone."""

    due: datetime | None = None
    attempts: str = "last"
    per_day: float = 0.0
    most: float = 1.0
    nothing_after_days: float = math.inf
    extensions: dict[str, datetime] = field(default_factory=dict)
    handed_in: dict[str, datetime] = field(default_factory=dict)

    def penalty(self, days: int) -> float:
        """The share of the points that is taken off after so many days begun."""
        return 1.0 if days > self.nothing_after_days else min(self.most, self.per_day * days)


def read(folder: Path, students: Collection[str]) -> Policy:
    """The policy of the results in `folder`; where there is no file, nothing is ever taken off.

    Raises ValueError naming the key of what is unknown or makes no sense, and of a student who
    is none of `students`.
    """
    path = Path(folder) / NAME
    if not path.exists():
        return Policy()
    try:
        found = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{NAME} cannot be read ({error})") from None
    late = _table(found, "late")
    _known(found, ("due", "attempts", "late", "extensions", "handed_in"), "")
    _known(late, ("per_day", "most", "nothing_after_days"), "late.")
    given = {"due": _time("due", found["due"])} if "due" in found else {}
    if "attempts" in found:
        given["attempts"] = _checked(
            "attempts", found["attempts"], ATTEMPTS.__contains__, '"last" or "best"'
        )
    for key in late:
        sound, wanted = (_is_days, DAYS) if key == "nothing_after_days" else (_is_share, SHARE)
        given[key] = _checked(f"late.{key}", late[key], sound, wanted)
    times = {key: _times(found, key, students) for key in ("extensions", "handed_in")}
    return Policy(**given, **times)


def _table(found: dict, key: str) -> dict:
    return _checked(
        key, found.get(key, {}), lambda value: isinstance(value, dict), f"a table: [{key}]"
    )


def _known(found: dict, keys: tuple[str, ...], table: str) -> None:
    """ValueError for a key that is none of `keys`."""
    for key in found:
        if key not in keys:
            known = ", ".join(table + key for key in keys)
            raise ValueError(f"{NAME}: unknown key {table + key!r}; known are {known}")


def _checked(key: str, value, sound, wanted: str):
    """`value`; ValueError with the key, the value and what is wanted unless it is `sound`."""
    if not sound(value):
        shown = value.isoformat() if hasattr(value, "isoformat") else repr(value)
        raise ValueError(f"{NAME}: {key} must be {wanted}, got {shown}")
    return value


def _is_share(value) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def _is_days(value) -> bool:
    return type(value) is int and value >= 0


def _is_time(value) -> bool:
    return isinstance(value, datetime) and value.year in YEARS


def _time(key: str, value) -> datetime:
    """A time with its zone, the machine's where it names none."""
    time = _checked(key, value, _is_time, TIME)
    return time if time.tzinfo else time.astimezone()


def _times(found: dict, key: str, students: Collection[str]) -> dict[str, datetime]:
    """{student: time} of one table; ValueError for nobody's, and for two times of one student."""
    times = {}
    for name, value in _table(found, key).items():
        student = name if name in students else distinct(name)
        if student not in students:
            hint = nearest(name, students)
            raise ValueError(f"{NAME}: {key} names {name!r}, of whom there is no record; {hint}")
        if student in times:
            raise ValueError(f"{NAME}: {key} names {name!r} twice")
        times[student] = _time(f"{key}.{name}", value)
    return times
