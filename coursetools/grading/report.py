"""The report of a grading: pandas frames, CSV files, pages.

| file under RESULTS/report | what it is |
|---|---|
| students.csv | a row a student |
| tests.csv | a row for each test of each student |
| index.html | the class: warnings, plots, table |
| students/NAME.html | what one student may read |
"""

import io
import math
import os
import shutil
import tempfile
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursetools.grading import marking, pages, records
from coursetools.grading.intake import slug
from coursetools.tables import MARK, csv_text

STUDENT = [
    "student",
    "status",
    "score",
    "possible",
    "manual",
    "manual_possible",
    "total",
    "total_possible",
    "unmarked",
    "late",
    "seconds",
    "flags",
    "message",
    "comment",
    "unsafe",
    "file",
    "chapter",
]
TEST = ["student", "exercise", "test", "message", "points", "earned", "verdict", "reason"]
RAN = ("ok", "late", "limit", "died")  # the statuses with which code was run
HARDEST = 12  # tests in the plot
DAMAGED = "Damaged records, not in this report; grade these submissions again:"
STRAYS = "Handed in, but nobody's and not graded:"


def frame(found: list[dict], marks: dict | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row a student and a row a student's test, from records and `marking.read`'s marks.

    `score` counts the tests, `manual` the marks given so far, `total` both; it is NaN after
    an infra_error and while an answer is unmarked. ValueError for an unknown status.
    """
    students, tests = [], []
    for record in found:
        if record["status"] not in pages.STATUSES:
            raise ValueError(f"{record['student']!r} has the unknown status {record['status']!r}")
        students.append(_row(record, (marks or {}).get(record["student"], {})))
        tests += [{"student": record["student"], **test} for test in record["tests"]]
    return pd.DataFrame(students, columns=STUDENT), pd.DataFrame(tests, columns=TEST)


def _row(record: dict, marks: dict) -> dict:
    """The row of one student."""
    score = math.nan if record["status"] == "infra_error" else float(record["score"])
    given = [mark.points for mark in marks.values() if mark.points is not None]
    unmarked = [number for number, mark in marks.items() if mark.points is None]
    manual, of = float(sum(given)), sum(mark.of for mark in marks.values())
    comments = [f"{number}: {mark.comment}" for number, mark in marks.items() if mark.comment]
    return record | {
        "score": score,
        "manual": manual,
        "manual_possible": of,
        "total": math.nan if unmarked else score + manual,
        "total_possible": record["possible"] + of,
        "unmarked": ", ".join(unmarked),
        "flags": "; ".join(record["flags"]),
        "comment": "\n".join(comments),
    }


def standing(row: dict) -> str:
    """The points of a row of `frame` in words.

    >>> standing({"score": 17.0, "manual": 0.0, "unmarked": "02.5", "total_possible": 25})
    '17 + ? of 25'
    """
    if math.isnan(row["score"]):
        return "none yet"
    points = f"{row['score'] + row['manual']:g}{' + ?' if row['unmarked'] else ''}"
    return f"{points} of {row['total_possible']:g}"


def write(folder: Path, assignment) -> Path:
    """Write the report of the results in `folder` anew; return the path of its index.html.

    The old report stays until the new one is complete. Raises ValueError where there is no
    record, or a line of marks.csv is wrong.
    """
    folder = Path(folder)
    found = records.load(folder)
    if not found:
        raise ValueError(f"{folder} has no records; run python -m coursetools grade first")
    marks = marking.read(folder, found, assignment)
    titles = {task.number: task.title for task in assignment.tasks}
    absent = {DAMAGED: records.damaged(folder), STRAYS: records.strays(folder)}
    fresh = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        for name, text in _files(found, marks, titles, absent).items():
            records.write(fresh / name, text)
        _swap(fresh, folder / "report")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder / "report" / "index.html"


def _files(found: list[dict], marks: dict, titles: dict[str, str], absent: dict) -> dict[str, str]:
    """The text of every file of the report."""
    students, tests = frame(found, marks)
    rows = students.to_dict("records")
    standings = [standing(row) for row in rows]
    files = {
        "students.csv": _csv(students),
        "tests.csv": _csv(tests),
        "index.html": pages.overview(rows, standings, plots(students, tests), absent),
    }
    for record, text in zip(found, standings):
        name = record["student"]
        page = pages.student(record, marks[name], text, titles)
        files[f"students/{slug(name)}.html"] = page
    return files


def _csv(table: pd.DataFrame) -> str:
    """CSV with a byte order mark, by which spreadsheets know UTF-8."""
    rows = table.astype(object).values.tolist()
    return MARK + csv_text([list(table.columns), *rows])


def _swap(fresh: Path, place: Path) -> None:
    """Put the folder `fresh` in `place`; what else a user keeps there moves along."""
    old = fresh.with_name(fresh.name + "-old")
    if place.exists():
        os.replace(place, old)
    try:
        os.replace(fresh, place)
    except OSError:
        if old.exists():
            os.replace(old, place)
        raise
    for path in old.iterdir() if old.exists() else ():
        if path.name not in {"students.csv", "tests.csv", "index.html", "students"}:
            os.replace(path, place / path.name)
    shutil.rmtree(old, ignore_errors=True)


# ------------------------------------------------------------------------------- plots


def plots(students: pd.DataFrame, tests: pd.DataFrame) -> list[tuple[str, bytes]]:
    """(text alternative, SVG) of statuses, scores, hardest tests and seconds."""
    with matplotlib.rc_context({"svg.hashsalt": "coursekit", "text.parse_math": False}):
        matplotlib.style.use("coursekit.style")
        drawn = [
            _statuses(students),
            _scores(students),
            _hardest(students, tests),
            _seconds(students),
        ]
        return [(alt, _svg(figure)) for alt, figure in drawn]


def _svg(figure: Figure) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="svg", metadata={"Date": None, "Creator": None})
    return data.getvalue()


def _bars(names: list[str], values: list[float], texts: list[str], **labels: str) -> Figure:
    """Horizontal bars from the top down, each with its value in words."""
    figure = Figure(figsize=(6, max(2.2, 0.8 + 0.33 * len(names))))
    axis = figure.subplots()
    axis.set(**labels)
    axis.bar_label(axis.barh(names, values, color="C0"), texts, padding=3)
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.margins(x=0.15)
    return figure


def _statuses(students: pd.DataFrame):
    counts = students["status"].value_counts()
    names = [name for name in pages.STATUSES if name in counts]
    texts = [str(counts[name]) for name in names]
    values = [counts[name] for name in names]
    figure = _bars(
        names, values, texts, title="How the submissions ended", xlabel="students", ylabel="status"
    )
    figure.axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
    listed = ", ".join(f"{name} {text}" for name, text in zip(names, texts))
    return f"Bars of the students in each status: {listed}.", figure


def _histogram(values: np.ndarray, bins, what: str, **labels: str):
    """A histogram, and its text alternative from quartiles."""
    figure = Figure(figsize=(6, 2.9))
    axis = figure.subplots()
    axis.hist(values, bins=bins, color="C0", edgecolor="white")
    axis.set(ylabel="students", **labels)
    axis.yaxis.set_major_locator(MaxNLocator(integer=True))
    if not len(values):
        return f"Histogram of {what}: no values.", figure
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return (
        f"Histogram of {what} of {len(values)} students: median {middle:.3g}, "
        f"middle half from {low:.3g} to {high:.3g}."
    ), figure


def _scores(students: pd.DataFrame):
    most = int(students["possible"].max())
    step = max(1, math.ceil((most + 1) / 30))
    return _histogram(
        students["score"].dropna().to_numpy(),
        np.arange(-0.5, most + step, step),
        "points from tests",
        title="Points from tests",
        xlabel=f"points of {most}",
    )


def _hardest(students: pd.DataFrame, tests: pd.DataFrame):
    ran = set(students.loc[students["status"].isin(RAN), "student"])
    own = tests[tests["student"].isin(ran)]
    passed = (own["verdict"] == "passed").groupby([own["exercise"], own["message"]]).mean()
    hardest = passed.sort_values(kind="stable").head(HARDEST)
    names = [f"{exercise} {message}" for exercise, message in hardest.index]
    texts = [f"{share:.0%}" for share in hardest]
    short = [name if len(name) <= 42 else name[:41] + "…" for name in names]
    figure = _bars(
        short,
        list(100 * hardest),
        texts,
        title="Hardest tests",
        xlabel="students who passed, %",
        ylabel="test",
    )
    figure.axes[0].set(xlim=(0, 115), xticks=range(0, 101, 20))
    listed = "; ".join(f"{name} {text}" for name, text in zip(names, texts))
    return f"Bars of the share of students who passed the hardest tests: {listed}.", figure


def _seconds(students: pd.DataFrame):
    values = students.loc[students["status"].isin(RAN), "seconds"].to_numpy(float)
    return _histogram(
        values, 20, "seconds", title="Time in the sandbox", xlabel="seconds a submission"
    )
