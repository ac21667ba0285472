"""How good forecasts of rain are, summed over a set and divided once.

Fields are (..., H, W), tensors or arrays, and NaN is a missing radar pixel. `update` with batches
of any size and ask; `a + b` is the score of two sets together, so `sum(parts, start)` pools any
choice of start times, as a bootstrap needs. One object a lead time.

Used by chapter 11.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Self

import numpy as np
import torch
from scipy.ndimage import uniform_filter
from torch import Tensor

from coursekit.arguments import check_alike, check_counts, check_input, check_numbers, to_cpu

Field = Tensor | np.ndarray


class Pooled:
    """Sums over a set: `totals`, and the `settings` that they depend on."""

    def __init__(self, totals: Tensor, **settings):
        self.totals = totals
        self.settings = settings

    def __add__(self, other: Self) -> Self:
        if type(self) is not type(other) or self.settings != other.settings:
            raise ValueError(
                "only scores of one kind and with the same settings can be added, got "
                f"{type(self).__name__} {self.settings} and "
                f"{type(other).__name__} {getattr(other, 'settings', '')}"
            )
        both = copy.copy(self)
        both.totals = self.totals + other.totals
        return both


class MeanAbsoluteError(Pooled):
    """The mean of |forecast - observation| over all pixels that neither misses.

    >>> mae = MeanAbsoluteError()
    >>> mae.update(torch.tensor([[1.0, 4.0]]), torch.tensor([[3.0, float("nan")]]))
    >>> mae.compute()
    2.0
    """

    def __init__(self):
        super().__init__(torch.zeros(2, dtype=torch.float64))  # sum of errors, pixels

    def update(self, forecast: Field, observation: Field) -> None:
        """Count a batch: both floating point of one shape, without infinite values."""
        for ours, true, known in _fields(forecast=forecast, observation=observation):
            error = (ours[known].double() - true[known].double()).abs()
            self.totals += torch.stack([error.sum(), known.sum()])

    def compute(self) -> float:
        """The mean, in the unit of the fields; nan where nothing was counted."""
        return (self.totals[0] / self.totals[1]).item()


class Contingency(Pooled):
    """Rain forecast and rain observed, counted at each threshold: POD, FAR and CSI.

    A pixel is rain where it reaches the threshold (>=; pysteps counts values above it). Pixels
    missing in either field count nowhere: give rival forecasts the same missing pixels.
    Scores are (K,) float64, one a threshold, and nan where nothing is there to divide by.
    Counts with hits give 1/CSI = 1/POD + 1/(1 - FAR) - 1. Averages of scores over frames do not,
    nor do the figures of Shi et al. (2015, Table 2). CSI is the intersection over union of rain.

    `thresholds_mm_h` are rates above 0: to compare with a paper whose threshold is in mm per
    5 minutes, multiply by 12. Raises ValueError for others: at 0, dry pixels would be rain.

    >>> rain = Contingency([0.5, 5.0])
    >>> rain.update(torch.tensor([[1.0, 1.0, 9.0]]), torch.tensor([[0.0, 2.0, 6.0]]))
    >>> rain.csi()
    tensor([0.6667, 1.0000], dtype=torch.float64)
    """

    def __init__(self, thresholds_mm_h: Iterable[float]):
        thresholds = check_numbers("thresholds_mm_h", thresholds_mm_h, above=0)
        super().__init__(
            torch.zeros(len(thresholds), 4, dtype=torch.int64), thresholds_mm_h=thresholds
        )

    def update(self, forecast_mm_h: Field, observation_mm_h: Field) -> None:
        """Count a batch: both floating point of one shape, without infinite values."""
        fields = _fields(forecast_mm_h=forecast_mm_h, observation_mm_h=observation_mm_h)
        for ours, true, known in fields:
            ours, true = ours[known], true[known]
            for total, threshold in zip(self.totals, self.settings["thresholds_mm_h"]):
                outcome = 2 * (true >= threshold).long() + (ours >= threshold).long()
                total += torch.bincount(outcome, minlength=4)

    @property
    def correct_negatives(self) -> Tensor:
        return self.totals[:, 0]

    @property
    def false_alarms(self) -> Tensor:
        return self.totals[:, 1]

    @property
    def misses(self) -> Tensor:
        return self.totals[:, 2]

    @property
    def hits(self) -> Tensor:
        return self.totals[:, 3]

    def pod(self) -> Tensor:
        """Probability of detection: hits / (hits + misses)."""
        return self.hits.double() / (self.hits + self.misses)

    def far(self) -> Tensor:
        """False alarm ratio: false alarms / (hits + false alarms)."""
        return self.false_alarms.double() / (self.hits + self.false_alarms)

    def csi(self) -> Tensor:
        """Critical success index: hits / (hits + misses + false alarms)."""
        return self.hits.double() / (self.hits + self.misses + self.false_alarms)


class FractionsSkillScore(Pooled):
    """Agreement of the shares of rain in a window, by threshold and scale.

    FSS = 1 - sum (F - O)^2 / (sum F^2 + sum O^2)   (Roberts and Lean 2008)

    with the shares F and O of pixels that reach the threshold in the square of `scale` pixels
    about each pixel, and nothing outside the field. From 0 to 1, larger at larger scales. Pixels
    missing in either field are dry in both (in pysteps: in the field that misses them).

    `scales` are odd numbers of pixels. Raises ValueError for others, and for thresholds not
    above 0.

    >>> fss = FractionsSkillScore([0.5], scales=[1, 3])
    >>> fss.update(torch.tensor([[0.0, 1.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 1.0, 0.0]]))
    >>> fss.compute()
    tensor([[0.0000, 0.6667]], dtype=torch.float64)
    """

    def __init__(self, thresholds_mm_h: Iterable[float], *, scales: Iterable[int]):
        thresholds = check_numbers("thresholds_mm_h", thresholds_mm_h, above=0)
        scales = check_counts("scales", scales)
        if any(scale % 2 != 1 for scale in scales):
            raise ValueError(f"scales must be odd numbers of pixels, as 1, 5, 17, got {scales}")
        # sums of (F - O)^2 and of F^2 + O^2
        super().__init__(
            torch.zeros(len(thresholds), len(scales), 2, dtype=torch.float64),
            thresholds_mm_h=thresholds,
            scales=scales,
        )

    def update(self, forecast_mm_h: Field, observation_mm_h: Field) -> None:
        """Count a batch: both floating point of one shape, without infinite values."""
        fields = _fields(forecast_mm_h=forecast_mm_h, observation_mm_h=observation_mm_h)
        for ours, true, known in fields:
            for k, threshold in enumerate(self.settings["thresholds_mm_h"]):
                rain = [((field >= threshold) & known).double().numpy() for field in (ours, true)]
                for s, scale in enumerate(self.settings["scales"]):
                    f, o = (uniform_filter(r, size=scale, mode="constant") for r in rain)
                    self.totals[k, s, 0] += np.square(f - o).sum()
                    self.totals[k, s, 1] += np.square(f).sum() + np.square(o).sum()

    def compute(self) -> Tensor:
        """FSS (K, S) float64 of K thresholds and S scales; nan where neither ever rains."""
        return 1 - self.totals[..., 0] / self.totals[..., 1]


def _fields(**pair: Field) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Single fields of forecast and observation, and where both are known."""
    (first, second), (ours, true) = pair, (_field(name, x) for name, x in pair.items())
    check_alike(second, true, ours, first)
    for name, x in ((first, ours), (second, true)):
        if x.isinf().any():
            raise ValueError(f"{name} must be finite, or NaN where a pixel is missing, got inf")
    ours, true = (
        field.flatten(0, -3) if field.dim() > 2 else field[None] for field in (ours, true)
    )
    return zip(ours, true, ~(ours.isnan() | true.isnan()))


def _field(name, x):
    x = to_cpu(name, x)
    return check_input(name, x, ("H", "W") if x.dim() <= 2 else ("...",))
