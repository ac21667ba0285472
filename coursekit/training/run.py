"""The state of a training run: everything that a further step depends on.

Used by every chapter, through `coursekit.training.fit`.
"""

import copy
from contextlib import nullcontext

import pandas as pd
import torch
from torch.utils.data import DataLoader

from coursekit.training import checkpoints, randomness
from coursekit.training.batches import Batches, Place
from coursekit.training.history import History

COUNTS = ("epoch", "step", "rows", "best", "best_loss", "waited", "stopped")


class Run:
    """A model in training, with its players, batches and validation set, and how far it is."""

    def __init__(self, model, players, batches, validation, scheduler):
        self.model, self.players, self.batches, self.scheduler = model, players, batches, scheduler
        self.place = Place(model)
        self.precision = (
            torch.autocast("cuda", torch.bfloat16) if self.place.on_cuda else nullcontext()
        )
        self.validation = validation
        self.layers = [layer._buffers for layer in model.modules() if layer._buffers]
        parts = {
            f"optimizer of {one.prefix.strip()}" if one.prefix else "optimizer": one.optimizer
            for one in players
        }
        parts["scheduler"] = scheduler
        for name, one in (("batches", batches), ("validation", validation)):
            parts[name] = one if hasattr(one, "load_state_dict") else None
        self.parts = {
            f"{name}: {type(one).__name__}": one for name, one in parts.items() if one is not None
        }
        self.generators = randomness.find(
            batches=batches,
            validation=validation,
            model=model,
            **{f"{one.prefix}objective".replace(" ", "_"): one.objective for one in players},
        )
        self.names = [
            *self.parts,
            *(f"{k}: {type(g).__name__}" for k, g in self.generators.items()),
        ]
        self.started = self.settings()
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
            self.best = copy.deepcopy(self.weights())
        if self.waited >= patience:
            self.stopped = f"no lower validation loss for {patience} epochs"

    def weights(self):
        """The model's parameters and buffers, also those that `state_dict` leaves out."""
        buffers = {name: buffer.detach() for name, buffer in self.model.named_buffers()}
        return buffers | dict(self.model.state_dict())

    def load_weights(self, weights):
        own = self.model.state_dict()
        self.model.load_state_dict({name: weights[name] for name in own})
        for name, buffer in self.model.named_buffers():
            if name not in own:
                buffer.copy_(weights[name])

    def buffers(self):
        """The buffers, such as a batch norm's running averages, each with a copy."""
        return [
            (layer, name, buffer, buffer.clone())
            for layer in self.layers
            for name, buffer in layer.items()
            if buffer is not None
        ]

    @torch.no_grad()
    def restore_buffers(self, copies):
        for layer, name, buffer, before in copies:
            layer[name] = buffer.copy_(before)

    def settings(self):
        """What a run is started with and a checkpoint must not change: {what: value}."""
        found = {"batches in an epoch": len(self.batches)}
        names = {id(p): name for name, p in self.model.named_parameters(remove_duplicate=False)}
        for part, one in self.parts.items():
            if isinstance(one, torch.optim.Optimizer):
                for i, group in enumerate(one.param_groups):
                    where = f" of group {i}" if len(one.param_groups) > 1 else ""
                    for option, value in group.items():
                        if option == "params":
                            option, value = "parameters", [names[id(p)] for p in value]
                        if isinstance(value, torch.Tensor):
                            value = value.tolist()
                        found[f"{part}, {option}{where}"] = randomness.plain(value)
            elif one is self.scheduler:
                for option, value in one.state_dict().items():
                    found[f"{part}, {option}"] = randomness.plain(value)
        return found

    def state(self):
        """Everything, in terms of the tensors themselves: a deep copy of it is a snapshot."""
        return {
            **{name: getattr(self, name) for name in COUNTS},
            "rows": list(self.rows),
            "started": self.started,
            "settings": self.settings(),
            "model": self.weights(),
            "parts": {name: randomness.plain(one.state_dict()) for name, one in self.parts.items()},
            "generators": [randomness.generator_state(one) for one in self.generators.values()],
            "random": randomness.global_state(),
            "names": self.names,
        }

    def snapshot(self):
        """The state as it is now, for `restore`: one more copy of weights and optimisers."""
        state = self.state()
        return state | copy.deepcopy({part: state[part] for part in ("model", "parts")})

    def restore(self, state):
        """Go back to what `state` saw."""
        self.load_weights(state["model"])
        for name, one in self.parts.items():
            one.load_state_dict(copy.deepcopy(state["parts"][name]))  # which may keep its tensors
        for one, saved in zip(self.generators.values(), state["generators"]):
            randomness.restore_generator(one, saved)
        randomness.restore_global(state["random"])
        for name in COUNTS:
            setattr(self, name, state[name])
        self.rows, self.started = list(state["rows"]), state["started"]

    def resume(self, path):
        """Go on from a checkpoint, if there is one. Whatever does not fit is said before any of it
        is overwritten, and what a file cannot hold before the first epoch."""
        _check_keeps("batches", self.batches)
        if self.validation is not None:
            _check_keeps("validation", self.validation)
        if not path.exists():
            checkpoints.check_keeps(self.state())
            return
        state = checkpoints.read(path)
        self.check_fits(path, state)
        self.restore(state)
        print(f"going on after epoch {self.epoch} of {path}")

    def check_fits(self, path, state):
        """Raise ValueError for the state of another run."""
        other, end = f"{path} is a checkpoint of", "Name another file or delete it."
        if state.keys() != self.state().keys():
            raise ValueError(f"{other} another version of `fit`. {end}")
        here, there = (
            {k: _form(v) for k, v in w.items()} for w in (self.weights(), state["model"])
        )
        differ = [k for k in here.keys() | there.keys() if here.get(k) != there.get(k)]
        if differ:
            raise ValueError(
                f"{other} another model; these weights differ: {', '.join(sorted(differ))}. {end}"
            )
        if state["names"] != self.names:
            raise ValueError(
                f"{other} a run with {', '.join(state['names'])}; this one has "
                f"{', '.join(self.names)}. {end}"
            )
        for what in self.started | state["started"]:
            got, first = self.started.get(what), state["started"].get(what)
            if got not in (first, state["settings"].get(what)):
                raise ValueError(f"{other} a run with {what} = {first}; this one has {got}. {end}")


def _form(value):
    return (value.shape, value.dtype) if isinstance(value, torch.Tensor) else value


def _check_keeps(name, batches):
    """A checkpoint needs batches whose whole state is known."""
    if getattr(batches, "persistent_workers", False):
        raise ValueError(
            f"{name}: workers that persist keep random state that a checkpoint cannot hold; "
            "set persistent_workers=False"
        )
    if not isinstance(batches, Batches | DataLoader | list) and not hasattr(batches, "state_dict"):
        raise ValueError(
            f"{name} of type {type(batches).__name__} may have state that a checkpoint cannot see; "
            "use Batches or a DataLoader, or give it state_dict and load_state_dict"
        )
