"""What training leaves behind beside the weights: one row an epoch.

Used by every chapter from 01 on.
"""

import math

import pandas as pd


class History(pd.DataFrame):
    """One row an epoch: every term's average over the examples, "validation ..." columns where
    there is a validation set, and the seconds it took. `stopped` says why training ended early.
    """

    _metadata = ["stopped"]
    stopped = None

    @property
    def _constructor(self):
        return History


class Mean:
    """Averages over examples: sums of batch average times batch size, divided once.

    The values are floats, or float64 scalars on a CUDA device. Those are added up there, to the
    same bits, and only `result` and `finite` wait for the device.

    >>> mean = Mean()
    >>> for part in ([0, 1, 2, 3], [4, 5, 6, 7], [8, 9]):
    ...     mean.add({"loss": sum(part) / len(part)}, len(part))
    >>> mean.result()  # the mean of the three means would be 5.17
    {'loss': 4.5}
    """

    def __init__(self):
        self.sums, self.examples = {}, {}

    def add(self, values, n):
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * n
            self.examples[name] = self.examples.get(name, 0) + n

    def finite(self):
        """Whether every value so far was: one that was not stays in its sum."""
        return all(math.isfinite(total) for total in self.sums.values())

    def result(self):
        if not self.sums:
            raise ValueError("the batches are empty: there is nothing to average")
        return {name: float(total) / self.examples[name] for name, total in self.sums.items()}
