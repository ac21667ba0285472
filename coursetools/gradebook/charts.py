"""The plots of a class: how submissions ended, scores, hardest tests, seconds; totals, likeness."""

import io
import math
from contextlib import contextmanager

import matplotlib
import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursetools.gradebook import pages
from coursetools.grading.records import RAN

HARDEST = 12  # tests in the plot


def plots(students: pd.DataFrame, tests: pd.DataFrame) -> list[tuple[str, bytes]]:
    """(text alternative, SVG) of statuses, scores, hardest tests and seconds."""
    with _style():
        drawn = [
            _statuses(students),
            _scores(students),
            _hardest(students, tests),
            _seconds(students),
        ]
        return [(alt, _svg(figure)) for alt, figure in drawn]


def totals(percents: np.ndarray) -> tuple[str, bytes]:
    """(text alternative, SVG) of the totals over chapters, in percent of what is possible."""
    with _style():
        labels = {"title": "Totals over all chapters", "xlabel": "% of the points"}
        alt, figure = _histogram(percents, np.arange(0, 101, 5), "totals in percent", **labels)
        return alt, _svg(figure)


def shares(percents: np.ndarray) -> tuple[str, bytes]:
    """(text alternative, SVG) of what the pairs of answers to one exercise share, in percent."""
    with _style():
        labels = {"title": "How alike pairs of answers are", "xlabel": "% shared"}
        alt, figure = _histogram(
            percents, np.arange(0, 101, 2.5), "shares in percent", of="pairs", **labels
        )
        axis = figure.axes[0].yaxis
        axis.axes.set_yscale("symlog", linthresh=1)  # one pair beside thousands is seen
        axis.set_major_formatter("{x:,.0f}")
        return alt, _svg(figure)


@contextmanager
def _style():
    """The course's style, for the time of a drawing."""
    with matplotlib.rc_context({"svg.hashsalt": "coursekit", "text.parse_math": False}):
        matplotlib.style.use("coursekit.style")
        yield


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


def _histogram(values: np.ndarray, bins, what: str, of: str = "students", **labels: str):
    """A histogram, and its text alternative from quartiles."""
    figure = Figure(figsize=(6, 2.9))
    axis = figure.subplots()
    axis.hist(values, bins=bins, color="C0", edgecolor="white")
    axis.set(ylabel=of, **labels)
    axis.yaxis.set_major_locator(MaxNLocator(integer=True))
    if not len(values):
        return f"Histogram of {what}: no values.", figure
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return (
        f"Histogram of {what} of {len(values)} {of}: median {middle:.3g}, "
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
    passed = (own["earned"] == own["points"]).groupby([own["exercise"], own["message"]]).mean()
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
