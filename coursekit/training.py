"""Training: one loop for every model with one objective, resumable to the bit."""

import math
import os
import time
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import torch
from tqdm.auto import tqdm

from coursekit.data.batches import Batches

__all__ = ["Batches", "History", "evaluate", "fit"]


class History(pd.DataFrame):
    """One row an epoch: every term's average over the examples, "validation ..." columns where
    there is a validation set, and the seconds it took. `stopped` says why training ended early.
    """

    _metadata = ["stopped"]
    stopped = None

    @property
    def _constructor(self):
        return History


def fit(model, objective, batches, *, optimizer, epochs, validation=None, scheduler=None,
        patience=None, checkpoint=None):
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

    On a CPU the weights equal those of the plain loop (forward, zero_grad, backward, step) bit for
    bit; on CUDA the objective runs under bfloat16 autocast. Ctrl-C returns what has been learnt
    so far. A NaN or infinite loss raises FloatingPointError before the step is taken; its
    `history` holds the epochs before. Raises ValueError for a batch or an objective of another
    form and for a checkpoint of another model or run.
    """
    if patience is not None and validation is None:
        raise ValueError(f"patience={patience} needs a validation set to watch")
    run = _Run(model, optimizer, scheduler, batches, validation)
    if checkpoint is not None and Path(checkpoint).exists():
        run.load(checkpoint)
    bar = tqdm(total=epochs * len(batches), initial=run.epoch * len(batches), unit=" steps",
               leave=False, disable=bool(os.environ.get("TQDM_DISABLE")))
    try:
        while run.epoch < epochs and run.stopped is None:
            started = time.perf_counter()
            row = _train(model, objective, batches, optimizer, run, bar)
            if validation is not None:
                terms = evaluate(model, objective, validation)
                row |= {f"validation {name}": value for name, value in terms.items()}
            if scheduler is not None:
                scheduler.step()
            run.end_epoch(row | {"seconds": time.perf_counter() - started}, patience)
            bar.set_postfix(loss=f"{row['loss']:.4g}", refresh=False)
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


def _train(model, objective, batches, optimizer, run, bar):
    """One pass over the batches: the average of each term over the examples."""
    model.train()
    device = next(model.parameters()).device
    on_gpu = device.type == "cuda"
    precision = torch.autocast("cuda", torch.bfloat16) if on_gpu else nullcontext()
    mean = _Mean()
    for batch in batches:
        batch, n = _to(batch, device)
        with precision:
            terms = objective(model, batch)
        values = _values(terms)
        for name, value in values.items():
            if not math.isfinite(value):
                raise FloatingPointError(_diagnosis(run, name, value, batch))
        optimizer.zero_grad()
        terms["loss"].backward()
        optimizer.step()
        mean.add(values, n)
        run.step += 1
        bar.update()
    return mean.result()


@torch.no_grad()
def evaluate(model, objective, batches):
    """Each term of `objective` averaged over all examples, in eval mode: a dict of floats."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    mean = _Mean()
    try:
        for batch in batches:
            batch, n = _to(batch, device)
            mean.add(_values(objective(model, batch)), n)
    finally:
        model.train(was_training)
    return mean.result()


class _Mean:
    """Averages over examples: sums of batch average times batch size, divided once."""

    def __init__(self):
        self.sums, self.examples = {}, 0

    def add(self, values, n):
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * n
        self.examples += n

    def result(self):
        if not self.examples:
            raise ValueError("the batches are empty: there is nothing to average")
        return {name: total / self.examples for name, total in self.sums.items()}


def _to(batch, device):
    """The batch on the device, and its number of examples."""
    parts = [batch] if isinstance(batch, torch.Tensor) else list(batch)
    usable = [isinstance(part, torch.Tensor) and part.dim() and len(part) for part in parts]
    if not usable or not all(usable):
        got = [tuple(p.shape) if isinstance(p, torch.Tensor) else type(p).__name__ for p in parts]
        raise ValueError("a batch must be a tensor (N, ...) with N > 0 or several of them, "
                         f"got {type(batch).__name__} of {got}")
    parts = tuple(part.to(device, non_blocking=True) for part in parts)
    return parts[0] if isinstance(batch, torch.Tensor) else parts, len(parts[0])


def _values(terms):
    """The terms that an objective returned, as numbers."""
    if not isinstance(terms, dict) or "loss" not in terms:
        got = list(terms) if isinstance(terms, dict) else type(terms).__name__
        raise ValueError(f'the objective must return a dict of scalars with "loss", got {got}')
    return {name: value.item() for name, value in terms.items()}


def _diagnosis(run, name, value, batch):
    def finite(tensors):
        return all(torch.isfinite(tensor).all() for tensor in tensors)

    if not finite([batch] if isinstance(batch, torch.Tensor) else batch):
        cause = "the batch itself has NaN or infinite values"
    elif not finite(run.model.parameters()):
        cause = "the weights are not finite: the gradient of an earlier step was not"
    else:
        cause = "try a smaller learning rate"
    return (f"epoch {run.epoch + 1}, step {run.step + 1}: the term {name!r} is {value}; {cause}. "
            "The model keeps the weights from before this step.")


class _Run:
    """What a checkpoint holds: the state of everything that a further step depends on."""

    def __init__(self, model, optimizer, scheduler, batches, validation):
        parts = {"optimizer": optimizer, "scheduler": scheduler,
                 "batches": getattr(batches, "generator", None),
                 "validation": getattr(validation, "generator", None)}
        self.model = model
        self.parts = {f"{name}: {type(part).__name__}": part
                      for name, part in parts.items() if part is not None}
        self.epoch, self.step, self.rows = 0, 0, []
        self.best, self.best_loss, self.waited, self.stopped = None, float("inf"), 0, None

    def history(self):
        frame = History(self.rows, index=pd.RangeIndex(1, len(self.rows) + 1, name="epoch"))
        frame.stopped = self.stopped
        return frame

    def end_epoch(self, row, patience):
        self.rows.append(row)
        self.epoch, self.step = self.epoch + 1, 0
        if patience is None:
            return
        self.waited += 1
        if row["validation loss"] < self.best_loss:
            self.best_loss, self.waited = row["validation loss"], 0
            self.best = {key: value.clone() for key, value in self.model.state_dict().items()}
        if self.waited >= patience:
            self.stopped = f"no lower validation loss for {patience} epochs"

    def save(self, path):
        path = Path(path)
        state = {key: getattr(self, key)
                 for key in ("epoch", "rows", "best", "best_loss", "waited", "stopped")}
        state["model"] = self.model.state_dict()
        state["parts"] = {
            name: part.get_state() if isinstance(part, torch.Generator) else part.state_dict()
            for name, part in self.parts.items()
        }
        state["random"] = torch.get_rng_state(), torch.cuda.get_rng_state_all()
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        with open(partial, "wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)

    def load(self, path):
        device = next(self.model.parameters()).device
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            there, theirs = state["model"], state["parts"]
        except Exception as error:  # torch.load raises many kinds
            raise ValueError(f"{path} is not a checkpoint of `fit`, or it is damaged. "
                             "Name another file or delete it.") from error
        here = self.model.state_dict()
        differ = {key for key in here.keys() | there.keys()
                  if key not in here or key not in there or here[key].shape != there[key].shape}
        if differ:
            raise ValueError(f"{path} is a checkpoint of another model; these weights differ: "
                             f"{', '.join(sorted(differ))}. Name another file or delete it.")
        if theirs.keys() != self.parts.keys():
            raise ValueError(f"{path} is a checkpoint of a run with {', '.join(theirs)}; this one "
                             f"has {', '.join(self.parts)}. Name another file or delete it.")
        self.model.load_state_dict(there)
        for name, part in self.parts.items():
            restore = part.set_state if isinstance(part, torch.Generator) else part.load_state_dict
            restore(theirs[name])
        for key in ("epoch", "rows", "best_loss", "waited", "stopped"):
            setattr(self, key, state[key])
        self.best = state["best"] and {k: v.to(device) for k, v in state["best"].items()}
        torch.set_rng_state(state["random"][0])
        torch.cuda.set_rng_state_all(state["random"][1])
        print(f"going on after epoch {self.epoch} of {path}")
