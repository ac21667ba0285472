"""The page of one student: points, the verdict of each test with its reason, the own answers.

`heading`, `summary` and `sections` are what it consists of, for other forms of the same feedback.
"""

from coursetools.gradebook.pages import (
    STATUSES,
    Html,
    document,
    join,
    shortened,
    table,
    tag,
    theirs,
    warning,
)
from coursetools.grading.transplant import OTHER

SIGNS = {"passed": "✓", "not run": "–", "corrected": "✎"}  # ✗ for every other verdict
UNSAFE = "Provisional: graded without the sandbox (unsafe run)."


def page(record: dict, marks: dict, standing: str, titles: dict[str, str]) -> str:
    """The page of one student from the record, marks {"02.5": Mark} and points in words."""
    return document(
        heading(record),
        *summary(record, standing),
        *[
            tag("section", *judged, _code(name, code) if code else None)
            for name, judged, code in sections(record, marks, titles)
        ],
    )


def heading(record: dict) -> str:
    """What stands above all that a student reads."""
    return f"Exercises of chapter {record['chapter']}: {record['student']}"


def summary(record: dict, standing: str) -> list[Html]:
    """How the submission ended, and the points in words."""
    late = record["late"] and record.get("days_late") != 0  # by the policy
    told = STATUSES["ok" if record["status"] == "late" and not late else record["status"]]
    if record["status"] == "unreadable":
        told = f"{told} {shortened(record['message'])}"
    if late and record["status"] != "late":
        told = f"{told} Handed in late."
    points = tag("p", tag("strong", f"Points: {standing}"), class_="points")
    notes = [tag("p", note) for note in record.get("notes", [])]
    return [*([warning(UNSAFE, [])] if record["unsafe"] else []), points, tag("p", told), *notes]


def sections(record: dict, marks: dict, titles: dict[str, str]) -> list[tuple]:
    """(name, what is said of it, the student's code) of each exercise, then of other cells."""
    numbers = list(dict.fromkeys(test["exercise"] for test in record["tests"]))
    found = [(number, _exercise(number, record["tests"])) for number in numbers]
    if record["status"] != "infra_error":
        texts = record["texts"]
        found += [(number, _question(mark, texts.get(number))) for number, mark in marks.items()]
    answers = record["answers"] or {}  # none in records from before they were kept
    found += [(name, []) for name in answers if name not in dict(found)]
    return [
        (name, [tag("h2", _title(name, titles)), *said], answers.get(name)) for name, said in found
    ]


def _title(name: str, titles: dict[str, str]) -> str:
    """What stands above an exercise, or above the other cells."""
    return "Other cells" if name == OTHER else f"Exercise {name} {titles.get(name, '')}".strip()


def _exercise(number: str, tests: list[dict]) -> list[Html]:
    rows = []
    for test in tests:
        if test["exercise"] == number:
            sign = SIGNS.get(test["verdict"], "✗")
            verdict = tag("span", f"{sign} {test['verdict']}", class_="word")
            points = f"{test['earned']:g} of {test['points']:g}"
            reasons = [tag("span", theirs(text), class_="reason") for text in _reasons(test)]
            rows.append([join([test["message"], *reasons]), verdict, points])
    caption = f"Tests of exercise {number}"
    return [table(caption, ["Tested", "Verdict", "Points"], rows, (2,))]


def _reasons(test: dict) -> list[str]:
    """Why a test has its points: in the test's words and, where corrected, in those of a person."""
    reason = shortened(test["reason"])
    if test["verdict"] == "corrected":
        own = [test["before"], reason if test["before"] != "passed" else ""]
        return [
            f"Corrected: {test['correction']}",
            f"The test itself: {': '.join(filter(None, own))}",
        ]
    return [reason] if reason and test["verdict"] != "passed" else []


def _question(mark, text: str | None) -> list[Html]:
    points = "not marked yet" if mark.points is None else f"{mark.points:g} of {mark.of:g} points"
    comment = [tag("pre", mark.comment, class_="written")] if mark.comment else []
    answer = tag(
        "details", tag("summary", "Your answer"), tag("pre", theirs(text), class_="written")
    )
    return [tag("p", points), *comment, *([answer] if text else [])]


def _code(name: str, code: str) -> Html:
    """The student's code, folded; long lines move inside their frame, by keyboard too."""
    frame = tag(
        "pre",
        tag("code", code),
        class_="code",
        dir="ltr",
        role="region",
        aria_label=f"Code of {name}",
        tabindex="0",
    )
    return tag("details", tag("summary", "Your code"), frame)
