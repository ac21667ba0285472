"""A model as a table: layers, output shapes, parameters, multiply-adds.

For chapter 08.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import nn

from coursekit.arguments import check_counts, check_input, check_kind
from coursekit.layers.modes import eval_mode

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED)


def summary(model: nn.Module, x: torch.Tensor | Sequence[int]) -> pd.DataFrame:
    """One row a layer in the order of the calls; `x` is an input (N, ...) or its shape.

    Columns: `layer`, its name; `type`; `output`, the shape without the batch; `parameters`;
    `multiply_adds` of one example. Totals: `frame[["parameters", "multiply_adds"]].sum()`.

    A layer is a module without parts, or with parameters of its own. One that is called again
    gets another row: its multiply-adds are done again, its parameters counted once. Multiply-adds
    are those of linear layers and convolutions, padding included, biases not; every other layer
    has 0. Work done by functions instead of layers is not seen, nor layers that are not called,
    such as auxiliary heads in eval mode, in which the model runs.

    Raises TypeError and ValueError for an x that is neither a shape nor an input that has the type
    and device of the weights.

    Nothing is computed for a model on the meta device, whatever its size:

    >>> with torch.device("meta"):
    ...     model = nn.Sequential(nn.Conv2d(3, 64, 3), nn.Flatten(), nn.Linear(64, 10))
    >>> summary(model, (1, 3, 3, 3))[["layer", "output", "parameters", "multiply_adds"]]
      layer      output  parameters  multiply_adds
    0     0  (64, 1, 1)        1792           1728
    1     1       (64,)           0              0
    2     2       (10,)         650            640
    """
    check_kind("model", model, nn.Module, "a torch module")
    if not isinstance(x, torch.Tensor):
        like = next(model.parameters(), torch.zeros(()))
        shape = check_counts("x", x, form="an input (N, ...) or its shape")
        x = torch.zeros(shape, dtype=like.dtype, device=like.device)
    check_input("x", x, ("N", "..."), fewest=1, model=model)
    rows, counted = [], set()

    def note(name):
        def hook(layer, inputs, output):
            own = [p for p in layer.parameters(recurse=False) if p not in counted]
            counted.update(own)
            rows.append(
                {
                    "layer": name,
                    "type": type(layer).__name__,
                    "output": _shape(output)[1:],
                    "parameters": sum(p.numel() for p in own),
                    "multiply_adds": _multiply_adds(layer, inputs, output) // len(x),
                }
            )

        return hook

    handles = [
        layer.register_forward_hook(note(name))
        for name, layer in model.named_modules()
        if _is_layer(layer)
    ]
    try:
        with eval_mode(model), torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return pd.DataFrame(rows, columns=["layer", "type", "output", "parameters", "multiply_adds"])


def _is_layer(module):
    return not any(module.children()) or any(True for _ in module.parameters(recurse=False))


def _multiply_adds(layer, inputs, output):
    """Of the whole batch: each weight of a filter is used once a position of that filter.

    Filters of a transposed convolution stand on the input, all others on the output.
    """
    if not isinstance(layer, WEIGHTED):
        return 0
    positions = inputs[0] if isinstance(layer, TRANSPOSED) else output
    return positions.numel() * layer.weight[0].numel()


def _shape(output):
    """The shape of an output, or of the first of several."""
    while isinstance(output, (tuple, list)):
        output = output[0]
    return tuple(output.shape)
