"""Variational autoencoders: the code is drawn from a distribution, which is kept near N(0, I).

For chapter 05.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_flag, check_function, check_input
from coursekit.layers.blocks import check_activation, mlp
from coursekit.layers.labels import join_labels
from coursekit.layers.weights import seeded
from coursekit.losses.likelihoods import bernoulli_log_likelihood

ROWS = 10_000  # codes decoded at once by `log_weights`


class Variational(nn.Module):
    """What every variational autoencoder shares, whatever its layers are.

    Encoder q(z|x) = N(mean(x), diag exp(log_variance(x))), prior p(z) = N(0, I), decoder p(x|z)
    by its logits. Training maximises the evidence lower bound (Kingma and Welling 2013, eq. 3),

        log p(x) >= E_q log p(x|z) - KL(q(z|x) || p(z)),

    so the loss is `losses.binary_cross_entropy(logits, x)` + `losses.gaussian_kl(mean,
    log_variance)`: both summed over pixels or latent dimensions, averaged over the batch, in nats.
    A squared error averaged over pixels weighs the first term D times less and the codes collapse
    to the prior, unless a factor makes up for it.

    `parts` are the modules encoder: x -> hidden, mean and log_variance: hidden -> (N, K), and
    decoder: (N, K) -> x. With `classes`, every method also wants the labels (N,) int64.
    """

    def __init__(
        self,
        shape: Sequence[int],
        *,
        latent: int,
        parts: Sequence[nn.Module],
        classes: int | None = None,
    ) -> None:
        super().__init__()
        self.shape, self.latent, self.classes = tuple(shape), latent, classes
        self.encoder, self.mean, self.log_variance, self.decoder = parts

    def encode(self, x: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z|x): (N, ...) -> (N, K), (N, K)."""
        hint = "images go in as images.flatten(1)" if len(self.shape) == 1 else ""
        check_input("x", x, ("N", *self.shape), hint, model=self)
        hidden = self.encoder(join_labels(x, labels, classes=self.classes))
        return self.mean(hidden), self.log_variance(hidden)  # N x K, N x K

    def sample_code(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        """z = mean + exp(log_variance / 2) e with e ~ N(0, I) from the global generator.

        Written so, z has a gradient for both arguments (the reparameterisation).
        """
        check_input("mean", mean, ("N", self.latent))
        check_input("log_variance", log_variance, (len(mean), self.latent), "as the mean is")
        return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """The logits of p(x|z): (N, K) -> (N, ...); their sigmoid is the picture."""
        check_input("z", z, ("N", self.latent), model=self)
        return self.decoder(join_labels(z, labels, classes=self.classes))

    def forward(self, x: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """(logits, mean, log_variance); z is drawn in training mode, the mean in eval mode."""
        mean, log_variance = self.encode(x, labels)
        z = self.sample_code(mean, log_variance) if self.training else mean
        return self.decode(z, labels), mean, log_variance

    def log_weights(
        self,
        x: Tensor,
        labels: Tensor | None = None,
        *,
        samples: int,
        log_likelihood: Callable[[Tensor, Tensor], Tensor] = bernoulli_log_likelihood,
    ) -> Tensor:
        """log p(x|z) + log p(z) - log q(z|x) for draws z ~ q(z|x): (samples, N), in nats.

        What `importance_weighted_bound` wants; the mean is the evidence lower bound.
        `log_likelihood(logits, x)` is log p(x|z) of each example, (N,): Bernoulli if not given.
        Raises ValueError for fewer samples than one.
        """
        check_count("samples", samples)
        check_function("log_likelihood", log_likelihood, "a function of logits and x")
        given = [x, *self.encode(x, labels)] + ([] if labels is None else [labels])
        most = max(1, ROWS // max(1, len(x)))
        parts = []
        for k in [most] * (samples // most) + [samples % most] * (samples % most > 0):
            # each example k times: k N x ...
            many, mean, log_variance, *labels = (torch.cat([part] * k) for part in given)
            z = self.sample_code(mean, log_variance)  # k N x K
            squares = (z - mean).square() * (-log_variance).exp() - z.square()
            log_ratio = 0.5 * (log_variance + squares).sum(dim=1)  # log p(z) - log q(z|x)
            log_joint = log_likelihood(self.decode(z, *labels), many)
            parts.append((log_joint + log_ratio).view(k, len(x)))  # k x N
        return torch.cat(parts)  # samples x N


class VAE(Variational):
    """Variational autoencoder of fully connected layers (Kingma and Welling 2013, appendix C).

    `sizes` runs from the input through the encoder's hidden layers to the code; two linear heads
    give its mean and log-variance; the decoder mirrors the hidden layers unless `decoder_sizes`
    lists its own. Weights and biases of the published shapes:

    | network | call | parameters |
    |---|---|---|
    | Kingma and Welling 2013, 20 codes | VAE([784, 500, 20], activation=nn.Tanh) | 815,824 |
    | pytorch/examples | VAE([784, 400, 20]) | 652,824 |
    | Burda et al. 2015, one layer | VAE([784, 200, 200, 50], activation=nn.Tanh) | 425,284 |
    | pythae's reproduction | VAE([784, 400, 40]) | 676,864 |
    | lecture | VAE([784, 196, 49, 28, 28], batch_norm=True, decoder_sizes=[49, 196]) | 332,696 |

    Deviations: first weights as in `layers.mlp`. `batch_norm` normalises after every
    hidden layer of the encoder but the last, with momentum 0.7, as the lecture does; the lecture
    has a LeakyReLU after that last layer and, for pixels in [-1, 1], a tanh on the output. Here
    `decode` gives logits a of pixels in [0, 1]: (tanh(a) + 1) / 2 = sigmoid(2 a).

    Raises ValueError for fewer than two sizes, or one below 1, and for an input that is not (N, D).

    >>> model = VAE([784, 400, 20])
    >>> sum(p.numel() for p in model.parameters())
    652824
    >>> logits, mean, log_variance = model(torch.rand(5, 784))
    >>> logits.shape, mean.shape
    (torch.Size([5, 784]), torch.Size([5, 20]))
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: type[nn.Module] = nn.ReLU,
        batch_norm: bool = False,
        decoder_sizes: Sequence[int] | None = None,
        seed: int | None = 0,
    ) -> None:
        sizes = check_counts("sizes", sizes, 2, form="[input, hidden, ..., code]")
        with seeded(seed):
            parts = perceptrons(sizes, 0, activation, batch_norm, decoder_sizes)
        super().__init__(sizes[:1], latent=sizes[-1], parts=parts)


class ConditionalVAE(Variational):
    """VAE that is told the class: q(z|x, y) and p(x|z, y) (Sohn et al. 2015).

    The label goes in one-hot, beside the input of the encoder and beside the code. The code then
    has to say only what the label does not: the style. Deviation: the prior is N(0, I) for every
    class, where Sohn et al. learn it. With a constant label it is a `VAE`.

    >>> model = ConditionalVAE([784, 400, 20], classes=10)
    >>> sevens = model.decode(torch.randn(5, 20), torch.full((5,), 7)).sigmoid()
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        classes: int,
        activation: type[nn.Module] = nn.ReLU,
        seed: int | None = 0,
    ) -> None:
        sizes = check_counts("sizes", sizes, 2, form="[input, hidden, ..., code]")
        check_count("classes", classes)
        with seeded(seed):
            parts = perceptrons(sizes, classes, activation)
        super().__init__(sizes[:1], latent=sizes[-1], parts=parts, classes=classes)


def perceptrons(sizes, classes, activation, batch_norm=False, decoder_sizes=None):
    """The four parts of a fully connected VAE; `classes` more inputs for either half."""
    check_activation("activation", activation)
    check_flag("batch_norm", batch_norm)
    inputs, *hidden, latent = sizes
    back = hidden[::-1]
    if decoder_sizes is not None:
        back = check_counts("decoder_sizes", decoder_sizes, 0)
    *trunk, mean = mlp([inputs + classes, *hidden, latent], activation=activation)
    (log_variance,) = mlp([mean.in_features, latent])
    if batch_norm:
        for i in reversed(range(1, len(hidden))):  # behind layer i and its activation
            trunk.insert(2 * i, nn.BatchNorm1d(sizes[i], momentum=0.7))
    decoder = mlp([latent + classes, *back, inputs], activation=activation)
    return nn.Sequential(*trunk), mean, log_variance, decoder
