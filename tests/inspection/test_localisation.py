import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.compat import import_torchvision
from coursekit.inspection.localisation import iou, largest_box, pointing_game

box_iou = import_torchvision().ops.box_iou
BOX = torch.tensor([[2, 1, 5, 3]])  # columns 2 to 4, rows 1 and 2


def peak(row, column, size=(6, 8)):
    maps = torch.zeros(1, *size)
    maps[0, row, column] = 1
    return maps


@pytest.mark.parametrize(
    ("row", "column", "hit"),
    [(1, 2, 1), (2, 4, 1), (1, 4, 1), (0, 2, 0), (3, 2, 0), (1, 1, 0), (1, 5, 0)],
)
def test_the_box_has_its_first_pixels_and_not_its_last(row, column, hit):
    assert pointing_game(peak(row, column), BOX) == hit


def test_the_pointing_game_is_a_share_of_the_maps():
    maps = torch.cat([peak(1, 2), peak(0, 0), peak(2, 3), peak(1, 1)]) - 5
    assert pointing_game(maps, BOX.expand(4, 4)) == 0.5


def test_a_constant_map_points_nowhere():
    assert pointing_game(torch.zeros(1, 6, 8), BOX) == 0
    assert pointing_game(torch.zeros(1, 6, 8), torch.tensor([[0, 0, 8, 3]])) == 0
    assert pointing_game(peak(1, 2) + peak(5, 5), BOX) == 0


def test_an_empty_box_is_never_hit_and_the_whole_image_always():
    assert pointing_game(peak(1, 2), torch.tensor([[2, 1, 2, 3]])) == 0
    assert pointing_game(peak(1, 2), torch.tensor([[0, 0, 8, 6]])) == 1


def test_the_box_is_that_of_the_largest_part_above_the_share():
    maps = torch.zeros(1, 6, 8)
    maps[0, 1:3, 2:5] = 0.5
    maps[0, 5, 7] = 1.0  # the maximum, but one pixel
    maps[0, 0, 2] = 0.1  # below the share
    assert torch.equal(largest_box(maps), BOX)
    assert largest_box(maps, share=0.05).tolist() == [[2, 0, 5, 3]]
    assert largest_box(maps, share=0.5).tolist() == [[7, 5, 8, 6]]  # above means above


def test_parts_that_touch_at_a_corner_are_two():
    maps = torch.zeros(1, 4, 4)
    maps[0, 0, :2] = maps[0, 1, 2:] = maps[0, 2, 2:] = 1
    assert largest_box(maps).tolist() == [[2, 1, 4, 3]]


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_map_without_a_positive_value_has_an_empty_box(value):
    assert largest_box(torch.full((2, 3, 3), value)).tolist() == [[0, 0, 0, 0]] * 2


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 6), st.integers(1, 6))
def test_the_box_of_a_filled_box_is_the_box(x, y, width, height):
    maps = torch.zeros(1, 16, 16)
    maps[0, y : y + height, x : x + width] = 0.7
    box = torch.tensor([[x, y, x + width, y + height]])
    assert torch.equal(largest_box(maps), box)
    assert pointing_game(maps, box) == 1 and iou(largest_box(maps), box).item() == 1


boxes = st.tuples(*[st.integers(0, 9)] * 4).map(
    lambda c: torch.tensor([[*map(min, c[:2], c[2:]), *map(max, c[:2], c[2:])]])
)


@given(boxes, boxes)
def test_the_overlap_is_that_of_torchvision_and_of_counted_pixels(a, b):
    def filled(box):
        x1, y1, x2, y2 = box[0].tolist()
        pixels = torch.zeros(9, 9, dtype=torch.bool)
        pixels[y1:y2, x1:x2] = True
        return pixels

    union = (filled(a) | filled(b)).sum().item()
    expected = (filled(a) & filled(b)).sum().item() / union if union else 0
    assert iou(a, b).item() == pytest.approx(expected) == iou(b, a).item()
    if union:
        assert iou(a, b).item() == pytest.approx(box_iou(a, b).item())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pointing_game(torch.zeros(6, 8), BOX), r"maps must be \(N, H, W\) .*got \(6, 8\)"),
        (
            lambda: largest_box(torch.zeros(2, 1, 6, 8)),
            r"maps must be \(N, H, W\) .*got \(2, 1, 6, 8\)",
        ),
        (
            lambda: pointing_game(torch.zeros(2, 6, 8), BOX),
            r"boxes must be \(2, 4\) integer, got \(1, 4\)",
        ),
        (
            lambda: iou(BOX, BOX.expand(2, 4)),
            r"others must be \(1, 4\) as the tensor boxes is, got \(2, 4\)",
        ),
        (lambda: iou(BOX[:, [2, 3, 0, 1]], BOX), r"boxes must be .* \(x, y, width, height\)\?"),
        (lambda: largest_box(peak(0, 0), share=15), "share must be below 1, got 15"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_maps_that_are_not_finite_are_refused(value):
    """A NaN outside the box was a miss, and made the box of a map empty."""
    maps = peak(1, 2)
    maps[0, 5, 7] = value
    for call in (lambda: pointing_game(maps, BOX), lambda: largest_box(maps)):
        with pytest.raises(ValueError, match="maps must be finite, got 1 NaN or infinite values"):
            call()


@pytest.mark.parametrize("wrong", [BOX.float(), BOX / torch.zeros(1), BOX.bool()])
def test_boxes_that_are_not_whole_pixels_are_refused(wrong):
    """With a NaN the overlap was 0."""
    message = r"must be \(.*, 4\) integer, got .*\.round\(\)\.long\(\) makes whole pixels"
    with pytest.raises(ValueError, match=f"^boxes {message}"):
        iou(wrong, BOX)
    with pytest.raises(ValueError, match=f"^others {message}"):
        iou(BOX, wrong)
    with pytest.raises(ValueError, match=f"^boxes {message}"):
        pointing_game(peak(1, 2), wrong)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32])
def test_boxes_of_small_integers_do_not_wrap_around(dtype):
    """2 - 5 is 253 in uint8: boxes that lie apart overlapped, and large areas were small."""
    apart = torch.tensor([[5, 0, 9, 3]])
    assert iou(BOX.to(dtype), apart.to(dtype)).item() == 0
    large = torch.tensor([[0, 0, 200, 200]])
    assert iou(large.byte(), large.byte()).item() == 1


@pytest.mark.parametrize("box", [[2, 1, 9, 3], [2, 1, 5, 7], [-1, 1, 5, 3]])
def test_boxes_that_leave_the_maps_are_refused(box):
    """Boxes in the pixels of the image are never hit by the maximum of a small map."""
    with pytest.raises(
        ValueError, match="boxes must lie within the 6 x 8 pixels of maps.*upsample"
    ):
        pointing_game(peak(1, 2), torch.tensor([box]))
