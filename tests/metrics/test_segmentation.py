import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, jaccard_score

from coursekit.metrics.segmentation import Overlap

nan = math.nan


def labels(n, classes, seed=0, size=(4, 5)):
    return torch.randint(classes, (n, *size), generator=torch.Generator().manual_seed(seed))


def scored(prediction, target, classes=2, cuts=()):
    overlap = Overlap(classes)
    for ours, true in zip(prediction.tensor_split(cuts), target.tensor_split(cuts)):
        overlap.update(ours, true)
    return overlap


@given(classes=st.integers(2, 5), seed=st.integers(0, 99))
def test_scores_agree_with_scikit_learn(classes, seed):
    prediction, target = labels(3, classes, seed), labels(3, classes, seed + 1)
    overlap, pair = scored(prediction, target, classes), (target.flatten(), prediction.flatten())
    every = {"average": None, "labels": range(classes), "zero_division": 0}
    assert overlap.iou().tolist() == pytest.approx(jaccard_score(*pair, **every))
    assert overlap.dice().tolist() == pytest.approx(f1_score(*pair, **every))
    assert overlap.accuracy() == pytest.approx(accuracy_score(*pair))


@given(cuts=st.lists(st.integers(0, 7), max_size=4).map(sorted), seed=st.integers(0, 99))
def test_any_batches_give_the_same_scores_exactly(cuts, seed):
    prediction, target = labels(7, 3, seed), labels(7, 3, seed + 1)
    whole, parts = scored(prediction, target, 3), scored(prediction, target, 3, cuts)
    assert torch.equal(whole.iou(), parts.iou())
    assert torch.equal(whole.dice(), parts.dice())
    assert whole.accuracy() == parts.accuracy()


@given(seed=st.integers(0, 99))
def test_dice_follows_from_the_intersection_over_union(seed):
    overlap = scored(labels(2, 3, seed), labels(2, 3, seed + 1), 3)
    j = overlap.iou()
    assert torch.allclose(overlap.dice(), 2 * j / (1 + j), rtol=1e-12)


def test_a_perfect_prediction_scores_one():
    overlap = scored(labels(2, 4), labels(2, 4), 4)
    assert overlap.iou().tolist() == overlap.dice().tolist() == [1.0] * 4
    assert overlap.accuracy() == 1.0


def test_the_confusion_has_the_true_class_first():
    overlap = scored(torch.tensor([0, 1, 1, 1]), torch.tensor([0, 0, 0, 1]))
    assert overlap.confusion.tolist() == [[1, 2], [0, 1]]


def test_pooled_counts_are_not_the_average_over_images():
    target = torch.tensor([[1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    prediction = torch.tensor([[1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]])
    alone = [scored(p, t).iou()[1].item() for p, t in zip(prediction, target)]
    assert alone == [1.0, 0.0]  # average 0.5: the image with a single pixel weighs as much
    assert scored(prediction, target).iou()[1].item() == 8 / 10


def test_a_class_in_neither_has_no_score():
    overlap = scored(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]), classes=3)
    assert overlap.iou().tolist() == pytest.approx([1 / 2, 1 / 2, nan], nan_ok=True)
    assert overlap.dice().tolist() == pytest.approx([2 / 3, 2 / 3, nan], nan_ok=True)
    assert math.isnan(Overlap().accuracy())


def test_a_class_in_one_of_them_scores_zero():
    overlap = scored(torch.tensor([0, 0, 2]), torch.tensor([0, 0, 1]), classes=3)
    assert overlap.iou().tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.int32])
def test_masks_of_any_whole_type_count_alike(dtype):
    prediction, target = labels(3, 2, 1), labels(3, 2, 2)
    same = scored(prediction.to(dtype), target.to(dtype))
    assert torch.equal(same.confusion, scored(prediction, target).confusion)


def test_masks_of_0_and_255_are_refused_where_a_ratio_of_sums_exceeds_one():
    ones, mask = torch.tensor([[0, 1, 1]]), torch.tensor([[0, 255, 255]])
    shared = (ones * mask).sum()
    assert shared / (ones.sum() + mask.sum() - shared) == 255
    for pair, name in (((ones, mask), "target"), ((mask, ones), "prediction")):
        fix = "from 0 to 1, got 0 to 255; a mask of 0 and 255 becomes mask > 127"
        with pytest.raises(ValueError, match=f"^{name} must be {fix}"):
            Overlap().update(*pair)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (torch.zeros(1, 3), r".* integer, got \(1, 3\) torch.float32; take logits.argmax"),
        (torch.tensor([[0, -1, 1]]), "from 0 to 1, got -1 to 1"),
        (torch.tensor([[0, 2, 1]]), "from 0 to 1, got 0 to 2"),
    ],
)
def test_labels_that_are_no_class_are_refused(bad, message):
    good = torch.tensor([[0, 1, 1]])
    for pair, name in (((good, bad), "target"), ((bad, good), "prediction")):
        overlap = Overlap()
        with pytest.raises(ValueError, match=f"^{name} must be {message}"):
            overlap.update(*pair)
        assert overlap.confusion.sum() == 0


def test_shapes_that_only_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"target must be \(3, 4, 5\).*got \(1, 4, 5\)"):
        Overlap().update(labels(3, 2), labels(1, 2))


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="classes must be at least 2, got 1"):
        Overlap(1)
