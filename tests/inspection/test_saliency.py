import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.inspection import saliency
from coursekit.inspection.saliency import deconvnet, guided_backpropagation, occlusion
from coursekit.inspection.scoring import input_gradient


def net(inplace=False):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3),
        nn.ReLU(inplace),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(54, 3),
    ).double()


X = torch.rand(3, 2, 12, 12, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
LABELS = torch.tensor([2, 0, 1])


class Pair(nn.Module):
    def forward(self, x):
        return x.flatten(1), x


both = pytest.mark.parametrize("rule", [guided_backpropagation, deconvnet])


def labelled(output):
    return output[range(3), LABELS]


def hooked(model, x, score):
    """Guided backpropagation by backward hooks on the ReLU layers."""
    model, x = copy.deepcopy(model).eval(), x.clone().requires_grad_()
    for layer in model.modules():
        if isinstance(layer, nn.ReLU):
            layer.register_full_backward_hook(lambda layer, gradients, _: (gradients[0].relu(),))
    return torch.autograd.grad(score(model(x)).sum(), x)[0]


def test_guided_backpropagation_equals_the_one_by_hooks():
    assert not torch.allclose(hooked(net(), X, labelled), input_gradient(net(), X, labelled))
    gradient = guided_backpropagation(net(), X, labelled)
    assert gradient.shape == X.shape
    assert torch.allclose(gradient, hooked(net(), X, labelled), rtol=1e-12)


def test_the_three_rules_on_one_rectifier():
    """Springenberg et al. (2015), Figure 1: g 1[u > 0], 1[g > 0] g, and both."""
    u, weights = torch.tensor([[2.0, 2.0, -1.0, -1.0]]), torch.tensor([3.0, -3.0, 5.0, -5.0])

    def score(output):
        return output @ weights

    assert input_gradient(nn.ReLU(), u, score).tolist() == [[3, -3, 0, 0]]
    assert deconvnet(nn.ReLU(), u, score).tolist() == [[3, 0, 5, 0]]
    assert guided_backpropagation(nn.ReLU(), u, score).tolist() == [[3, 0, 0, 0]]


@both
def test_rectifiers_in_place_and_as_functions_are_guided_too(rule):
    class Functions(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = net()

        def forward(self, x):
            one, norm, _, pool, two, _, *head = self.layers
            x = pool(torch.relu(norm(one(x))))
            return nn.Sequential(*head)(two(x).relu())

    class InPlaceFunctions(Functions):
        def forward(self, x):
            one, norm, _, pool, two, _, *head = self.layers
            x = pool(norm(one(x)).relu_())
            return nn.Sequential(*head)(F.relu(input=two(x), inplace=True))

    expected = rule(net(), X, labelled)
    for model in (net(inplace=True), Functions(), InPlaceFunctions()):
        assert torch.equal(rule(model, X, labelled), expected)


@both
def test_without_rectifiers_it_is_the_gradient(rule):
    model = nn.Sequential(nn.Conv2d(2, 1, 3), nn.Tanh(), nn.Flatten(), nn.Linear(100, 3)).double()
    assert torch.equal(rule(model, X, labelled), input_gradient(model, X, labelled))


@both
def test_the_model_and_its_rectifiers_are_left_as_they_were(rule):
    model = net()
    state, x = copy.deepcopy(model.state_dict()), X.clone()
    with torch.no_grad():
        rule(model, x, labelled)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(layer.training and not layer._backward_hooks for layer in model.modules())
    assert all(p.grad is None for p in model.parameters()) and torch.equal(x, X)
    assert torch.equal(input_gradient(model, X, labelled), input_gradient(net(), X, labelled))


@both
def test_the_score_is_checked(rule):
    with pytest.raises(ValueError, match=r"score must return one scalar an example, \(3,\)"):
        rule(net(), X, lambda output: output)
    assert torch.equal(F.relu(-X), torch.zeros_like(X))


def brute_force(model, x, score, size, stride, value):
    model = copy.deepcopy(model).eval()
    rows = [top for top in range(x.shape[2]) if top % stride == 0 and top + size <= x.shape[2]]
    columns = [
        left for left in range(x.shape[3]) if left % stride == 0 and left + size <= x.shape[3]
    ]
    drops = torch.zeros(len(x), len(rows), len(columns), dtype=x.dtype)
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            covered = x.clone()
            covered[:, :, top : top + size, left : left + size] = value
            drops[:, i, j] = score(model(x)) - score(model(covered))
    return drops.detach()


@pytest.mark.parametrize(
    ("size", "stride", "shape"),
    [(3, 1, (10, 10)), (4, 3, (3, 3)), (12, 1, (1, 1)), (1, 5, (3, 3)), (5, 2, (4, 4))],
)
def test_occlusion_is_the_drop_by_brute_force(size, stride, shape):
    drops = occlusion(net(), X, labelled, size, stride=stride, value=0.2)
    assert drops.shape == (3, *shape)
    expected = brute_force(net(), X, labelled, size, stride, 0.2)
    assert torch.allclose(drops, expected, rtol=1e-10, atol=1e-14)


def test_occlusion_of_images_that_are_not_square():
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()).double()
    x = X[:, :, :7]
    drops = occlusion(model, x, labelled, 3, stride=2)
    assert drops.shape == (3, 3, 5)
    assert torch.allclose(drops, brute_force(model, x, labelled, 3, 2, 0.5), atol=1e-14)


def test_occlusion_of_a_linear_score_is_the_covered_part_of_the_sum():
    weights = torch.randn(1, 2, 12, 12, dtype=torch.float64)
    value = torch.tensor([0.3, 0.7], dtype=torch.float64)[:, None, None]
    drops = occlusion(
        nn.Identity(), X, lambda x: (weights * x).sum(dim=(1, 2, 3)), 4, stride=2, value=value
    )
    expected = F.conv2d(
        (weights * (X - value)).sum(dim=1, keepdim=True),
        torch.ones(1, 1, 4, 4, dtype=torch.float64),
        stride=2,
    )[:, 0]
    assert torch.allclose(drops, expected, rtol=1e-10)


@pytest.mark.parametrize("images", [1, 7, 10_000])
def test_many_positions_are_covered_in_parts_with_the_same_result(monkeypatch, images):
    at_once = occlusion(net(), X, labelled, 3, stride=2)
    monkeypatch.setattr(saliency, "IMAGES", images)
    assert torch.allclose(
        occlusion(net(), X, labelled, 3, stride=2), at_once, rtol=1e-10, atol=1e-14
    )


def test_occlusion_leaves_the_model_and_the_images_as_they_were():
    model, x = net(), X.clone()
    state = copy.deepcopy(model.state_dict())
    drops = occlusion(model, x, labelled, 3)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(layer.training for layer in model.modules())
    assert torch.equal(x, X) and not drops.requires_grad


@pytest.mark.parametrize(
    ("x", "size", "stride", "message"),
    [
        (X[0], 3, 1, r"x must be \(N, C, H, W\) .*got \(2, 12, 12\)"),
        (X, 13, 1, "size must be at most 12, got 13"),
        (X, 0, 1, "size must be at least 1, got 0"),
        (X, 3, 0, "stride must be at least 1, got 0"),
    ],
)
def test_what_does_not_fit_is_refused(x, size, stride, message):
    with pytest.raises(ValueError, match=message):
        occlusion(net(), x, labelled, size, stride=stride)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": math.nan}, "value must be a finite number, got nan"),
        ({"value": "0.5"}, "value must be a number, got the str '0.5'"),
        ({"value": torch.full((2, 1, 1), torch.nan)}, "value must be finite, got 2 NaN"),
        ({"value": torch.zeros(2)}, r"value must be \(2, 1, 1\) floating point, got \(2,\)"),
        ({"size": 3.0}, "size must be a whole number, got the float 3.0"),
        ({"stride": None}, "stride must be a whole number, got None"),
        ({"x": X * math.nan}, "x must be finite"),
        ({"x": X.float()}, "x must be torch.float64 on cpu as the weights are"),
        ({"model": None}, "model must be a torch module, got None"),
        ({"score": "first"}, "score must be a function of the model's output, got the str"),
        ({"model": Pair(), "score": lambda pair: labelled(pair[0])}, "model must be one that retu"),
    ],
)
def test_garbage_is_refused_by_name(changes, message):
    valid = {"model": net(), "x": X, "score": labelled, "size": 3}
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        occlusion(**valid | changes)
