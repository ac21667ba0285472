"""Textured shapes: what is promised of images, boxes and factors."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.data.shapes import FACTORS, SHAPES, TEXTURES, draw_shapes, textured_shapes

PLAIN = {
    "shape": torch.arange(10),
    "texture": TEXTURES.index("clouds"),
    "ground_texture": TEXTURES.index("clouds"),
    "pattern": 7,
    "x": 0.0,
    "y": 0.0,
    "size": 22.0,
    "angle": 0.0,
    "colour": 30.0,
    "contrast": 180.0,
    "lightness": 0.75,
    "ground_lightness": 0.5,
    "light": 225.0,
    "brightness": 0.75,
}
RANGES = [name for name, values in FACTORS.items() if isinstance(values, tuple)]


@pytest.fixture(scope="module")
def shapes():
    return textured_shapes(2_000, seed=7)


def factors_with(**changes):
    """Factors of ten images, one a class unless told, plain but for the changes."""
    given = PLAIN | changes
    n = len(given["shape"])
    return {name: torch.as_tensor(value).expand(n) for name, value in given.items()}


def draw(**changes):
    return draw_shapes(factors_with(**changes))


def where(**changes):
    """The pixels of the shapes (N, 32, 32): what changes when the shape alone turns green."""
    red = factors_with(**changes)
    green = red | {"colour": red["colour"] + 90, "contrast": red["contrast"] - 90}
    # the ground's hue is the sum of both, and stays
    return (draw_shapes(red).images - draw_shapes(green).images).abs().amax(1) > 0.02


def box(pixels):
    """The box (4,) around what is true in (32, 32)."""
    rows, columns = pixels.any(1).nonzero(), pixels.any(0).nonzero()
    return torch.stack([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]).flatten()


def middle(boxes):
    return (boxes[:, :2] + boxes[:, 2:]).double() / 2


# ---------------------------------------------------------------------------- form


def test_images_labels_boxes_and_factors_have_the_promised_form(shapes):
    assert shapes.images.shape == (2_000, 3, 32, 32) and shapes.images.dtype == torch.float32
    assert shapes.images.min() >= 0 and shapes.images.max() <= 1 and shapes.images.std() > 0.15
    assert shapes.labels.shape == (2_000,) and shapes.labels.dtype == torch.int64
    assert shapes.boxes.shape == (2_000, 4) and shapes.boxes.dtype == torch.int64
    assert shapes.factors.keys() == FACTORS.keys()
    for name, values in shapes.factors.items():
        assert values.shape == (2_000,)
        assert values.dtype == (torch.float32 if name in RANGES else torch.int64)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(0, 60), seed=st.integers(0, 2**63 - 1))
def test_any_number_and_seed(n, seed):
    images, labels, boxes, factors = textured_shapes(n, seed=seed)
    assert images.shape == (n, 3, 32, 32) and labels.shape == (n,) and boxes.shape == (n, 4)
    assert ((images >= 0) & (images <= 1)).all()
    assert torch.equal(labels, factors["shape"])
    counts = labels.bincount(minlength=10)
    assert len(counts) == 10 and counts.max() - counts.min() <= 1


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_the_factors_the_shape_lies_wholly_inside(data):
    """A pixel wide margin stays free, and the box is that of the pixels that are the shape's."""
    given = {}
    for name, values in FACTORS.items():
        if name in RANGES:
            value = data.draw(st.floats(*values, width=32), label=name)
        else:
            value = data.draw(st.integers(0, values - 1), label=name)
        given[name] = torch.tensor([value])
    x1, y1, x2, y2 = draw_shapes(given).boxes[0].tolist()
    assert x1 >= 1 and x2 <= 31 and y1 >= 1 and y2 <= 31
    assert min(x2 - x1, y2 - y1) >= 6 and 10 <= max(x2 - x1, y2 - y1) <= 28


def test_the_seed_decides_everything():
    first, again, other = (textured_shapes(50, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first.images, again.images) and torch.equal(first.labels, again.labels)
    assert all(torch.equal(first.factors[name], again.factors[name]) for name in FACTORS)
    assert not torch.equal(first.labels, other.labels)
    assert not torch.equal(first.images, other.images)


def test_the_same_seed_gives_the_same_on_every_machine():
    images, labels, boxes, _ = textured_shapes(12, seed=1)
    assert labels.tolist() == [0, 4, 1, 7, 0, 5, 6, 1, 9, 8, 3, 2]
    assert boxes[:2].tolist() == [[14, 3, 29, 18], [6, 3, 28, 27]]
    assert images.mean((0, 2, 3)).tolist() == pytest.approx([0.3383, 0.3581, 0.3364], abs=1e-4)


def test_a_part_is_drawn_as_in_the_whole(shapes):
    rows = torch.tensor([3, 600, 1_999])
    part = draw_shapes({name: values[rows] for name, values in shapes.factors.items()})
    assert torch.allclose(part.images, shapes.images[rows], atol=1e-5)
    assert torch.equal(part.boxes, shapes.boxes[rows])


def test_the_global_generators_are_left_alone():
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    textured_shapes(30)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()


# ---------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("n", [2.0, "10", True, None])
def test_a_wrong_number_is_named(n):
    with pytest.raises(TypeError, match=f"^n must be a whole number, got .*{n!r}"):
        textured_shapes(n)
    with pytest.raises(TypeError, match=f"^seed must be a whole number, got .*{n!r}"):
        textured_shapes(3, seed=n)


def test_factors_that_are_missing_or_unknown_are_named():
    given = factors_with()
    given["color"] = given.pop("colour")
    with pytest.raises(ValueError, match=r"missing are \['colour'\], unknown \['color'\]$"):
        draw_shapes(given)


def test_factors_of_unequal_lengths_are_named():
    with pytest.raises(ValueError, match="^factors must have one length, got .*'size': 3"):
        draw_shapes(factors_with() | {"size": torch.full((3,), 20.0)})


@pytest.mark.parametrize("name", FACTORS)
def test_a_factor_outside_its_range_is_named(name):
    low, high = FACTORS[name] if name in RANGES else (0, FACTORS[name] - 1)
    kind = float if name in RANGES else int
    for value in (low, high):
        draw(**{name: torch.full((10,), kind(value))})
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=rf"^factors\['{name}'\] must be from {low} to {high}"):
            draw(**{name: torch.full((10,), kind(value))})


@pytest.mark.parametrize("name", RANGES)
def test_nan_is_refused(name):
    with pytest.raises(ValueError, match=rf"^factors\['{name}'\] must be .*NaN"):
        draw(**{name: torch.nan})


# ---------------------------------------------------------------------------- what factors mean


def test_the_box_is_where_the_shape_is():
    changed = where(angle=25.0)
    drawn = draw(angle=25.0).boxes
    for pixels, wanted in zip(changed, drawn):
        assert (box(pixels) - wanted).abs().max() <= 1


def test_a_change_of_the_ground_leaves_the_shape():
    plain, other = draw(), draw(ground_lightness=0.6, contrast=100.0, ground_texture=0)
    middle_pixel = plain.images[..., 16, 16] - other.images[..., 16, 16]
    full = [k for k, name in enumerate(SHAPES) if name not in ("ring", "crescent", "hourglass")]
    assert middle_pixel[full].abs().max() < 1e-6
    assert ((plain.images - other.images).abs().amax(1) > 0.05)[:, 0, :].float().mean() > 0.9


def test_size_is_the_diameter_of_the_circle_in_which_a_shape_turns():
    for size in (16.0, 20.0, 28.0):
        boxes = torch.stack([draw(size=size, angle=a).boxes for a in torch.arange(0, 360, 15.0)])
        lows, highs = boxes[..., :2].amin((0, 2)), boxes[..., 2:].amax((0, 2))
        sides = (highs - lows).double()  # of what the shape sweeps as it turns
        assert ((0.83 * size - 1 <= sides) & (sides <= size + 1)).all()


def test_x_and_y_move_the_shape_from_margin_to_margin():
    disc = SHAPES.index("disc")
    for size in (16.0, 28.0):
        ends = [draw(x=x, y=-x, size=size).boxes[disc] for x in (-1.0, 0.0, 1.0)]
        gap = 1 + 0.15 * size / 2  # the disc leaves some room in its circle
        wanted = [[gap, 32 - gap], [16, 16], [32 - gap, gap]]
        edges = [
            [ends[0][0], ends[0][3]],
            [middle(ends[1][None])[0, 0], middle(ends[1][None])[0, 1]],
            [ends[2][2], ends[2][1]],
        ]
        assert torch.tensor(edges).sub(torch.tensor(wanted)).abs().max() <= 1


def test_a_quarter_turn_is_clockwise():
    plain, turned = where(angle=10.0), where(angle=100.0)
    difference = (turned ^ plain.rot90(-1, dims=(1, 2))).double().sum((1, 2))
    assert (difference <= 0.05 * plain.sum((1, 2))).all()
    arrow = SHAPES.index("arrow")
    tip = draw(angle=90.0).boxes[arrow]
    assert tip[2] > draw(angle=0.0).boxes[arrow][2], "the tip points to the right"


def test_every_factor_changes_the_picture_and_brightness_the_light():
    plain = draw().images
    for name, values in FACTORS.items():
        value = 0.1 * values[0] + 0.9 * values[1] if name in RANGES else 1
        value = torch.arange(9, -1, -1) if name == "shape" else value
        change = (draw(**{name: value}).images - plain).abs().amax((1, 2, 3))
        assert change.amax() > 0.05, name
    dark, bright = (draw(brightness=b).images.mean((1, 2, 3)) for b in (0.75, 1.5))
    assert ((bright / dark - 2**0.5).abs() < 0.03).all(), "the square root of twice the light"


def test_the_shadow_falls_away_from_the_light():
    disc = {"shape": torch.tensor([SHAPES.index("disc")])}
    right, left = (draw(light=degrees, **disc).images[0].mean(0) for degrees in (0.0, 180.0))
    x1, y1, x2, y2 = draw(**disc).boxes[0]
    beside_left = slice(y1 + 6, y2 - 6), slice(x1 - 2, x1)
    beside_right = slice(y1 + 6, y2 - 6), slice(x2, x2 + 2)
    assert right[beside_left].mean() < 0.9 * left[beside_left].mean()
    assert left[beside_right].mean() < 0.9 * right[beside_right].mean()


def test_the_edge_of_the_shape_shines_on_the_side_of_the_light():
    disc = {"shape": torch.tensor([SHAPES.index("disc")])}
    below, above = (draw(light=degrees, **disc).images[0].mean(0) for degrees in (90.0, 270.0))
    x1, y1, x2, y2 = draw(**disc).boxes[0]
    bottom, top = (slice(y2 - 3, y2 - 1), slice(13, 19)), (slice(y1 + 1, y1 + 3), slice(13, 19))
    assert below[bottom].mean() > 1.2 * above[bottom].mean()
    assert above[top].mean() > 1.2 * below[top].mean()


def test_a_texture_turns_with_its_shape_and_the_ground_stays():
    stripes = {"texture": TEXTURES.index("stripes"), "shape": torch.tensor([0])}
    plain, turned = (draw(angle=a, light=0.0, **stripes).images[0].mean(0) for a in (0.0, 90.0))
    core = slice(10, 22), slice(10, 22)
    assert plain[core].std(1).mean() > 3 * plain[core].std(0).mean(), "stripes run down"
    assert turned[core].std(0).mean() > 3 * turned[core].std(1).mean()
    assert torch.allclose(plain[0], turned[0], atol=1e-6)


def test_no_shape_has_the_colours_of_its_ground(shapes):
    """Three quarters of its box, at least a quarter in a crescent, differ from the border's mean.

    Mean colours of shape and ground are 0.17 apart or more in 5,000 images.
    """
    border = torch.cat([shapes.images[..., 0], shapes.images[..., -1]], dim=2).mean(2)  # N x 3
    for image, colour, (x1, y1, x2, y2) in zip(shapes.images, border, shapes.boxes.tolist()):
        distance = (image[:, y1:y2, x1:x2] - colour[:, None, None]).norm(dim=0)
        assert distance.flatten().quantile(0.75) > 0.12
