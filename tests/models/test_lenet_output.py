"""The output of LeNet-5 of 1998: target codes and distances to them."""

import torch

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
