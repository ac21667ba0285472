import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from coursekit.compat import import_torchvision
from coursekit.inspection.summaries import summary

models = import_torchvision().models
VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]


def on_meta(build):
    with torch.device("meta"):
        return build()


def totals(frame):
    return frame["parameters"].sum(), frame["multiply_adds"].sum()


def vgg16_multiply_adds():
    """From the layer formulas: 9 c_in c_out a position, d_in d_out a linear layer."""
    total, c_in, side = 0, 3, 224
    for layer in VGG16:
        if layer == "M":
            side //= 2
        else:
            total, c_in = total + 9 * c_in * layer * side**2, layer
    return total + 512 * 7 * 7 * 4096 + 4096 * 4096 + 4096 * 1000


def test_vgg_16_has_its_parameters_and_multiply_adds():
    assert vgg16_multiply_adds() == 15_470_264_320
    frame = summary(on_meta(models.vgg16), (1, 3, 224, 224))
    assert totals(frame) == (138_357_544, 15_470_264_320)
    pools = frame[frame["type"] == "MaxPool2d"]["output"].tolist()
    assert pools == [(64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)]
    assert frame["output"].iloc[0] == (64, 224, 224) and frame["output"].iloc[-1] == (1000,)


@pytest.mark.parametrize(
    ("build", "size", "parameters", "multiply_adds"),
    [
        (models.resnet50, 224, 25_557_032, 4_089_184_256),  # shortcuts and shared ReLUs
        (models.alexnet, 224, 61_100_840, 714_188_480),
        (models.mobilenet_v2, 224, 3_504_872, 300_774_272),  # depthwise: grouped convolutions
    ],
)
def test_published_networks_have_their_totals(build, size, parameters, multiply_adds):
    frame = summary(on_meta(build), (1, 3, size, size))
    assert totals(frame) == (parameters, multiply_adds)


CONVOLUTIONS = [
    nn.Conv1d(4, 6, 3, stride=2),
    nn.Conv2d(4, 6, (3, 5), padding=2, dilation=2, groups=2),
    nn.Conv3d(4, 6, 3),
    nn.ConvTranspose1d(4, 6, 3, stride=2),
    nn.ConvTranspose2d(4, 6, 4, stride=2, padding=1, groups=2),
    nn.ConvTranspose3d(4, 6, 2),
    nn.Sequential(nn.Linear(9, 5), nn.ReLU(), nn.Linear(5, 2)),
]


@pytest.mark.parametrize("layer", CONVOLUTIONS, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("n", [1, 3])
def test_multiply_adds_are_half_the_operations_that_torch_counts(layer, n):
    dimensions = 3 if "3d" in type(layer).__name__ else 1 if "1d" in type(layer).__name__ else 2
    x = torch.zeros(n, 4, *[9] * dimensions)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        layer(x)
    assert 2 * n * summary(layer, x)["multiply_adds"].sum() == counter.get_total_flops()
    assert summary(layer, x).equals(summary(layer, x.shape))


def test_rows_stand_in_the_order_of_the_calls():
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.second, self.first = nn.Linear(5, 2), nn.Linear(3, 5)

        def forward(self, x):
            return self.second(self.first(x))

    frame = summary(Backwards(), (1, 3))
    assert frame["layer"].tolist() == ["first", "second"]
    assert frame["parameters"].tolist() == [20, 12]


def test_a_layer_called_twice_works_twice_and_its_parameters_count_once():
    layer = nn.Linear(3, 3)
    frame = summary(nn.Sequential(layer, nn.ReLU(), layer), (1, 3))
    assert totals(frame) == (12, 18)
    assert frame["parameters"].tolist() == [12, 0, 0]


def test_tied_weights_count_once():
    model = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    model[1].weight = model[0].weight
    assert totals(summary(model, (1, 3))) == (9, 18)


def test_parameters_of_a_module_with_parts_are_counted():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale, self.layer = nn.Parameter(torch.ones(3)), nn.Linear(2, 3)

        def forward(self, x):
            return self.scale * self.layer(x)

    frame = summary(nn.Sequential(Scaled()), (1, 2))
    assert frame["layer"].tolist() == ["0.layer", "0"]
    assert frame["parameters"].tolist() == [9, 3]


def test_of_several_outputs_the_first_one_is_shown():
    assert summary(nn.LSTM(3, 7, batch_first=True), (2, 5, 3))["output"].tolist() == [(5, 7)]


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout().eval())
    state = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.rand(4, 1, 5, 5)
    summary(model, x)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert model[1].training and not model[2].training
    with pytest.raises(RuntimeError):
        summary(model, torch.rand(4, 2, 5, 5))
    assert not any(layer._forward_hooks for layer in model.modules()) and model[1].training


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ((), r"x must be an input \(N, ...\) or its shape, 1 numbers or more, got \[\]"),
        ((0, 3), r"x\[0\] must be at least 1, got 0"),
        (torch.zeros(0, 3), r"x must be \(N, ...\) floating point, got \(0, 3\)"),
        (torch.zeros(()), r"x must be \(N, ...\) floating point, got \(\)"),
    ],
)
def test_an_input_without_examples_is_refused(x, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        summary(nn.Linear(3, 1), x)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (3, TypeError, r"x must be an input \(N, ...\) or its shape, got the int 3"),
        ((1, 3.0), TypeError, r"x\[1\] must be a whole number, got the float 3.0"),
        (torch.zeros(1, 3).double(), ValueError, "x must be torch.float32 on cpu as the weights"),
    ],
)
def test_what_is_neither_input_nor_shape_is_refused(x, error, message):
    with pytest.raises(error, match=f"^{message}"):
        summary(nn.Linear(3, 1), x)
    with pytest.raises(TypeError, match="^model must be a torch module, got"):
        summary(torch.relu, (1, 3))
