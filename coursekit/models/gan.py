"""Generative adversarial networks of fully connected layers. For chapter 06."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from coursekit.arguments import check_count, check_counts, check_flag, check_input, check_kind
from coursekit.layers.blocks import check_activation
from coursekit.layers.weights import seeded


class GAN(nn.Module):
    """A generator and a discriminator (Goodfellow et al. 2014) as submodules of these names.

    `generator` maps codes (N, latent) to fakes, `discriminator` examples to scores (N,). Each has
    its own optimiser; `losses.adversarial` has what they minimise.

    >>> gan = simple_gan()
    >>> gan.discriminator(gan.sample(5)).shape
    torch.Size([5])
    """

    def __init__(self, generator: nn.Module, *, discriminator: nn.Module, latent: int) -> None:
        super().__init__()
        self.generator = check_kind("generator", generator, nn.Module, "a torch module")
        self.discriminator = check_kind("discriminator", discriminator, nn.Module, "a torch module")
        self.latent = check_count("latent", latent)

    def sample(
        self, n: int, labels: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """n fakes from codes z ~ N(0, I), on the model's device, with their gradient.

        `generator` is a torch.Generator for the codes, the global one if not given; `labels`
        (n,) int64 are for conditional networks.
        """
        check_count("n", n, 0)
        if generator is not None:
            check_kind("generator", generator, torch.Generator, "a torch.Generator")
        weight = next(self.generator.parameters())
        device = generator.device if generator else weight.device
        z = torch.randn(n, self.latent, generator=generator, device=device).to(weight)
        return self.generator(z) if labels is None else self.generator(z, labels)


class MLPGenerator(nn.Module):
    """Codes (N, latent) to examples (N, *shape): linear layers of the given widths.

    The first has a ReLU, the others batch normalisation and a ReLU; a last linear layer, with
    `output_activation` if given. Raises ValueError in `forward` for a wrong code.
    """

    def __init__(
        self,
        latent: int,
        *,
        widths: Sequence[int],
        shape: Sequence[int],
        output_activation: type[nn.Module] | None = None,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.latent = check_count("latent", latent)
        widths = check_counts("widths", widths)
        self.shape = tuple(check_counts("shape", shape))
        with seeded(seed):
            layers = [nn.Linear(latent, widths[0]), nn.ReLU()]
            for d_in, d_out in zip(widths, widths[1:]):
                layers += [nn.Linear(d_in, d_out), nn.BatchNorm1d(d_out), nn.ReLU()]
            layers.append(nn.Linear(widths[-1], math.prod(self.shape)))
        if check_activation("output_activation", output_activation, optional=True):
            layers.append(output_activation())
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor) -> Tensor:
        check_input("z", z, ("N", self.latent), "one code a row", model=self)
        return self.layers(z).unflatten(1, self.shape)  # N x shape


class MLPDiscriminator(nn.Module):
    """Examples (N, *shape) to scores (N,): linear layers of the given widths, LeakyReLU 0.2.

    The score is a logit: sigmoid(score) is the probability of "real". `spectral_norm` divides
    each weight by its largest singular value (Miyato et al. 2018), `minibatch_deviation` shows
    the last layer how varied the batch is. Raises ValueError in `forward` for a wrong example.
    """

    def __init__(
        self,
        shape: Sequence[int],
        *,
        widths: Sequence[int],
        spectral_norm: bool = False,
        minibatch_deviation: bool = False,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.shape = tuple(check_counts("shape", shape))
        widths = check_counts("widths", widths)
        check_flag("spectral_norm", spectral_norm)
        check_flag("minibatch_deviation", minibatch_deviation)
        norm = parametrizations.spectral_norm if spectral_norm else lambda layer: layer
        with seeded(seed):
            layers = []
            for d_in, d_out in zip([math.prod(self.shape), *widths], widths):
                layers += [norm(nn.Linear(d_in, d_out)), nn.LeakyReLU(0.2)]
            layers += [MinibatchDeviation()] if minibatch_deviation else []
            layers.append(norm(nn.Linear(widths[-1] + minibatch_deviation, 1)))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        check_input("x", x, ("N", *self.shape), model=self)
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

    def forward(self, x: Tensor) -> Tensor:
        check_input("x", x, ("N", "D"))
        deviation = (x.var(dim=0, correction=0) + 1e-8).sqrt().mean()
        return torch.cat([x, deviation.expand(len(x), 1)], dim=1)  # N x (D + 1)


def simple_gan(
    dim: int = 2,
    *,
    latent: int = 100,
    generator_widths: Sequence[int] = (128, 256, 512, 1024),
    discriminator_widths: Sequence[int] = (512, 256),
    spectral_norm: bool = False,
    minibatch_deviation: bool = False,
    seed: int | None = 0,
) -> GAN:
    """`GAN` for points (N, dim), the lecture's SimpleGAN: 708,482 parameters in the generator.

    The widths set the capacity ("variance") of each side. The lecture's discriminator is not
    shown in full; here it has 133,121 parameters and ends in a logit, not in a sigmoid, whose
    rounding to 0 or 1 takes the gradient away.

    >>> simple_gan(generator_widths=[8]).sample(5).shape
    torch.Size([5, 2])
    """
    check_count("dim", dim)
    check_counts("generator_widths", generator_widths)
    check_counts("discriminator_widths", discriminator_widths)
    with seeded(seed):
        return GAN(
            MLPGenerator(latent, widths=generator_widths, shape=(dim,), seed=None),
            discriminator=MLPDiscriminator(
                (dim,),
                widths=discriminator_widths,
                spectral_norm=spectral_norm,
                minibatch_deviation=minibatch_deviation,
                seed=None,
            ),
            latent=latent,
        )


def mlp_gan(
    size: int = 28,
    *,
    channels: int = 1,
    latent: int = 100,
    generator_widths: Sequence[int] = (128, 256, 512, 1024),
    discriminator_widths: Sequence[int] = (512, 256),
    spectral_norm: bool = False,
    minibatch_deviation: bool = False,
    seed: int | None = 0,
) -> GAN:
    """`GAN` for images (N, channels, size, size) in [0, 1], the layers of `simple_gan`.

    The generator ends in a sigmoid. 1,510,032 and 533,505 parameters.

    >>> mlp_gan().sample(5).shape
    torch.Size([5, 1, 28, 28])
    """
    shape = check_count("channels", channels), check_count("size", size), size
    check_counts("generator_widths", generator_widths)
    check_counts("discriminator_widths", discriminator_widths)
    with seeded(seed):
        return GAN(
            MLPGenerator(
                latent,
                widths=generator_widths,
                shape=shape,
                output_activation=nn.Sigmoid,
                seed=None,
            ),
            discriminator=MLPDiscriminator(
                shape,
                widths=discriminator_widths,
                spectral_norm=spectral_norm,
                minibatch_deviation=minibatch_deviation,
                seed=None,
            ),
            latent=latent,
        )
