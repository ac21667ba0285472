import pytest
import torch
from torch import nn

from coursekit.models.resnet import BasicBlock, Bottleneck, CifarResNet, Padding, ResNet
from tests.models.against_torchvision import assert_same_output, randomise, shapes, twin
from tests.models.conduct import Case, Conduct, count


def on_meta(model, depth, **options):
    with torch.device("meta"):
        return model(depth, **options)


def layers_of(model, kind):
    return [layer for layer in model.modules() if isinstance(layer, kind)]


@pytest.mark.parametrize(
    ("depth", "residual", "parameters"),
    [
        (18, True, 11_689_512),
        (34, True, 21_797_672),
        (50, True, 25_557_032),
        (101, True, 44_549_160),
        (18, False, 11_515_688),
        (34, False, 21_623_848),
    ],
)
def test_the_parameters_are_those_of_the_paper(depth, residual, parameters):
    assert count(on_meta(ResNet, depth, residual=residual)) == parameters


@pytest.mark.parametrize(
    ("depth", "parameters"),
    [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018), (110, 1_727_962)],
)
def test_the_parameters_for_cifar_are_those_of_the_paper_and_of_the_plain_twin(depth, parameters):
    assert count(on_meta(CifarResNet, depth)) == parameters
    assert count(on_meta(CifarResNet, depth, residual=False)) == parameters


def test_projections_cost_2752_parameters_for_cifar():
    assert count(on_meta(CifarResNet, 20, shortcut="B")) == 272_474 == 269_722 + 2_752


@pytest.mark.parametrize(
    ("model", "depth"),
    [(ResNet, 18), (ResNet, 34), (ResNet, 50), (ResNet, 101), (CifarResNet, 20), (CifarResNet, 56)],
)
def test_the_depth_counts_the_layers_with_weights_but_the_projections(model, depth):
    plain = on_meta(model, depth, residual=False)
    assert len(layers_of(plain, (nn.Conv2d, nn.Linear))) == depth


@pytest.mark.parametrize("depth", [18, 34, 50, 101])
def test_the_names_are_those_of_torchvision(depth):
    assert shapes(on_meta(ResNet, depth)) == shapes(twin(f"resnet{depth}"))


@pytest.mark.parametrize("depth", [18, 34, 50])
def test_torchvision_computes_the_same_from_the_same_weights(depth):
    assert_same_output(ResNet(depth), f"resnet{depth}", 40)


class BlockOfTheLecture(nn.Module):
    """The lecture's residual block: in place where it is, `downsample` given from outside."""

    def __init__(self, c_in, c_out, stride=1, downsample=None):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, stride=1, padding=1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(c_out), nn.BatchNorm2d(c_out)
        self.downsample = downsample

    def forward(self, x):
        residual = self.downsample(x) if self.downsample else x
        out = torch.relu_(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += residual
        return torch.relu_(out)


@pytest.mark.parametrize(("c_out", "stride"), [(4, 1), (4, 2), (8, 1), (8, 2)])
def test_the_block_is_that_of_the_lecture(c_out, stride):
    ours, downsample = randomise(BasicBlock(4, c_out, stride)), None
    if stride > 1 or c_out > 4:
        downsample = nn.Sequential(
            nn.Conv2d(4, c_out, 1, stride=stride, bias=False), nn.BatchNorm2d(c_out)
        )
    lecture = BlockOfTheLecture(4, c_out, stride, downsample)
    lecture.load_state_dict(ours.state_dict())
    x = torch.randn(3, 4, 9, 8, generator=torch.Generator().manual_seed(0))
    for training in (True, False):
        assert torch.equal(ours.train(training)(x), lecture.train(training)(x))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("depth", [18, 50])
def test_with_gamma_zero_a_block_is_the_identity(depth, training):
    model = ResNet(depth, width=4, zero_init=True).train(training)
    blocks = layers_of(model, (BasicBlock, Bottleneck))
    same = [block for block in blocks if isinstance(block.downsample, nn.Identity)]
    assert len(same) == len(blocks) - (3 if depth == 18 else 4)
    for block in same:
        x = torch.rand(2, block.conv1.in_channels, 5, 5)
        assert torch.equal(block(x), x)


@pytest.mark.parametrize(("depth", "last"), [(18, "bn2"), (50, "bn3")])
def test_only_the_last_gamma_of_a_block_starts_at_zero_and_only_if_asked(depth, last):
    for zero_init in (True, False):
        for name, weight in ResNet(depth, width=4, zero_init=zero_init).state_dict().items():
            if "bn" in name and name.endswith("weight"):
                assert (weight == (0 if zero_init and last in name else 1)).all(), name


def test_a_plain_block_adds_nothing():
    plain, residual = BasicBlock(4, 4, shortcut=None), BasicBlock(4, 4)
    residual.load_state_dict(plain.state_dict())
    x = torch.rand(2, 4, 5, 5)
    branch = plain.bn2(plain.conv2(torch.relu(plain.bn1(plain.conv1(x)))))
    torch.testing.assert_close(plain(x), torch.relu(branch))
    torch.testing.assert_close(residual(x), torch.relu(branch + x))


@pytest.mark.parametrize(("model", "depth"), [(ResNet, 18), (ResNet, 50), (CifarResNet, 20)])
def test_a_plain_network_has_no_shortcut_anywhere(model, depth):
    blocks = layers_of(on_meta(model, depth, residual=False), (BasicBlock, Bottleneck))
    assert blocks and all(block.downsample is None for block in blocks)
    blocks = layers_of(on_meta(model, depth), (BasicBlock, Bottleneck))
    assert blocks and all(block.downsample is not None for block in blocks)


def test_shortcut_a_takes_every_second_pixel_and_pads_with_zero_channels():
    x = torch.rand(2, 3, 5, 6)
    y = Padding(3, 7, 2)(x)
    assert y.shape == (2, 7, 3, 3)
    assert torch.equal(y[:, :3], x[:, :, [0, 2, 4]][..., [0, 2, 4]])
    assert not y[:, 3:].any()


@pytest.mark.parametrize(("shortcut", "kind"), [("A", Padding), ("B", nn.Sequential)])
def test_the_shortcut_changes_only_where_the_shape_does(shortcut, kind):
    blocks = layers_of(CifarResNet(32, width=2, shortcut=shortcut), BasicBlock)
    where = [i for i, block in enumerate(blocks) if not isinstance(block.downsample, nn.Identity)]
    assert where == [5, 10] and all(isinstance(blocks[i].downsample, kind) for i in where)


@pytest.mark.parametrize(
    ("model", "size", "maps"),
    [
        (on_meta(ResNet, 34), 224, [(64, 56), (128, 28), (256, 14), (512, 7)]),
        (on_meta(ResNet, 50), 224, [(256, 56), (512, 28), (1024, 14), (2048, 7)]),
        (on_meta(CifarResNet, 20), 32, [(16, 32), (32, 16), (64, 8)]),
        (on_meta(CifarResNet, 20, residual=False), 32, [(16, 32), (32, 16), (64, 8)]),
    ],
)
def test_the_maps_have_the_sizes_of_the_paper(model, size, maps):
    seen = []
    for name, layer in model.named_children():
        if name.startswith("layer"):
            layer.register_forward_hook(
                lambda module, args, output: seen.append((output.shape[1], output.shape[-1]))
            )
    model.eval()(torch.rand(1, 3, size, size, device="meta"))
    assert seen == maps


def test_the_first_weights_keep_the_size_of_the_gradient():
    weight = ResNet(18).layer2[0].conv1.weight
    # standard error of a variance over n normal draws: sqrt(2 / n) of it
    error = 5 * (2 / weight.numel()) ** 0.5
    assert weight.var().item() == pytest.approx(2 / (128 * 9), rel=error)  # 128 channels out


SMALL = {
    "ResNet-18": lambda **options: ResNet(18, classes=10, width=8, **options),
    "ResNet-50": lambda **options: ResNet(50, classes=10, width=4, **options),
    "ResNet-20": lambda **options: CifarResNet(20, width=8, **options),
}
every_network = pytest.mark.parametrize("build", SMALL.values(), ids=SMALL.keys())


@every_network
def test_batch_normalisation_has_the_usual_eps_and_momentum(build):
    norms = layers_of(build(), nn.BatchNorm2d)
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-5, 0.1)}


@every_network
def test_any_size_will_do(build):
    assert build().eval()(torch.rand(2, 3, 1, 1)).shape == (2, 10)


@every_network
def test_a_wrong_input_is_named_with_what_to_do(build):
    with pytest.raises(
        ValueError,
        match=r"^x must be \(N, 3, H, W\) floating point, "
        r"got \(2, 1, 32, 32\) .*x.expand\(-1, 3, -1, -1\)",
    ):
        build()(torch.rand(2, 1, 32, 32))


@pytest.mark.parametrize(
    ("model", "depth", "options", "message"),
    [
        (ResNet, 20, {}, "depth must be one of 18, 34, 50, 101, got the int 20"),
        (ResNet, 18, {"width": -1}, "width must be at least 1, got -1"),
        (
            ResNet,
            18,
            {"residual": False, "zero_init": True},
            "zero_init must be False in a plain network, got True; its blocks would put out 0",
        ),
        (CifarResNet, 18, {}, r"depth must be 6n \+ 2, as 20, 32, 44, 56 and 110 are, got 18"),
        (CifarResNet, 2, {}, r"depth must be 6n \+ 2, as 20, 32, 44, 56 and 110 are, got 2"),
        (CifarResNet, 20, {"width": 0}, "width must be at least 1, got 0"),
        (CifarResNet, 20, {"shortcut": "C"}, "shortcut must be one of 'A', 'B', got the str 'C'"),
    ],
)
def test_wrong_settings_are_refused(model, depth, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        model(depth, **options)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "ResNet-18",
            lambda seed: SMALL["ResNet-18"](seed=seed),
            (3, 32, 32),
            (10,),
            odd=((3, 71, 67), (10,)),
        ),
        Case(
            "plain-18",
            lambda seed: SMALL["ResNet-18"](residual=False, seed=seed),
            (3, 32, 32),
            (10,),
        ),
        Case(
            "ResNet-50",
            lambda seed: SMALL["ResNet-50"](seed=seed),
            (3, 32, 32),
            (10,),
            odd=((3, 35, 33), (10,)),
        ),
        Case(
            "ResNet-20",
            lambda seed: SMALL["ResNet-20"](seed=seed),
            (3, 8, 8),
            (10,),
            odd=((3, 9, 7), (10,)),
        ),
        Case(
            "ResNet-20 B",
            lambda seed: SMALL["ResNet-20"](shortcut="B", seed=seed),
            (3, 8, 8),
            (10,),
        ),
        Case(
            "plain-20",
            lambda seed: SMALL["ResNet-20"](residual=False, seed=seed),
            (3, 8, 8),
            (10,),
            odd=((3, 9, 7), (10,)),
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass
