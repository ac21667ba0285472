"""What the layers of a model put out on the way: feature maps by name."""

from contextlib import contextmanager
from difflib import get_close_matches

import torch


@contextmanager
def capture(model, layers):
    """A dict that fills, layer name -> output, when the model is called inside the block.

    Each layer may be called once: of the second call's output nobody could say which was meant.
    The model goes on with a copy, so that a later in-place operation (the ReLU of torchvision's
    networks) changes neither the captured tensor nor its gradient.

    Raises ValueError for a name that is not in `model.named_modules()`, and inside the block for
    a layer that is called twice or that returns something else than a tensor.
    """
    if isinstance(layers, str):
        raise ValueError(f"layers must be a list of names, got a string; write [{layers!r}]")
    modules = dict(model.named_modules(remove_duplicate=False))
    for name in layers:
        if name not in modules:
            known = get_close_matches(name, modules) or [known for known in modules if known]
            raise ValueError(
                f"layers must name layers of the model, got {name!r}; there is {', '.join(known)}"
            )
    outputs = {}
    handles = [modules[name].register_forward_hook(_keep(outputs, name)) for name in layers]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def features(model, layers, x):
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
        model(x)
    if missed := [name for name in layers if name not in outputs]:
        raise ValueError(f"layers must be called in the forward pass, not called: {missed}")
    return outputs


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
