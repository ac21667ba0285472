import pytest
import torch
from torch import nn

from coursekit.models.alexnet import AlexNetOf2012
from coursekit.models.zfnet import ZFNet
from tests.models.conduct import Case, Conduct, count


def small(**options):
    return ZFNet(10, **{"scale": 1 / 16, "dropout": 0.0, "size": 32, **options})


def test_the_network_has_62357608_parameters():
    with torch.device("meta"):
        assert count(ZFNet()) == 62_357_608


def test_only_the_first_layer_differs_in_parameters_from_alexnet_without_groups():
    with torch.device("meta"):
        ours, alexnet = ZFNet(), AlexNetOf2012(groups=1)
    assert count(ours.features.conv1) == 96 * (3 * 7 * 7 + 1)
    first = count(ours.features.conv1) - count(alexnet.features.conv1)
    assert count(ours) - count(alexnet) == first


@pytest.mark.parametrize(
    ("size", "sides"), [(224, [110, 55, 26, 13, 13, 13, 13, 6]), (32, [32, 16, 16, 8, 8, 8, 8, 4])]
)
def test_the_maps_have_the_sizes_of_figure_3(size, sides):
    with torch.device("meta"):
        model = ZFNet(size=size)
    x, seen = torch.rand(1, 3, size, size, device="meta"), []
    for layer in model.features:
        x = layer(x)
        if isinstance(layer, (nn.Conv2d, nn.MaxPool2d)):
            seen.append(x.shape[-1])
    assert seen == sides


def test_normalisation_follows_pooling():
    names = [name for name, _ in small().features.named_children()]
    assert names == [
        "conv1",
        "relu1",
        "pool1",
        "norm1",
        "conv2",
        "relu2",
        "pool2",
        "norm2",
        "conv3",
        "relu3",
        "conv4",
        "relu4",
        "conv5",
        "relu5",
        "pool5",
    ]


def test_the_hidden_layers_have_dropout():
    rates = [layer.p for layer in small(dropout=0.3).modules() if isinstance(layer, nn.Dropout)]
    assert rates == [0.3, 0.3]


def test_a_wrong_input_is_named_with_what_to_do():
    with pytest.raises(
        ValueError,
        match=r"^x must be \(N, 3, 224, 224\) floating point, "
        r"got \(1, 1, 227, 227\) torch.float32",
    ) as raised:
        small(size=224)(torch.rand(1, 1, 227, 227))
    assert "x.expand(-1, 3, -1, -1)" in str(raised.value)
    assert "F.interpolate(x, 224)" in str(raised.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 227}, "size must be one of 224, 32, got the int 227"),
        ({"scale": 0.001}, "scale must leave at least 1 of 96 channels, got 0.001"),
    ],
)
def test_wrong_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        ZFNet(**options)


@pytest.mark.parametrize(
    "case",
    [
        Case("as published", lambda seed: small(size=224, seed=seed), (3, 224, 224), (10,)),
        Case("small", lambda seed: small(seed=seed), (3, 32, 32), (10,)),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass
