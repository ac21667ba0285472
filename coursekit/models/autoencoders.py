"""Fully connected autoencoders."""

from torch import nn

from coursekit.arguments import check_input
from coursekit.layers.blocks import mlp
from coursekit.layers.weights import seeded


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
