"""One pass over the batches, and in `_move` one training step.

Used by every chapter from 01 on, through `coursekit.training.fit`.
"""

import math

import torch

from coursekit.training.history import Mean
from coursekit.training.players import check_terms, read_terms


def train_epoch(run, bar):
    """One pass over the batches: the average of each term over the examples."""
    if not run.model.training:
        run.model.train()
    if not _defers(run):
        mean = Mean()
        _pass(run, mean, bar, careful=True)
    else:
        mean = _deferred_pass(run, bar)
    return mean.result() if mean.sums or not run.step else {}  # {}: no player's turn came


def _defers(run):
    """Whether terms are read once an epoch: where reading would wait for the device."""
    return run.place.on_cuda


def _deferred_pass(run, bar):
    """A pass that reads nothing. If a term was not finite, back to the start and step by step."""
    before, mean = run.snapshot(), Mean()
    try:
        _pass(run, mean, bar, careful=False)
        if mean.finite():
            return mean
    except BaseException:
        if mean.finite():  # it has another cause
            raise
    bar.update(-run.step)
    run.restore(before)
    _pass(run, Mean(), bar, careful=True)
    run.restore(before)
    raise FloatingPointError(
        f"epoch {run.epoch + 1}: a term was not finite, but all were when the epoch was repeated, "
        "so batches or objective depend on state that `fit` cannot see. "
        "The model keeps the weights from before this epoch."
    )


def _pass(run, mean, bar, careful):
    """Go through the batches once; each player whose turn it is moves, and `mean` gathers."""
    for batch in run.batches:
        batch, n = run.place.put("batches", batch)
        for player in run.players:
            if (run.epoch * len(run.batches) + run.step + 1) % player.every == 0:
                mean.add(_move(run, player, batch, careful), n)
        run.step += 1
        bar.update()


def _move(run, player, batch, careful):
    """One training step of one player: the values of its terms.

    `careful` reads them first, and leaves everything as it was if one is not finite.
    """
    buffers = run.buffers() if careful else None
    # 1. Forward: the objective computes its terms, the loss among them.
    with run.precision:
        terms = check_terms(player.objective(run.model, batch), learns=True)
    values = read_terms(terms, player.prefix, wait=careful)
    if careful:
        _check_finite(run, values, batch, buffers)
    # 2. Forget the gradients of the step before.
    player.optimizer.zero_grad()
    # 3. Backward: the gradient of the loss, into the parameters of this player.
    terms["loss"].backward(inputs=player.parameters)
    # 4. Step: the optimiser changes them.
    player.optimizer.step()
    return values


def _check_finite(run, values, batch, buffers):
    """Raise FloatingPointError for a term that is not, with the buffers as they were before."""
    for name, value in values.items():
        if not math.isfinite(value):
            run.restore_buffers(buffers)
            run.model.zero_grad()
            raise FloatingPointError(
                f"epoch {run.epoch + 1}, step {run.step + 1}: the term {name!r} is {value}; "
                f"{_cause(run, batch)}. The model keeps the weights from before this step."
            )


def _cause(run, batch):
    def finite(tensors):
        return all(torch.isfinite(tensor).all() for tensor in tensors)

    if not finite([batch] if isinstance(batch, torch.Tensor) else batch):
        return "the batch itself has NaN or infinite values"
    if not finite(run.model.parameters()):
        return "the weights are not finite: the gradient of an earlier step was not"
    return "try a smaller learning rate"
