"""The plots of a class: titles, labels, alternatives in words, and nothing left changed."""

import matplotlib

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
