"""Times of hand-in as records keep them: ISO 8601, UTC, whole seconds.

A time that cannot be one of hand-in, such as the 1980 of a zip member without a time, is None.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

FORM = "%Y-%m-%dT%H:%M:%SZ"
YEARS = range(1981, 2200)


def of_seconds(seconds: float | None) -> str | None:
    """The time that is this many seconds after 1970 began, as file systems count.

    >>> of_seconds(1795285800.5)
    '2026-11-21T18:30:00Z'
    """
    try:
        return None if seconds is None else _text(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def of_member(date_time: tuple) -> float | None:
    """Seconds after 1970 of a zip member's (year, month, day, hour, minute, second).

    Archives name no zone; the machine's own is taken.
    """
    try:
        return datetime(*date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def of_stamp(content: bytes | None) -> str | None:
    """The time that nbgrader's timestamp.txt names, in UTC where it names no zone.

    >>> of_stamp(b"2026-11-21 19:30:00.948203 Europe/Berlin")
    '2026-11-21T18:30:00Z'
    """
    try:
        text, _, zone = (content or b"").decode("utf-8-sig").strip().partition(" ")
        clock, _, zone = zone.partition(" ")
        time = datetime.fromisoformat(f"{text} {clock}".strip())
        if time.tzinfo is None:
            time = time.replace(tzinfo=ZoneInfo(zone) if zone and zone != "UTC" else UTC)
        return _text(time)
    except (ValueError, KeyError, OverflowError, OSError):
        return None


def read(text: str) -> datetime:
    """The time that a record keeps; ValueError for another form."""
    time = datetime.strptime(text, FORM).replace(tzinfo=UTC)
    if time.year not in YEARS:
        raise ValueError(f"{text} is no time of a hand-in")
    return time


def _text(time: datetime) -> str | None:
    """The time as records keep it; None for one that no hand-in has."""
    return time.astimezone(UTC).strftime(FORM) if time.year in YEARS else None
