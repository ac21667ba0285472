import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import normalized_mutual_info_score

from coursekit.metrics.segmentation import SegmentErrors, segments, thin_borders

nan = math.nan
TARGET = torch.tensor([[[1, 1, 0, 2, 2]] * 4])  # two cells and the border between them
MERGED, SPLIT = torch.ones_like(TARGET), torch.tensor([[[1, 2, 2, 3, 4]] * 4])


def images(n, seed=0, most=4, size=(6, 7)):
    return torch.randint(most + 1, (n, *size), generator=torch.Generator().manual_seed(seed))


def scored(ours, true, cuts=()):
    errors = SegmentErrors()
    for some, of in zip(ours.tensor_split(cuts), true.tensor_split(cuts)):
        errors.update(some, of)
    return errors


def side_by_side(x):
    """One image (H, N W) of a batch, the segments of each image made its own, 0 kept."""
    offset = 10 * torch.arange(len(x))[:, None, None]
    return torch.where(x > 0, x + offset, 0).movedim(0, 1).flatten(1).numpy()


def every_score(errors):
    return (
        *errors.variation_of_information(),
        errors.adapted_rand_error(),
        errors.rand_score(),
        errors.information_score(),
    )


@given(n=st.integers(1, 3), seed=st.integers(0, 99))
def test_a_set_scores_as_its_images_side_by_side_do_in_scikit_image(n, seed):
    metrics = pytest.importorskip("skimage.metrics")
    ours, true = images(n, seed) + 1, images(n, seed + 1)
    errors, pair = scored(ours, true), (side_by_side(true), side_by_side(ours))
    expected = metrics.variation_of_information(*pair, ignore_labels=(0,))
    assert errors.variation_of_information() == pytest.approx(tuple(expected), abs=1e-12)
    expected, _, _ = metrics.adapted_rand_error(*pair, ignore_labels=(0,))
    assert errors.adapted_rand_error() == pytest.approx(expected, abs=1e-12)


@given(seed=st.integers(0, 99))
def test_the_information_score_of_an_image_agrees_with_scikit_learn(seed):
    ours, true = images(1, seed), images(1, seed + 1)
    inside = true > 0
    expected = normalized_mutual_info_score(true[inside], ours[inside])
    assert scored(ours, true).information_score() == pytest.approx(expected, abs=1e-10)


@given(seed=st.integers(0, 99))
def test_the_rand_score_counts_joined_pairs_of_pixels(seed):
    ours, true = images(1, seed, size=(3, 4)), images(1, seed + 1, size=(3, 4))
    a, b = ours[true > 0].numpy(), true[true > 0].numpy()
    joined_a, joined_b = a[:, None] == a, b[:, None] == b
    expected = 2 * (joined_a & joined_b).sum() / (joined_a.sum() + joined_b.sum())
    assert scored(ours, true).rand_score() == pytest.approx(expected, rel=1e-12)


@given(cuts=st.lists(st.integers(0, 6), max_size=4).map(sorted), seed=st.integers(0, 99))
def test_any_batches_give_the_same_scores_exactly(cuts, seed):
    ours, true = images(6, seed), images(6, seed + 1)
    assert every_score(scored(ours, true)) == every_score(scored(ours, true, cuts))


def test_the_true_segments_under_any_numbers_are_perfect():
    renamed = torch.tensor([0, 7, 3])[TARGET]
    assert every_score(scored(renamed, TARGET)) == (0, 0, 0, 1, 1)


def test_a_merge_and_a_split_are_told_apart():
    assert scored(MERGED, TARGET).variation_of_information() == pytest.approx((0, 1))
    assert scored(SPLIT, TARGET).variation_of_information() == pytest.approx((1, 0))


def test_both_errors_of_half_the_pixels_halve_the_precision_or_the_recall():
    # the merge joins twice as many pairs as it should; the split half as many
    assert scored(MERGED, TARGET).rand_score() == pytest.approx(2 / 3)
    assert scored(SPLIT, TARGET).rand_score() == pytest.approx(2 / 3)
    assert scored(MERGED, TARGET).information_score() == 0
    assert scored(SPLIT, TARGET).information_score() == pytest.approx(2 / 3)


def test_what_lies_on_the_true_border_does_not_count():
    other = torch.where(TARGET == 0, 9, TARGET)
    assert every_score(scored(other, TARGET)) == (0, 0, 0, 1, 1)


def test_pooled_scores_weigh_images_by_their_cells_and_not_by_one():
    ours = torch.cat([TARGET, torch.ones_like(TARGET)])
    true = torch.cat([TARGET, torch.zeros_like(TARGET)])
    true[1, 0, :2] = torch.tensor([1, 2])  # two pixels, merged: one bit each
    _, merge = scored(ours, true).variation_of_information()
    assert merge == pytest.approx(2 / 18)  # not the average (0 + 1) / 2


def test_more_images_of_the_same_kind_keep_the_scores():
    ours, true = images(1, 1), images(1, 2)
    once, often = scored(ours, true), scored(ours.repeat(5, 1, 1), true.repeat(5, 1, 1))
    assert every_score(often) == pytest.approx(every_score(once), rel=1e-12)


def test_without_a_true_segment_there_is_no_score():
    errors = scored(MERGED, torch.zeros_like(TARGET))
    assert all(math.isnan(score) for score in every_score(errors))
    assert all(math.isnan(score) for score in every_score(SegmentErrors()))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (TARGET.float(), r"\(N, H, W\) integer, got \(1, 4, 5\) torch.float32"),
        (TARGET > 0, r"\(N, H, W\) integer, got \(1, 4, 5\) torch.bool"),
        (-TARGET, "at least 0, got -2 to 0"),
        (TARGET[0], r"\(N, H, W\) integer, got \(4, 5\) torch.int64"),
    ],
)
def test_maps_and_single_images_are_refused(bad, message):
    with pytest.raises(ValueError, match=rf"^segments must be {message}.*segments numbers"):
        SegmentErrors().update(bad, TARGET)
    with pytest.raises(ValueError, match=rf"^target must be {message}.*segments numbers"):
        SegmentErrors().update(TARGET, bad)
    with pytest.raises(ValueError, match=rf"^labels must be {message}.*segments numbers"):
        thin_borders(bad)


def test_large_numbers_of_segments_count_like_small_ones():
    """The number of a pair of segments, i 2^62 + j, is the same for i = 1 and i = 5."""
    ours, true = torch.tensor([0, 1, 5, 2, 3])[SPLIT], torch.tensor([0, 1, 2**62 - 1])[TARGET]
    assert every_score(scored(ours, true)) == every_score(scored(SPLIT, TARGET))


def test_shapes_that_only_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"target must be \(3, 6, 7\).*got \(1, 6, 7\)"):
        SegmentErrors().update(images(3), images(1))


def test_segments_are_what_is_connected_by_sides_above_the_threshold():
    cell = torch.tensor([[[0.9, 0.1, 0.5], [0.6, 0.2, 0.7], [0.3, 0.8, 0.1]]])
    assert segments(cell).tolist() == [[[1, 0, 2], [1, 0, 2], [0, 3, 0]]]
    assert segments(cell, threshold=0.75).tolist() == [[[1, 0, 0], [0, 0, 0], [0, 2, 0]]]


def test_every_image_is_numbered_from_one():
    found = segments(torch.eye(4).expand(3, 4, 4))
    assert found.dtype == torch.int64
    assert [image.unique().tolist() for image in found] == [[0, 1, 2, 3, 4]] * 3


def test_binary_labels_are_segmented_as_they_are():
    labels = (TARGET > 0).to(torch.uint8)
    assert torch.equal(segments(labels, threshold=1), TARGET)
    assert torch.equal(segments(labels), TARGET)


def test_a_map_with_a_channel_is_refused():
    with pytest.raises(ValueError, match=r"must be \(N, H, W\) .* got \(2, 1, 4, 4\) .*; take one"):
        segments(torch.rand(2, 1, 4, 4))


@given(seed=st.integers(0, 99))
def test_thin_borders_give_every_pixel_a_nearest_segment(seed):
    image = torch.where(images(1, seed) > 1, 0, images(1, seed))
    image[0, 2, 3] = 5
    thin = thin_borders(image)
    where = {k: np.argwhere(image[0].numpy() == k) for k in image.unique().tolist() if k}
    for y, x in np.ndindex(6, 7):
        distance = {k: np.hypot(*(at - (y, x)).T).min() for k, at in where.items()}
        assert distance[thin[0, y, x].item()] == min(distance.values())


def test_wide_borders_look_like_a_merge_until_they_are_thin():
    wide = torch.tensor([[[1, 0, 0, 0, 2]] * 4])
    assert scored(wide, TARGET).rand_score() < 0.6
    assert every_score(scored(thin_borders(wide), TARGET)) == (0, 0, 0, 1, 1)


def test_an_image_without_segments_stays_as_it_is():
    empty = torch.zeros(2, 3, 3, dtype=torch.int64)
    assert torch.equal(thin_borders(empty), empty)


@pytest.mark.parametrize(
    ("value", "got"), [(nan, "1 NaN"), (-0.1, "-0.1 to"), (1.5, "to 1.5"), (255, "to 255")]
)
def test_what_is_no_probability_is_refused(value, got):
    """NaN was background, and in logits or a 0/255 mask every pixel above 1/2 a cell."""
    cell = torch.full((2, 3, 4), 0.5)
    cell[0, 1, 2] = value
    with pytest.raises(ValueError, match=f"cell_probability must be from 0 to 1, got .*{got}"):
        segments(cell)
    with pytest.raises(ValueError, match=r"got 0 to 255"):
        segments(255 * (TARGET > 0).long())


@pytest.mark.parametrize("threshold", [0, -0.5, 1.5, nan])
def test_thresholds_that_are_no_probabilities_are_refused(threshold):
    with pytest.raises(ValueError, match=f"^threshold must be .* got {threshold}"):
        segments(torch.rand(1, 4, 4), threshold=threshold)
