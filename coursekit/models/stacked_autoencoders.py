"""Stacked autoencoders, trained layer by layer. For chapter 04."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_input
from coursekit.layers.blocks import mlp
from coursekit.layers.weights import seeded
from coursekit.models.regularised_autoencoders import TiedAutoencoder


class StackedAutoencoder(nn.Module):
    """Autoencoders on top of each other, each reading the code of the one below.

    `sizes` runs from the input to the last code; `layers[i]` is the `TiedAutoencoder` from
    sizes[i] to sizes[i + 1]. The greedy training of Bengio et al. (2007) and, with corrupted
    `codes(x, depth=i)` as input while the clean ones stay the target, of Vincent et al. (2010) is

        for i, layer in enumerate(model.layers):
            codes = model.codes(x, depth=i)  # fit `layer` to reconstruct these

    `forward` passes all encoders up and all decoders down and returns logits of x, with gradients
    for every layer. Three hidden layers, as in Vincent et al. (2010, Table 3), of 1000 units on
    MNIST have 2,789,784 parameters.

    `seed` fixes the first weights.
    Raises ValueError for fewer than two sizes, or one below 1, and in `forward` for an input that
    is not (N, D) floating point.

    >>> sum(p.numel() for p in StackedAutoencoder([784, 1000, 1000, 1000]).parameters())
    2789784
    """

    def __init__(self, sizes: Sequence[int], *, seed: int | None = 0) -> None:
        super().__init__()
        self.sizes = check_counts("sizes", sizes, 2, form="[input, ..., code]")
        self.latent = self.sizes[-1]
        with seeded(seed):
            self.layers = nn.ModuleList(
                TiedAutoencoder(pair, seed=None) for pair in zip(self.sizes, self.sizes[1:])
            )

    @torch.no_grad()
    def codes(self, x: Tensor, *, depth: int) -> Tensor:
        """What layers[depth] reads, without gradient: (N, D) -> (N, sizes[depth]).

        x itself for depth 0, the last code for depth len(layers).
        Raises ValueError for a depth outside that range.
        """
        check_count("depth", depth, 0, len(self.layers))
        return self._up(x, depth)  # N x sizes[depth]

    def encode(self, x: Tensor) -> Tensor:
        """The last code: (N, D) -> (N, K)."""
        return self._up(x, len(self.layers))  # N x K

    def _up(self, x, depth):
        check_input("x", x, ("N", self.sizes[0]), "images go in as images.flatten(1)", model=self)
        for layer in self.layers[:depth]:
            x = layer.encode(x)  # N x sizes[i + 1]
        return x

    def decode(self, code: Tensor) -> Tensor:
        """The logits of x from the last code: (N, K) -> (N, D)."""
        for layer in reversed(self.layers[1:]):
            code = torch.sigmoid(layer.decode(code))  # N x sizes[i]
        return self.layers[0].decode(code)  # N x D

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))  # N x D

    def classifier(self, classes: int, *, seed: int | None = 0) -> nn.Sequential:
        """The encoder and a linear layer on top, from x (N, D) to logits (N, classes).

        A network of its own that starts from copies of the encoder's weights: training it leaves
        the stack as it is. `seed` fixes the first weights of the new layer. On an untrained stack
        it is the randomly initialised network to compare with.
        Raises ValueError for fewer than one class.
        """
        check_count("classes", classes)
        with seeded(seed):
            network = mlp([*self.sizes, classes], activation=nn.Sigmoid)
        with torch.no_grad():
            for linear, layer in zip(network[::2], self.layers):
                linear.weight.copy_(layer.weight)
                linear.bias.copy_(layer.bias)
        return network.to(self.layers[0].weight)
