"""Fully connected autoencoders."""

from torch import nn

from coursekit.models import check_input, seeded


def mlp(sizes, activation, last):
    """Linear layers of the given sizes, `activation` between them, `last` (or nothing) at the end.

    Weights ~ N(0, 2 g^2 / (d_in + d_out)) (Glorot and Bengio 2010), with g^2 = 2 before a ReLU,
    which lets half of a signal through (He et al. 2015), and 1 otherwise; biases 0. Then signal
    and gradient keep their size through many layers; under PyTorch's default they fade.
    """
    layers = []
    for i, (d_in, d_out) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(d_in, d_out)
        hidden = i < len(sizes) - 2
        nn.init.xavier_normal_(linear.weight, 2**0.5 if hidden and activation is nn.ReLU else 1.0)
        nn.init.zeros_(linear.bias)
        layers += [linear, activation()]
    layers[-1:] = [last()] if last else []
    return nn.Sequential(*layers)


class Autoencoder(nn.Module):
    """Encoder h: R^D -> R^K and its mirror image, the decoder r: R^K -> R^D.

    `sizes` runs from the input to the code, so [784, 1000, 500, 250, 30] is the network of
    Hinton and Salakhutdinov (Science 2006, Figure 2): 2,837,314 parameters, that is
    sum (d_in + 1) d_out over both halves. They used logistic units and pretrained the layers one
    by one; here the units are ReLU by default and nothing is pretrained. The code layer is linear
    unless `code_activation` is given and the output layer unless `output_activation` is.
    With `activation=nn.Identity` the whole map is linear.

    `seed` fixes the initial weights.
    Raises ValueError for fewer than two sizes, or one below 1, and in `forward` for an input that
    is not (N, D) floating point.

    >>> model = Autoencoder([784, 1000, 500, 250, 30])
    >>> sum(p.numel() for p in model.parameters())
    2837314
    """

    def __init__(
        self, sizes, *, activation=nn.ReLU, code_activation=None, output_activation=None, seed=0
    ):
        super().__init__()
        sizes = list(sizes)
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"sizes must be [input, ..., code], each at least 1, got {sizes}")
        self.sizes = sizes
        with seeded(seed):
            self.encoder = mlp(sizes, activation, code_activation)
            self.decoder = mlp(sizes[::-1], activation, output_activation)

    def encode(self, x):
        """The code h(x): (N, D) -> (N, K)."""
        check_input("x", x, ("N", self.sizes[0]), "images go in as images.flatten(1)")
        return self.encoder(x)  # N x K

    def decode(self, code):
        """The reconstruction r(code): (N, K) -> (N, D)."""
        check_input("code", code, ("N", self.sizes[-1]))
        return self.decoder(code)  # N x D

    def forward(self, x):
        return self.decode(self.encode(x))  # N x D
