import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.models.unet import UNet
from tests.models.conduct import Case, Conduct, count


def image(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "as in the lecture",
            lambda seed: UNet(2, out_channels=3, widths=(6, 8, 10), seed=seed),
            (2, 4, 4),
            (3, 4, 4),
            odd=((2, 13, 7), (3, 13, 7)),
            lr=1e-2,
        ),
        Case(
            "without skips",
            lambda seed: UNet(2, out_channels=3, widths=(6, 8), skips=False, seed=seed),
            (2, 2, 2),
            (3, 2, 2),
            odd=((2, 13, 7), (3, 13, 7)),
            lr=1e-2,
        ),
        Case(
            "without batch normalisation",
            lambda seed: UNet(
                2, out_channels=3, widths=(8, 16), batch_norm=False, kernel_size=5, seed=seed
            ),
            (2, 2, 2),
            (3, 2, 2),
            odd=((2, 13, 7), (3, 13, 7)),
            lr=1e-2,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


class Lecture(nn.Module):
    """The lecture's U-Net, with its bookkeeping of channels; it doubles them at each level."""

    def __init__(self, c_in, c_out, channels, k):
        super().__init__()

        def block(a, b, c):
            return nn.Sequential(
                nn.Conv2d(a, b, k, padding=k // 2),
                nn.BatchNorm2d(b),
                nn.ReLU(),
                nn.Conv2d(b, c, k, padding=k // 2),
                nn.BatchNorm2d(c),
                nn.ReLU(),
            )

        down = [c_in, *channels]
        up = [*channels[::-1], channels[0]]
        levels = range(len(channels) - 1)
        self.encoding = nn.ModuleList(block(down[i], down[i + 1], down[i + 1]) for i in levels)
        self.center = block(down[-2], down[-1], down[-2])
        self.decoding = nn.ModuleList(block(up[i], up[i + 1], up[i + 2]) for i in levels)
        self.final = nn.Conv2d(channels[0], c_out, 1)

    def forward(self, x):
        skips = []
        for layer in self.encoding:
            skips.append(layer(x))
            x = F.max_pool2d(skips[-1], 2)
        x = self.center(x)
        for layer in self.decoding:
            skip = skips.pop()
            x = F.interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=False)
            x = layer(torch.cat((x, skip), 1))
        return self.final(x)


@pytest.mark.parametrize(
    ("channels", "kernel_size", "size"),
    [((4, 8, 16, 32, 64), 3, (16, 16)), ((4, 8, 16), 3, (37, 22)), ((3, 6), 5, (9, 9))],
)
def test_it_is_the_network_of_the_lecture_at_even_and_odd_sizes(channels, kernel_size, size):
    model = UNet(2, out_channels=3, widths=channels, kernel_size=kernel_size)
    lecture = Lecture(2, 3, channels, kernel_size)
    assert [v.shape for v in model.state_dict().values()] == [
        v.shape for v in lecture.state_dict().values()
    ]
    lecture.load_state_dict(dict(zip(lecture.state_dict(), model.state_dict().values())))
    x = image(2, 2, *size)
    for mode in (True, False):  # training also moves the running statistics
        with torch.no_grad():
            assert torch.equal(model.train(mode)(x), lecture.train(mode)(x))


def test_the_default_network_has_the_parameters_of_its_docstring():
    with torch.device("meta"):
        assert count(UNet(1, out_channels=2)) == 21_986_434
        assert count(UNet(1, out_channels=2, skips=False)) == 18_852_994
        assert UNet(3, out_channels=1)(torch.empty(2, 3, 257, 100)).shape == (2, 1, 257, 100)


def test_channels_need_not_double():
    model = UNet(1, out_channels=1, widths=(5, 7, 4))
    assert [block[0].in_channels for block in model.decoder] == [14, 10]
    assert [block[-3].out_channels for block in model.decoder] == [5, 5]


def test_without_skips_only_the_bottom_reaches_the_output():
    def influence(skips):
        """Of the top level's features, their means over 2 x 2 pixels kept, on the output."""
        model = UNet(1, out_channels=1, widths=(2, 4), skips=skips, batch_norm=False, seed=1)
        model.encoder[0] = nn.Identity()  # the input is the features
        a = image(1, 2, 4, 4)
        b = a.flip(-1).unflatten(-1, (2, 2)).flip(-2).flatten(-2)  # swaps neighbours
        model.in_channels = 2
        with torch.no_grad():
            return (model(a) - model(b)).abs().max().item()

    assert influence(skips=False) == 0 < influence(skips=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"widths": (64,)}, r"^widths must be \[top level, ..., bottom\], 2 numbers .* got \[64\]"),
        ({"widths": (8, 0)}, r"^widths\[1\] must be at least 1, got 0"),
        ({"kernel_size": 4}, "^kernel_size must be odd, .* got 4"),
    ],
)
def test_wrong_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        UNet(1, out_channels=1, **arguments)


@pytest.mark.parametrize(
    ("model", "x", "message"),
    [
        (
            UNet(1, out_channels=1, widths=(2, 4)),
            torch.zeros(1, 2, 8, 8),
            r"^x must be \(N, 1, H, W\) .* got \(1, 2, 8, 8",
        ),
        (
            UNet(1, out_channels=1, widths=(2, 4, 8)),
            torch.zeros(1, 1, 3, 8),
            "at least 4 pixels .* got 3 x 8; 2 poolings",
        ),
    ],
)
def test_a_wrong_input_is_refused(model, x, message):
    with pytest.raises(ValueError, match=message):
        model(x)
