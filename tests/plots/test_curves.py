import numpy as np
import pytest

from coursekit import plots
from coursekit.training import History


def test_learning_curves_are_solid_for_training_and_dashed_for_validation():
    runs = {
        "small": History({"loss": [3.0, 2.0], "validation loss": [4.0, 3.0]}, index=[1, 2]),
        "large": History({"loss": [2.0, 1.0, 0.5]}, index=[1, 2, 3]),
    }
    (axis,) = plots.learning_curves(runs, ylabel="squared error", title="Two runs").axes
    solid, dashed, other = axis.lines
    assert [curve.get_linestyle() for curve in axis.lines] == ["-", "--", "-"]
    assert dashed.get_color() == solid.get_color() != other.get_color()
    assert list(dashed.get_xdata()) == [1, 2] and list(dashed.get_ydata()) == [4.0, 3.0]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["small", "large"]
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == (
        "Two runs",
        "epoch",
        "squared error",
    )


def test_learning_curves_of_another_term():
    history = History({"loss": [3.0], "kl": [1.0], "validation kl": [2.0]}, index=[1])
    (axis,) = plots.learning_curves({"run": history}, ylabel="nats", terms=("kl",)).axes
    assert [list(curve.get_ydata()) for curve in axis.lines] == [[1.0], [2.0]]


def run(*terms):
    return History({term: np.arange(1.0, 4.0) for term in terms}, index=[1, 2, 3])


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_a_history_is_split_by_term_one_panel_each(n):
    terms = [f"term {k}" for k in range(n)]
    runs = {name: run(*terms, "validation term 1") for name in ("one", "another")}
    figure = plots.learning_curves(runs, ylabel="nats", terms=terms, title="All terms")
    assert [axis.get_title() for axis in figure.axes] == terms
    assert [len(axis.lines) for axis in figure.axes] == [4 if k == 1 else 2 for k in range(n)]
    assert figure.get_suptitle() == "All terms" and figure.get_figwidth() == plots.PAGE_WIDTH
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "another"]
    figure.draw_without_rendering()
    legend = figure.legends[0].get_window_extent()
    assert not any(legend.overlaps(axis.get_tightbbox()) for axis in figure.axes)


@pytest.mark.parametrize(
    ("histories", "options", "error", "message"),
    [
        (
            {"a": run("loss")},
            {"terms": ("kl",)},
            ValueError,
            r"histories\['a'\], got \['kl'\]; .*loss",
        ),
        ({"a": run("loss")}, {"terms": "loss"}, TypeError, "terms must be a list .* got 'loss'"),
        ({"a": run("loss")}, {"terms": ()}, TypeError, "terms must be a list"),
        ({"a": run("loss")[:0]}, {}, ValueError, r"histories\['a'\], got .* 0 epochs"),
        ({"a": [1, 2]}, {}, TypeError, r"histories\['a'\] must be a history, as fit returns it"),
        ({}, {}, ValueError, "histories must hold one run or more"),
        (run("loss"), {}, TypeError, "histories must be a dict of histories by name"),
        ({"a": run("loss")}, {"title": None}, TypeError, "title must be a text, got None"),
    ],
)
def test_histories_that_cannot_be_drawn_are_refused(histories, options, error, message):
    with pytest.raises(error, match=message):
        plots.learning_curves(histories, ylabel="nats", **options)
