import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.layers.blocks import head
from coursekit.models.alexnet import AlexNet, AlexNetOf2012
from tests.models.against_torchvision import assert_same_output, shapes, twin
from tests.models.conduct import Case, Conduct, count


def on_meta(model=AlexNetOf2012, **options):
    with torch.device("meta"):
        return model(**options)


def small(**options):
    return AlexNetOf2012(10, **{"scale": 1 / 16, "dropout": 0.0, "size": 32, **options})


@pytest.mark.parametrize(
    ("model", "options", "parameters"),
    [
        (AlexNet, {}, 61_100_840),
        (AlexNetOf2012, {}, 60_965_224),
        (AlexNetOf2012, {"groups": 1}, 62_378_344),
    ],
)
def test_the_parameters_are_those_of_torchvision_and_of_the_paper(model, options, parameters):
    assert count(on_meta(model, **options)) == parameters


def test_the_layers_of_2012_have_their_parameters():
    layers = [
        count(layer) for layer in on_meta().modules() if isinstance(layer, (nn.Conv2d, nn.Linear))
    ]
    assert layers == [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000]
    assert sum(layers[5:]) / sum(layers) == pytest.approx(0.96, abs=0.005)


def test_one_group_adds_the_other_half_of_the_connections_to_layers_2_4_and_5():
    grouped, whole = (
        [count(layer) for layer in on_meta(groups=groups).features if isinstance(layer, nn.Conv2d)]
        for groups in (2, 1)
    )
    assert [b - a for a, b in zip(grouped, whole)] == [0, 307_200, 0, 663_552, 442_368]


@pytest.mark.parametrize(
    ("without", "removed"),
    [((7,), 16_781_312), ((6, 7), 49_414_144), ((3, 4), 1_696_512), ((3, 4, 6, 7), 51_110_656)],
)
def test_removed_layers_take_their_parameters_with_them(without, removed):
    assert count(on_meta()) - count(on_meta(without=without)) == removed


def test_the_layer_above_reads_what_the_removed_one_read():
    model = on_meta(without=(3, 4, 6, 7))
    kept = {
        name: (layer.in_channels, layer.out_channels)
        for name, layer in model.features.named_children()
        if isinstance(layer, nn.Conv2d)
    }
    assert kept == {"conv1": (3, 96), "conv2": (96, 256), "conv5": (256, 256)}
    assert [layer.in_features for layer in model.classifier] == [256 * 6 * 6]


def test_torchvision_computes_the_same_from_the_same_weights():
    assert_same_output(AlexNet(dropout=0.0), "alexnet", 63)


def test_the_names_are_those_of_torchvision():
    assert shapes(on_meta(AlexNet)) == shapes(twin("alexnet"))


@pytest.mark.parametrize("overlapping", [True, False])
@pytest.mark.parametrize(("size", "sides"), [(227, [27, 13, 6]), (32, [16, 8, 4])])
def test_both_kinds_of_pooling_give_maps_of_the_same_size(size, sides, overlapping):
    model = on_meta(size=size, overlapping=overlapping)
    x, seen = torch.rand(1, 3, size, size, device="meta"), []
    for layer in model.features:
        x = layer(x)
        if isinstance(layer, nn.MaxPool2d):
            assert (layer.kernel_size > layer.stride) == overlapping
            seen.append(x.shape[-1])
    assert seen == sides
    assert model(torch.rand(1, 3, size, size, device="meta")).shape == (1, 1000)


def test_the_steps_of_a_layer_come_in_the_order_of_the_paper():
    names = [name for name, _ in on_meta().features.named_children()]
    assert names == [
        "conv1",
        "activation1",
        "norm1",
        "pool1",
        "conv2",
        "activation2",
        "norm2",
        "pool2",
        "conv3",
        "activation3",
        "conv4",
        "activation4",
        "conv5",
        "activation5",
        "pool5",
    ]


def test_hidden_layers_are_followed_by_activation_and_dropout():
    names = [type(layer).__name__ for layer in head([4, 3, 2], dropout=0.5, activation=nn.Tanh)]
    assert names == ["Linear", "Tanh", "Dropout", "Linear"]
    rates = [
        layer.p
        for model in (on_meta(AlexNet, dropout=0.3), on_meta(dropout=0.3))
        for layer in model.modules()
        if isinstance(layer, nn.Dropout)
    ]
    assert rates == [0.3] * 4


def test_another_activation_replaces_every_relu():
    kinds = [type(layer) for layer in small(activation=nn.Tanh).modules()]
    assert kinds.count(nn.Tanh) == 7 and nn.ReLU not in kinds


@pytest.mark.parametrize(("activation", "factor"), [(nn.ReLU, 2), (nn.Tanh, 1)])
def test_the_first_weights_keep_a_signal_alive(activation, factor):
    weight = AlexNetOf2012(10, scale=0.5, activation=activation, size=32).features.conv3.weight
    variance = factor / (128 * 9)
    # standard error of a variance over n normal draws: sqrt(2 / n) of it
    assert weight.var().item() == pytest.approx(variance, rel=5 * (2 / weight.numel()) ** 0.5)


def test_all_classes_are_about_equally_likely_at_the_start():
    x = torch.rand(16, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    for activation in (nn.ReLU, nn.Tanh):
        logits = small(scale=0.25, activation=activation).eval()(x)
        loss = F.cross_entropy(logits, torch.arange(16) % 10).item()
        assert loss == pytest.approx(math.log(10), abs=0.1)


def test_63_pixels_are_the_least_that_the_layers_can_take():
    model = AlexNet(10, scale=1 / 16).eval()
    assert model(torch.rand(1, 3, 63, 63)).shape == (1, 10)
    with pytest.raises(RuntimeError):
        model.features(torch.rand(1, 3, 62, 63))
    with pytest.raises(ValueError, match=r"^x must be at least 63 pixels .*, got 62 x 63; .*size="):
        model(torch.rand(1, 3, 62, 63))


@pytest.mark.parametrize(
    ("x", "got"),
    [
        (torch.rand(2, 1, 32, 32), r"\(2, 1, 32, 32\) torch.float32"),
        (torch.rand(2, 3, 28, 28), r"\(2, 3, 28, 28\) torch.float32"),
        (torch.zeros(2, 3, 32, 32, dtype=torch.uint8), r"\(2, 3, 32, 32\) torch.uint8"),
    ],
)
def test_a_wrong_input_is_named_with_what_to_do(x, got):
    with pytest.raises(ValueError, match=rf"^x must be \(N, 3, 32, 32\) .*, got {got}") as raised:
        small()(x)
    assert "x.expand(-1, 3, -1, -1)" in str(raised.value)
    assert "F.interpolate(x, 32)" in str(raised.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 224}, "size must be one of 227, 32, got the int 224"),
        ({"without": (1, 3)}, r"without must hold layers among 3, 4, 6 and 7, got \[1, 3\]"),
        (
            {"scale": 1 / 96, "groups": 2},
            r"scale must give channels that 2 groups divide, got 0.0104\d*, so \[1, 3, 4, 4, 3\]",
        ),
        ({"scale": 0}, "scale must be above 0, got 0"),
    ],
)
def test_wrong_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        AlexNetOf2012(**options)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "torchvision",
            lambda seed: AlexNet(10, scale=1 / 8, dropout=0.0, seed=seed),
            (3, 63, 63),
            (10,),
            odd=((3, 71, 67), (10,)),
        ),
        Case("2012", lambda seed: small(size=227, seed=seed), (3, 227, 227), (10,)),
        Case("2012, small", lambda seed: small(seed=seed), (3, 32, 32), (10,)),
        Case(
            "2012, tanh",
            lambda seed: small(activation=nn.Tanh, overlapping=False, seed=seed),
            (3, 32, 32),
            (10,),
        ),
        Case(
            "2012, ablated",
            lambda seed: small(without=(3, 4, 6, 7), groups=1, seed=seed),
            (3, 32, 32),
            (10,),
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass
