import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.models.rainnet import RainNet
from tests.models.conduct import Case, Conduct, count


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "RainNet",
            lambda seed: RainNet(width=8, dropout=0, seed=seed),
            (4, 16, 16),
            (1, 16, 16),
            odd=((4, 33, 18), (1, 33, 18)),
        )
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def test_the_published_network_has_its_parameters_and_sizes():
    with torch.device("meta"):
        model = RainNet()
        assert count(model) == 31_380_613
        assert model(torch.empty(1, 4, 928, 928)).shape == (1, 1, 928, 928)
    # upsampling without parameters: what comes from below keeps all its channels
    assert [block[0].in_channels for block in model.decoder] == [
        1024 + 512,
        512 + 256,
        256 + 128,
        128 + 64,
    ]
    assert [layer.out_channels for layer in model.head[::2]] == [2, 1]


def published(model, x):
    """Layer by layer, with the weights of `model` in their order, for sizes that 16 divides."""
    weights = iter(list(model.parameters()))

    def conv(x):
        weight, bias = next(weights), next(weights)
        return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)

    def twice(x):
        return F.relu(conv(F.relu(conv(x))))

    skips = [twice(x)]
    for _ in range(4):
        skips.append(twice(F.max_pool2d(skips[-1], 2, 2)))
    x = skips.pop()
    while skips:
        repeated = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        x = twice(torch.cat([repeated, skips.pop()], dim=1))
    return conv(F.relu(conv(x)))


def test_it_computes_the_published_network():
    model, x = RainNet(width=4, seed=1).eval(), torch.rand(2, 4, 32, 48)
    with torch.no_grad():
        assert torch.allclose(model(x), published(model, x), atol=1e-6)
        assert model(x).std() > 0


def test_dropout_acts_on_two_levels_in_training_and_spares_the_skips():
    model, dropped, skips = RainNet(width=4), [], []
    model.dropout.register_forward_hook(
        lambda _, inputs, output: dropped.append((inputs[0].shape[1], (output == 0).all().item()))
    )
    model.decoder[0].register_forward_pre_hook(lambda _, inputs: skips.append(inputs[0][:, 64:]))
    model.dropout.p = 1.0
    model(torch.rand(1, 4, 16, 16))
    assert dropped == [(32, True), (64, True)]
    assert skips[0].shape[1] == 32 and skips[0].abs().sum() > 0


def test_two_forecast_frames_keep_four_channels_before_the_last_layer():
    model = RainNet(in_channels=3, out_channels=2, width=2)
    assert model.head[0].out_channels == 4
    assert model(torch.rand(1, 3, 16, 16)).shape == (1, 2, 16, 16)


def test_the_first_weights_keep_the_variance_of_a_signal():
    weight = RainNet(width=16).encoder[4][0].weight
    assert weight.var().item() == pytest.approx(2 / (9 * 128), rel=0.03)
    assert all(
        m.bias.abs().sum() == 0 for m in RainNet(width=2).modules() if isinstance(m, nn.Conv2d)
    )


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(1, 1, 16, 16), r"^x must be \(N, 4, H, W\) .*; the frames stand as channels"),
        (torch.zeros(1, 4, 1, 16, 16), r"got \(1, 4, 1, 16, 16\)"),
        (torch.zeros(1, 4, 16, 15), "at least 16 pixels high and wide, got 16 x 15"),
    ],
)
def test_a_wrong_input_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        RainNet(width=1)(x)
