"""Grad-CAM on a network that has learnt to tell two squares planted in noise."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.inspection.activation_maps import grad_cam
from coursekit.inspection.localisation import iou, largest_box, pointing_game


def planted(n, seed):
    """Noise images 16 x 16 with a red or green square in one half and a blue one in the other.

    The class is the colour in question, the box that of its square; blue squares, as bright,
    distract.
    """
    generator = torch.Generator().manual_seed(seed)
    images = 0.5 * torch.rand(n, 3, 16, 16, generator=generator)
    labels = torch.randint(2, (n,), generator=generator)
    x = torch.randint(3, (n, 2), generator=generator) + torch.tensor([0, 8])  # left, right
    x = torch.where(torch.rand(n, 1, generator=generator) < 0.5, x, x.flip(1))
    y = torch.randint(11, (n, 2), generator=generator)
    for image, label, (x1, x2), (y1, y2) in zip(images, labels, x.tolist(), y.tolist()):
        image[label, y1 : y1 + 6, x1 : x1 + 6] += 0.5
        image[2, y2 : y2 + 6, x2 : x2 + 6] += 0.5
    corners = torch.stack([x[:, 0], y[:, 0]], dim=1)
    return images, labels, torch.cat([corners, corners + 6], dim=1)


@pytest.fixture(scope="module")
def trained():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 2),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    images, labels, _ = planted(256, seed=1)
    for _ in range(60):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    return model


def maps_of(model, images, labels):
    return grad_cam(model, "3", images, lambda output: output[range(len(labels)), labels])


def test_the_maximum_lies_in_the_box_of_the_object(trained):
    images, labels, boxes = planted(100, seed=2)
    maps = maps_of(trained, images, labels)
    assert pointing_game(maps, boxes) > 0.8
    centre = torch.zeros_like(maps)
    centre[:, 8, 8] = 1
    assert pointing_game(centre, boxes) < 0.5


def test_the_box_of_the_map_overlaps_that_of_the_object_better_than_the_centre(trained):
    images, labels, boxes = planted(100, seed=2)
    found = iou(largest_box(maps_of(trained, images, labels)), boxes).mean()
    centre = iou(torch.tensor([[5, 5, 11, 11]]).expand(100, 4), boxes).mean()
    assert found > centre + 0.1


def test_randomised_weights_destroy_the_map(trained):
    """The sanity check of Adebayo et al. (2018), averaged over draws of the weights."""
    images, labels, boxes = planted(100, seed=2)
    before = maps_of(trained, images, labels)
    correlations, hits = [], []
    for seed in range(10):
        random = copy.deepcopy(trained)
        torch.manual_seed(seed)
        for layer in random:
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        after = maps_of(random, images, labels)
        pairs = torch.stack([before.flatten(1), after.flatten(1)], dim=1)  # N x 2 x HW
        correlations += [torch.corrcoef(pair)[0, 1].nan_to_num() for pair in pairs]
        hits.append(pointing_game(after, boxes))
    assert torch.stack(correlations).mean() < 0.4
    assert sum(hits) / 10 < pointing_game(before, boxes) - 0.3
