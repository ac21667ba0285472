"""RainNet, the U-Net of radar nowcasting. For chapter 11."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_count, check_input, check_number
from coursekit.layers.blocks import double_conv
from coursekit.layers.weights import he_normal, seeded, zero_biases


class RainNet(nn.Module):
    """The next radar frame from the last four (Ayzel, Scheffer and Heistermann, GMD 2020, v1.0).

    (N, in_channels, H, W) -> (N, out_channels, H, W): the frames stand as channels, oldest first,
    and both sides are logarithms of rain, `coursekit.data.log_rain`. For longer lead times
    the paper feeds the forecast back in as the newest frame.
    31,380,613 parameters at width 64: padded 3x3 convolutions with bias and ReLU, in pairs, 64 to
    1024 channels and back. Upsampling repeats pixels and has no parameters, so the first
    convolution of each level of the decoder takes 1024 + 512, 512 + 256, 256 + 128, 128 + 64
    channels; at the end 3x3 to two channels a forecast frame, ReLU, and 1x1, linear.

    `width` scales all other channels. `dropout` acts on the fourth level, after its skip is taken,
    and on the fifth. `seed` fixes the first weights, ~ N(0, 2 / n), biases 0.
    Raises ValueError for an input that is not (N, in_channels, H, W) floating point, or smaller
    than 16 to a side.

    Deviations: none where 16 divides H and W. The paper mirrors 900 x 900 to 928 x 928 to that
    end; here the decoder goes up to the size of the skip, whatever it is. The published network has
    one output; here more of them keep two channels each before the last layer.
    """

    def __init__(
        self,
        in_channels: int = 4,
        *,
        out_channels: int = 1,
        width: int = 64,
        dropout: float = 0.5,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.in_channels = check_count("in_channels", in_channels)
        check_count("out_channels", out_channels)
        check_number("dropout", dropout, 0, below=1)
        widths = [check_count("width", width) * 2**i for i in range(5)]
        with seeded(seed):
            self.encoder = nn.ModuleList(
                double_conv(a, b, b, padding=1) for a, b in zip([in_channels, *widths], widths)
            )
            self.decoder = nn.ModuleList(
                double_conv(3 * c, c, c, padding=1) for c in widths[-2::-1]
            )
            self.head = nn.Sequential(
                nn.Conv2d(width, 2 * out_channels, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(2 * out_channels, out_channels, 1),
            )
            zero_biases(he_normal(self))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        hint = "the frames stand as channels"
        check_input("x", x, ("N", self.in_channels, "H", "W"), hint, smallest=16, model=self)
        *levels, bottom = self.encoder
        skips = []
        for level, encode in enumerate(levels):
            x = encode(x)  # N x 64 x H x W, 128 x H/2 x W/2, 256 x H/4 x W/4, 512 x H/8 x W/8
            skips.append(x)
            x = F.max_pool2d(self.dropout(x) if level == 3 else x, 2)  # ... 512 x H/16 x W/16
        x = self.dropout(bottom(x))  # N x 1024 x H/16 x W/16
        for decode, skip in zip(self.decoder, reversed(skips)):
            x = F.interpolate(x, skip.shape[-2:])  # N x 1024 x H/8 x W/8 ...
            x = decode(torch.cat([x, skip], dim=1))  # N x 512 x H/8 x W/8 ... 64 x H x W
        return self.head(x)  # N x out_channels x H x W
