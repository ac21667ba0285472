import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from coursekit import plots


def names_of(figure):
    """The texts of the row names, and the boxes in which they are drawn."""
    figure.draw_without_rendering()
    texts = [text for axis in figure.axes for text in axis.texts]
    return texts, [text.get_window_extent() for text in texts]


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


def test_rows_in_colour_are_drawn_as_they_are():
    photos = torch.rand(3, 3, 32, 32)
    figure = plots.image_rows({"photos": photos, "grey": photos.mean(1, keepdim=True)})
    for axis, photo in zip(figure.axes[:3], photos):
        assert np.array_equal(axis.images[0].get_array(), photo.permute(1, 2, 0))
    figure.canvas.draw()
    box = figure.axes[0].images[0].get_window_extent()
    drawn = np.asarray(figure.canvas.buffer_rgba())[::-1]
    pixel = drawn[int((box.y0 + box.y1) / 2 + 1), int((box.x0 + box.x1) / 2 + 1), :3] / 255
    assert np.abs(photos[0, :, 15, 16].numpy() - pixel).max() < 0.01


def test_rectangles_keep_their_shape_and_rows_their_own():
    rows = {"spectrograms": torch.rand(4, 1, 20, 80), "masks": torch.rand(4, 1, 60, 30)}
    figure = plots.image_rows(rows)
    figure.draw_without_rendering()
    boxes = [axis.images[0].get_window_extent() for axis in figure.axes]
    assert [box.height / box.width for box in boxes] == pytest.approx([1 / 4] * 4 + [2] * 4)


def test_signed_values_in_another_colour_map():
    figure = plots.image_rows({"w": torch.randn(2, 1, 5, 5)}, vmin=-2, vmax=2, cmap="RdBu")
    image = figure.axes[0].images[0]
    assert image.get_clim() == (-2, 2) and image.get_cmap().name == "RdBu"


@pytest.mark.parametrize("n", [1, 3, 12, 40])
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["x", "a name of some length, K = 512", "one-very-long-word" * 5])
def test_any_number_of_images_has_one_size_of_text_and_room_for_all_names(n, rows, name):
    images = {f"{name} {k}": torch.rand(n, 1, 28, 28) for k in range(rows)}
    figure = plots.image_rows(images, title="Title")
    assert figure.get_figwidth() == plots.PAGE_WIDTH
    texts, boxes = names_of(figure)
    assert {text.get_fontsize() for text in texts} == {9}
    first = min(axis.get_window_extent().x0 for axis in figure.axes)
    assert all(box.x0 >= 0 and box.x1 < first for box in boxes)
    inside = [*boxes, *(axis.get_window_extent() for axis in figure.axes)]
    assert all(box.y0 >= 0 and box.x1 <= figure.bbox.width for box in inside)
    assert all(box.y1 < figure.texts[0].get_window_extent().y0 for box in inside)
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])


def test_few_images_do_not_fill_the_page():
    figure = plots.image_rows({"two": torch.rand(2, 1, 28, 28)}, size=0.8)
    figure.draw_without_rendering()
    assert figure.axes[0].get_window_extent().height == pytest.approx(0.8 * figure.dpi)


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (
            {"a": torch.rand(2, 3, 8, 8) * 2},
            ValueError,
            r"rows\['a'\] must be from 0 to 1, .*clamp",
        ),
        (
            {"a": torch.rand(2, 2, 8, 8)},
            ValueError,
            r"rows\['a'\] must be \(N, 1, H, W\), .* \(2, 2",
        ),
        ({"a": torch.rand(2, 8, 8)}, ValueError, r"rows\['a'\]\.unsqueeze\(1\) makes grey ones"),
        ({"a": torch.rand(2, 60)}, ValueError, r"a square, got \(2, 60\); write .*reshape\(-1, 1"),
        ({"a": torch.ones(2, 1, 8, 8).long()}, ValueError, r"rows\['a'\].*divide bytes by 255"),
        ({"a": torch.full((2, 64), torch.nan)}, ValueError, r"rows\['a'\] must be finite"),
        ({"a": torch.rand(0, 64)}, ValueError, r"rows\['a'\] must be"),
        (
            {"a": torch.rand(41, 64)},
            ValueError,
            r"1 to 40 images each, got 41; write images\[:12\]",
        ),
        ({"a": None}, TypeError, r"rows\['a'\] must be a tensor, got None"),
        ({3: torch.rand(2, 64)}, TypeError, "a name of rows must be a text, got the int 3"),
        ({}, ValueError, "rows must hold 1 to 40 images each, got 0"),
        (torch.rand(2, 64), TypeError, "rows must be a dict of images by name, got a tensor"),
    ],
)
def test_rows_that_cannot_be_drawn_are_refused(rows, error, message):
    with pytest.raises(error, match=message):
        plots.image_rows(rows)


def test_scales_that_mean_nothing_are_refused():
    rows = {"a": torch.rand(2, 64)}
    with pytest.raises(ValueError, match="vmin must be below vmax, got 0 and -1"):
        plots.image_rows(rows, vmax=-1)
    with pytest.raises(ValueError, match="cmap must be the name of a colour map.*got 'grau'"):
        plots.image_rows(rows, cmap="grau")


# ---------------------------------------------------------------------------- as_images


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


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_drawn_in_single(dtype):
    images = torch.rand(2, 1, 5, 7).to(dtype)
    assert np.array_equal(plots.as_images(images), images[:, 0].float())


# ---------------------------------------------------------------------------- mosaic


def drawn(images, **options):
    _, axis = plt.subplots()
    plots.mosaic(axis, images, **options)
    return axis, axis.images[0].get_array()


def test_a_mosaic_is_the_one_that_one_makes_by_hand():
    grid = torch.rand(15, 784)
    _, picture = drawn(grid, columns=5)
    by_hand = grid.reshape(3, 5, 28, 28).permute(0, 2, 1, 3).reshape(3 * 28, 5 * 28)
    assert np.array_equal(picture, by_hand)


@pytest.mark.parametrize("channels", [1, 3])
def test_each_image_of_a_mosaic_stands_in_its_place(channels):
    images = torch.rand(6, channels, 4, 7)
    _, picture = drawn(images, columns=3)
    assert picture.shape[:2] == (8, 21)
    for k, image in enumerate(images):
        row, column = divmod(k, 3)
        part = picture[4 * row : 4 * row + 4, 7 * column : 7 * column + 7]
        assert np.array_equal(part.reshape(4, 7, channels), image.permute(1, 2, 0))


def test_a_mosaic_that_is_not_full_ends_in_white():
    _, grey = drawn(torch.rand(5, 16), columns=3)
    assert np.isnan(np.ma.filled(grey, np.nan)[4:, 8:]).all() and grey[4:, :8].count() == 32
    _, colour = drawn(torch.zeros(5, 3, 4, 4), columns=3)
    assert (colour[4:, 8:] == 1).all() and (colour[4:, :8] == 0).all()


def test_a_mosaic_over_a_plane_has_coordinates_and_square_pixels():
    axis, _ = drawn(torch.rand(6, 1, 4, 8), columns=3, extent=(-1, 1, -3, 3))
    assert axis.images[0].get_extent() == [-1, 1, -3, 3] and axis.axison
    axis.figure.draw_without_rendering()
    box = axis.images[0].get_window_extent()
    assert box.width / box.height == pytest.approx(24 / 8)
    axis, _ = drawn(torch.rand(6, 1, 4, 8), columns=3)
    assert not axis.axison


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": 0}, "columns must be at least 1, got 0"),
        ({"columns": 7}, "columns must be at most 6, got 7"),
        ({"columns": 3, "extent": (0, 1)}, "extent must hold 4 numbers or more"),
        ({"columns": 3, "extent": (1, 0, 0, 1)}, r"extent must be \(left, right, bottom, top\)"),
    ],
)
def test_a_mosaic_that_cannot_be_drawn_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        drawn(torch.rand(6, 16), **options)
    with pytest.raises(TypeError, match="axis must be an axis of matplotlib, got a tensor"):
        plots.mosaic(torch.rand(6, 16), torch.rand(6, 16), columns=3)
