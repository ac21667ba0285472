"""The output of LeNet-5 of 1998: target codes, distances to them and the criterion on these."""

import math

import pytest
import torch
import torch.nn.functional as F

from coursekit.losses.classification import map_criterion
from coursekit.models.lenet import LeNet5Of1998, RadialBasis, digit_codes


def test_codes_are_bitmaps_of_plus_and_minus_one_that_differ():
    codes = digit_codes()
    assert codes.shape == (10, 84) and set(codes.unique().tolist()) == {-1, 1}
    differ = (codes[:, None] != codes).sum(2) + 84 * torch.eye(10, dtype=torch.int64)
    assert differ.min() >= 10
    one, seven = codes[1].view(12, 7), codes[7].view(12, 7)
    assert (seven[:2] == 1).all() and one[:, 3].eq(1).all()  # the bar of a 7, the stem of a 1


def test_distances_are_zero_at_their_code_and_only_there():
    codes = digit_codes()
    distances = RadialBasis(codes)(codes)
    assert (distances.diagonal() == 0).all()
    torch.testing.assert_close(distances, torch.cdist(codes, codes).square(), rtol=1e-4, atol=1e-3)
    assert (distances + torch.eye(10) > 0).all()
    # -1 for +1 in d pixels is a distance of 4 d
    assert torch.equal(distances, 4.0 * (codes[:, None] != codes).sum(2))


def test_distances_of_images_are_not_negative_and_the_codes_are_not_trained():
    model, images = LeNet5Of1998(), torch.rand(4, 1, 32, 32)
    assert (model(images) >= 0).all()
    assert "output.codes" in model.state_dict() and not list(model.output.parameters())
    torch.testing.assert_close(model(images), model.output(model.features(images)))


def test_map_criterion_of_large_j_is_the_cross_entropy_of_minus_the_distances():
    distances = 20 * torch.rand(6, 10, dtype=torch.float64)
    labels = torch.tensor([0, 3, 9, 9, 1, 5])
    torch.testing.assert_close(
        map_criterion(distances, labels, 1e3), F.cross_entropy(-distances, labels)
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
    assert map_criterion(distances, labels, j).item() == pytest.approx(expected, rel=1e-12)


def test_map_criterion_with_one_class_at_hand_and_the_others_far_is_that_of_rubbish():
    distances = torch.full((2, 10), 1e4)
    distances[:, 4] = 0
    cost = map_criterion(distances, torch.tensor([4, 4]), 1.0).item()
    assert cost == pytest.approx(math.log(1 + math.exp(-1)))


def test_map_criterion_pushes_wrong_classes_nearer_than_j_only():
    distances = torch.tensor([[50.0, 10.0, 90.0]], requires_grad=True)
    map_criterion(distances, torch.tensor([0]), 40.0).backward()
    right, near, far = distances.grad[0].tolist()
    assert right == pytest.approx(1) and near == pytest.approx(-1) and abs(far) < 1e-12


@pytest.mark.parametrize("labels", [torch.zeros(3).long(), torch.zeros(4, 1).long()])
def test_labels_that_do_not_fit_the_distances_are_refused(labels):
    with pytest.raises(ValueError, match=r"distances must be \(N, I\) and labels \(N,\), got"):
        map_criterion(torch.zeros(4, 10), labels, 1.0)
