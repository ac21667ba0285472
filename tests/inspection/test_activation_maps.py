import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.compat import import_torchvision
from coursekit.inspection.activation_maps import cam, grad_cam


def net(inplace=False, seed=0):
    """Ends in global average pooling and a linear layer; feature maps of 5 x 5 at layer 3."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace),
        nn.Conv2d(4, 6, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(6, 3),
    ).double()


X = torch.rand(4, 2, 9, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
LABELS = torch.tensor([0, 2, 1, 1])


def labelled(output):
    return output[range(4), LABELS]


def test_cam_is_the_weighted_sum_of_the_maps():
    features, weights = torch.randn(2, 3, 4, 5), torch.randn(7, 3)
    expected = sum(weights[6, k] * features[:, k] for k in range(3))
    assert torch.allclose(cam(features, weights, 6), expected, atol=1e-6)
    each = cam(features, weights, torch.tensor([6, 0]))
    assert torch.equal(each[0], cam(features, weights, 6)[0])
    assert torch.equal(each[1], cam(features, weights, 0)[1])
    assert torch.equal(cam(features, weights, torch.tensor(6)), cam(features, weights, 6))


def test_the_mean_of_a_cam_is_the_score_without_its_bias():
    model = net().eval()
    maps = cam(model[:4](X), model[7].weight, LABELS)
    scores = labelled(model(X) - model[7].bias)
    assert torch.allclose(maps.mean(dim=(1, 2)), scores, rtol=1e-12)


def test_grad_cam_is_the_relu_of_cam_over_h_w_on_a_network_with_average_pooling():
    model = net().eval()
    expected = 0.04 * cam(model[:4](X), model[7].weight, LABELS).relu()
    maps = grad_cam(model, "3", X, labelled)
    assert maps.shape == (4, 5, 5) and (maps > 0).any() and (maps == 0).any()
    assert torch.allclose(maps, expected, rtol=1e-12, atol=1e-15)


def test_grad_cam_is_its_formula():
    model = net().eval()
    model[4] = nn.AdaptiveMaxPool2d(1)
    features = model[:4](X)
    (gradient,) = torch.autograd.grad(labelled(model[4:](features)).sum(), features)
    expected = torch.stack(
        [sum(gradient[n, k].mean() * features[n, k] for k in range(6)) for n in range(4)]
    ).relu()
    assert torch.allclose(grad_cam(model, "3", X, labelled), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("layer", ["1", "3"])
def test_in_place_relus_change_nothing(layer):
    maps = grad_cam(net(inplace=True), layer, X, labelled)
    assert maps.any() and torch.equal(maps, grad_cam(net(), layer, X, labelled))


def test_networks_of_torchvision_with_in_place_relus_have_maps():
    torch.manual_seed(0)
    model = import_torchvision().models.squeezenet1_1(num_classes=4)
    plain = copy.deepcopy(model)
    for layer in plain.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = False
    x, layer = torch.rand(1, 3, 32, 32), "features.12.expand3x3"  # an in-place ReLU follows

    def score(output):
        return output.amax(dim=1)  # of all, some are 0 behind the last ReLU

    maps = grad_cam(model, layer, x, score)
    assert maps.any() and torch.equal(maps, grad_cam(plain, layer, x, score))


def test_any_scalar_can_be_explained():
    model = net()[:4]  # a count head: the sum of the last map's positive part

    def count(output):
        return output[:, 0].relu().sum(dim=(1, 2))

    maps = grad_cam(model, "3", X, count)
    first = model.eval()(X)[:, 0]
    expected = (first > 0).double().mean(dim=(1, 2), keepdim=True) * first.relu()
    assert torch.allclose(maps, expected, rtol=1e-12)


def test_the_map_of_an_example_does_not_depend_on_the_batch():
    whole = grad_cam(net(), "3", X, lambda output: output[:, 1])
    alone = [grad_cam(net(), "3", x[None], lambda output: output[:, 1])[0] for x in X]
    assert torch.allclose(whole, torch.stack(alone), rtol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_left_as_it_was_and_its_mode_does_not_matter(training):
    model, x = net().train(training), X.clone()
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    before = copy.deepcopy(model.state_dict())
    maps = grad_cam(model, "3", x, labelled)
    assert torch.equal(maps, grad_cam(net().eval(), "3", x, labelled))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(layer.training is training for layer in model.modules())
    assert all((p.grad == 1).all() for p in model.parameters())
    assert torch.equal(x, X) and not x.requires_grad and not maps.requires_grad


def test_frozen_models_and_code_without_gradients_have_maps():
    frozen = net().requires_grad_(False)
    with torch.no_grad():
        maps = grad_cam(frozen, "3", X, labelled)
    assert torch.equal(maps, grad_cam(net(), "3", X, labelled))


def test_a_map_without_evidence_is_zero():
    model = net()
    nn.init.constant_(model[7].weight, -1)
    nn.init.constant_(model[3].weight, 1)
    nn.init.ones_(model[3].bias)
    assert not grad_cam(model, "3", X, labelled).any()


def test_upsampling_as_the_module_says_keeps_the_place():
    maps = torch.zeros(1, 4, 4)
    maps[0, 1, 2] = 1
    large = F.interpolate(maps[:, None], (32, 32), mode="bilinear")[:, 0]
    row, column = divmod(large.argmax().item(), 32)
    assert (row // 8, column // 8) == (1, 2)


@pytest.mark.parametrize(
    ("layer", "score", "message"),
    [
        ("9", labelled, "layer must name a layer of the model, got '9'; there is 0, 1"),
        ("7", labelled, r"layer must put out feature maps \(N, K, H, W\), '7' gave \(4, 3\)"),
        (
            "3",
            lambda output: output,
            r"score must return one scalar an example, \(4,\), got \(4, 3\)",
        ),
        (
            "3",
            lambda output: X[:, 0, 0, 0].requires_grad_(),
            "score must depend on the layer, it does",
        ),
    ],
)
def test_what_cannot_be_explained_is_refused(layer, score, message):
    with pytest.raises(ValueError, match=message):
        grad_cam(net(), layer, X, score)


def test_a_layer_that_is_not_called_is_refused():
    class Auxiliary(nn.Module):
        def __init__(self):
            super().__init__()
            self.main, self.head = net(), nn.Conv2d(2, 1, 1)

        def forward(self, x):
            return self.main(x)

    with pytest.raises(ValueError, match="'head' gave no call of it"):
        grad_cam(Auxiliary(), "head", X, labelled)


@pytest.mark.parametrize(
    ("features", "weights", "index", "message"),
    [
        (
            torch.zeros(2, 3, 4),
            torch.zeros(5, 3),
            0,
            r"features must be \(N, K, H, W\) floating point, got \(2, 3, 4\)",
        ),
        (torch.zeros(2, 3, 4, 4), torch.zeros(3, 5), 0, r"weights must be \(C, 3\) .*got \(3, 5\)"),
        (
            torch.zeros(2, 3, 4, 4),
            torch.zeros(5, 3),
            torch.tensor([0, 1, 2]),
            r"class_index must be \(2,\) int64, got \(3,\)",
        ),
        (
            torch.zeros(2, 3, 4, 4),
            torch.zeros(5, 3).double(),
            0,
            "weights must be torch.float32 as features are, got torch.float64",
        ),
        (torch.zeros(2, 3, 4, 4), torch.zeros(5, 3), -1, "class_index must be at least 0, got -1"),
        (torch.zeros(2, 3, 4, 4), torch.zeros(5, 3), 5, "class_index must be at most 4, got 5"),
        (
            torch.zeros(2, 3, 4, 4),
            torch.zeros(5, 3),
            torch.tensor([0, -1]),
            "class_index must be from 0 to 4, got -1 to 0",
        ),
    ],
)
def test_a_cam_of_shapes_that_do_not_fit_is_refused(features, weights, index, message):
    with pytest.raises(ValueError, match=message):
        cam(features, weights, index)


@pytest.mark.parametrize("index", [[0, 1], 1.0, None, True, "0"])
def test_a_class_that_is_no_whole_number_is_refused(index):
    with pytest.raises(TypeError, match="^class_index must be a whole number, got"):
        cam(torch.zeros(2, 3, 4, 4), torch.zeros(5, 3), index)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": X.float()}, "x must be torch.float64 on cpu as the weights are, got torch.float32"),
        ({"x": X / 0}, "x must be finite"),
        ({"x": X.numpy()}, r"x must be a tensor, got .*; write torch.from_numpy\(x\)"),
        ({"model": net}, "model must be a torch module, got the function net"),
        ({"layer": 3}, "layer must be the name of a layer, got the int 3"),
        ({"score": 1}, "score must be a function of the model's output, got the int 1"),
    ],
)
def test_garbage_is_refused_by_name(changes, message):
    valid = {"model": net(), "layer": "3", "x": X, "score": labelled}
    with pytest.raises((TypeError, ValueError), match=message):
        grad_cam(**valid | changes)
