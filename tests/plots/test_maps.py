import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from coursekit import plots
from coursekit.plots import maps

LONG = [
    "money and foreign exchange",
    "crude oil",
    "acquisitions",
    "interest rates of central banks",
    "earnings",
    "grain",
    "trade between countries",
    "shipping",
    "internationalisation-of-everything",
    "wheat",
]


def overlapping(axis):
    """Pairs of names whose frames cover each other once the figure is drawn."""
    axis.figure.canvas.draw()
    texts = [text for text in axis.texts if text.get_visible()]
    boxes = [text.get_bbox_patch().get_window_extent() for text in texts]
    return [
        (texts[i].get_text(), texts[j].get_text())
        for i, one in enumerate(boxes)
        for j, other in enumerate(boxes[:i])
        if one.overlaps(other)
    ]


def far_from_their_class(axis, points, labels, lines):
    """Names whose box holds no point of their class, and that no line leads to it either."""
    pixels = axis.transData.transform(points)
    away = []
    for k, text in zip(np.unique(labels), axis.texts):
        box = text.get_bbox_patch().get_window_extent()
        own = pixels[np.asarray(labels) == k]
        held = ((own >= box.min) & (own <= box.max)).all(axis=1).any()
        centre = axis.transData.transform(text.get_position())
        led = any(
            np.allclose(start, centre) and np.isclose(own, end).all(axis=1).any()
            for start, end in lines
        )
        if not held and not led:
            away.append(text.get_text())
    return away


@pytest.fixture
def lines(monkeypatch):
    """Both ends of every line that is drawn to a name, in pixels."""
    ends = []

    class Noted(Line2D):
        def draw(self, renderer):
            ends.append(np.transpose(self.get_data()))
            super().draw(renderer)

    monkeypatch.setattr(maps, "Line2D", Noted)
    return ends


def test_a_map_has_one_colour_and_one_name_a_class_on_a_point_of_it():
    points = torch.tensor([[0.0, 0.0], [1.0, 2.0], [5.0, 2.0], [9.0, 9.0]])
    figure, axis = plt.subplots()
    plots.scatter_classes(axis, points, torch.tensor([0, 0, 0, 2]), title="A map")
    assert axis.get_title() == "A map" and axis.get_xlabel() and axis.get_ylabel()
    assert [len(dots.get_offsets()) for dots in axis.collections] == [3, 1]
    colours = [to_hex(dots.get_facecolor()[0]) for dots in axis.collections]
    assert colours == [plots.CLASS_COLOURS[k].lower() for k in (0, 2)]
    figure.canvas.draw()
    assert [text.get_text() for text in axis.texts] == ["0", "2"]
    assert any(axis.texts[0].get_position() == pytest.approx(tuple(p)) for p in points[:3].tolist())
    assert axis.texts[1].get_position() == pytest.approx((9, 9), abs=0.5)


def test_a_map_takes_names_of_classes_and_a_code_with_a_gradient():
    _, axis = plt.subplots()
    code = torch.rand(4, 2, requires_grad=True)
    plots.scatter_classes(axis, code, [0, 0, 1, 1], title="Topics", names=["earn", "ship"])
    assert [text.get_text() for text in axis.texts] == ["earn", "ship"]


@pytest.mark.parametrize("names", [None, LONG])
@pytest.mark.parametrize("width", [0.0, 0.05, 0.5, 3.0])
@pytest.mark.parametrize("seed", range(4))
def test_names_never_cover_each_other_and_belong_to_their_class(lines, names, width, seed):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(10), rng.integers(0, 10, 400)])
    points = rng.normal(size=(10, 2))[labels] + width * rng.normal(size=(410, 2))
    if width == 0.05:
        points[:, 0] /= 20  # all classes in one narrow column
    _, panels = plt.subplots(1, 2, figsize=(8.4, 4))
    plots.scatter_classes(panels[0], points, labels, title="A map", names=names)
    assert overlapping(panels[0]) == []
    assert far_from_their_class(panels[0], points, labels, lines) == []
    for text in panels[0].texts:
        inside = panels[0].bbox.padded(1)
        box = text.get_window_extent()
        assert inside.contains(*box.min) and inside.contains(*box.max)


def test_classes_on_one_point_are_named_beside_it_with_lines(lines):
    _, axis = plt.subplots(figsize=(4.2, 4))
    labels = np.arange(10).repeat(3)
    points = np.zeros((30, 2))
    plots.scatter_classes(axis, points, labels, title="One point", names=LONG)
    assert overlapping(axis) == []
    assert len(lines) == 9 and far_from_their_class(axis, points, labels, lines) == []


def test_a_name_stands_on_its_class_not_between_its_parts(lines):
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(300, 2)) + np.array([[-9, 0], [9, 0]])[rng.integers(0, 2, 300)]
    between = 0.5 * rng.normal(size=(100, 2))
    points, labels = np.concatenate([apart, between]), np.repeat([0, 1], [300, 100])
    _, axis = plt.subplots()
    plots.scatter_classes(axis, points, labels, title="Two islands")
    assert overlapping(axis) == [] and not lines
    assert abs(axis.texts[0].get_position()[0]) > 6  # the median of the class is near 0
    assert abs(axis.texts[1].get_position()[0]) < 3


def test_names_find_their_places_again_when_limits_change():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 500)
    points = rng.normal(size=(10, 2))[labels] + 0.2 * rng.normal(size=(500, 2))
    figure, axis = plt.subplots()
    plots.scatter_classes(axis, points, labels, title="A map", names=LONG)
    for change in (
        lambda: axis.set(xlim=(-12, 12)),
        lambda: axis.set(xlim=(-0.5, 3), ylim=(-0.5, 2)),
        lambda: figure.set_dpi(60),
        lambda: figure.set_size_inches(5, 3.2),
    ):
        change()
        assert overlapping(axis) == []
    seen = {text.get_text() for text in axis.texts if text.get_visible()}
    axis.set(xlim=(50, 60))
    assert overlapping(axis) == [] and seen
    assert not any(text.get_visible() for text in axis.texts)


def test_the_same_map_is_drawn_the_same_twice():
    pictures = []
    for _ in range(2):
        points = np.random.default_rng(2).normal(size=(200, 2))
        figure, axis = plt.subplots()
        plots.scatter_classes(axis, points, np.arange(200) % 10, title="A map", names=LONG)
        figure.canvas.draw()
        pictures.append(np.asarray(figure.canvas.buffer_rgba()).copy())
        figure.canvas.draw()
        assert np.array_equal(pictures[-1], figure.canvas.buffer_rgba())
    assert np.array_equal(*pictures)


def test_names_that_fit_on_no_map_are_refused_when_it_is_drawn():
    figure, axis = plt.subplots(figsize=(1.6, 1.2))
    plots.scatter_classes(axis, torch.rand(10, 2), torch.arange(10), title="A map", names=LONG)
    with pytest.raises(ValueError, match="names do not fit on the map; make the figure larger"):
        figure.canvas.draw()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"labels": torch.tensor([0, 1, 10])},
            ValueError,
            "labels must be from 0 to 9, .*ten colours",
        ),
        (
            {"labels": torch.tensor([0, 1, -1])},
            ValueError,
            "labels must be from 0 to 9, got -1 to 1",
        ),
        ({"labels": torch.tensor([0, 1])}, ValueError, r"labels must be \(3,\) integer"),
        ({"labels": torch.tensor([0.0, 1, 2])}, ValueError, r"labels must be \(3,\) integer"),
        ({"labels": ["a", "b", "c"]}, TypeError, r"labels\[0\] must be a whole number"),
        ({"points": torch.rand(3, 3)}, ValueError, r"points must be \(N, 2\) floating point"),
        ({"points": torch.full((3, 2), torch.inf)}, ValueError, "points must be finite"),
        ({"points": [[0.0, 1.0]] * 3}, TypeError, "points must be a tensor"),
        ({"names": ["a", "b"]}, ValueError, "names must hold one for each .* 0 to 2, got 2"),
        ({"names": "abc"}, TypeError, "names must be a list of texts, got the str 'abc'"),
        ({"names": ["a", "b", 3]}, TypeError, r"names\[2\] must be a text, got the int 3"),
        ({"axis": None}, TypeError, "axis must be an axis of matplotlib, got None"),
        ({"size": 0}, ValueError, "size must be above 0, got 0"),
    ],
)
def test_maps_that_cannot_be_drawn_are_refused(arguments, error, message):
    _, axis = plt.subplots()
    valid = {"axis": axis, "points": torch.rand(3, 2), "labels": torch.arange(3), "title": "A map"}
    with pytest.raises(error, match=message):
        plots.scatter_classes(**valid | arguments)
