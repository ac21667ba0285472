"""Convolutional autoencoders."""

from torch import nn

from coursekit.arguments import check_input
from coursekit.layers.weights import seeded


class ConvAutoencoder(nn.Module):
    """Strided convolutions down to a linear code of `code` units, and the mirror image back up.

    Each entry of `widths` is a 4 x 4 convolution of stride 2 and padding 1 with so many channels
    and a ReLU: a side of n pixels becomes floor(n / 2). The decoder undoes them in reverse order,
    either by

    - "transposed": a 4 x 4 transposed convolution of stride 2, the adjoint of the layer that it
      mirrors. The stride divides the kernel, so every output pixel within the border sums the
      same number of terms; with 3 x 3 kernels the counts alternate, a checkerboard; or by
    - "resize": nearest-neighbour resizing, then a 3 x 3 convolution (Odena et al. 2016, Distill).

    Odd sides come back at their own size. The output is linear, the logits of a Bernoulli
    distribution for `losses.binary_cross_entropy`, unless `output_activation` is given.

    `seed` fixes the initial weights. The defaults have 118,913 parameters ("resize": 115,217);
    the form is ours, after no single paper.
    Raises ValueError for a size below 2^len(widths), widths or a code below 1 and an unknown
    upsampling, and in `forward` for an input that is not (N, channels, size, size) floating point.

    >>> sum(p.numel() for p in ConvAutoencoder().parameters())
    118913
    """

    def __init__(
        self,
        channels=1,
        widths=(16, 32),
        code=32,
        size=28,
        upsampling="transposed",
        output_activation=None,
        seed=0,
    ):
        super().__init__()
        _check(channels, widths, code, size, upsampling)
        self.channels, self.code, self.size = channels, code, size
        planes = [channels, *widths]
        sides = [size // 2**i for i in range(len(planes))]
        corner = (planes[-1], sides[-1], sides[-1])  # the feature maps before the code
        features = corner[0] * corner[1] * corner[2]
        with seeded(seed):
            down = [_down(*pair) for pair in zip(planes, planes[1:])]
            up = [
                _up(upsampling, planes[i + 1], planes[i], sides[i])
                for i in reversed(range(len(widths)))
            ]
            self.encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(features, code))
            self.decoder = nn.Sequential(nn.Linear(code, features), nn.Unflatten(1, corner))
        for block in up:
            self.decoder.extend([nn.ReLU(), block])
        if output_activation:
            self.decoder.append(output_activation())

    def encode(self, x):
        """The code of images: (N, C, size, size) -> (N, K)."""
        check_input(
            "x",
            x,
            ("N", self.channels, self.size, self.size),
            "images of another size need a ConvAutoencoder(channels, size=...)",
        )
        return self.encoder(x)  # N x K

    def decode(self, code):
        """The reconstruction from a code: (N, K) -> (N, C, size, size)."""
        check_input("code", code, ("N", self.code))
        return self.decoder(code)  # N x C x size x size

    def forward(self, x):
        return self.decode(self.encode(x))  # N x C x size x size


def _down(c_in, c_out):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 4, stride=2, padding=1), nn.ReLU())


def _up(upsampling, c_in, c_out, side):
    """The mirror image of `_down`, from side // 2 pixels to `side`."""
    if upsampling == "transposed":
        return nn.ConvTranspose2d(c_in, c_out, 4, stride=2, padding=1, output_padding=side % 2)
    return nn.Sequential(nn.Upsample(size=(side, side)), nn.Conv2d(c_in, c_out, 3, padding=1))


def _check(channels, widths, code, size, upsampling):
    if not widths or min(channels, code, *widths) < 1:
        raise ValueError(
            "channels, code and each of one or more widths must be at least 1, "
            f"got channels={channels}, widths={tuple(widths)}, code={code}"
        )
    if size < 2 ** len(widths):
        raise ValueError(
            f"size must be at least {2 ** len(widths)}, since {len(widths)} widths "
            f"halve it {len(widths)} times, got {size}; take fewer widths"
        )
    if upsampling not in ("transposed", "resize"):
        raise ValueError(f'upsampling must be "transposed" or "resize", got {upsampling!r}')
