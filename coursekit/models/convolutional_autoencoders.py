"""Convolutional autoencoders. For chapters 03 and 04."""

from collections.abc import Sequence

from torch import Tensor, nn

from coursekit.arguments import check_choice, check_count, check_counts, check_input
from coursekit.layers.blocks import check_activation
from coursekit.layers.weights import seeded


class ConvAutoencoder(nn.Module):
    """Strided convolutions down to a linear code of `latent` units, and the mirror image back up.

    Each entry of `widths` is a 4 x 4 convolution of stride 2 and padding 1 with so many channels
    and a ReLU: a side of n pixels becomes floor(n / 2). The decoder undoes them in reverse order,
    either by

    - "transposed": a 4 x 4 transposed convolution of stride 2, the adjoint of the layer that it
      mirrors. The stride divides the kernel, so every output pixel within the border sums the
      same number of terms; with 3 x 3 kernels the counts alternate, a checkerboard; or by
    - "resize": nearest-neighbour resizing, then a 3 x 3 convolution (Odena et al. 2016, Distill).

    Odd sides come back at their own size. The output is linear, the logits of a Bernoulli
    distribution for `losses.binary_cross_entropy`, unless `output_activation` is given.

    `seed` fixes the first weights. The defaults have 118,913 parameters ("resize": 115,217);
    the form is ours, after no single paper.
    Raises ValueError for a size below 2^len(widths), widths or a latent below 1 and an unknown
    upsampling, and in `forward` for an input that is not (N, channels, size, size) floating point.

    >>> sum(p.numel() for p in ConvAutoencoder().parameters())
    118913
    """

    def __init__(
        self,
        channels: int = 1,
        *,
        widths: Sequence[int] = (16, 32),
        latent: int = 32,
        size: int = 28,
        upsampling: str = "transposed",
        output_activation: type[nn.Module] | None = None,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.channels = check_count("channels", channels)
        self.latent = check_count("latent", latent)
        planes = [channels, *check_counts("widths", widths)]
        self.size = _check_size(size, len(planes) - 1)
        check_choice("upsampling", upsampling, ("transposed", "resize"))
        sides = [size // 2**i for i in range(len(planes))]
        corner = (planes[-1], sides[-1], sides[-1])  # the feature maps before the code
        features = corner[0] * corner[1] * corner[2]
        with seeded(seed):
            down = [_down(*pair) for pair in zip(planes, planes[1:])]
            up = [
                _up(upsampling, planes[i + 1], planes[i], sides[i])
                for i in reversed(range(len(planes) - 1))
            ]
            self.encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(features, latent))
            self.decoder = nn.Sequential(nn.Linear(latent, features), nn.Unflatten(1, corner))
        for block in up:
            self.decoder.extend([nn.ReLU(), block])
        if check_activation("output_activation", output_activation, optional=True):
            self.decoder.append(output_activation())

    def encode(self, x: Tensor) -> Tensor:
        """The code of images: (N, C, size, size) -> (N, K)."""
        hint = "images of another size need a ConvAutoencoder(channels, size=...)"
        check_input("x", x, ("N", self.channels, self.size, self.size), hint, model=self)
        return self.encoder(x)  # N x K

    def decode(self, code: Tensor) -> Tensor:
        """The reconstruction from a code: (N, K) -> (N, C, size, size)."""
        check_input("code", code, ("N", self.latent), model=self)
        return self.decoder(code)  # N x C x size x size

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))  # N x C x size x size


def _down(c_in, c_out):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 4, stride=2, padding=1), nn.ReLU())


def _up(upsampling, c_in, c_out, side):
    """The mirror image of `_down`, from side // 2 pixels to `side`."""
    if upsampling == "transposed":
        return nn.ConvTranspose2d(c_in, c_out, 4, stride=2, padding=1, output_padding=side % 2)
    return nn.Sequential(nn.Upsample(size=(side, side)), nn.Conv2d(c_in, c_out, 3, padding=1))


def _check_size(size, halvings):
    if check_count("size", size) < 2**halvings:
        raise ValueError(
            f"size must be at least {2**halvings}, since {halvings} widths "
            f"halve it {halvings} times, got {size}; take fewer widths"
        )
    return size
