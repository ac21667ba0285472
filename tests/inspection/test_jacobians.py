import pytest
import torch
from torch import nn

from coursekit.inspection import jacobians
from coursekit.inspection.jacobians import jacobian, jacobian_norm

X = torch.randn(5, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def net(*between):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), *between, nn.Tanh(), nn.Linear(6, 3)).double()


def test_a_linear_map_is_its_own_jacobian():
    layer = nn.Linear(4, 3).double()
    assert torch.allclose(jacobian(layer, X), layer.weight.expand(5, 3, 4), rtol=1e-12)
    assert torch.allclose(jacobian_norm(layer, X), layer.weight.norm().expand(5), rtol=1e-12)


def test_it_agrees_with_finite_differences():
    model, step = net(), 1e-6
    with torch.no_grad():
        columns = [
            (model(X + move) - model(X - move)) / (2 * step)
            for move in step * torch.eye(4, dtype=torch.float64)
        ]
        assert torch.allclose(jacobian(model, X), torch.stack(columns, dim=2), atol=1e-8)


def test_a_sigmoid_layer_has_its_closed_form():
    """sum_k (h_k (1 - h_k))^2 sum_d W_kd^2 (Rifai et al. 2011)."""
    layer = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid()).double()
    h = layer(X)
    squared = (h * (1 - h)) ** 2 @ layer[0].weight.square().sum(dim=1)
    assert torch.allclose(jacobian_norm(layer, X), squared.sqrt(), rtol=1e-12)


def test_images_count_by_their_pixels():
    model = nn.Conv2d(2, 3, 3).double()
    x = torch.randn(2, 2, 5, 4, dtype=torch.float64)
    found = jacobian(model, x)
    assert found.shape == (2, 3 * 3 * 2, 2 * 5 * 4)
    per_example = torch.func.jacrev(model)(x[:1]).reshape(18, 40)
    assert torch.allclose(found[0], per_example, rtol=1e-12)


def test_many_examples_are_measured_in_parts_with_the_same_result(monkeypatch):
    at_once = jacobian_norm(net(), X)
    assert at_once.shape == (5,)
    assert torch.allclose(at_once, torch.linalg.matrix_norm(jacobian(net(), X)), rtol=1e-12)
    monkeypatch.setattr(jacobians, "EXAMPLES", 2)
    assert torch.allclose(jacobian_norm(net(), X), at_once, rtol=1e-12)


def test_batch_norm_in_eval_mode_is_a_layer_like_others():
    model = net(nn.BatchNorm1d(6))
    model[1].running_var.fill_(4)
    model.eval()
    plain = net()
    plain[0].weight.data /= (4 + model[1].eps) ** 0.5
    plain[0].bias.data /= (4 + model[1].eps) ** 0.5
    assert torch.allclose(jacobian(model, X), jacobian(plain, X), rtol=1e-10)


@pytest.mark.parametrize("layer", [nn.BatchNorm1d(6), nn.Dropout()])
def test_layers_that_train_are_refused(layer):
    with pytest.raises((RuntimeError, ValueError)):
        jacobian(net(layer), X)


def test_the_norm_has_a_gradient_for_the_weights_unless_it_is_not_wanted():
    model = net()
    jacobian_norm(model, X).sum().backward()
    assert model[0].weight.grad.abs().sum() > 0
    with torch.no_grad():
        assert not jacobian_norm(model, X).requires_grad


@pytest.mark.parametrize("x", [torch.zeros(4), torch.zeros(0, 4), torch.zeros(2, 4).long()])
def test_inputs_that_are_no_batch_are_refused(x):
    with pytest.raises(ValueError, match=r"^x must be \(N, D, ...\) floating point, got"):
        jacobian(net(), x)


@pytest.mark.parametrize("measure", [jacobian, jacobian_norm])
@pytest.mark.parametrize(
    ("f", "x", "error", "message"),
    [
        (net(), X.float(), ValueError, "x must be torch.float64 on cpu as the weights are"),
        (net(), X / 0, ValueError, "x must be from .* got "),
        (torch.relu, X * torch.nan, ValueError, "x must be from .* got 20 NaN among 20 values"),
        (net(), [[1.0]], TypeError, "x must be a tensor, got the list"),
        (net(), torch.ones(2, 4).long(), ValueError, "x must be .* floating point, .*int64"),
        (3, X, TypeError, "f must be a model or a function of a batch, got the int 3"),
    ],
)
def test_garbage_is_refused_by_name(measure, f, x, error, message):
    with pytest.raises(error, match=f"^{message}"):
        measure(f, x)
