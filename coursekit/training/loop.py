"""The training loop: one for every model and objective, or for several objectives in turn."""

import math
import os
import time
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import torch
from tqdm.auto import tqdm

from coursekit.training.checkpoints import Run
from coursekit.training.history import Mean


def fit(
    model,
    objective,
    batches,
    *,
    optimizer,
    epochs,
    every=None,
    validation=None,
    scheduler=None,
    patience=None,
    checkpoint=None,
):
    """Minimise `objective(model, batch)["loss"]` and return the `History`.

    Arguments
        objective: returns a dict of scalar tensors, averages over the batch, one of them "loss".
        batches, validation: `Batches`, a `DataLoader` or anything else with a length that yields
            batches: tensors (N, ...), or several of them, which the objective gets as a tuple.
        scheduler: stepped once after each epoch.
        patience: stop after so many epochs without a lower validation loss; the model keeps the
            best weights.
        checkpoint: a file, written after each epoch in one step. Where it exists already,
            training goes on from it, and ends with the same weights, bit for bit, as a run
            without the interruption.

    A game of several players, such as a GAN, has a dict of objectives and a dict of optimisers
    with the same names, and `model` holds all networks. On each batch the players move in the
    order of the dict; a move changes the parameters of its own optimiser and no others'. `every`
    lets a player move on each so many-th batch only: {"generator": 5} trains the critic five
    times as often. Terms go into the history as "generator loss" and so on.

    On a CPU the weights equal those of the plain loop (forward, zero_grad, backward, step) bit for
    bit; on CUDA the objective runs under bfloat16 autocast. Ctrl-C returns what has been learnt
    so far. A NaN or infinite loss raises FloatingPointError before the step is taken; its
    `history` holds the epochs before. Raises ValueError for a batch or an objective of another
    form and for a checkpoint of another model or run.
    """
    if patience is not None and (validation is None or isinstance(objective, dict)):
        raise ValueError(
            f"patience={patience} needs a validation set and a single objective, "
            "whose loss there it can watch"
        )
    players = _players(objective, optimizer, every or {})
    run = Run(model, optimizer, scheduler, batches, validation)
    if checkpoint is not None and Path(checkpoint).exists():
        run.load(checkpoint)
    bar = tqdm(
        total=epochs * len(batches),
        initial=run.epoch * len(batches),
        unit=" steps",
        leave=False,
        disable=bool(os.environ.get("TQDM_DISABLE")),
    )
    try:
        while run.epoch < epochs and run.stopped is None:
            started = time.perf_counter()
            row = _train(model, players, batches, run, bar)
            bar.set_postfix(
                {name: f"{value:.4g}" for name, value in row.items() if name.endswith("loss")},
                refresh=False,
            )
            if validation is not None:
                terms = evaluate(model, objective, validation)
                row |= {f"validation {name}": value for name, value in terms.items()}
            if scheduler is not None:
                scheduler.step()
            run.end_epoch(row | {"seconds": time.perf_counter() - started}, patience)
            if checkpoint is not None:
                run.save(checkpoint)
    except KeyboardInterrupt:
        run.stopped = f"interrupted in epoch {run.epoch + 1} after {run.step} steps"
        print(f"{run.stopped}; the model keeps what it has learnt")
    except FloatingPointError as error:
        error.history = run.history()
        raise
    finally:
        bar.close()
    if patience is not None and run.best is not None:
        model.load_state_dict(run.best)
    return run.history()


class _Player(NamedTuple):
    prefix: str  # of its terms in the history
    objective: object
    optimizer: torch.optim.Optimizer
    parameters: list | None  # where its gradients go; None: wherever they lead
    every: int = 1


def _players(objective, optimizer, every):
    """The players of a game in the order of their moves; a single objective is a game of one."""
    if not isinstance(objective, dict):
        if isinstance(optimizer, dict) or every:
            raise ValueError("several optimisers, and `every`, need a dict of objectives")
        return [_Player("", objective, optimizer, None)]
    if not isinstance(optimizer, dict) or optimizer.keys() != objective.keys():
        got = list(optimizer) if isinstance(optimizer, dict) else type(optimizer).__name__
        raise ValueError(
            f"the optimisers must be a dict with the names {list(objective)} "
            f"of the objectives, got {got}"
        )
    if every.keys() - objective.keys() or any(count < 1 for count in every.values()):
        raise ValueError(
            f"every must give players out of {list(objective)} a number of batches "
            f"from 1 on, got {every}"
        )
    return [
        _Player(
            f"{name} ",
            objective[name],
            optimizer[name],
            [p for group in optimizer[name].param_groups for p in group["params"]],
            every.get(name, 1),
        )
        for name in objective
    ]


def _train(model, players, batches, run, bar):
    """One pass over the batches: the average of each term over the examples."""
    model.train()
    device = next(model.parameters()).device
    on_gpu = device.type == "cuda"
    precision = torch.autocast("cuda", torch.bfloat16) if on_gpu else nullcontext()
    mean = Mean()
    for batch in batches:
        batch, n = _to(batch, device)
        for player in players:
            if (run.epoch * len(batches) + run.step + 1) % player.every:
                continue
            with precision:
                terms = player.objective(model, batch)
            values = _values(terms, player.prefix)
            for name, value in values.items():
                if not math.isfinite(value):
                    raise FloatingPointError(_diagnosis(run, name, value, batch))
            player.optimizer.zero_grad()
            terms["loss"].backward(inputs=player.parameters)
            player.optimizer.step()
            mean.add(values, n)
        run.step += 1
        bar.update()
    return mean.result()


@torch.no_grad()
def evaluate(model, objective, batches):
    """Each term of `objective` averaged over all examples, in eval mode: a dict of floats.

    A dict of objectives is evaluated as `fit` names their terms.
    """
    objectives = (
        {f"{name} ": one for name, one in objective.items()}
        if isinstance(objective, dict)
        else {"": objective}
    )
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    mean = Mean()
    try:
        for batch in batches:
            batch, n = _to(batch, device)
            for prefix, one in objectives.items():
                mean.add(_values(one(model, batch), prefix), n)
    finally:
        model.train(was_training)
    return mean.result()


def _to(batch, device):
    """The batch on the device, and its number of examples."""
    parts = [batch] if isinstance(batch, torch.Tensor) else list(batch)
    usable = [isinstance(part, torch.Tensor) and part.dim() and len(part) for part in parts]
    if not usable or not all(usable):
        got = [tuple(p.shape) if isinstance(p, torch.Tensor) else type(p).__name__ for p in parts]
        raise ValueError(
            "a batch must be a tensor (N, ...) with N > 0 or several of them, "
            f"got {type(batch).__name__} of {got}"
        )
    parts = tuple(part.to(device, non_blocking=True) for part in parts)
    return parts[0] if isinstance(batch, torch.Tensor) else parts, len(parts[0])


def _values(terms, prefix):
    """The terms that an objective returned, as numbers under their names in the history."""
    if not isinstance(terms, dict) or "loss" not in terms:
        got = list(terms) if isinstance(terms, dict) else type(terms).__name__
        raise ValueError(f'the objective must return a dict of scalars with "loss", got {got}')
    return {f"{prefix}{name}": value.item() for name, value in terms.items()}


def _diagnosis(run, name, value, batch):
    def finite(tensors):
        return all(torch.isfinite(tensor).all() for tensor in tensors)

    if not finite([batch] if isinstance(batch, torch.Tensor) else batch):
        cause = "the batch itself has NaN or infinite values"
    elif not finite(run.model.parameters()):
        cause = "the weights are not finite: the gradient of an earlier step was not"
    else:
        cause = "try a smaller learning rate"
    return (
        f"epoch {run.epoch + 1}, step {run.step + 1}: the term {name!r} is {value}; {cause}. "
        "The model keeps the weights from before this step."
    )
