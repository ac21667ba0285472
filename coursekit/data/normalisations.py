"""Normalisations of a network's inputs, with their inverses for its outputs.

Each is fitted to training data and then maps channel by channel (images, N x C x H x W) or
column by column (points, N x D):

    normalise = Standardise().fit(train)
    prediction = normalise.inverse(model(normalise(test)))

What was fitted is kept in buffers: it moves with `to`, and is saved and loaded with a model.

For chapter 07.
"""

from typing import Self

import torch
from torch import nn

from coursekit.arguments import check_count, check_number, check_tensor


class _Normalisation(nn.Module):
    """Subclasses map rows, C x M: channel c of all the examples, one after the other."""

    def __init__(self, *fitted):
        super().__init__()
        self._fitted = fitted
        for name in fitted:
            self.register_buffer(name, None)

    def fit(self, x: torch.Tensor) -> Self:
        """Take what the map needs from `x`, (N, D) or (N, C, H, W), and return self.

        Raises ValueError for another shape, for values that are not finite, for constant channels,
        which no map can scale (scikit-learn leaves them unscaled), and for a spread that the type
        of x cannot hold.
        """
        rows = _rows(x)
        if not (rows.numel() and rows.isfinite().all()):
            raise ValueError(
                "x must hold finite values to fit to, and at least one; "
                f"got {tuple(x.shape)} with "
                f"{(~rows.isfinite()).sum()} that are not finite"
            )
        constant = (rows == rows[:, :1]).all(1).nonzero().flatten().tolist()
        if constant:
            raise ValueError(
                "every channel of x must vary, got the same value everywhere in "
                f"channel {', '.join(map(str, constant))}; leave it out"
            )
        for name, value in zip(self._fitted, self._statistics(rows)):
            self.register_buffer(name, value)
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised `x`, in its shape."""
        return self._map(x, self._normalise)

    def inverse(self, x: torch.Tensor) -> torch.Tensor:
        """The data whose normalised form is `x`, in its shape."""
        return self._map(x, self._restore)

    def _map(self, x, function):
        first = getattr(self, self._fitted[0])
        name = type(self).__name__
        if first is None:
            raise ValueError(f"{name} is not fitted; call fit(x) with the training data first")
        rows = _rows(x)
        if len(rows) != len(first):
            raise ValueError(
                f"x must have {len(first)} channels as the data that {name} was "
                f"fitted to, got {tuple(x.shape)}"
            )
        return function(rows).unflatten(1, (len(x), *x.shape[2:])).movedim(0, 1)

    def _load_from_state_dict(self, state_dict, prefix, *args):
        """Before the fit the shapes are not known: take them from what is loaded."""
        for name in self._fitted:
            if prefix + name in state_dict:
                device = getattr(getattr(self, name), "device", None)
                loaded = torch.empty_like(state_dict[prefix + name], device=device)
                self.register_buffer(name, loaded)
        super()._load_from_state_dict(state_dict, prefix, *args)


def _rows(x):
    check_tensor("x", x)
    if x.dim() not in (2, 4) or not x.is_floating_point():
        raise ValueError(
            f"x must be (N, D) or (N, C, H, W) floating point, got {tuple(x.shape)} {x.dtype}"
        )
    return x.movedim(1, 0).flatten(1)  # C x M


def _check_spread(spread):
    """What a map divides by: above 0 and finite, unless squares or differences leave the type."""
    if not ((spread > 0) & spread.isfinite()).all():
        raise ValueError(
            f"x must have a spread that {spread.dtype} can hold, got {spread.flatten().tolist()} "
            "by channel; scale it, or fit to x.double()"
        )


class Standardise(_Normalisation):
    """(x - mean) / std a channel: mean 0 and standard deviation 1 over the training data.

    The standard deviation divides by the number of values, not by one less, as
    scikit-learn's StandardScaler does.

    >>> Standardise().fit(torch.tensor([[1.0], [3.0]]))(torch.tensor([[5.0]]))
    tensor([[3.]])
    """

    def __init__(self):
        super().__init__("mean", "std")

    def _statistics(self, rows):
        std = rows.std(1, correction=0, keepdim=True)
        _check_spread(std)
        return rows.mean(1, keepdim=True), std

    def _normalise(self, rows):
        return (rows - self.mean) / self.std

    def _restore(self, rows):
        return rows * self.std + self.mean


class MinMax(_Normalisation):
    """low + (high - low) (x - min) / (max - min) a channel: training data fill [low, high].

    For [-1, 1] this is (2 x - (min + max)) / (max - min). New data may fall outside [low, high],
    as with scikit-learn's MinMaxScaler. Raises ValueError unless low < high.

    >>> MinMax(-1, 1).fit(torch.tensor([[0.0], [8.0]]))(torch.tensor([[2.0]]))
    tensor([[-0.5000]])
    """

    def __init__(self, low: float = 0.0, high: float = 1.0):
        check_number("low", low)
        check_number("high", high)
        super().__init__("min", "max")
        if not low < high:
            raise ValueError(f"low must be below high, got {low} and {high}")
        self.low, self.high = low, high

    def _statistics(self, rows):
        low, high = rows.amin(1, keepdim=True), rows.amax(1, keepdim=True)
        _check_spread(high - low)
        return low, high

    def _normalise(self, rows):
        return self.low + (self.high - self.low) * (rows - self.min) / (self.max - self.min)

    def _restore(self, rows):
        return self.min + (self.max - self.min) * (rows - self.low) / (self.high - self.low)


class Gaussianise(_Normalisation):
    """Phi^-1(F(x)) a channel: training data become standard normal, one channel at a time.

    F is the share of the training data below x, linear between `quantiles` sample quantiles at
    equal steps of probability (all the data, if they are fewer), and x that occur many times get
    the middle of their shares. Channels stay as dependent on each other as they were.
    F is squeezed from [0, 1] to [1e-7, 1 - 1e-7], so the least and the largest value become
    -5.1993 and 5.1993, as does what lies beyond; between them the inverse is exact.

    scikit-learn's QuantileTransformer(n_quantiles=quantiles, subsample=None,
    output_distribution="normal") differs in two things: it cuts F off at 1e-7 instead of squeezing
    it, which changes F by at most 1e-7; and it sends all data tied with the least or the largest
    value to -5.1993 or 5.1993, such as every dry pixel of a rain map, where here they too get the
    middle of their shares. Computes in float64, returns the dtype of x.
    NaN stays NaN. Raises ValueError for fewer than 2 quantiles.

    >>> x = torch.tensor([[0.0], [10.0], [90.0]])
    >>> Gaussianise().fit(x)(x)
    tensor([[-5.1993],
            [ 0.0000],
            [ 5.1993]])
    """

    tail = 1e-7

    def __init__(self, quantiles: int = 1000):
        super().__init__("values")
        self.quantiles = check_count("quantiles", quantiles, least=2)

    def _statistics(self, rows):
        rows = rows.double().sort(1).values
        count = rows.shape[1]
        steps = min(self.quantiles, count)
        position = torch.linspace(0, count - 1, steps, dtype=rows.dtype, device=rows.device)
        return (_between(rows, position.expand(len(rows), -1)),)

    def _normalise(self, rows):
        share = (self._position(rows, False) + self._position(rows, True)) / 2
        share = share / (self.values.shape[1] - 1)
        z = torch.special.ndtri(self.tail + (1 - 2 * self.tail) * share).to(rows.dtype)
        return torch.where(rows.isnan(), rows, z)

    def _restore(self, rows):
        share = (torch.special.ndtr(rows.double()) - self.tail) / (1 - 2 * self.tail)
        last = self.values.shape[1] - 1
        return _between(self.values.double(), (last * share).clamp(0, last)).to(rows.dtype)

    def _position(self, rows, right):
        """Where `rows` lie among the values, in fractional places; the last of ties if `right`."""
        values = self.values.double()
        rows = rows.double().clamp(values[:, :1], values[:, -1:]).contiguous()
        above = torch.searchsorted(values, rows, right=right).clamp(1, values.shape[1] - 1)
        low, high = values.gather(1, above - 1), values.gather(1, above)
        gap = torch.where(low < high, high - low, 1)
        return above - 1 + torch.where(low < high, (rows - low) / gap, float(right))


def _between(values, position):
    """`values` (C, Q) read at fractional places (C, M), linearly between two of them."""
    below = position.nan_to_num().long().clamp(max=values.shape[1] - 2)
    low, high = values.gather(1, below), values.gather(1, below + 1)
    return torch.lerp(low, high, position - below)
