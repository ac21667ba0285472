"""The criterion that LeNet-5 was trained with."""

import torch


def map_criterion(distances, labels, j):
    """y_l + log(exp(-j) + sum_i exp(-y_i)), averaged over the batch, in nats (eq. 9).

    -log p(label) if exp(-y_i) are the weights of the classes and exp(-j) that of rubbish: a wrong
    class further away than about j > 0, which is yours to choose, is not pushed any further.
    For large j it is the cross-entropy of the logits -y. `distances` (N, I), `labels` (N,) int64;
    raises ValueError for other shapes.
    """
    if distances.dim() != 2 or labels.shape != distances.shape[:1]:
        raise ValueError(
            "distances must be (N, I) and labels (N,), "
            f"got {tuple(distances.shape)} and {tuple(labels.shape)}"
        )
    right = distances.gather(1, labels[:, None]).squeeze(1)  # N
    rubbish = torch.full_like(right, -j)
    return (right + torch.logaddexp(rubbish, torch.logsumexp(-distances, 1))).mean()
