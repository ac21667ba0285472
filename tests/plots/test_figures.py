import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from coursekit import plots
from coursekit.plots import figures

ALT = "A line that rises from left to right."


@pytest.fixture
def displayed():
    """`show` a figure as a notebook would; what the notebook stores."""
    InteractiveShell.instance()

    def run(figure, **text):
        with capture_output() as captured:
            plots.show(figure, **text)
        (output,) = captured.outputs
        return output

    yield run
    InteractiveShell.clear_instance()


def line():
    figure, axis = plt.subplots()
    axis.plot([0, 1], [0, 1])
    return figure


def test_show_stores_a_png_with_its_text_for_the_book(displayed):
    output = displayed(line(), alt=ALT, caption="A rising line")
    assert output.metadata["coursekit"] == {"alt": ALT, "caption": "A rising line"}
    assert output.metadata["image/png"]["alt"] == ALT
    assert "image/png" in output.data


def test_show_closes_the_figure_so_that_it_is_not_drawn_twice(displayed):
    displayed(line(), alt=ALT, caption="A rising line")
    assert plt.get_fignums() == []


def test_the_same_figure_gives_the_same_bytes(displayed):
    one, two = (displayed(line(), alt=ALT, caption="A line") for _ in range(2))
    assert one.data["image/png"] == two.data["image/png"]


def test_the_card_is_opaque_for_dark_pages(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda image, metadata: shown.append(image.data))
    plots.show(line(), alt=ALT, caption="A rising line")
    pixels = np.asarray(Image.open(io.BytesIO(shown[0])).convert("RGBA"))
    assert (pixels[..., 3] == 255).all() and (pixels[0, 0, :3] == 255).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ({"alt": "", "caption": "A line"}, "alt must say what the figure shows, got ''"),
        ({"alt": "figure 1", "caption": "A line"}, "alt must say .* got 'figure 1'"),
        ({"alt": ALT, "caption": ""}, "caption must have one to eight words, got ''"),
        (
            {"alt": ALT, "caption": "one two three four five six seven eight nine"},
            "caption must have one to eight words, got 'one two",
        ),
    ],
)
def test_a_figure_without_its_text_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        plots.show(line(), **text)


@pytest.mark.parametrize("text", [{"alt": ALT}, {"caption": "A line"}])
def test_both_texts_are_required(text):
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument"):
        plots.show(line(), **text)


def test_what_is_no_figure_or_no_text_is_refused():
    with pytest.raises(TypeError, match="figure must be a figure of matplotlib, got None"):
        plots.show(None, alt=ALT, caption="A line")
    with pytest.raises(TypeError, match="figure must be a figure of matplotlib, got the Axes"):
        plots.show(line().axes[0], alt=ALT, caption="A line")
    with pytest.raises(TypeError, match="alt must be a text, got None"):
        plots.show(line(), alt=None, caption="A line")
    with pytest.raises(TypeError, match="caption must be a text, got the int 3"):
        plots.show(line(), alt=ALT, caption=3)


def test_figures_of_the_style_are_as_wide_as_the_page():
    assert plt.rcParams["figure.figsize"][0] == plots.PAGE_WIDTH


def test_the_ten_class_colours_differ():
    assert len(set(plots.CLASS_COLOURS)) == 10
