import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.inspection.feature_maps import capture, features


def net(inplace=False):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(inplace),
        nn.Conv2d(4, 2, 3),
        nn.ReLU(inplace),
        nn.Flatten(),
        nn.Linear(18, 3),
    )


def images():
    return torch.rand(2, 1, 7, 7, generator=torch.Generator().manual_seed(1))


def hooks(model):
    return sum(len(layer._forward_hooks) for layer in model.modules())


def test_the_outputs_are_those_of_the_layers_by_name():
    model, x = net(), images()
    found = features(model, ["0", "3", "5"], x)
    assert list(found) == ["0", "3", "5"]
    for name in found:
        assert torch.equal(found[name], model[: int(name) + 1](x))


def test_layers_inside_layers_are_named_with_dots():
    model = nn.Sequential(net(), nn.Tanh())
    assert torch.equal(features(model, ["0.2"], images())["0.2"], net()[:3](images()))


@pytest.mark.parametrize("layer", ["0", "2"])
def test_an_in_place_relu_after_the_layer_changes_nothing(layer):
    x = images()
    plain, inplace = features(net(), [layer], x), features(net(inplace=True), [layer], x)
    assert plain[layer].min() < 0
    assert torch.equal(plain[layer], inplace[layer])


def test_an_in_place_sum_after_the_layer_changes_nothing():
    class Shortcut(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 3, padding=1)

        def forward(self, x):
            out = self.conv(x)
            out += x
            return out

    model, x = Shortcut(), images()
    assert torch.equal(features(model, ["conv"], x)["conv"], model.conv(x))


def test_the_gradient_of_the_output_for_the_captured_tensor_exists_after_an_in_place_relu():
    gradients = []
    for model in (net(), net(inplace=True)):
        with capture(model, ["0"]) as found:
            output = model(images())
        gradients.append(torch.autograd.grad(output[:, 1].sum(), found["0"])[0])
    assert gradients[0].abs().sum() > 0
    assert torch.equal(*gradients)


def test_gradients_flow_to_the_input_and_the_parameters():
    model, x = net(), images().requires_grad_()
    features(model, ["2"], x)["2"].sum().backward()
    assert x.grad.abs().sum() > 0 and model[0].weight.grad.abs().sum() > 0
    assert model[5].weight.grad is None


def test_the_model_computes_the_same_while_it_is_captured():
    model, x = net(inplace=True), images()
    with capture(model, ["0", "1"]):
        output = model(x)
    assert torch.equal(output, model(x))


def test_no_hook_is_left():
    model = net()
    features(model, ["0", "3"], images())
    assert hooks(model) == 0
    with pytest.raises(RuntimeError):
        features(model, ["0", "3"], torch.zeros(2, 1, 9, 9))  # does not fit the linear layer
    assert hooks(model) == 0
    with pytest.raises(ValueError, match="layers"):
        features(model, ["0", "convolution"], images())
    assert hooks(model) == 0


def test_an_unknown_name_is_answered_with_close_ones():
    model = nn.ModuleDict({"encoder": nn.Linear(2, 2), "decoder": nn.Linear(2, 2)})
    message = r"layers\[0\] must name a layer of the model, got 'encodr'; there is encoder"
    with pytest.raises(ValueError, match=message):
        features(model, ["encodr"], torch.zeros(1, 2))
    with pytest.raises(ValueError, match="got 'xyz'; there is encoder, decoder$"):
        features(model, ["xyz"], torch.zeros(1, 2))


def test_one_name_instead_of_a_list_is_refused():
    with pytest.raises(TypeError, match=r"layers must .* got a string; write \['conv1'\]"):
        features(net(), "conv1", images())


def test_a_layer_that_is_called_twice_is_refused():
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(3, 3), relu, nn.Linear(3, 3), relu)
    with pytest.raises(ValueError, match="must be called once in a forward pass, '1' is called ag"):
        features(model, ["1"], torch.zeros(1, 3))
    assert hooks(model) == 0


def test_a_layer_that_is_not_reached_is_named():
    class Auxiliary(nn.Module):
        def __init__(self):
            super().__init__()
            self.main, self.head = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x):
            return F.relu(self.main(x))

    with pytest.raises(ValueError, match=r"called in the forward pass, not called: \['head'\]"):
        features(Auxiliary(), ["main", "head"], torch.zeros(1, 3))


def test_a_layer_that_returns_several_tensors_is_refused():
    model = nn.Sequential(nn.LSTM(3, 3))
    with pytest.raises(ValueError, match="must return a tensor, '0' returns a tuple"):
        features(model, ["0"], torch.zeros(1, 2, 3))


def test_a_name_that_stands_twice_is_one():
    assert list(features(net(), ["0", "0"], images())) == ["0"]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"layers": None}, TypeError, "layers must be a list of names, got None"),
        ({"layers": []}, ValueError, "layers must name at least one layer, got none"),
        ({"layers": ["0", 2]}, TypeError, r"layers\[1\] must be the name of a layer, got the int"),
        ({"model": torch.relu}, TypeError, "model must be a torch module"),
        ({"x": images()[:0]}, ValueError, r"x must be \(N, ...\) floating point, got \(0, 1,"),
        ({"x": images().half()}, ValueError, "x must be torch.float32 on cpu as the weights are"),
        ({"x": [1.0]}, TypeError, "x must be a tensor, got the list"),
    ],
)
def test_garbage_is_refused_by_name_and_leaves_no_hook(changes, error, message):
    model = net()
    with pytest.raises(error, match=f"^{message}"):
        features(**{"model": model, "layers": ["0"], "x": images()} | changes)
    assert hooks(model) == 0
