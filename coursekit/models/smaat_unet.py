"""SmaAt-UNet: a U-Net with attention and cheap convolutions. For chapter 11."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_count, check_input
from coursekit.layers.weights import seeded


class SmaAtUNet(nn.Module):
    """A small attention U-Net for nowcasting (Trebing, Stanczyk and Mehrkanoon 2021, Figure 1).

    (N, in_channels, H, W) -> (N, out_channels, H, W); the frames of the past stand as channels.
    The paper: 12 frames in, the rain 30 minutes on out, 4,033,537 parameters: 3,955,185 of the
    network and 78,352 of its five attention modules, a quarter of the U-Net of 17,272,577 that it
    is compared with. Two ideas save and add:
    convolutions are depthwise, `kernels_per_layer` filters a channel, and then pointwise;
    attention (CBAM, first over channels, then over pixels) weighs the skips and the bottom,
    while the encoder goes on from the features before attention.
    Upsampling is bilinear and the bottom has 8 width channels, not 16.

    `width` scales all channels; `reduction` is how many times fewer channels the hidden layer of
    the channel attention has. `seed` fixes the first weights, PyTorch's default.
    Raises ValueError if `reduction` exceeds `width`, and in `forward` for an input that is not
    (N, in_channels, H, W) floating point or smaller than 16 to a side. Odd sizes are fine: what
    pooling rounds down is put back as zeros at the right and lower edge.

    Deviations from the authors' published code, which is more exact than the paper: none in what is
    computed.
    """

    def __init__(
        self,
        in_channels: int = 12,
        *,
        out_channels: int = 1,
        width: int = 64,
        kernels_per_layer: int = 2,
        reduction: int = 16,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.in_channels = check_count("in_channels", in_channels)
        check_count("out_channels", out_channels)
        check_count("width", width)
        check_count("kernels_per_layer", kernels_per_layer)
        if check_count("reduction", reduction) > width:
            raise ValueError(f"reduction must be at most width = {width}, got {reduction}")
        widths = [width, 2 * width, 4 * width, 8 * width, 8 * width]
        above = [*widths[-3::-1], width]  # the channels that each level of the decoder gives
        with seeded(seed):
            self.encoder = nn.ModuleList(
                separable_block(a, b, b, kernels_per_layer)
                for a, b in zip([in_channels, *widths], widths)
            )
            self.attention = nn.ModuleList(
                nn.Sequential(ChannelAttention(c, reduction), SpatialAttention()) for c in widths
            )
            self.decoder = nn.ModuleList(
                separable_block(2 * c, c, up, kernels_per_layer)
                for c, up in zip(widths[-2::-1], above)
            )
            self.head = nn.Conv2d(width, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        hint = "four poolings halve it"
        check_input("x", x, ("N", self.in_channels, "H", "W"), hint, smallest=16, model=self)
        attended = []
        for level, (encode, attend) in enumerate(zip(self.encoder, self.attention)):
            x = encode(F.max_pool2d(x, 2) if level else x)  # N x 64 x H x W ... 512 x H/16 x W/16
            attended.append(attend(x))
        *skips, x = attended
        for decode, skip in zip(self.decoder, reversed(skips)):
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
            right, below = skip.shape[-1] - x.shape[-1], skip.shape[-2] - x.shape[-2]  # 0 or 1
            x = F.pad(x, [0, right, 0, below])  # N x 512 x H/8 x W/8 ... 64 x H x W
            x = decode(torch.cat([skip, x], dim=1))  # N x 256 x H/8 x W/8 ... 64 x H x W
        return self.head(x)  # N x out_channels x H x W


def separable_block(c_in, c_mid, c_out, kernels):
    """Twice: `kernels` 3x3 filters on each channel alone, 1x1 convolution, batch norm, ReLU.

    A pair of them costs (9 + 1) k c_in + (k c_in + 1) c_out weights and biases in place of
    (9 c_in + 1) c_out of a plain convolution, for k kernels.
    """
    layers = []
    for a, b in ((c_in, c_mid), (c_mid, c_out)):
        layers += [
            nn.Conv2d(a, kernels * a, 3, padding=1, groups=a),
            nn.Conv2d(kernels * a, b, 1),
            nn.BatchNorm2d(b),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)


class ChannelAttention(nn.Module):
    """Each channel times a weight in (0, 1): sigmoid(f(mean of x) + f(maximum of x)).

    f is one network for both, C -> C / reduction -> C with biases (Woo et al. 2018, section 3).
    (N, C, H, W) -> the same shape.
    """

    def __init__(self, channels, reduction):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(channels, channels // reduction),
            nn.ReLU(),
            nn.Linear(channels // reduction, channels),
        )

    def forward(self, x):
        scores = self.mlp(x.mean(dim=(2, 3))) + self.mlp(x.amax(dim=(2, 3)))  # N x C
        return x * torch.sigmoid(scores)[:, :, None, None]  # N x C x H x W


class SpatialAttention(nn.Module):
    """Each pixel times a weight in (0, 1), from the mean and the maximum over the channels.

    7x7 convolution of the two maps, without bias, batch normalisation, sigmoid (Woo et al. 2018,
    section 3). (N, C, H, W) -> the same shape.
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.norm = nn.BatchNorm2d(1)

    def forward(self, x):
        maps = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)  # N x 2 x H x W
        return x * torch.sigmoid(self.norm(self.conv(maps)))  # N x C x H x W
