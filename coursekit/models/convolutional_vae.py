"""Convolutional variational autoencoders."""

from torch import nn

from coursekit.layers.weights import seeded
from coursekit.models.dcgan import convolutions, halvings, transposed_convolutions
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

    def __init__(self, channels=3, width=32, latent=128, size=32, *, seed=0):
        with seeded(seed):
            parts = _parts(channels, width, latent, size, 0)
        super().__init__((channels, size, size), latent, parts)


class ConditionalDCVAE(Variational):
    """`DCVAE` that is told the class, as `vae.ConditionalVAE` is: forward takes (x, labels).

    The one-hot label joins the image as constant maps, and the code as further numbers.
    """

    def __init__(self, channels=3, width=32, latent=128, size=32, *, classes, seed=0):
        if classes < 1:
            raise ValueError(f"classes must be at least 1, got {classes}")
        with seeded(seed):
            parts = _parts(channels, width, latent, size, classes)
        super().__init__((channels, size, size), latent, parts, classes)


def _parts(channels, width, latent, size, classes):
    """Encoder, two heads, decoder."""
    count, side = halvings(size)
    widths = [width * 2**i for i in range(count)]
    hidden = widths[-1] * side**2
    encoder = convolutions([channels + classes, *widths])
    return (
        encoder.append(nn.Flatten()),
        nn.Linear(hidden, latent),
        nn.Linear(hidden, latent),
        transposed_convolutions([latent + classes, *widths[::-1], channels], side),
    )
