"""The training loop: one for every model and objective, or for several objectives in turn.

One pass over the batches, and one training step, stand in `steps`.
Used by every chapter from 01 on.
"""

import math
import os
import time
from collections.abc import Iterable

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from tqdm import tqdm

from coursekit.arguments import check_count, check_kind
from coursekit.training.batches import Batch, check_batches
from coursekit.training.evaluation import mean_terms
from coursekit.training.history import History
from coursekit.training.players import Objective, make_players
from coursekit.training.resuming import Checkpoint
from coursekit.training.run import Run
from coursekit.training.steps import train_epoch


def fit(
    model: nn.Module,
    objective: Objective | dict[str, Objective],
    batches: Iterable[Batch],
    *,
    optimizer: torch.optim.Optimizer | dict[str, torch.optim.Optimizer],
    epochs: int,
    every: dict[str, int] | None = None,
    validation: Iterable[Batch] | None = None,
    scheduler: LRScheduler | None = None,
    patience: int | None = None,
    checkpoint: str | os.PathLike | None = None,
) -> History:
    """Minimise `objective(model, batch)["loss"]` and return the `History`.

    Arguments
        objective: returns a dict of scalar tensors, averages over the batch, one of them "loss".
        batches, validation: `Batches`, a `DataLoader` or anything else with a length that yields
            batches: tensors (N, ...), or several of them, which the objective gets as a tuple.
        scheduler: stepped once after each epoch; `ReduceLROnPlateau` watches the validation loss,
            or the training loss where there is no validation set.
        patience: stop after so many epochs without a lower validation loss; the model keeps the
            best weights.
        checkpoint: a file, written after each epoch in one step. Where it exists already,
            training goes on from it, and ends with the same weights, bit for bit, as a run
            without the interruption. It holds the state of torch's, NumPy's and Python's global
            generators, and of every generator that the batches, the model and the objective
            keep in attributes or variables. Batches of a kind of their own need `state_dict`.

    A game of several players, such as a GAN, has a dict of objectives and a dict of optimisers
    with the same names, and `model` holds all networks. On each batch the players move in the
    order of the dict; a move changes the parameters of its own optimiser and no others'. `every`
    lets a player move on each so many-th batch only: {"generator": 5} trains the critic five
    times as often. Terms go into the history as "generator loss" and so on.

    A model in training mode keeps the modes of its layers, so that one in eval mode (a frozen
    batch norm) stays frozen; a model in eval mode is put into training mode as a whole.

    On a CPU the weights equal those of the plain loop (forward, zero_grad, backward, step) bit for
    bit. On CUDA the objective runs under bfloat16 autocast, and no step waits for the device: the
    terms are read once an epoch, and should one not be finite, the epoch is repeated, with a check
    in each step, from a copy of everything that is made at its start.

    Ctrl-C returns what has been learnt so far. A NaN or infinite term raises FloatingPointError
    before the step is taken: weights, buffers and optimisers are those from before it. The error's
    `history` holds the epochs before; so does that of an OSError where a checkpoint cannot be
    written. Raises TypeError and ValueError for arguments that cannot be used, for a batch or an
    objective of another form and for a checkpoint of another model or run.
    """
    run = _begin(model, objective, batches, optimizer, epochs, every, validation, scheduler)
    _check_patience(patience, run)
    file = Checkpoint(checkpoint, run)
    bar = _bar(epochs, run)
    try:
        while run.epoch < epochs and run.stopped is None:
            started = time.perf_counter()
            row = train_epoch(run, bar)
            losses = {name: f"{value:.4g}" for name, value in row.items() if name.endswith("loss")}
            bar.set_postfix(losses, refresh=False)
            if validation is not None:
                row |= _validate(run)
            if scheduler is not None:
                _schedule(scheduler, row)
            run.end_epoch(row | {"seconds": time.perf_counter() - started}, patience)
            file.save()
    except KeyboardInterrupt:
        run.stopped = f"interrupted in epoch {run.epoch + 1} after {run.step} steps"
        print(f"{run.stopped}; the model keeps what it has learnt")
    except (FloatingPointError, OSError) as error:
        error.history = run.history()
        raise
    finally:
        bar.close()
    if patience is not None and run.best is not None:
        run.load_weights(run.best)
    return run.history()


def _begin(model, objective, batches, optimizer, epochs, every, validation, scheduler):
    """A run of these arguments, checked."""
    check_kind("model", model, nn.Module, "a torch module")
    if next(model.parameters(), None) is None:
        raise ValueError("model must have parameters to train, and this one has none")
    check_batches("batches", batches)
    if validation is not None:
        check_batches("validation", validation)
    moves = check_count("epochs", epochs, least=0) * len(batches)
    players = make_players(model, objective, optimizer, every, moves)
    run = Run(model, players, batches, validation, scheduler)
    if scheduler is not None:
        _check_scheduler(scheduler, run)
    return run


def _validate(run):
    """The terms of the validation set for the history; none may be NaN or infinite."""
    objectives = {player.prefix: player.objective for player in run.players}
    terms = mean_terms(run.model, objectives, run.validation, "validation")
    row = {f"validation {name}": value for name, value in terms.items()}
    for name, value in row.items():
        if not math.isfinite(value):
            raise FloatingPointError(
                f"epoch {run.epoch + 1}: the term {name!r} is {value}, over the whole set. "
                "The model keeps the weights from the end of this epoch."
            )
    return row


def _schedule(scheduler, row):
    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(row.get("validation loss", row["loss"]))
    else:
        scheduler.step()


def _bar(epochs, run):
    return tqdm(
        total=epochs * len(run.batches),
        initial=run.epoch * len(run.batches),
        unit=" steps",
        leave=False,
        disable=bool(os.environ.get("TQDM_DISABLE")),
    )


def _check_patience(patience, run):
    if patience is not None:
        check_count("patience", patience)
        if run.validation is None or run.is_game:
            raise ValueError(
                f"patience={patience} needs a validation set and a single objective, "
                "whose loss there it can watch"
            )


def _check_scheduler(scheduler, run):
    check_kind("scheduler", scheduler, LRScheduler, "a scheduler of torch.optim.lr_scheduler")
    changed = getattr(scheduler, "optimizer", None)
    if changed is not None and all(changed is not player.optimizer for player in run.players):
        raise ValueError("scheduler must be made with the optimizer that is given here")
    if isinstance(scheduler, ReduceLROnPlateau) and run.is_game:
        raise ValueError("scheduler: ReduceLROnPlateau needs a single objective, to watch its loss")
