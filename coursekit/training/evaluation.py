"""A trained model at work, in eval mode and without gradients: its terms and its results.

Used by every chapter from 01 on.
"""

from collections.abc import Callable, Iterable

import torch
from torch import nn

from coursekit.arguments import check_count, check_kind, check_tensor, describe
from coursekit.layers.modes import eval_mode
from coursekit.training.batches import Batch, Place, check_batches
from coursekit.training.history import Mean
from coursekit.training.players import Objective, by_prefix, check_terms, read_terms


def evaluate(
    model: nn.Module, objective: Objective | dict[str, Objective], batches: Iterable[Batch]
) -> dict[str, float]:
    """Each term of `objective` averaged over all examples, in eval mode: a dict of floats.

    A dict of objectives is evaluated as `fit` names their terms. Afterwards every layer is in
    the mode that it had. Raises TypeError and ValueError as `fit` does.
    """
    check_kind("model", model, nn.Module, "a torch module")
    return mean_terms(model, by_prefix(objective), check_batches("batches", batches), "batches")


@torch.no_grad()
def mean_terms(model, objectives, batches, name):
    """What `evaluate` returns, of checked arguments; errors call the batches by `name`."""
    place, mean = Place(model), Mean()
    with eval_mode(model):
        for batch in batches:
            batch, n = place.put(name, batch)
            for prefix, one in objectives.items():
                terms = check_terms(one(model, batch))
                mean.add(read_terms(terms, prefix, wait=not place.on_cuda), n)
    return mean.result()


def predict(
    function: nn.Module | Callable, x: torch.Tensor, *more: torch.Tensor, batch_size: int = 1000
):
    """function(x, *more) in eval mode, without gradients, batch by batch; the result on the CPU.

    Arguments
        function: a model, or a method of one such as `model.encode`.
        x, more: its inputs (N, ...), on any device. They are moved to the model's, a batch at a
            time.

    What it returns is joined along the first axis: a tensor (N, ...), or a tuple, list or dict of
    them. Afterwards every layer is in the mode that it had. Raises TypeError for any other
    function, whose model could not be put into eval mode, and ValueError for inputs of unequal
    length, for floats of another type than the weights, and for a result without a row an example.
    """
    model = function if isinstance(function, nn.Module) else getattr(function, "__self__", None)
    if not isinstance(model, nn.Module):
        raise TypeError(
            "function must be a model or a method of one, such as model.encode, got "
            f"{describe(function)}; of predict(model, x) one can compute the rest"
        )
    inputs = {"x": x} | {f"more[{i}]": one for i, one in enumerate(more)}
    for name, one in inputs.items():
        if not check_tensor(name, one).dim() or not len(one) or len(one) != len(x):
            n = f"= {len(x)}, as x has" if name != "x" and x.dim() else "> 0"
            raise ValueError(f"{name} must be (N, ...) with N {n}, got {describe(one)}")
    check_count("batch_size", batch_size)
    place, parts = Place(model), []
    with eval_mode(model), torch.no_grad():
        for rows in zip(*(one.split(batch_size) for one in inputs.values())):
            batch, n = place.put("x and more" if more else "x", rows)
            parts.append(_each(lambda one, n=n: _to_cpu(one, n), function(*batch)))
    return _each(lambda *one: torch.cat(one), *parts)


def _each(work, *results):
    """`work` of the tensors at the same place of each result, in the form of the results."""
    first = results[0]
    if isinstance(first, dict):
        return {name: _each(work, *(one[name] for one in results)) for name in first}
    if isinstance(first, tuple | list):
        values = [_each(work, *ones) for ones in zip(*results)]
        return type(first)(*values) if hasattr(first, "_fields") else type(first)(values)
    return work(*results)


def _to_cpu(result, n):
    """A tensor of a result on the CPU; it must have a row for each of the n examples."""
    if not isinstance(result, torch.Tensor) or not result.dim() or len(result) != n:
        raise ValueError(
            f"function must return one row an example, {n} in this batch, got {describe(result)}"
        )
    return result.cpu()
