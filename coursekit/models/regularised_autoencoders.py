"""Autoencoders of one hidden layer with tied weights, the decoder's being the encoder's W^T.

For chapter 04.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.arguments import check_count, check_counts, check_input
from coursekit.layers.weights import seeded


class Tied(nn.Module):
    """The affine parts W x + b and W^T h + c: K D + K + D parameters.

    W ~ N(0, 2 / (K + D)) (Glorot and Bengio 2010); b and c are 0.
    """

    def __init__(self, sizes: Sequence[int], *, seed: int | None = 0) -> None:
        super().__init__()
        sizes = check_counts("sizes", sizes, 2, form="[input, code]")
        if len(sizes) != 2:
            raise ValueError(
                f"sizes must be [input, code], got {sizes}; StackedAutoencoder has more layers"
            )
        inputs, self.latent = sizes
        with seeded(seed):
            self.weight = nn.Parameter(torch.empty(self.latent, inputs))
            nn.init.xavier_normal_(self.weight)
        self.bias = nn.Parameter(torch.zeros(self.latent))
        self.output_bias = nn.Parameter(torch.zeros(inputs))

    def project(self, x: Tensor) -> Tensor:
        """W x + b: (N, D) -> (N, K)."""
        hint = "images go in as images.flatten(1)"
        check_input("x", x, ("N", self.weight.shape[1]), hint, model=self)
        return F.linear(x, self.weight, self.bias)  # N x K

    def decode(self, code: Tensor) -> Tensor:
        """W^T code + c: (N, K) -> (N, D)."""
        check_input("code", code, ("N", self.latent), model=self)
        return F.linear(code, self.weight.T, self.output_bias)  # N x D

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))  # N x D


class TiedAutoencoder(Tied):
    """h = sigmoid(W x + b) and, as logits, W^T h + c: (N, D) -> (N, D).

    The network of the denoising autoencoder (Vincent et al. 2010), whose input is corrupted, and of
    the contractive one (Rifai et al. 2011), whose loss has a term for the Jacobian. `sizes` are
    [D, K]; `weight` is W (K, D), as `nn.Linear` and `penalties.contraction` have it. [784, 1000],
    as in Table 1 of Rifai et al.: 785,784 parameters.

    Raises ValueError for other than two sizes, or one below 1, and in `forward` for an input that
    is not (N, D) floating point.

    >>> sum(p.numel() for p in TiedAutoencoder([784, 1000]).parameters())
    785784
    """

    def encode(self, x: Tensor) -> Tensor:
        """The code sigmoid(W x + b), in (0, 1): (N, D) -> (N, K)."""
        return torch.sigmoid(self.project(x))  # N x K


class KSparseAutoencoder(Tied):
    """z = W x + b with all but its k largest entries set to 0, then W^T z + c.

    Makhzani and Frey (2013): linear units, squared error, no other penalty. `sizes` are [D, K];
    with k = K the map is affine. `k` may be changed while training, as the paper does, which
    lowers it step by step so that no unit dies early. [784, 1000]: 785,784 parameters.
    Deviation: the code keeps k units at test time too, where the paper prefers a multiple of k.

    Raises ValueError for other than two sizes, or one below 1, for k outside 1 ... K, and in
    `forward` for an input that is not (N, D) floating point.
    """

    def __init__(self, sizes: Sequence[int], *, k: int, seed: int | None = 0) -> None:
        super().__init__(sizes, seed=seed)
        self.k = check_count("k", k, 1, self.latent)

    def encode(self, x: Tensor) -> Tensor:
        """The code, with at most k entries other than 0: (N, D) -> (N, K)."""
        return k_sparse(self.project(x), k=self.k)  # N x K


def k_sparse(code: Tensor, *, k: int) -> Tensor:
    """The k largest entries of each row of `code` (N, K), the others set to 0.

    The largest, not the largest in size: negative entries go first. Of equal entries only as many
    are kept as make k. The gradient passes through the entries that are kept and no others.
    Raises ValueError for a code that is not (N, K) floating point and k outside 1 ... K.

    >>> k_sparse(torch.tensor([[0.5, -3.0, 2.0, 1.0]]), k=2)
    tensor([[0., 0., 2., 1.]])
    """
    check_input("code", code, ("N", "K"))
    check_count("k", k, 1, code.shape[1])
    values, places = code.topk(k, dim=1)
    return torch.zeros_like(code).scatter(1, places, values)
