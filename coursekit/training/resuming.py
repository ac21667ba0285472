"""A run with a checkpoint: going on from it, and refusing one that is of another run.

Used by chapters with long runs: 05, 06 and 11.
"""

import torch
from torch.utils.data import DataLoader

from coursekit.training import checkpoints
from coursekit.training.batches import Batches
from coursekit.training.randomness import plain


class Checkpoint:
    """The file of a run. A path of None stands for no file, and nothing is saved."""

    def __init__(self, path, run):
        self.run = run
        self.path = None if path is None else checkpoints.check_path(path)
        if self.path is None:
            return
        _check_batches("batches", run.batches)
        if run.validation is not None:
            _check_batches("validation", run.validation)
        self.started = _settings(run)
        if self.path.exists():
            self._resume()
        else:
            checkpoints.check_keeps(self._content())

    def save(self):
        if self.path is not None:
            checkpoints.write(self.path, self._content())

    def _content(self):
        """The run's state, and what it was started with and has now."""
        return self.run.state() | {"started": self.started, "settings": _settings(self.run)}

    def _resume(self):
        """Take the state of the file. Raises ValueError, before a change, if it does not fit."""
        state = checkpoints.read(self.path)
        other, end = f"{self.path} is a checkpoint of", "Name another file or delete it."
        if not isinstance(state, dict) or state.keys() != self._content().keys():
            raise ValueError(f"{other} another version of `fit`. {end}")
        here, there = map(_forms, (self.run.weights(), state["model"]))
        differ = [name for name in here | there if here.get(name) != there.get(name)]
        if differ:
            raise ValueError(
                f"{other} another model; these weights differ: {', '.join(sorted(differ))}. {end}"
            )
        here, there = (
            [*self.run.parts, *self.run.generators],
            [*state["parts"], *state["generators"]],
        )
        if here != there:
            raise ValueError(
                f"{other} a run with {', '.join(there)}; this one has {', '.join(here)}. {end}"
            )
        for what in self.started | state["started"]:
            got, first = self.started.get(what), state["started"].get(what)
            if got not in (first, state["settings"].get(what)):
                raise ValueError(f"{other} a run with {what} = {first}; this one has {got}. {end}")
        self.run.restore(state)
        self.started = state["started"]
        print(f"going on after epoch {self.run.epoch} of {self.path}")


def _settings(run):
    """What a run is started with and a later one must not change: {what: value}.

    A schedule changes some of it on the way, so what it is at a save may be given as well.
    """
    found = {"batches in an epoch": len(run.batches)}
    names = {id(p): name for name, p in run.model.named_parameters(remove_duplicate=False)}
    for part, one in run.parts.items():
        if isinstance(one, torch.optim.Optimizer):
            for i, group in enumerate(one.param_groups):
                where = f" of group {i}" if len(one.param_groups) > 1 else ""
                options = group | {"params": [names[id(p)] for p in group["params"]]}
                found |= {f"{part}, {name}{where}": _value(v) for name, v in options.items()}
        elif one is run.scheduler:
            found |= {f"{part}, {name}": _value(v) for name, v in one.state_dict().items()}
    return found


def _value(value):
    return value.tolist() if isinstance(value, torch.Tensor) else plain(value)


def _forms(weights):
    """Shapes and types of tensors; other values as they are."""
    return {
        name: (one.shape, one.dtype) if isinstance(one, torch.Tensor) else one
        for name, one in weights.items()
    }


def _check_batches(name, batches):
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
