import pytest
import torch
from torch import nn

from coursekit.models.vgg import VGG
from tests.models.against_torchvision import assert_same_output, shapes, twin
from tests.models.conduct import Case, Conduct, count

DEPTHS = [11, 13, 16, 19]


def on_meta(depth, **options):
    with torch.device("meta"):
        return VGG(depth, **options)


def small(depth=11, **options):
    return VGG(depth, classes=10, **{"scale": 1 / 16, "dropout": 0.0, "size": 32, **options})


@pytest.mark.parametrize(
    ("depth", "parameters"),
    [(11, 132_863_336), (13, 133_047_848), (16, 138_357_544), (19, 143_667_240)],
)
def test_the_parameters_are_those_of_the_paper(depth, parameters):
    assert count(on_meta(depth)) == parameters


def test_the_convolutions_of_vgg_16_have_a_tenth_of_its_parameters():
    assert count(on_meta(16).features) == 14_714_688


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_depth_counts_the_layers_with_weights(depth):
    layers = [
        layer for layer in on_meta(depth).modules() if isinstance(layer, (nn.Conv2d, nn.Linear))
    ]
    assert len(layers) == depth


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("depth", DEPTHS)
def test_the_names_are_those_of_torchvision(depth, batch_norm):
    name = f"vgg{depth}_bn" if batch_norm else f"vgg{depth}"
    assert shapes(on_meta(depth, batch_norm=batch_norm)) == shapes(twin(name))


@pytest.mark.parametrize(("depth", "batch_norm"), [(11, False), (11, True), (16, False)])
def test_torchvision_computes_the_same_from_the_same_weights(depth, batch_norm):
    name = f"vgg{depth}_bn" if batch_norm else f"vgg{depth}"
    assert_same_output(VGG(depth, batch_norm=batch_norm), name, 32)


def test_each_pooling_halves_the_maps_from_224_to_7_pixels():
    x, seen = torch.rand(1, 3, 224, 224, device="meta"), []
    for layer in on_meta(16).features:
        x = layer(x)
        if isinstance(layer, nn.MaxPool2d):
            seen.append(tuple(x.shape[1:]))
    assert seen == [(64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)]


def test_three_small_filters_see_what_a_large_one_does_for_27_in_place_of_49():
    convolutions = [layer for layer in on_meta(16).features if isinstance(layer, nn.Conv2d)][-3:]
    assert sum(layer.weight.numel() for layer in convolutions) == 27 * 512**2
    assert nn.Conv2d(512, 512, 7, device="meta").weight.numel() == 49 * 512**2

    stage = [layer for layer in small(16).features if isinstance(layer, nn.Conv2d)][-3:]
    x = torch.zeros(1, 32, 11, 11, requires_grad=True)
    nn.Sequential(*stage)(x)[:, :, 5, 5].sum().backward()
    seen = x.grad.abs().sum(dim=1)[0] > 0
    assert seen[2:9, 2:9].all() and seen.sum() == 7 * 7


def test_small_images_go_through_a_head_that_reads_one_pixel():
    model = on_meta(16, size=32)
    assert [layer.in_features for layer in model.classifier if isinstance(layer, nn.Linear)] == [
        512,
        4096,
        4096,
    ]
    assert count(model.features) == 14_714_688


def test_batch_normalisation_has_the_usual_eps_and_momentum():
    norms = [
        layer for layer in small(batch_norm=True).modules() if isinstance(layer, nn.BatchNorm2d)
    ]
    assert [(norm.eps, norm.momentum) for norm in norms] == [(1e-5, 0.1)] * 8


def test_32_pixels_are_the_least_that_the_layers_can_take():
    model = small()
    with pytest.raises(RuntimeError):
        model.features(torch.rand(1, 3, 31, 32))
    with pytest.raises(
        ValueError,
        match=r"^x must be at least 32 pixels high and wide, "
        r"got 31 x 32; .*F.interpolate\(x, 32\)",
    ):
        model(torch.rand(1, 3, 31, 32))


def test_the_hidden_layers_have_dropout():
    rates = [layer.p for layer in small(dropout=0.3).modules() if isinstance(layer, nn.Dropout)]
    assert rates == [0.3, 0.3]


def test_a_wrong_input_is_named_with_what_to_do():
    with pytest.raises(
        ValueError,
        match=r"^x must be \(N, 3, H, W\) floating point, "
        r"got \(2, 1, 32, 32\) .*x.expand\(-1, 3, -1, -1\)",
    ):
        small()(torch.rand(2, 1, 32, 32))


@pytest.mark.parametrize(
    ("depth", "options", "message"),
    [
        (15, {}, "depth must be one of 11, 13, 16, 19, got the int 15"),
        (16, {"size": 64}, "size must be one of 224, 32, got the int 64"),
        (16, {"scale": -1}, "scale must be above 0, got -1"),
    ],
)
def test_wrong_settings_are_refused(depth, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        VGG(depth, **options)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "VGG-11",
            lambda seed: small(size=224, seed=seed),
            (3, 32, 32),
            (10,),
            odd=((3, 71, 67), (10,)),
        ),
        Case("VGG-11, small", lambda seed: small(seed=seed), (3, 32, 32), (10,)),
        Case("VGG-19, small", lambda seed: small(19, scale=1 / 8, seed=seed), (3, 32, 32), (10,)),
        Case(
            "VGG-16 with BN",
            lambda seed: small(16, batch_norm=True, seed=seed),
            (3, 32, 32),
            (10,),
            odd=((3, 35, 33), (10,)),
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass
