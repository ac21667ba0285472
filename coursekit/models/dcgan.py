"""Generator and discriminator of deep convolutional adversarial networks.

For chapters 05 and 06.
"""

from torch import Tensor, nn
from torch.nn.utils import parametrizations

from coursekit.arguments import check_count, check_flag, check_input
from coursekit.layers.labels import join_labels
from coursekit.layers.weights import dcgan_normal, seeded


def halvings(size: int) -> tuple[int, int]:
    """How often `size` can be halved, and the side that remains, 4 to 7 pixels.

    Raises ValueError for other sizes than 4, 5, 6 or 7 times a power of two, and below 8.

    >>> halvings(64), halvings(28)
    ((4, 4), (2, 7))
    """
    side, count = check_count("size", size, 0), 0
    while side > 7 and side % 2 == 0:
        side, count = side // 2, count + 1
    if not (4 <= side <= 7 and count):
        raise ValueError(
            "size must be 4, 5, 6 or 7 pixels times a power of two, such as 28, 32 or "
            f"64, got {size}; crop, pad or resize the images"
        )
    return count, side


def strided_stack(widths, batch_norm=True, spectral_norm=False):
    """Blocks that halve the side, one for each step from one width to the next.

    Convolution 4 x 4 with stride 2 (no overlap is uneven), batch normalisation (not in the first
    block) and LeakyReLU 0.2. Convolutions have a bias only where nothing is batch-normalised.
    """
    blocks = nn.Sequential()
    for i, (c_in, c_out) in enumerate(zip(widths, widths[1:])):
        conv = dcgan_normal(nn.Conv2d(c_in, c_out, 4, 2, 1, bias=not batch_norm))
        norm = [nn.BatchNorm2d(c_out)] if batch_norm and i > 0 else []
        conv = parametrizations.spectral_norm(conv) if spectral_norm else conv
        blocks.append(nn.Sequential(conv, *norm, nn.LeakyReLU(0.2)))
    return blocks


def transposed_stack(widths, side):
    """From a vector (N, widths[0]) to maps of side x side, doubled for each further width.

    Transposed convolutions without bias, the first of kernel `side`, the others 4 x 4 with
    stride 2; batch normalisation and ReLU between them.
    """
    layers = [nn.Unflatten(1, (widths[0], 1, 1))]
    for i, (c_in, c_out) in enumerate(zip(widths, widths[1:])):
        shape = (side, 1, 0) if i == 0 else (4, 2, 1)  # kernel, stride, padding
        layers += [
            dcgan_normal(nn.ConvTranspose2d(c_in, c_out, *shape, bias=False)),
            nn.BatchNorm2d(c_out),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers[:-2])


class DCGenerator(nn.Module):
    """Codes (N, latent) to images (N, channels, size, size) in [0, 1] (Radford et al. 2016).

    Layers as in `transposed_stack`: maps of 8, 4, 2, 1 times `width` for 64 pixels, one
    step fewer for each halving of the size. 3,576,704 parameters for the default. First weights
    N(0, 0.02^2). With `classes` the one-hot label is joined to the code (Mirza and Osindero 2014),
    and forward takes labels (N,) int64 as well.

    Deviations: kernels 4 x 4 and half the widths of the paper's Figure 1, as in most code; the
    output (tanh(a) + 1) / 2 in place of tanh(a) in [-1, 1].

    Raises ValueError for a size that cannot be halved down to 4 to 7 pixels and for a wrong code.

    >>> sum(p.numel() for p in DCGenerator().parameters())
    3576704
    """

    def __init__(
        self,
        latent: int = 100,
        *,
        width: int = 64,
        channels: int = 3,
        size: int = 64,
        classes: int | None = None,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.latent = check_count("latent", latent)
        self.classes = None if classes is None else check_count("classes", classes)
        check_count("width", width)
        check_count("channels", channels)
        count, side = halvings(size)
        widths = [width * 2**i for i in reversed(range(count))]
        with seeded(seed):
            self.layers = transposed_stack([latent + (classes or 0), *widths, channels], side)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        check_input("z", z, ("N", self.latent), "one code a row", model=self)
        x = self.layers(join_labels(z, labels, classes=self.classes))  # N x 3 x 64 x 64
        return (x.tanh() + 1) / 2


class DCDiscriminator(nn.Module):
    """Images (N, channels, size, size) in [0, 1] to scores (N,) (Radford et al. 2016).

    Blocks as in `strided_stack`, maps of 1, 2, 4, 8 times `width` for 64 pixels, then one
    convolution over all that remains. The score is a logit: sigmoid(score) is the probability of
    "real", and the losses of `losses.adversarial` want it without the sigmoid.
    2,765,568 parameters for the default. First weights N(0, 0.02^2).

    `spectral_norm` divides each weight by its largest singular value (Miyato et al. 2018); a
    bound on the whole network's slope needs `batch_norm=False` too, as does a gradient penalty,
    which is a matter of single examples. With `classes` the one-hot label joins the image as
    constant maps.

    Raises ValueError for a size that cannot be halved down to 4 to 7 pixels and for wrong images.

    >>> sum(p.numel() for p in DCDiscriminator().parameters())
    2765568
    """

    def __init__(
        self,
        channels: int = 3,
        *,
        width: int = 64,
        size: int = 64,
        classes: int | None = None,
        spectral_norm: bool = False,
        batch_norm: bool = True,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.shape = (check_count("channels", channels), size, size)
        self.classes = None if classes is None else check_count("classes", classes)
        check_count("width", width)
        check_flag("spectral_norm", spectral_norm)
        check_flag("batch_norm", batch_norm)
        count, side = halvings(size)
        widths = [width * 2**i for i in range(count)]
        with seeded(seed):
            self.blocks = strided_stack(
                [channels + (classes or 0), *widths], batch_norm, spectral_norm
            )
            score = dcgan_normal(nn.Conv2d(widths[-1], 1, side, bias=not batch_norm))
            self.score = parametrizations.spectral_norm(score) if spectral_norm else score

    def features(
        self, x: Tensor, labels: Tensor | None = None, *, depth: int | None = None
    ) -> Tensor:
        """The maps behind the first `depth` blocks, behind all of them if not given."""
        check_input("x", x, ("N", *self.shape), model=self)
        if depth is not None:
            check_count("depth", depth, 1, len(self.blocks))
        x = join_labels(2 * x - 1, labels, classes=self.classes)  # in [-1, 1], as the paper's
        return self.blocks[:depth](x)  # N x 512 x 4 x 4

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.score(self.features(x, labels)).flatten()  # N
