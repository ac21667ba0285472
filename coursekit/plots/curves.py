"""Learning curves: what training measured, by epoch.

Used by every chapter that trains.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coursekit.arguments import check_kind
from coursekit.plots.figures import PAGE_WIDTH


def learning_curves(
    histories: dict[str, pd.DataFrame],
    *,
    ylabel: str,
    terms: Sequence[str] = ("loss",),
    title: str = "Learning curves",
) -> Figure:
    """A panel a term, a line a run: solid for training, dashed for validation where there is one.

    `histories` holds by name what `coursekit.training.fit` returns; each has a column for every
    one of the `terms`, such as ("loss", "reconstruction", "kl").
    """
    _check_histories(histories, terms)
    for name, text in (("ylabel", ylabel), ("title", title)):
        check_kind(name, text, str, "a text")
    columns = 2 if len(terms) == 4 else min(len(terms), 3)
    rows = -(-len(terms) // columns)
    size = None if len(terms) == 1 else (PAGE_WIDTH, 2.9 * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis, term in zip(axes.flat, terms):
        _draw(axis, histories, term)
        axis.set(title=term, xlabel="epoch")
    for axis in axes.flat[len(terms) :]:
        axis.remove()
    for axis in axes[:, 0]:
        axis.set_ylabel(ylabel)
    if len(terms) == 1:
        axes[0, 0].set_title(title)
        axes[0, 0].legend()
    else:
        figure.suptitle(title, fontsize=11, fontweight="bold")
        handles, names = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=4)
    return figure


def _draw(axis, histories, term):
    """The curves of one term."""
    for i, (name, history) in enumerate(histories.items()):
        axis.plot(history.index, history[term], color=f"C{i}", label=name)
        if f"validation {term}" in history:
            axis.plot(history.index, history[f"validation {term}"], "--", color=f"C{i}")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))


def _check_histories(histories, terms):
    check_kind("histories", histories, dict, "a dict of histories by name")
    if not histories:
        raise ValueError("histories must hold one run or more, got none")
    if not isinstance(terms, (list, tuple)) or not terms:
        raise TypeError(f'terms must be a list of columns, such as ("loss", "kl"), got {terms!r}')
    for name, history in histories.items():
        check_kind(f"histories[{name!r}]", history, pd.DataFrame, "a history, as fit returns it")
        missing = [term for term in terms if term not in history.columns]
        if missing or not len(history):
            raise ValueError(
                f"terms must be columns of histories[{name!r}], got {missing}; "
                f"it has {len(history)} epochs of {', '.join(map(str, history.columns))}"
            )
