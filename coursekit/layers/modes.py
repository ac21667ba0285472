"""The mode that a model's layers are in: training or evaluation.

Used by every chapter, through `coursekit.training` and `coursekit.inspection`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from coursekit.arguments import check_kind


@contextmanager
def eval_mode(model: nn.Module) -> Iterator[nn.Module]:
    """The model in eval mode; afterwards every layer is back in the mode that it had.

    (`model.train()` would put a layer that was frozen in eval mode into training mode too.)
    """
    check_kind("model", model, nn.Module, "a torch module")
    modes = [(layer, layer.training) for layer in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for layer, training in modes:
            layer.training = training
