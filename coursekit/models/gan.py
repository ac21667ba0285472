"""Generative adversarial networks of fully connected layers."""

import math

import torch
from torch import nn
from torch.nn.utils import parametrizations

from coursekit.arguments import check_input
from coursekit.layers.weights import seeded


class GAN(nn.Module):
    """A generator and a discriminator (Goodfellow et al. 2014) as submodules of these names.

    `generator` maps codes (N, latent) to fakes, `discriminator` examples to scores (N,). Each has
    its own optimiser; `losses.adversarial` has what they minimise.

    >>> gan = simple_gan()
    >>> gan.discriminator(gan.sample(5)).shape
    torch.Size([5])
    """

    def __init__(self, generator, discriminator, latent):
        super().__init__()
        self.generator, self.discriminator, self.latent = generator, discriminator, latent

    def sample(self, n, generator=None, labels=None):
        """n fakes from codes z ~ N(0, I), on the model's device, with their gradient.

        `generator` is a torch.Generator for the codes, the global one if not given; `labels`
        (n,) int64 are for conditional networks.
        """
        weight = next(self.generator.parameters())
        device = generator.device if generator else weight.device
        z = torch.randn(n, self.latent, generator=generator, device=device).to(weight)
        return self.generator(z) if labels is None else self.generator(z, labels)


class MLPGenerator(nn.Module):
    """Codes (N, latent) to examples (N, *shape): linear layers of the given widths.

    The first has a ReLU, the others batch normalisation and a ReLU; a last linear layer, with
    `output_activation` if given. Raises ValueError in `forward` for a wrong code.
    """

    def __init__(self, latent, widths, shape, output_activation=None, seed=0):
        super().__init__()
        _check_widths("generator_widths", widths)
        self.latent, self.shape = latent, tuple(shape)
        with seeded(seed):
            layers = [nn.Linear(latent, widths[0]), nn.ReLU()]
            for d_in, d_out in zip(widths, widths[1:]):
                layers += [nn.Linear(d_in, d_out), nn.BatchNorm1d(d_out), nn.ReLU()]
            layers.append(nn.Linear(widths[-1], math.prod(shape)))
        self.layers = nn.Sequential(*layers, *([output_activation()] if output_activation else []))

    def forward(self, z):
        check_input("z", z, ("N", self.latent), "one code a row")
        return self.layers(z).unflatten(1, self.shape)  # N x shape


class MLPDiscriminator(nn.Module):
    """Examples (N, *shape) to scores (N,): linear layers of the given widths, LeakyReLU 0.2.

    The score is a logit: sigmoid(score) is the probability of "real". `spectral_norm` divides
    each weight by its largest singular value (Miyato et al. 2018), `minibatch_deviation` shows
    the last layer how varied the batch is. Raises ValueError in `forward` for a wrong example.
    """

    def __init__(self, shape, widths, spectral_norm=False, minibatch_deviation=False, seed=0):
        super().__init__()
        _check_widths("discriminator_widths", widths)
        self.shape = tuple(shape)
        norm = parametrizations.spectral_norm if spectral_norm else lambda layer: layer
        with seeded(seed):
            layers = []
            for d_in, d_out in zip([math.prod(shape), *widths], widths):
                layers += [norm(nn.Linear(d_in, d_out)), nn.LeakyReLU(0.2)]
            layers += [MinibatchDeviation()] if minibatch_deviation else []
            layers.append(norm(nn.Linear(widths[-1] + minibatch_deviation, 1)))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        check_input("x", x, ("N", *self.shape))
        return self.layers(x.flatten(1)).squeeze(1)  # N


class MinibatchDeviation(nn.Module):
    """Joins one feature that is the same for the whole batch: (N, D) -> (N, D + 1).

    It is the standard deviation over the batch, averaged over the D features (Karras et al. 2018,
    section 3; a simpler form of Salimans et al. 2016, section 3.2). A discriminator that sees it
    refuses a batch of equal fakes, so a generator that makes one thing only is found out. Real
    and fake examples must come in separate batches.

    >>> MinibatchDeviation()(torch.tensor([[1.0], [3.0]]))
    tensor([[1., 1.],
            [3., 1.]])
    """

    def forward(self, x):
        check_input("x", x, ("N", "D"))
        deviation = (x.var(dim=0, correction=0) + 1e-8).sqrt().mean()
        return torch.cat([x, deviation.expand(len(x), 1)], dim=1)  # N x (D + 1)


def simple_gan(
    dim=2,
    latent=100,
    generator_widths=(128, 256, 512, 1024),
    discriminator_widths=(512, 256),
    spectral_norm=False,
    minibatch_deviation=False,
    seed=0,
):
    """`GAN` for points (N, dim), the lecture's SimpleGAN: 708,482 parameters in the generator.

    The widths set the capacity ("variance") of each side. The lecture's discriminator is not
    shown in full; here it has 133,121 parameters and ends in a logit, not in a sigmoid, whose
    rounding to 0 or 1 takes the gradient away.

    >>> simple_gan(generator_widths=[8]).sample(5).shape
    torch.Size([5, 2])
    """
    return GAN(
        MLPGenerator(latent, generator_widths, (dim,), seed=seed),
        MLPDiscriminator((dim,), discriminator_widths, spectral_norm, minibatch_deviation, seed),
        latent,
    )


def mlp_gan(
    size=28,
    channels=1,
    latent=100,
    generator_widths=(128, 256, 512, 1024),
    discriminator_widths=(512, 256),
    spectral_norm=False,
    minibatch_deviation=False,
    seed=0,
):
    """`GAN` for images (N, channels, size, size) in [0, 1], the layers of `simple_gan`.

    The generator ends in a sigmoid. 1,510,032 and 533,505 parameters.

    >>> mlp_gan().sample(5).shape
    torch.Size([5, 1, 28, 28])
    """
    shape = channels, size, size
    return GAN(
        MLPGenerator(latent, generator_widths, shape, nn.Sigmoid, seed),
        MLPDiscriminator(shape, discriminator_widths, spectral_norm, minibatch_deviation, seed),
        latent,
    )


def _check_widths(name, widths):
    if not len(widths) or min(widths) < 1:
        raise ValueError(f"{name} must be one or more numbers of at least 1, got {list(widths)}")
