"""Fully connected autoencoders. Used by chapters 01 and 02."""

from collections.abc import Sequence

from torch import Tensor, nn

from coursekit.arguments import check_counts, check_input
from coursekit.layers.blocks import check_activation, mlp
from coursekit.layers.weights import seeded


class Autoencoder(nn.Module):
    """Encoder h: R^D -> R^K and its mirror image, the decoder r: R^K -> R^D.

    `sizes` runs from the input to the code, so [784, 1000, 500, 250, 30] is the network of
    Hinton and Salakhutdinov (Science 2006, Figure 2): 2,837,314 parameters, that is
    sum (d_in + 1) d_out over both halves. They used logistic units and pretrained the layers one
    by one; here the units are ReLU by default and nothing is pretrained. The code layer is linear
    unless `code_activation` is given and the output layer unless `output_activation` is.
    With `activation=nn.Identity` the whole map is linear.

    `seed` fixes the first weights.
    Raises ValueError for fewer than two sizes, or one below 1, and in `forward` for an input that
    is not (N, D) floating point.

    >>> model = Autoencoder([784, 1000, 500, 250, 30])
    >>> sum(p.numel() for p in model.parameters())
    2837314
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: type[nn.Module] = nn.ReLU,
        code_activation: type[nn.Module] | None = None,
        output_activation: type[nn.Module] | None = None,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.sizes = check_counts("sizes", sizes, 2, form="[input, ..., code]")
        self.latent = self.sizes[-1]
        check_activation("code_activation", code_activation, optional=True)
        check_activation("output_activation", output_activation, optional=True)
        with seeded(seed):
            self.encoder = mlp(self.sizes, activation=activation, last=code_activation)
            self.decoder = mlp(self.sizes[::-1], activation=activation, last=output_activation)

    def encode(self, x: Tensor) -> Tensor:
        """The code h(x): (N, D) -> (N, K)."""
        hint = "images go in as images.flatten(1)"
        check_input("x", x, ("N", self.sizes[0]), hint, model=self)
        return self.encoder(x)  # N x K

    def decode(self, code: Tensor) -> Tensor:
        """The reconstruction r(code): (N, K) -> (N, D)."""
        check_input("code", code, ("N", self.latent), model=self)
        return self.decoder(code)  # N x D

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))  # N x D
