"""Training: one loop for every model, resumable to the bit."""

from coursekit.training.batches import Batches
from coursekit.training.history import History
from coursekit.training.loop import evaluate, fit

__all__ = ["Batches", "History", "evaluate", "fit"]
