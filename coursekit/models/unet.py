"""U-Nets: an encoder, a decoder and a bridge at every scale between them.

For chapters 10 and 11.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_flag, check_input, check_number
from coursekit.layers.blocks import double_conv
from coursekit.layers.weights import he_normal, seeded, zero_biases


class UNetOf2015(nn.Module):
    """The U-Net as published (Ronneberger, Fischer and Brox, MICCAI 2015, Figure 1).

    Unpadded 3x3 convolutions with bias, 2x2 max pooling, 2x2 up-convolutions, skips cropped at the
    centre, no batch normalisation: 31,030,658 parameters for 1 channel, 2 classes and width 64.
    (N, C, n, n) -> logits (N, classes, n - 184, n - 184), as 572 -> 388. Every pooling must meet an
    even size, so n = 16m + 12; and n - 184 > 0 leaves 188, 204, ..., 572. H and W may differ.
    For an output as large as an image of size 16m + 4, mirror it at its edges first:
    F.pad(x, [92] * 4, mode="reflect"). That gives 92 pixels on every side a context that is
    made up, and no zeros (the paper's Figure 2).

    `width` scales all channels (width, 2, 4, 8, 16 width); `seed` fixes the first weights, drawn
    as the paper says (section 3): Gaussian with variance 2 / n for n incoming connections.
    Raises ValueError for an input that is not (N, channels, H, W) or has another size, naming
    the nearest legal ones.

    Deviations: the paper names neither rate nor place of the "dropout at the end of the
    contracting path": here `dropout` acts on the output of the last two levels, before the skip is
    taken, at 0.5, as in the authors' released network. That network also has a ReLU after each
    up-convolution, which the paper's figure does not show; it is left out.
    """

    def __init__(
        self,
        channels: int = 1,
        *,
        classes: int = 2,
        width: int = 64,
        dropout: float = 0.5,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.channels = check_count("channels", channels)
        check_count("classes", classes)
        check_number("dropout", dropout, 0, below=1)
        widths = [check_count("width", width) * 2**i for i in range(4)]
        with seeded(seed):
            self.encoder = nn.ModuleList(
                double_conv(a, b, b) for a, b in zip([channels, *widths], widths)
            )
            self.centre = double_conv(8 * width, 16 * width, 16 * width)
            self.up = nn.ModuleList(nn.ConvTranspose2d(2 * c, c, 2, stride=2) for c in widths[::-1])
            self.decoder = nn.ModuleList(double_conv(2 * c, c, c) for c in widths[::-1])
            self.head = nn.Conv2d(width, classes, 1)
            zero_biases(he_normal(self))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        check_input("x", x, ("N", self.channels, "H", "W"), model=self)
        check_valid_sizes(x)
        skips = []
        for level, encode in enumerate(self.encoder):
            x = encode(x)  # N x 64 x 568 x 568, 128 x 280^2, 256 x 136^2, 512 x 64^2
            if level == 3:
                x = self.dropout(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)  # N x 64 x 284 x 284, 128 x 140^2, 256 x 68^2, 512 x 32^2
        x = self.dropout(self.centre(x))  # N x 1024 x 28 x 28
        for up, decode, skip in zip(self.up, self.decoder, reversed(skips)):
            x = up(x)  # N x 512 x 56 x 56, 256 x 104^2, 128 x 200^2, 64 x 392^2
            margin = (skip.shape[-1] - x.shape[-1]) // 2  # 4, 16, 40, 88
            x = torch.cat([x, F.pad(skip, [-margin] * 4)], dim=1)  # twice the channels
            x = decode(x)  # N x 512 x 52 x 52, 256 x 100^2, 128 x 196^2, 64 x 388^2
        return self.head(x)  # N x 2 x 388 x 388


def check_valid_sizes(x):
    """Raise ValueError unless H and W of `x` are 16m + 12, and at least 188."""
    for axis, size in zip("HW", x.shape[-2:]):
        below = (size - 12) // 16 * 16 + 12
        if size != below or size < 188:
            nearest = f"{below} and {below + 16}" if below >= 188 else "188"
            raise ValueError(
                f"x must have {axis} = 16m + 12, from 188 on (the output is 184 "
                f"smaller), got {size}; nearest: {nearest}; pad or crop it"
            )


class UNet(nn.Module):
    """A U-Net that keeps the size: (N, in_channels, H, W) -> (N, out_channels, H, W).

    The configurable form of the lecture: padded convolutions with batch normalisation, max
    pooling, bilinear upsampling to the size of the skip, which lets any size through, odd ones
    included, concatenation, 1x1 convolution at the end. `widths` runs from the top level to the
    bottom; each level halves the size, rounding down. On the way up each block ends with the
    channels of the level above, so that upsampling needs no parameters.
    `skips=False` leaves out the concatenation, and with it half the inputs of the convolution that
    follows: the ablation that shows what the skips are for.
    21,986,434 parameters for 1 channel in, 2 out and the default `widths`; 18,852,994 without
    skips.

    `seed` fixes the first weights, PyTorch's default.
    Raises ValueError for fewer than two widths, an even `kernel_size`, and in `forward` for an
    input that is not (N, in_channels, H, W) floating point or smaller than 2^(levels - 1), 16 by
    default, to a side.

    Deviations from Ronneberger et al. 2015: padding, batch normalisation, bilinear upsampling, a
    bottom level that ends with half the channels (UNetOf2015 has the original).
    """

    def __init__(
        self,
        in_channels: int,
        *,
        out_channels: int,
        widths: Sequence[int] = (64, 128, 256, 512, 1024),
        kernel_size: int = 3,
        skips: bool = True,
        batch_norm: bool = True,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.in_channels = check_count("in_channels", in_channels)
        check_count("out_channels", out_channels)
        *levels, bottom = check_counts("widths", widths, 2, form="[top level, ..., bottom]")
        if check_count("kernel_size", kernel_size) % 2 == 0:
            raise ValueError(f"kernel_size must be odd, to keep the size, got {kernel_size}")
        self.skips = check_flag("skips", skips)
        check_flag("batch_norm", batch_norm)

        def block(c_in, c_mid, c_out):
            return double_conv(
                c_in,
                c_mid,
                c_out,
                kernel_size=kernel_size,
                padding=kernel_size // 2,
                batch_norm=batch_norm,
            )

        with seeded(seed):
            self.encoder = nn.ModuleList(
                block(a, b, b) for a, b in zip([in_channels, *levels], levels)
            )
            self.centre = block(levels[-1], bottom, levels[-1])
            self.decoder = nn.ModuleList(
                block(2 * c if skips else c, c, above)
                for c, above in zip(levels[::-1], [*levels[-2::-1], levels[0]])
            )
            self.head = nn.Conv2d(levels[0], out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        hint, smallest = f"{len(self.encoder)} poolings halve it", 2 ** len(self.encoder)
        check_input("x", x, ("N", self.in_channels, "H", "W"), hint, smallest, model=self)
        skips = []
        for encode in self.encoder:
            x = encode(x)  # N x 64 x H x W, 128 x H/2 x W/2, 256 x H/4 x W/4, 512 x H/8 x W/8
            skips.append(x)
            x = F.max_pool2d(x, 2)  # N x 64 x H/2 x W/2 ... 512 x H/16 x W/16
        x = self.centre(x)  # N x 512 x H/16 x W/16
        for decode, skip in zip(self.decoder, reversed(skips)):
            x = F.interpolate(x, skip.shape[-2:], mode="bilinear")  # N x 512 x H/8 x W/8 ...
            if self.skips:
                x = torch.cat([x, skip], dim=1)  # N x 1024 x H/8 x W/8 ...
            x = decode(x)  # N x 256 x H/8 x W/8, 128 x H/4 x W/4, 64 x H/2 x W/2, 64 x H x W
        return self.head(x)  # N x out_channels x H x W
