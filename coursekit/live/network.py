"""A torch network as data: kinds, sizes and weights of its layers, which `network.js` runs.

| torch | in the page |
|---|---|
| `Linear`, `Conv2d`, `ConvTranspose2d` | groups must be 1 |
| `BatchNorm1d`, `BatchNorm2d` | folded into the layer before, with the running statistics |
| `MaxPool2d`, `AvgPool2d`, `AdaptiveAvgPool2d(1)`, `Upsample` | as they are; nearest only |
| `ReLU`, `LeakyReLU`, `Sigmoid`, `Tanh`, `Softmax` | as they are |
| `Flatten`, `Unflatten`, `Identity`, `Dropout` | nothing: values lie in one row, in eval mode |

They may stand in `nn.Sequential`, nested as well. Up to 50,000 weights are float32, more are
float16: three digits, which moves outputs by 0.0005 to 0.005, most where weights are large.

Used by chapter 01; for chapters 04, 05 and 09.
"""

import copy
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from coursekit.arguments import check_finite, check_kind
from coursekit.live.arrays import half, single

SINGLE = 50_000  # weights that are kept as float32
NOTHING = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Dropout, nn.Dropout2d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
SIMPLE = {nn.ReLU: "relu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh"}
WEIGHTED = {nn.Linear: "linear", nn.Conv2d: "convolution", nn.ConvTranspose2d: "transposed"}


def network(name: str, model: nn.Module, shape: tuple[int, ...]) -> dict:
    """`model` in eval mode for inputs of `shape`: {"layers", "weights", "shape" of the output}.

    `name` is what errors call it. Raises TypeError for what is no module, and ValueError for a
    layer that has no counterpart, for one whose input does not fit, and for NaN among the weights.
    """
    check_kind(name, model, nn.Module, "a torch module")
    model = copy.deepcopy(model).cpu().float().eval()
    x, layers, weights = torch.zeros(1, *shape), [], []
    for module in _folded(name, _leaves(model)):
        try:
            with torch.no_grad():
                y = module(x)
        except (RuntimeError, ValueError, NotImplementedError) as error:
            raise ValueError(
                f"{name} must fit together, but {module} gets {tuple(x.shape[1:])}"
            ) from error
        if not isinstance(module, NOTHING):
            sizes = {"from": list(x.shape[1:]), "to": list(y.shape[1:])}
            layers.append(_describe(name, module, sizes) | sizes)
        if type(module) in WEIGHTED:
            bias = torch.zeros(y.shape[1]) if module.bias is None else module.bias
            weights += [module.weight.flatten(), bias]
        x = y
    numbers = torch.cat(weights) if weights else torch.zeros(0)
    check_finite(f"{name}: the weights", numbers)
    small = len(numbers) <= SINGLE
    text = single(numbers) if small else half(f"{name}: the weights", numbers)
    return {
        "layers": layers,
        "weights": text,
        "bits": 32 if small else 16,
        "shape": list(x.shape[1:]),
    }


def _leaves(model) -> Iterator[nn.Module]:
    if type(model) is not nn.Sequential:
        yield model
        return
    for module in model:
        yield from _leaves(module)


def _folded(name, modules) -> list[nn.Module]:
    """The modules, each batch norm multiplied into the weights before it."""
    done = []
    for module in modules:
        if not isinstance(module, NORMS):
            done.append(module)
        elif not done or type(done[-1]) not in WEIGHTED or module.running_mean is None:
            raise ValueError(
                f"{name} must have each batch norm, with running statistics, behind a linear or "
                f"convolutional layer, got {module} behind {done[-1] if done else 'nothing'}"
            )
        elif type(done[-1]) is nn.Linear:
            done[-1] = fuse_linear_bn_eval(done[-1], module)
        else:
            transposed = type(done[-1]) is nn.ConvTranspose2d
            done[-1] = fuse_conv_bn_eval(done[-1], module, transposed)
    return done


def _describe(name, module, sizes) -> dict:
    """Kind and settings of one layer."""
    kind = type(module)
    if kind in SIMPLE:
        return {"kind": SIMPLE[kind]}
    if kind is nn.LeakyReLU:
        return {"kind": "leaky", "slope": module.negative_slope}
    if kind is nn.Linear and len(sizes["from"]) == 1:
        return {"kind": "linear"}
    if kind is nn.Softmax and module.dim in (1, -1) and len(sizes["from"]) == 1:
        return {"kind": "softmax"}
    if kind in (nn.Conv2d, nn.ConvTranspose2d) and _is_plain(module):
        return {"kind": WEIGHTED[kind]} | _windows(module, module.dilation)
    if kind is nn.MaxPool2d and not module.return_indices:
        return {"kind": "maximum"} | _windows(module, module.dilation)
    if kind is nn.AvgPool2d and _divides_by_all(module):
        return {"kind": "mean"} | _windows(module, 1)
    if kind is nn.AdaptiveAvgPool2d and sizes["to"][1:] == [1, 1]:
        whole = nn.AvgPool2d(tuple(sizes["from"][1:]))
        return {"kind": "mean"} | _windows(whole, 1)
    if kind is nn.Upsample and module.mode == "nearest" and _is_multiple(sizes):
        return {"kind": "nearest"}
    raise ValueError(
        f"{name} must be made of layers that network.js knows, got {module}; "
        "coursekit.live.network lists them"
    )


def _is_plain(module):
    return (
        module.groups == 1
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
    )


def _divides_by_all(module):
    counted = module.count_include_pad or module.padding in (0, (0, 0))
    return counted and not module.ceil_mode and module.divisor_override is None


def _is_multiple(sizes):
    return all(b % a == 0 for a, b in zip(sizes["from"][1:], sizes["to"][1:]))


def _windows(module, dilation):
    pairs = zip(
        ("kernel", "stride", "padding", "dilation"),
        (module.kernel_size, module.stride, module.padding, dilation),
    )
    return {key: list(v) if isinstance(v, tuple) else [v, v] for key, v in pairs}
