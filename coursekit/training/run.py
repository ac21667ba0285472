"""The state of a training run: everything that a further step depends on.

Used by every chapter, through `coursekit.training.fit`.
"""

import copy
import functools
from contextlib import nullcontext

import pandas as pd
import torch

from coursekit.training import randomness
from coursekit.training.batches import Place
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
        self.epoch, self.step, self.rows = 0, 0, []
        self.best, self.best_loss, self.waited, self.stopped = None, float("inf"), 0, None

    @property
    def is_game(self):
        """Whether terms have a player's name before theirs."""
        return self.players[0].prefix != ""

    @functools.cached_property
    def generators(self):
        """The generators that batches, model and objectives keep, by path."""
        objectives = {f"{one.prefix}objective": one.objective for one in self.players}
        found = randomness.find(
            batches=self.batches, validation=self.validation, model=self.model, **objectives
        )
        return {f"{path}: {type(one).__name__}": one for path, one in found.items()}

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

    @torch.no_grad()
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

    def state(self):
        """Everything that moves on with a step, in terms of the tensors themselves."""
        return {
            **{name: getattr(self, name) for name in COUNTS},
            "rows": list(self.rows),
            "model": self.weights(),
            "parts": {name: randomness.plain(one.state_dict()) for name, one in self.parts.items()},
            "generators": {
                path: randomness.generator_state(one) for path, one in self.generators.items()
            },
            "random": randomness.global_state(),
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
        for path, one in self.generators.items():
            randomness.restore_generator(one, state["generators"][path])
        randomness.restore_global(state["random"])
        for name in COUNTS:
            setattr(self, name, state[name])
        self.rows = list(state["rows"])
