import pytest
import torch
from torch import nn

from coursekit.models.inception import BLOCKS, GoogLeNet, Inception
from tests.models.against_torchvision import assert_same_output, randomise, shapes, twin
from tests.models.conduct import Case, Conduct, count


def on_meta(**options):
    with torch.device("meta"):
        return GoogLeNet(**options)


def small(**options):
    return GoogLeNet(10, **{"scale": 1 / 16, "dropout": 0.0, "size": 32, **options})


def theirs(auxiliary, ours=None):
    return twin("googlenet", ours, aux_logits=auxiliary, init_weights=False, transform_input=False)


@pytest.mark.parametrize(
    ("kernel", "batch_norm", "parameters", "with_auxiliary"),
    [
        (3, True, 6_624_904, 13_004_888),
        (5, True, 7_005_832, 13_385_816),
        (5, False, 6_998_552, 13_378_280),
        (3, False, 6_617_624, 12_997_352),
    ],
)
def test_the_parameters_of_every_form(kernel, batch_norm, parameters, with_auxiliary):
    options = {"kernel": kernel, "batch_norm": batch_norm}
    assert count(on_meta(**options)) == parameters
    assert count(on_meta(auxiliary=True, **options)) == with_auxiliary


@pytest.mark.parametrize("batch_norm", [True, False])
def test_filters_of_3_in_place_of_5_pixels_save_380928_weights(batch_norm):
    large, small_ = (count(on_meta(kernel=kernel, batch_norm=batch_norm)) for kernel in (5, 3))
    assert large - small_ == 380_928
    assert sum((25 - 9) * row[3] * row[4] for row in BLOCKS.values()) == 380_928


@pytest.mark.parametrize("auxiliary", [False, True])
def test_the_names_are_those_of_torchvision(auxiliary):
    assert shapes(on_meta(auxiliary=auxiliary)) == shapes(theirs(auxiliary))


@pytest.mark.parametrize("auxiliary", [False, True])
def test_torchvision_computes_the_same_from_the_same_weights(auxiliary):
    for size in (15, 71):
        assert_same_output(
            GoogLeNet(auxiliary=auxiliary),
            "googlenet",
            size,
            aux_logits=auxiliary,
            init_weights=False,
            transform_input=False,
        )


def test_torchvision_computes_the_same_in_training():
    ours = randomise(GoogLeNet(auxiliary=True))
    other = theirs(True, ours).train()
    for module in [*ours.modules(), *other.modules()]:
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    x = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = other(x)
        outputs = ours(x)
    named = expected.logits, expected.aux_logits1, expected.aux_logits2
    for output, expectation in zip(outputs, named, strict=True):
        torch.testing.assert_close(output, expectation, rtol=1e-5, atol=1e-5)


def test_the_auxiliary_logits_come_in_training_only():
    x = torch.rand(2, 3, 32, 32)
    outputs = small(auxiliary=True).train()(x)
    assert [output.shape for output in outputs] == [(2, 10)] * 3
    assert small(auxiliary=True).eval()(x).shape == (2, 10)
    assert small().train()(x).shape == (2, 10)


@pytest.mark.parametrize("head", [0, 1, 2])
def test_each_auxiliary_classifier_trains_the_layers_below_it_alone(head):
    model = small(auxiliary=True)
    model(torch.rand(4, 3, 32, 32))[head].sum().backward()
    reached = [
        name
        for name, block in model.named_children()
        if name.startswith("inception") and any(p.grad is not None for p in block.parameters())
    ]
    names = [f"inception{name}" for name in BLOCKS]
    assert reached == [names, names[:3], names[:6]][head]


def test_dropout_is_the_one_asked_for_and_that_of_the_paper_in_the_auxiliary_classifiers():
    rates = {
        name: layer.p
        for name, layer in small(auxiliary=True, dropout=0.3).named_modules()
        if isinstance(layer, nn.Dropout)
    }
    assert rates == {"dropout": 0.3, "aux1.dropout": 0.7, "aux2.dropout": 0.7}


def test_scale_multiplies_every_layer():
    full, half = on_meta(auxiliary=True), on_meta(auxiliary=True, scale=1 / 2)
    for (name, wide), narrow in zip(full.named_parameters(), half.parameters(), strict=True):
        ends = {
            "conv1.conv.weight": 1 / 2,
            "fc.weight": 1 / 2,
            "fc.bias": 1,
            "aux1.fc2.weight": 1 / 2,
            "aux1.fc2.bias": 1,
            "aux2.fc2.weight": 1 / 2,
            "aux2.fc2.bias": 1,
        }
        inner = 1 / 4 if wide.dim() > 1 else 1 / 2
        assert narrow.numel() == wide.numel() * ends.get(name, inner), name


def test_the_bottlenecks_save_weights():
    block = Inception(192, BLOCKS["3a"], batch_norm=False)
    assert count(block.branch2) == (192 + 1) * 96 + (9 * 96 + 1) * 128
    assert count(block.branch3) == (192 + 1) * 16 + (25 * 16 + 1) * 32
    assert count(block.branch3) < count(nn.Conv2d(192, 32, 5)) / 9


def test_the_block_puts_its_four_branches_side_by_side():
    block = Inception(6, (2, 3, 4, 5, 7, 8)).eval()
    x = torch.rand(2, 6, 9, 7)
    y = block(x)
    assert y.shape == (2, block.c_out, 9, 7) == (2, 21, 9, 7)
    for part, branch in zip(
        y.split([2, 4, 7, 8], dim=1), [block.branch1, block.branch2, block.branch3, block.branch4]
    ):
        assert torch.equal(part, branch(x))


@pytest.mark.parametrize(("size", "sides"), [(224, [112, 56, 28, 14, 7]), (32, [32, 16, 8, 4, 2])])
def test_the_maps_have_the_sizes_of_table_1(size, sides):
    model, seen = on_meta(size=size), []
    for name in ("conv1", "maxpool1", "maxpool2", "maxpool3", "maxpool4"):
        getattr(model, name).register_forward_hook(
            lambda module, args, output: seen.append(output.shape[-1])
        )
    model.eval()(torch.rand(1, 3, size, size, device="meta"))
    assert seen == sides


def test_the_blocks_have_the_channels_of_table_1():
    model = on_meta()
    channels = [getattr(model, f"inception{name}").c_out for name in BLOCKS]
    assert channels == [256, 480, 512, 512, 512, 528, 832, 832, 1024]


def test_batch_normalisation_has_eps_1e_3_and_the_usual_momentum():
    norms = [
        layer for layer in small(auxiliary=True).modules() if isinstance(layer, nn.BatchNorm2d)
    ]
    assert [(norm.eps, norm.momentum) for norm in norms] == [(1e-3, 0.1)] * (57 + 2)


@pytest.mark.parametrize(("size", "smallest"), [(224, 15), (32, 8)])
def test_the_least_input_is_as_small_as_the_layers_can_take(size, smallest):
    model = small(size=size).eval()
    assert model(torch.rand(1, 3, smallest, smallest)).shape == (1, 10)
    x = torch.rand(1, 3, smallest - 1, smallest)
    with pytest.raises(
        ValueError,
        match=rf"^x must be at least {smallest} pixels high and wide, "
        rf"got {smallest - 1} x {smallest}; ",
    ):
        model(x)
    model.smallest = 1
    with pytest.raises(RuntimeError):
        model(x)


def test_a_wrong_input_is_named_with_what_to_do():
    with pytest.raises(
        ValueError,
        match=r"^x must be \(N, 3, H, W\) floating point, "
        r"got \(2, 1, 32, 32\) .*x.expand\(-1, 3, -1, -1\)",
    ):
        small()(torch.rand(2, 1, 32, 32))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": 7}, "kernel must be one of 3, 5, got the int 7"),
        ({"size": 28}, "size must be one of 224, 32, got the int 28"),
        ({"scale": 0.001}, "scale must leave at least 1 of 64 channels, got 0.001"),
        ({"scale": 1 / 40}, "scale must leave at least 1 of 16 channels, got 0.025"),
    ],
)
def test_wrong_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        GoogLeNet(**options)


def total(output):
    return sum(output) if isinstance(output, tuple) else output


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "torchvision",
            lambda seed: small(size=224, seed=seed),
            (3, 32, 32),
            (10,),
            odd=((3, 71, 67), (10,)),
        ),
        Case("small", lambda seed: small(seed=seed), (3, 32, 32), (10,), odd=((3, 35, 33), (10,))),
        Case(
            "auxiliary",
            lambda seed: small(auxiliary=True, seed=seed),
            (3, 32, 32),
            (10,),
            pick=total,
        ),
        Case(
            "paper",
            lambda seed: small(kernel=5, batch_norm=False, auxiliary=True, scale=1 / 8, seed=seed),
            (3, 32, 32),
            (10,),
            pick=total,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass
