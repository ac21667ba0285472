import pytest
import torch
import torch.nn.functional as F

from coursekit.models.smaat_unet import (
    ChannelAttention,
    SmaAtUNet,
    SpatialAttention,
    separable_block,
)
from tests.models.conduct import Case, Conduct, count


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "SmaAt-UNet",
            lambda seed: SmaAtUNet(3, width=8, reduction=4, seed=seed),
            (3, 16, 16),
            (1, 16, 16),
            odd=((3, 19, 30), (1, 19, 30)),
            lr=1e-2,
        )
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def test_the_published_network_has_its_parameters_and_sizes():
    with torch.device("meta"):
        model = SmaAtUNet()
        assert count(model) == 4_033_537
        assert count(model.attention) == 78_352
        assert model(torch.empty(1, 12, 288, 288)).shape == (1, 1, 288, 288)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (17, 31), (47, 16), (33, 34)])
def test_every_size_from_sixteen_on_is_kept(height, width):
    with torch.device("meta"):
        model = SmaAtUNet(width=4, reduction=2).eval()
        assert model(torch.empty(1, 12, height, width)).shape == (1, 1, height, width)


def test_a_separable_block_filters_each_channel_alone_and_then_mixes():
    depthwise, pointwise = separable_block(3, 5, 4, 2)[:2]
    x = torch.rand(2, 3, 6, 6)
    alone = [
        F.conv2d(x[:, [c // 2]], depthwise.weight[[c]], depthwise.bias[[c]], padding=1)
        for c in range(6)
    ]
    mixed = torch.einsum("oc,nchw->nohw", pointwise.weight[:, :, 0, 0], torch.cat(alone, dim=1))
    expected = mixed + pointwise.bias[:, None, None]
    assert torch.allclose(pointwise(depthwise(x)), expected, atol=1e-6)
    # (9 + 1) k c_in + (k c_in + 1) c_out, where a plain convolution has (9 c_in + 1) c_out
    assert count(depthwise) + count(pointwise) == 10 * 2 * 3 + (2 * 3 + 1) * 5


def test_channel_attention_weighs_channels_by_their_mean_and_maximum():
    attention, x = ChannelAttention(4, 2), torch.randn(2, 4, 5, 6)
    first, _, second = attention.mlp

    def scores(v):
        return F.relu(v @ first.weight.T + first.bias) @ second.weight.T + second.bias

    mean, largest = x.flatten(2).mean(dim=2), x.flatten(2).max(dim=2).values
    weights = torch.sigmoid(scores(mean) + scores(largest))
    assert torch.allclose(attention(x), x * weights[:, :, None, None])


def test_spatial_attention_weighs_pixels_by_mean_and_maximum_over_the_channels():
    attention, x = SpatialAttention(), torch.randn(2, 4, 9, 8)
    of_mean, of_maximum = attention.conv.weight.split(1, dim=1)
    scores = F.conv2d(x.mean(dim=1, keepdim=True), of_mean, padding=3) + F.conv2d(
        x.max(dim=1, keepdim=True).values, of_maximum, padding=3
    )
    scores = (scores - scores.mean()) / (scores.var(correction=0) + 1e-5).sqrt()
    assert torch.allclose(attention(x), x * torch.sigmoid(scores), atol=1e-5)
    assert count(attention) == 2 * 49 + 2


def test_the_encoder_goes_on_from_the_features_before_attention():
    model, bottoms = SmaAtUNet(3, width=8, reduction=4).eval(), []
    model.encoder[-1].register_forward_hook(lambda _, inputs, output: bottoms.append(output))
    x = torch.rand(1, 3, 16, 16)
    with torch.no_grad():
        before = model(x)
        for attention in model.attention:
            attention[0].mlp[-1].bias.fill_(-100.0)  # attends to nothing
        assert not torch.equal(model(x), before)
    assert torch.equal(*bottoms)


def test_upsampling_keeps_the_corners():
    model, ins, outs = SmaAtUNet(1, width=2, reduction=1).eval(), [], []
    model.decoder[-2].register_forward_hook(lambda _, inputs, output: outs.append(output))
    model.decoder[-1].register_forward_pre_hook(lambda _, inputs: ins.append(inputs[0][:, 2:]))
    model(torch.rand(1, 1, 32, 48))
    assert ins[0].shape[-2:] == (32, 48) and outs[0].shape[-2:] == (16, 24)
    assert torch.allclose(ins[0][..., ::31, ::47], outs[0][..., ::15, ::23], atol=1e-6)
    doubled = F.interpolate(outs[0], (32, 48), mode="bilinear", align_corners=True)
    assert torch.allclose(ins[0], doubled, atol=1e-6)


def test_an_odd_edge_is_filled_with_zeros_at_the_right_and_below():
    model, seen = SmaAtUNet(1, width=2, reduction=1).eval(), []
    model.decoder[-1].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][:, 2:]))
    model(torch.rand(1, 1, 17, 19))
    below = seen[0]
    assert below.shape[-2:] == (17, 19) and below[..., :16, :18].abs().sum() > 0
    assert below[..., 16, :].abs().sum() == below[..., 18].abs().sum() == 0


def test_a_reduction_that_leaves_no_channel_is_refused():
    with pytest.raises(ValueError, match="^reduction must be at most width = 8, got 16"):
        SmaAtUNet(width=8)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(1, 3, 16, 16), r"^x must be \(N, 12, H, W\) .* got \(1, 3, 16, 16\)"),
        (
            torch.zeros(1, 12, 15, 40),
            "at least 16 pixels high and wide, got 15 x 40; four poolings",
        ),
    ],
)
def test_a_wrong_input_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        SmaAtUNet(width=2, reduction=1)(x)
