"""Training: one loop for every model, resumable to the bit.

| module | what it holds |
|---|---|
| `loop` | `fit`: training with any objective, optimiser and schedule, or of a game of several |
| `recipe` | `train`: `fit` with the course's usual optimiser and schedule |
| `steps` | one pass over the batches, and one training step |
| `players` | who moves in a step: objective, optimiser, parameters |
| `evaluation` | `evaluate`, `predict`: a model in eval mode and without gradients |
| `batches` | `Batches`: data in memory; what batches must look like |
| `history` | `History`: one row an epoch |
| `run` | the state of a run: everything that a further step depends on |
| `randomness` | the random part of it: global generators, and those that objects keep |
| `resuming` | a run with a checkpoint: going on, and refusing one of another run |
| `checkpoints` | files that hold a state |

`eval_mode` comes from `coursekit.layers.modes`.
"""

from coursekit.layers.modes import eval_mode
from coursekit.training.batches import Batches
from coursekit.training.evaluation import evaluate, predict
from coursekit.training.history import History
from coursekit.training.loop import fit
from coursekit.training.recipe import train

__all__ = ["Batches", "History", "eval_mode", "evaluate", "fit", "predict", "train"]
