import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.layers.weights import seeded
from coursekit.losses.perceptual import perceptual_loss

SHAPES = {"conv1": (5, 4, 6, 6), "conv2": (5, 8, 3, 3), "fc": (5, 7)}


def draw(seed):
    generator = torch.Generator().manual_seed(seed)
    return {
        layer: torch.randn(shape, generator=generator, dtype=torch.float64)
        for layer, shape in SHAPES.items()
    }


def test_it_is_the_weighted_sum_over_layers_of_the_mean_squared_difference():
    a, b, weights = draw(1), draw(2), {"conv1": 0.2, "fc": 3.0}
    expected = sum(weights.get(layer, 1.0) * F.mse_loss(a[layer], b[layer]) for layer in SHAPES)
    torch.testing.assert_close(perceptual_loss(a, b, weights=weights), expected, rtol=1e-12, atol=0)


def test_equal_features_cost_nothing():
    assert perceptual_loss(draw(1), draw(1)) == 0


def test_with_the_pixels_as_the_only_layer_it_is_the_mean_squared_error():
    a, b = torch.rand(2, 5, 1, 8, 8)
    torch.testing.assert_close(perceptual_loss({"pixels": a}, {"pixels": b}), F.mse_loss(a, b))


def test_parts_of_a_batch_weighted_by_their_size_give_the_average_of_the_whole():
    def part(features, rows):
        return {layer: phi[rows] for layer, phi in features.items()}

    a, b, first, rest = draw(1), draw(2), slice(0, 2), slice(2, 5)
    parts = (
        2 * perceptual_loss(part(a, first), part(b, first))
        + 3 * perceptual_loss(part(a, rest), part(b, rest))
    ) / 5
    torch.testing.assert_close(parts, perceptual_loss(a, b), rtol=1e-12, atol=0)


def test_the_image_is_trained_and_the_network_is_not():
    with seeded(0):
        network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3))
    network.requires_grad_(False)
    target = {"last": network(torch.rand(3, 1, 9, 9))}
    image = torch.rand(3, 1, 9, 9, requires_grad=True)
    perceptual_loss({"last": network(image)}, target).backward()
    assert image.grad.abs().sum() > 0 and all(p.grad is None for p in network.parameters())


@pytest.mark.parametrize(
    ("output", "target", "weights", "kind", "message"),
    [
        (draw(1)["fc"], draw(1), None, TypeError, "^output must be a dict of layer -> features"),
        (draw(1), [draw(1)["fc"]], None, TypeError, "^target must be a dict of layer -> features"),
        (draw(1), draw(1), [], TypeError, "^weights must be a dict or None"),
        ({}, {}, None, ValueError, r"same layers, got \[\], \[\] and \[\]"),
        (draw(1), {}, None, ValueError, r"same layers, got .*'conv2'.*, \[\] and \[\]"),
        (draw(1), {"fc": draw(1)["fc"]}, None, ValueError, r"got .*'conv2'.*, \['fc'\] and \[\]"),
        (draw(1), draw(1), {"conv9": 1.0}, ValueError, r"same layers, .*\['conv9'\]"),
        (
            draw(1),
            draw(1),
            {"fc": -1.0},
            ValueError,
            r"^weights\['fc'\] must be at least 0, got -1",
        ),
        (
            {"fc": torch.zeros(5, 7)},
            {"fc": torch.zeros(1, 7)},
            None,
            ValueError,
            r"^target\['fc'\] must be \(5, 7\)",
        ),
        ({"fc": [1.0]}, {"fc": [1.0]}, None, TypeError, r"^output\['fc'\] must be a tensor"),
    ],
)
def test_features_that_do_not_fit_are_refused(output, target, weights, kind, message):
    with pytest.raises(kind, match=message):
        perceptual_loss(output, target, weights=weights)
