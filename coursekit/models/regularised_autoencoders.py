"""Autoencoders of one hidden layer with tied weights, the decoder's being the encoder's W^T."""

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.arguments import check_input
from coursekit.layers.weights import seeded


class _Tied(nn.Module):
    """The affine parts W x + b and W^T h + c: K D + K + D parameters.

    W ~ N(0, 2 / (K + D)) (Glorot and Bengio 2010); b and c are 0.
    """

    def __init__(self, inputs, units, seed=0):
        super().__init__()
        if inputs < 1 or units < 1:
            raise ValueError(f"inputs and units must be at least 1, got {inputs} and {units}")
        with seeded(seed):
            self.weight = nn.Parameter(torch.empty(units, inputs))
            nn.init.xavier_normal_(self.weight)
        self.bias = nn.Parameter(torch.zeros(units))
        self.output_bias = nn.Parameter(torch.zeros(inputs))

    def project(self, x):
        """W x + b: (N, D) -> (N, K)."""
        check_input("x", x, ("N", self.weight.shape[1]), "images go in as images.flatten(1)")
        return F.linear(x, self.weight, self.bias)  # N x K

    def decode(self, code):
        """W^T code + c: (N, K) -> (N, D)."""
        check_input("code", code, ("N", self.weight.shape[0]))
        return F.linear(code, self.weight.T, self.output_bias)  # N x D

    def forward(self, x):
        return self.decode(self.encode(x))  # N x D


class TiedAutoencoder(_Tied):
    """h = sigmoid(W x + b) and, as logits, W^T h + c: (N, D) -> (N, D).

    The network of the denoising autoencoder (Vincent et al. 2010), whose input is corrupted, and of
    the contractive one (Rifai et al. 2011), whose loss has a term for the Jacobian. `weight` is
    W (K, D), as `nn.Linear` and `penalties.contraction` have it. 784 inputs and 1000 units, as in
    Table 1 of Rifai et al.: 785,784 parameters.

    Raises ValueError for inputs or units below 1, and in `forward` for an input that is not (N, D)
    floating point.

    >>> sum(p.numel() for p in TiedAutoencoder(784, 1000).parameters())
    785784
    """

    def encode(self, x):
        """The code sigmoid(W x + b), in (0, 1): (N, D) -> (N, K)."""
        return torch.sigmoid(self.project(x))  # N x K


class KSparseAutoencoder(_Tied):
    """z = W x + b with all but its k largest entries set to 0, then W^T z + c.

    Makhzani and Frey (2013): linear units, squared error, no other penalty. With k = units the map
    is affine. `k` may be changed while training, as the paper does, which lowers it step by step
    so that no unit dies early. 784 inputs and 1000 units: 785,784 parameters.
    Deviation: the code keeps k units at test time too, where the paper prefers a multiple of k.

    Raises ValueError for inputs or units below 1, for k outside 1 ... units, and in `forward` for
    an input that is not (N, D) floating point.
    """

    def __init__(self, inputs, units, k, seed=0):
        super().__init__(inputs, units, seed)
        _check_k(k, units)
        self.k = k

    def encode(self, x):
        """The code, with at most k entries other than 0: (N, D) -> (N, K)."""
        return k_sparse(self.project(x), self.k)  # N x K


def k_sparse(code, k):
    """The k largest entries of each row of `code` (N, K), the others set to 0.

    The largest, not the largest in size: negative entries go first. Of equal entries only as many
    are kept as make k. The gradient passes through the entries that are kept and no others.
    Raises ValueError for a code that is not (N, K) floating point and k outside 1 ... K.

    >>> k_sparse(torch.tensor([[0.5, -3.0, 2.0, 1.0]]), 2)
    tensor([[0., 0., 2., 1.]])
    """
    check_input("code", code, ("N", "K"))
    _check_k(k, code.shape[1])
    values, places = code.topk(k, dim=1)
    return torch.zeros_like(code).scatter(1, places, values)


def _check_k(k, units):
    if not 1 <= k <= units:
        raise ValueError(f"k must be from 1 to {units}, the number of units, got {k}")
