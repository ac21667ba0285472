"""The criterion that LeNet-5 was trained with.

Used by chapter 08.
"""

import math

import torch
from torch import Tensor

from coursekit.arguments import check_input, check_number, within
from coursekit.losses.inputs import at_labels, widened


def map_criterion(distances: Tensor, labels: Tensor, *, j: float) -> Tensor:
    """y_l + log(exp(-j) + sum_i exp(-y_i)), averaged over the batch, in nats (eq. 9).

    -log p(label) if exp(-y_i) are the weights of the classes and exp(-j) that of rubbish: a wrong
    class further away than about j > 0, which is yours to choose, is not pushed any further.
    For large j it is the cross-entropy of the logits -y. `distances` (N, I), `labels` (N,) int64.
    Raises ValueError for other shapes, distances below 0, labels other than 0 to I - 1, and j not
    above 0. LeCun, Bottou, Bengio and Haffner 1998.
    """
    j = check_number("j", j, above=0)
    check_input("distances", distances, ("N", "I"), fewest=1)
    (distances,) = widened(within("distances", distances, 0, math.inf))
    right = at_labels("labels", distances, labels)  # N
    rubbish = torch.full_like(right, -j)
    return (right + torch.logaddexp(rubbish, torch.logsumexp(-distances, 1))).mean()
