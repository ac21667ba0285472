import math

import pytest
import torch
import torch.nn.functional as F

from coursekit.losses import map_criterion


def test_map_criterion_of_large_j_is_the_cross_entropy_of_minus_the_distances():
    distances = 20 * torch.rand(6, 10, dtype=torch.float64)
    labels = torch.tensor([0, 3, 9, 9, 1, 5])
    torch.testing.assert_close(
        map_criterion(distances, labels, j=1e3), F.cross_entropy(-distances, labels)
    )


def test_map_criterion_is_equation_9():
    distances = torch.tensor([[0.5, 2.0, 3.0], [1.0, 0.0, 4.0]], dtype=torch.float64)
    labels, j = torch.tensor([0, 2]), 1.5
    expected = (
        sum(
            row[label].item() + math.log(math.exp(-j) + sum(math.exp(-y) for y in row.tolist()))
            for row, label in zip(distances, labels)
        )
        / 2
    )
    assert map_criterion(distances, labels, j=j).item() == pytest.approx(expected, rel=1e-12)


def test_map_criterion_with_one_class_at_hand_and_the_others_far_is_that_of_rubbish():
    distances = torch.full((2, 10), 1e4)
    distances[:, 4] = 0
    cost = map_criterion(distances, torch.tensor([4, 4]), j=1.0).item()
    assert cost == pytest.approx(math.log(1 + math.exp(-1)))


def test_map_criterion_pushes_wrong_classes_nearer_than_j_only():
    distances = torch.tensor([[50.0, 10.0, 90.0]], requires_grad=True)
    map_criterion(distances, torch.tensor([0]), j=40.0).backward()
    right, near, far = distances.grad[0].tolist()
    assert right == pytest.approx(1) and near == pytest.approx(-1) and abs(far) < 1e-12


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.zeros(3).long(), r"labels must be \(4,\) int64, got \(3,\)"),
        (torch.zeros(4, 1).long(), r"labels must be \(4,\) int64, got \(4, 1\)"),
        (torch.zeros(4), r"labels must be \(4,\) int64, got \(4,\) torch.float32"),
        (torch.tensor([0, 1, 2, 10]), "labels must be from 0 to 9, got 0 to 10"),
        (torch.tensor([0, 1, 2, -100]), "labels must be from 0 to 9, got -100 to 2"),
    ],
)
def test_labels_that_do_not_fit_the_distances_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        map_criterion(torch.zeros(4, 10), labels, j=1.0)


def test_distances_below_zero_are_refused():
    """Logits would give a cost that looks like one."""
    with pytest.raises(ValueError, match="distances must be at least 0, got -1 to 0"):
        map_criterion(torch.tensor([[0.0, -1.0]]), torch.tensor([0]), j=1.0)


@pytest.mark.parametrize("j", [0, -1.0, math.nan])
def test_rubbish_is_further_away_than_nothing(j):
    with pytest.raises(ValueError, match=f"^j must be .* got {j}"):
        map_criterion(torch.zeros(4, 10), torch.zeros(4).long(), j=j)
