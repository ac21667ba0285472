"""The course's usual way to train, as one call.

Used by every chapter from 01 on.
"""

from collections.abc import Iterable

import torch
from torch import nn

from coursekit.arguments import check_count, check_kind, check_number
from coursekit.training.batches import Batch, Batches, Place
from coursekit.training.history import History
from coursekit.training.loop import fit
from coursekit.training.players import Objective


def train(
    model: nn.Module,
    objective: Objective,
    *tensors: torch.Tensor,
    epochs: int,
    lr: float = 1e-3,
    batch_size: int = 64,
    seed: int = 0,
    validation: Iterable[Batch] | None = None,
) -> History:
    """`fit` on shuffled batches of the tensors, by Adam (Kingma and Ba 2015) with betas 0.9, 0.999.

    The learning rate falls from `lr` to 0 along a cosine, lr (1 + cos(pi e / epochs)) / 2 in epoch
    e = 0, 1, ... (Loshchilov and Hutter 2017, Equation 5). `seed` is that of the order of the data.
    Raises what `Batches` and `fit` raise; another optimiser or schedule is a call of `fit`.
    """
    check_kind("model", model, nn.Module, "a torch module")
    batches = Batches(*tensors, batch_size=batch_size, seed=seed)
    Place(model).put("tensors", tuple(tensor[:1] for tensor in tensors))
    check_count("epochs", epochs, least=0)
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError("model must have parameters to train, and this one has none")
    fused = all(p.is_floating_point() and p.device.type in ("cpu", "cuda") for p in parameters)
    optimizer = torch.optim.Adam(
        parameters, lr=check_number("lr", lr, above=0, high=10), fused=fused
    )
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(epochs, 1))
    return fit(
        model,
        objective,
        batches,
        optimizer=optimizer,
        epochs=epochs,
        validation=validation,
        scheduler=scheduler,
    )
