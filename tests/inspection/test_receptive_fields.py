import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.compat import import_torchvision
from coursekit.inspection.receptive_fields import (
    ReceptiveField,
    receptive_field,
    receptive_field_by_gradient,
)


def conv(kernel, stride=1, padding=0, dilation=1):
    return nn.Conv2d(1, 1, kernel, stride, padding, dilation)


def vgg(*blocks):
    """One-channel blocks of 3 x 3 convolutions, a pooling between them."""
    layers = []
    for i, convolutions in enumerate(blocks):
        layers += [nn.MaxPool2d(2)] * (i > 0)
        for _ in range(convolutions):
            layers += [conv(3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers)


def measured(model, shape=(1, 1, 64, 64)):
    x1, y1, x2, y2 = receptive_field_by_gradient(model, shape)
    assert (x1, x2) == (y1, y2), "square layers see a square"
    return x1, x2


@pytest.mark.parametrize(("count", "size"), [(1, 3), (2, 5), (3, 7)])
def test_small_filters_in_a_row_see_what_one_large_one_sees(count, size):
    stack = nn.Sequential(*[layer for _ in range(count) for layer in (conv(3), nn.ReLU())])
    assert receptive_field(stack) == receptive_field([conv(size)]) == (size, 1, 0)
    x1, x2 = measured(stack)
    assert x2 - x1 == size


def test_published_networks_have_their_fields():
    with torch.device("meta"):
        models = import_torchvision().models
        alexnet, vgg16 = models.alexnet().features, models.vgg16().features
    assert receptive_field(alexnet[:11]).size == 163  # conv5
    assert receptive_field(alexnet) == ReceptiveField(size=195, jump=32, start=-66)
    assert receptive_field(vgg16[:29]) == ReceptiveField(size=196, jump=16, start=-90)  # conv5_3
    assert receptive_field(vgg16) == ReceptiveField(size=212, jump=32, start=-90)  # pool5


def test_both_ways_agree_on_the_field_of_vgg_16():
    stack = vgg(2, 2, 3, 3, 3)
    size, jump, start = receptive_field(stack)
    first = start + 8 * jump  # unit 8 of 16
    assert measured(stack, (1, 1, 256, 256)) == (first, first + 196) and size == 196


LAYERS = st.lists(
    max_size=4,
    elements=st.one_of(
        st.builds(conv, st.integers(1, 5), st.integers(1, 2), st.integers(0, 2), st.integers(1, 2)),
        st.builds(nn.MaxPool2d, st.integers(2, 3), st.integers(1, 2)),
        st.builds(nn.AvgPool2d, st.integers(2, 3), st.integers(1, 2)),
        st.sampled_from(
            [
                nn.ReLU(),
                nn.BatchNorm2d(1),
                nn.Sigmoid(),
                nn.Dropout(),
                conv(3, padding="same"),
                conv(4, padding="valid"),
            ]
        ),
    ),
)


@settings(max_examples=30)
@given(LAYERS)
def test_both_ways_agree_on_every_stack(layers):
    stack = nn.Sequential(*layers).eval()
    shape = (1, 1, 256, 256)  # the largest field has 121 pixels
    size, jump, start = receptive_field(stack)
    first = start + jump * (stack(torch.zeros(shape)).shape[-1] // 2)
    assert measured(stack, shape) == (first, first + size)


def test_rectangles_are_measured_column_by_row():
    box = receptive_field_by_gradient(nn.Conv2d(1, 1, (3, 5)), (1, 1, 20, 20))
    assert box == (8, 9, 13, 12)  # unit (9, 8) of 18 x 16


def test_weights_that_would_hide_a_part_of_the_field_do_not():
    stack = nn.Sequential(conv(3), nn.ReLU(), nn.BatchNorm2d(1), conv(3))
    nn.init.zeros_(stack[0].weight)
    nn.init.constant_(stack[0].bias, -5)
    stack[2].running_mean.fill_(100)
    state = {name: value.clone() for name, value in stack.state_dict().items()}
    x1, x2 = measured(stack)
    assert x2 - x1 == 5
    assert all(torch.equal(value, state[name]) for name, value in stack.state_dict().items())
    assert stack.training and stack[0].weight.dtype == torch.float32


def test_poolings_and_rectifiers_as_functions_are_seen():
    class Functions(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = conv(3), conv(3)

        def forward(self, x):
            return self.two(F.max_pool2d(F.relu(self.one(x)), 2))

    stack = nn.Sequential(conv(3), nn.ReLU(), nn.MaxPool2d(2), conv(3))
    assert measured(Functions()) == measured(stack)
    x1, x2 = measured(stack)
    assert x2 - x1 == receptive_field(stack).size == 8


def test_shortcuts_and_upsampling_are_measured():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(conv(3, padding=1), nn.ReLU(), conv(3, padding=1))

        def forward(self, x):
            return F.interpolate(F.avg_pool2d(x + self.body(x), 2), scale_factor=2)

    x1, x2 = measured(Residual())
    assert x2 - x1 == 6  # 5 and the neighbour in the pooling


def test_the_box_ends_at_the_border():
    assert receptive_field_by_gradient(conv(9, padding=4), (1, 1, 6, 6)) == (0, 0, 6, 6)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (nn.Linear(3, 3), "layers must be convolutions, .* got a Linear; measure it by"),
        (nn.ConvTranspose2d(1, 1, 2), "got a ConvTranspose2d"),
        (nn.Conv2d(1, 1, (3, 5)), r"layers must be square, got a Conv2d with kernel_size \(3, 5\)"),
        (nn.MaxPool2d(2, stride=(1, 2)), r"got a MaxPool2d with stride \(1, 2\)"),
    ],
)
def test_layers_without_a_square_field_are_refused(layer, message):
    with pytest.raises(ValueError, match=message):
        receptive_field([conv(3), layer])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Sequential(conv(3), nn.Flatten()), r"model must return feature maps .* got \(1, 36\)"),
        (nn.MaxPool2d(2, dilation=2), "model must have max poolings without dilation, got 2"),
        (nn.Threshold(9, 0), "model must let the output depend on the input"),
    ],
)
def test_models_that_cannot_be_measured_are_refused(model, message):
    with pytest.raises(ValueError, match=message):
        receptive_field_by_gradient(model, (1, 1, 8, 8))


@pytest.mark.parametrize("layers", [conv(3), 3, None, "conv", {conv(3)}])
def test_what_is_no_list_of_layers_is_refused(layers):
    with pytest.raises(TypeError, match="^layers must be a Sequential or a list of layers, got"):
        receptive_field(layers)
    with pytest.raises(ValueError, match="^layers must be convolutions, .* got a str"):
        receptive_field([conv(3), "conv"])


def test_a_sequential_with_a_forward_of_its_own_is_not_taken_for_its_layers():
    """A residual block sees with its shortcut too; its layers one after the other say nothing."""

    class Twice(nn.Sequential):
        def forward(self, x):
            return super().forward(super().forward(x))

    with pytest.raises(ValueError, match="layers must be .* got a Twice; measure it by"):
        receptive_field([Twice(conv(3))])
    with pytest.raises(ValueError, match="layers must be .* got a Twice; measure it by"):
        receptive_field(Twice(conv(3)))
    x1, x2 = measured(Twice(conv(3)))
    assert x2 - x1 == 5


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ((1, 8, 8), ValueError, r"shape must be \(N, C, H, W\), got \(1, 8, 8\)"),
        ((1, 1, 8, 8.5), TypeError, r"shape\[3\] must be a whole number, got the float 8.5"),
        ((1, 1, 8, 0), ValueError, r"shape\[3\] must be at least 1, got 0"),
        (8, TypeError, r"shape must be \(N, C, H, W\), got the int 8"),
    ],
)
def test_a_shape_that_is_none_is_refused(shape, error, message):
    with pytest.raises(error, match=f"^{message}"):
        receptive_field_by_gradient(conv(3), shape)
    with pytest.raises(TypeError, match="^model must be a torch module, got"):
        receptive_field_by_gradient([conv(3)], (1, 1, 8, 8))
