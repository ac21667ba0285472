"""The state of a training run, kept in a file so that it can go on to the same bits."""

import os
from pathlib import Path

import pandas as pd
import torch

from coursekit.training.history import History


class Run:
    """What a checkpoint holds: the state of everything that a further step depends on."""

    def __init__(self, model, optimizer, scheduler, batches, validation):
        optimizers = (
            {f"optimizer of {name}": one for name, one in optimizer.items()}
            if isinstance(optimizer, dict)
            else {"optimizer": optimizer}
        )
        parts = {
            **optimizers,
            "scheduler": scheduler,
            "batches": getattr(batches, "generator", None),
            "validation": getattr(validation, "generator", None),
        }
        self.model = model
        self.parts = {
            f"{name}: {type(part).__name__}": part
            for name, part in parts.items()
            if part is not None
        }
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
        state = {
            key: getattr(self, key)
            for key in ("epoch", "rows", "best", "best_loss", "waited", "stopped")
        }
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
            raise ValueError(
                f"{path} is not a checkpoint of `fit`, or it is damaged. "
                "Name another file or delete it."
            ) from error
        here = self.model.state_dict()
        differ = {
            key
            for key in here.keys() | there.keys()
            if key not in here or key not in there or here[key].shape != there[key].shape
        }
        if differ:
            raise ValueError(
                f"{path} is a checkpoint of another model; these weights differ: "
                f"{', '.join(sorted(differ))}. Name another file or delete it."
            )
        if theirs.keys() != self.parts.keys():
            raise ValueError(
                f"{path} is a checkpoint of a run with {', '.join(theirs)}; this one "
                f"has {', '.join(self.parts)}. Name another file or delete it."
            )
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
