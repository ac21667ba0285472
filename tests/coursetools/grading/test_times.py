"""Times of hand-in: what is read, and that what makes no sense is no time."""

import pytest

from coursetools.grading import times


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        (b"2015-02-02 15:58:23.948203 UTC", "2015-02-02T15:58:23Z"),
        (b"\xef\xbb\xbf2015-02-02 15:58:23 UTC\r\n", "2015-02-02T15:58:23Z"),
        (b"2015-02-02 15:58:23", "2015-02-02T15:58:23Z"),
        (b"2015-02-02T15:58:23+01:00", "2015-02-02T14:58:23Z"),
        (b"2026-07-01 12:00:00 Europe/Berlin", "2026-07-01T10:00:00Z"),
    ],
)
def test_a_timestamp_of_nbgrader_is_read(stamp, time):
    assert times.of_stamp(stamp) == time
    assert times.read(time).strftime(times.FORM) == time


@pytest.mark.parametrize(
    "stamp",
    [None, b"", b"\xff", b"soon", b"1", b"2015-02-30 10:00:00 UTC", b"2015-02-02 15:58:23 Nowhere"]
    + [b"2015-02-02 15:58:23 ../../etc/passwd", b"9999-12-31 23:59:59 UTC", b"0001-01-01"]
    + [b"1970-01-01 00:00:00 UTC", b"2015-02-02 15:58:23 UTC UTC", b"2015-02-02 " + b"9" * 999],
)
def test_a_stamp_that_makes_no_sense_is_no_time(stamp):
    assert times.of_stamp(stamp) is None


@pytest.mark.parametrize("seconds", [None, 0, -1, 1e18, float("nan"), float("inf"), 2.5e11])
def test_seconds_that_no_hand_in_has_are_no_time(seconds):
    assert times.of_seconds(seconds) is None


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-11-21", "2026-11-21T18:30:00", "9999-01-01T00:00:00Z"]
)
def test_another_form_is_refused(text):
    with pytest.raises(ValueError):
        times.read(text)
