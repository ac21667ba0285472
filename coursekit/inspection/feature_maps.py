"""What the layers of a model put out on the way: feature maps by name.

For chapters 03, 04 and 09.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

import torch
from torch import nn

from coursekit.arguments import check_input, check_kind


@contextmanager
def capture(model: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, torch.Tensor]]:
    """A dict that fills, layer name -> output, when the model is called inside the block.

    Each layer may be called once: of the second call's output nobody could say which was meant.
    The model goes on with a copy, so that a later in-place operation (the ReLU of torchvision's
    networks) changes neither the captured tensor nor its gradient.

    Raises TypeError and ValueError unless `layers` is a list of names from
    `model.named_modules()`, and inside the block for a layer that is called twice or that returns
    something else than a tensor.
    """
    if isinstance(layers, str):
        raise TypeError(f"layers must be a list of names, got a string; write [{layers!r}]")
    if not check_kind("layers", layers, (list, tuple), "a list of names"):
        raise ValueError("layers must name at least one layer, got none")
    found = {name: check_layer(f"layers[{i}]", model, name) for i, name in enumerate(layers)}
    outputs = {}
    handles = [layer.register_forward_hook(_keep(outputs, name)) for name, layer in found.items()]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def features(model: nn.Module, layers: Sequence[str], x: torch.Tensor) -> dict[str, torch.Tensor]:
    """The outputs of the named layers, {name: tensor}, in one forward pass of x.

    The tensors are attached to the graph: gradients flow through them to x and the parameters.
    The model runs in the mode that it is in: call `eval()` first on a trained one.
    `layers` is a list of names as in `model.named_modules()`.
    Raises ValueError as `capture` does, and for a layer that the pass does not reach.

    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten())
    >>> features(model, ["0", "1"], torch.zeros(2, 1, 5, 5))["1"].shape
    torch.Size([2, 4, 3, 3])
    """
    with capture(model, layers) as outputs:
        model(check_input("x", x, ("N", "..."), fewest=1, model=model))
    if missed := [name for name in layers if name not in outputs]:
        raise ValueError(f"layers must be called in the forward pass, not called: {missed}")
    return outputs


def check_layer(argument: str, model: nn.Module, name: str) -> nn.Module:
    """The layer of that name, as in `model.named_modules()`; ValueError names close ones."""
    check_kind("model", model, nn.Module, "a torch module")
    modules = dict(model.named_modules(remove_duplicate=False))
    if check_kind(argument, name, str, "the name of a layer") not in modules:
        known = get_close_matches(name, modules) or [known for known in modules if known]
        raise ValueError(
            f"{argument} must name a layer of the model, got {name!r}; there is {', '.join(known)}"
        )
    return modules[name]


def _keep(outputs, name):
    def hook(module, inputs, output):
        if name in outputs:
            raise ValueError(
                f"layers must be called once in a forward pass, {name!r} is called "
                "again; name the layer before or after it, or the block it is in"
            )
        if not isinstance(output, torch.Tensor):
            raise ValueError(
                f"layers must return a tensor, {name!r} returns a "
                f"{type(output).__name__}; name a layer inside it"
            )
        outputs[name] = output
        return output.clone()

    return hook
