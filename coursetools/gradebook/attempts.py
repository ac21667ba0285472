"""The record of each student that counts: which of several hand-ins, and what lateness costs.

A hand-in is a content; its record is the newest one of that content, corrected as corrections.csv
has it. A record that counts has, beside its own fields, `handed_in` as the policy corrects it,
`days_late`, `penalty` (the share of all points that is taken off), `attempt` ("1 of 2") and
`notes`, which say all that in words; `to_do` is for the instructor.
"""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coursetools.gradebook import corrections
from coursetools.gradebook import policy as policies
from coursetools.gradebook.policy import Policy
from coursetools.grading import records, times

UNKNOWN = f"it is not known when it was handed in; name the time in {policies.NAME}, [handed_in]"
OTHER_TESTS = "the hand-in that counts was judged by other tests than the newest one"
UNJUDGED = "an earlier hand-in was not judged, and was left out of the choice"


def load(folder: Path) -> list[dict]:
    """The record that counts of each student, by student, as RESULTS/policy.toml decides.

    Raises ValueError where that file or corrections.csv makes no sense.
    """
    history = records.history(folder)
    policy, corrected = policies.read(folder, history), corrections.read(folder, history)
    return [
        _counting(
            [corrections.apply(record, corrected.get(student, [])) for record in found], policy
        )
        for student, found in history.items()
    ]


def _counting(history: list[dict], policy: Policy) -> dict:
    """The record that counts of one student's, the newest of which is the last.

    With "best" it has most points from tests after the penalty, of equal ones the newest; the
    free text belongs to the student, and is that of the newest work that could be judged.
    """
    newest, attempts = history[-1], _attempts(history)
    found = [_timed(record, policy, record is newest) for record in attempts]
    place = len(found) - 1
    judged = [i for i, one in enumerate(found) if one["status"] != "infra_error"]
    if policy.attempts == "best" and place in judged:
        place = max(judged, key=lambda i: (found[i]["score"] * (1 - found[i]["penalty"]), i))
        if len(judged) < len(found):
            found[place]["flags"].append(UNJUDGED)
        texts = [one["texts"] for one in found if one["status"] in records.RAN]
        found[place] |= {"texts": texts[-1]} if texts else {}
    counting = found[place]
    if newest["status"] != "missing":
        counting["attempt"] = f"{place + 1} of {len(found)}"
    if place < len(found) - 1:
        counting["notes"].append(f"Of {len(found)} hand-ins this one counts, number {place + 1}.")
    if counting["judge"] != newest["judge"]:
        counting["flags"].append(OTHER_TESTS)
    return counting


def _attempts(history: list[dict]) -> list[dict]:
    """The newest record of each content, in their order; older ones without content are none."""
    found = {}
    for record in history:
        if record["digest"] or record is history[-1]:
            found.pop(record["digest"], None)
            found[record["digest"]] = record
    return list(found.values())


# ------------------------------------------------------------------------------- lateness


def _timed(record: dict, policy: Policy, is_newest: bool) -> dict:
    """A copy of `record` with what the policy says of its time."""
    student, flags = record["student"], list(record["flags"])
    own = {"flags": flags, "days_late": math.nan, "penalty": 0.0, "attempt": "", "notes": []}
    due = policy.extensions.get(student, policy.due)
    corrected = policy.handed_in.get(student) if is_newest else None
    if corrected:
        own["handed_in"] = corrected.astimezone(UTC).strftime(times.FORM)
    if due is None or record["status"] == "missing":
        return record | own
    stored = times.read(record["handed_in"]) if record["handed_in"] else None
    handed_in, extended = corrected or stored, student in policy.extensions
    marked = record["late"] and not corrected and not extended  # by Canvas
    if handed_in is None and not marked:
        flags.append(UNKNOWN)
        return record | own
    days = max(0, math.ceil((handed_in - due) / timedelta(days=1))) if handed_in else 0
    late = max(days, int(marked))
    own |= {"days_late": late, "penalty": policy.penalty(late)}
    if late or extended:
        when = _when(handed_in, due, extended) if days or not late else "Canvas marks it as late"
        own["notes"].append(f"{when}: {_consequence(late, own['penalty'])}")
    return record | own


def _when(handed_in: datetime, due: datetime, extended: bool) -> str:
    """Both times by the clock of the one that was due."""
    handed_in = handed_in.astimezone(due.tzinfo)
    was, it = (f"{time:%Y-%m-%d %H:%M} (UTC{time:%z})" for time in (due, handed_in))
    return f"Handed in {it}, due {was}{' by extension' if extended else ''}"


def _consequence(days: int, penalty: float) -> str:
    """What so many days cost, in words."""
    if not days:
        return "in time."
    late = f"{days} day{'s' if days > 1 else ''} late"
    if not penalty:
        return f"{late}, nothing is taken off."
    if penalty == 1:
        return f"{late}, too late to count."
    return f"{late}, {100 * penalty:.3g} % of all points are taken off."
