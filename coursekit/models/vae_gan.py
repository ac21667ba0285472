"""Variational autoencoder with a learnt similarity. For chapter 05."""

from torch import Tensor, nn

from coursekit.arguments import check_count
from coursekit.layers.weights import seeded
from coursekit.models.convolutional_vae import DCVAE
from coursekit.models.dcgan import DCDiscriminator


class VAEGAN(nn.Module):
    """VAE whose reconstructions are compared by what a discriminator sees (Larsen et al. 2016).

    Submodules: `vae`, a `DCVAE`, whose decoder is the generator too, and `discriminator`, a
    `DCDiscriminator`. With z ~ q(z|x), x~ = Dec(z), z_p ~ N(0, I), x_p = Dec(z_p), and Dis_l(x) =
    `features(x)`, the three parts of the objective are

        L_prior = KL(q(z|x) || N(0, I))                              losses.gaussian_kl
        L_like  = -E_q log N(Dis_l(x) | Dis_l(x~), I)
                = 1/2 |Dis_l(x) - Dis_l(x~)|^2 + constant            losses.squared_error / 2
        L_GAN   = -log Dis(x) - log(1 - Dis(x~)) - log(1 - Dis(x_p))

    and each network descends its own sum (Algorithm 1): the encoder L_prior + L_like, the decoder
    gamma L_like - L_GAN, the discriminator L_GAN (whose sign is the opposite in the paper). So the
    encoder gets no gradient of L_GAN: decode `z.detach()` for it. The discriminator gets none of
    L_like, or it would learn to see nothing: give `vae` and `discriminator` an optimiser each. For
    the first, L_prior + L_like - L_GAN / gamma does both halves at once; the decoder's gradient is
    then divided by gamma, which Adam does not notice. -L_GAN is the minimax loss; the
    non-saturating one may stand for it.

    Pictures are `vae.decode(z).sigmoid()`. `layer` says behind how many convolutions the features
    are taken. Deviations: kernels 4 x 4, not 5 x 5, and the widths of `DCVAE` and
    `DCDiscriminator`. Raises ValueError for a `layer` that is not there.

    >>> import torch
    >>> model = VAEGAN(width=8)
    >>> logits, mean, log_variance = model.vae(torch.rand(2, 3, 32, 32))
    >>> model.features(logits.sigmoid()).shape
    torch.Size([2, 16, 8, 8])
    """

    def __init__(
        self,
        channels: int = 3,
        *,
        width: int = 32,
        latent: int = 128,
        size: int = 32,
        layer: int = 2,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        with seeded(seed):
            self.vae = DCVAE(channels, width=width, latent=latent, size=size, seed=None)
            self.discriminator = DCDiscriminator(channels, width=width, size=size, seed=None)
        self.layer = check_count("layer", layer, 1, len(self.discriminator.blocks))

    def features(self, x: Tensor) -> Tensor:
        """Dis_l(x): (N, C, H, W) in [0, 1] -> the maps behind `layer` convolutions."""
        return self.discriminator.features(x, depth=self.layer)
