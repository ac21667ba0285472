import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.colors import to_hex
from PIL import Image

from coursekit import plots
from coursekit.training import History

ALT = "A line that rises from left to right."


@pytest.fixture(autouse=True)
def course_style():
    with plt.style.context("coursekit.style"):
        yield
    plt.close("all")


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
    monkeypatch.setattr(plots, "display", lambda image, metadata: shown.append(image.data))
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


def test_rows_of_images_are_named_and_drawn_from_white_to_black():
    digits = torch.rand(5, 1, 28, 28)
    figure = plots.image_rows({"original": digits, "code of 2": digits.flatten(1)}, title="Both")
    assert figure.get_suptitle() == "Both" and len(figure.axes) == 10
    assert [text.get_text() for axis in figure.axes for text in axis.texts] == [
        "original",
        "code of 2",
    ]
    for axis, expected in zip(figure.axes, [*digits, *digits]):
        (image,) = axis.images
        assert np.array_equal(image.get_array(), expected[0])
        assert image.get_clim() == (0, 1) and image.get_cmap().name == "gray_r"
        assert not axis.axison


def test_rows_may_have_unlike_lengths():
    figure = plots.image_rows({"one": torch.rand(1, 784), "three": torch.rand(3, 784)})
    assert [len(axis.images) for axis in figure.axes] == [1, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    "images",
    [
        torch.rand(3, 1, 8, 8),
        torch.rand(3, 64),
        np.random.rand(3, 64),
        torch.rand(3, 64, requires_grad=True),
    ],
)
def test_images_of_any_form_become_squares(images):
    squares = plots.as_images(images)
    assert isinstance(squares, np.ndarray) and squares.shape == (3, 8, 8)
    flat = images.detach() if isinstance(images, torch.Tensor) else images
    assert np.array_equal(squares.reshape(3, 64), np.asarray(flat).reshape(3, 64))


def test_a_map_has_one_colour_and_one_name_a_class_at_its_median():
    points = torch.tensor([[0.0, 0.0], [1.0, 2.0], [5.0, 2.0], [9.0, 9.0]])
    _, axis = plt.subplots()
    plots.scatter_classes(axis, points, torch.tensor([0, 0, 0, 2]), title="A map")
    assert axis.get_title() == "A map" and axis.get_xlabel() and axis.get_ylabel()
    assert [len(dots.get_offsets()) for dots in axis.collections] == [3, 1]
    colours = [to_hex(dots.get_facecolor()[0]) for dots in axis.collections]
    assert colours == [plots.CLASS_COLOURS[k].lower() for k in (0, 2)]
    assert [(text.get_text(), tuple(text.xy)) for text in axis.texts] == [
        ("0", (1.0, 2.0)),
        ("2", (9.0, 9.0)),
    ]


def test_a_map_takes_names_of_classes_and_a_code_with_a_gradient():
    _, axis = plt.subplots()
    code = torch.rand(4, 2, requires_grad=True)
    plots.scatter_classes(axis, code, [0, 0, 1, 1], title="Topics", names=["earn", "ship"])
    assert [text.get_text() for text in axis.texts] == ["earn", "ship"]


def test_the_ten_class_colours_differ():
    assert len(set(plots.CLASS_COLOURS)) == 10


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
    (axis,) = plots.learning_curves({"run": history}, ylabel="nats", column="kl").axes
    assert [list(curve.get_ydata()) for curve in axis.lines] == [[1.0], [2.0]]
