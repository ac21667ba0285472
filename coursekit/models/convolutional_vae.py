"""Convolutional variational autoencoders. For chapter 05."""

from torch import nn

from coursekit.arguments import check_count
from coursekit.layers.weights import seeded
from coursekit.models.dcgan import halvings, strided_stack, transposed_stack
from coursekit.models.vae import Variational


class DCVAE(Variational):
    """Variational autoencoder with the layers of a DCGAN: images (N, channels, size, size).

    The encoder is the discriminator's stack of strided convolutions with two linear heads in place
    of the score, the decoder the generator's stack of transposed convolutions (Radford et al.
    2016), without the tanh: it gives logits. `width` is the number of maps next to the image; it
    doubles with each halving. Interface and loss: `vae.Variational`. 1,118,272 parameters for the
    default, which is no published network.

    Batch normalisation makes the outputs in training mode depend on the batch: switch to eval mode
    before `log_weights`.

    Raises ValueError for a size that cannot be halved down to 4 to 7 pixels and for wrong images.

    >>> sum(p.numel() for p in DCVAE().parameters())
    1118272
    """

    def __init__(
        self,
        channels: int = 3,
        *,
        width: int = 32,
        latent: int = 128,
        size: int = 32,
        seed: int | None = 0,
    ) -> None:
        with seeded(seed):
            parts = _parts(channels, width, latent, size, 0)
        super().__init__((channels, size, size), latent=latent, parts=parts)


class ConditionalDCVAE(Variational):
    """`DCVAE` that is told the class, as `vae.ConditionalVAE` is: forward takes (x, labels).

    The one-hot label joins the image as constant maps, and the code as further numbers.
    """

    def __init__(
        self,
        channels: int = 3,
        *,
        classes: int,
        width: int = 32,
        latent: int = 128,
        size: int = 32,
        seed: int | None = 0,
    ) -> None:
        check_count("classes", classes)
        with seeded(seed):
            parts = _parts(channels, width, latent, size, classes)
        super().__init__((channels, size, size), latent=latent, parts=parts, classes=classes)


def _parts(channels, width, latent, size, classes):
    """Encoder, two heads, decoder."""
    check_count("channels", channels)
    check_count("width", width)
    check_count("latent", latent)
    count, side = halvings(size)
    widths = [width * 2**i for i in range(count)]
    hidden = widths[-1] * side**2
    encoder = strided_stack([channels + classes, *widths])
    return (
        encoder.append(nn.Flatten()),
        nn.Linear(hidden, latent),
        nn.Linear(hidden, latent),
        transposed_stack([latent + classes, *widths[::-1], channels], side),
    )
