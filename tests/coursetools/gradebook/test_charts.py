"""The plots of a class: titles, labels, alternatives in words, and nothing left changed."""

import matplotlib
import numpy as np
import pytest

from coursetools.gradebook import charts, pages, report
from tests.coursetools.gradebook.test_report import record


def test_plots_have_titles_labels_and_alternatives_with_the_numbers():
    found = [record(status, status) for status in pages.STATUSES]
    with matplotlib.rc_context({"svg.fonttype": "none"}):  # text stays text
        plots = charts.plots(*report.frame(found))
    assert [alt.split(" of ")[0] for alt, _ in plots] == ["Bars", "Histogram", "Bars", "Histogram"]
    assert "ok 1, late 1" in plots[0][0] and "constant scores 0%" in plots[2][0]
    for (_, svg), labels in zip(
        plots,
        (
            ("How the submissions ended", "students", "status"),
            ("Points from tests", "points of 5", "students"),
            ("Hardest tests", "students who passed, %", "test", "02.3 scores with $ties$"),
            ("Time in the sandbox", "seconds a submission", "students"),
        ),
    ):
        assert not [label for label in labels if f">{label}" not in svg.decode()]


@pytest.mark.parametrize(
    ("draw", "of", "labels"),
    [
        (charts.totals, "students", ("Totals over all chapters", "% of the points")),
        (charts.shares, "pairs", ("How alike pairs of answers are", "% shared")),
    ],
)
def test_one_histogram_with_labels_and_an_alternative(draw, of, labels):
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        alt, svg = draw(np.array([0.0, 50.0, 100.0]))
    assert f"in percent of 3 {of}: median 50, middle half from 25 to 75." in alt
    assert not [label for label in (*labels, of) if f">{label}" not in svg.decode()]
    assert "$" not in svg.decode()  # numbers, not the source of a formula
    assert dict(matplotlib.rcParams) == before
    assert "no values" in draw(np.array([]))[0]


def test_a_class_of_which_no_code_ran_still_has_plots():
    plots = charts.plots(*report.frame([record(status="infra_error")]))
    assert "no values" in plots[1][0] and len(plots) == 4


def test_hardest_tests_count_only_students_whose_code_ran():
    absent = record("cyd", "missing", tests=[t | {"verdict": "not run"} for t in record()["tests"]])
    found = [record("ada"), record("bob", "died"), absent]
    alt = charts.plots(*report.frame(found))[2][0]
    assert "scores with $ties$ 100%" in alt


def test_a_test_that_was_corrected_to_all_its_points_counts_as_passed():
    tests = [t | {"earned": t["points"], "verdict": "corrected"} for t in record()["tests"]]
    alt = charts.plots(*report.frame([record(tests=tests)]))[2][0]
    assert "constant scores 100%" in alt


def test_drawing_changes_no_setting_of_matplotlib():
    before = dict(matplotlib.rcParams)
    charts.plots(*report.frame([record()]))
    assert dict(matplotlib.rcParams) == before
