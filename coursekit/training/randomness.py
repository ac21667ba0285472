"""Random state: the global generators, and those that a run keeps for itself.

A step depends on them as it does on the weights, so a run that goes on needs them as they were.
For `coursekit.training.run`; used by every chapter with a checkpoint.
"""

import functools
import random
import types
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

KINDS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
OPAQUE = (type, types.ModuleType, torch.Tensor, torch.Size, np.ndarray, pd.DataFrame, pd.Series)
DEPTH, WIDTH = 5, 100  # how far `find` looks, and into how long a list


def plain(value: Any) -> Any:
    """`value` with NumPy's numbers and arrays as Python's, which a file takes."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if type(value) is dict:
        return {key: plain(one) for key, one in value.items()}
    return type(value)(map(plain, value)) if type(value) in (list, tuple) else value


def global_state() -> dict:
    """The state of torch's generators on every device, of NumPy's and of Python's."""
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all(),
        "numpy": plain(np.random.get_state()),
        "python": random.getstate(),
    }


def restore_global(state: dict) -> None:
    """What `global_state` saw. Devices that are not here are passed over."""
    torch.set_rng_state(state["torch"])
    for device, saved in zip(range(torch.cuda.device_count()), state["cuda"]):
        torch.cuda.set_rng_state(saved, device)
    np.random.set_state(state["numpy"])
    random.setstate(state["python"])


def generator_state(generator) -> Any:
    if isinstance(generator, np.random.Generator):
        return plain(generator.bit_generator.state)
    if isinstance(generator, random.Random):
        return generator.getstate()
    return plain(generator.get_state())


def restore_generator(generator, state) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, random.Random):
        generator.setstate(state)
    else:
        generator.set_state(state)


def find(**roots) -> dict[str, Any]:
    """The generators that can be reached from `roots`: {"batches.sampler.generator": ...}.

    Looks into attributes, short lists and dicts, a model's layers, and the variables, defaults and
    arguments of functions; into global variables only where a root is a function of that module,
    so that the insides of libraries are left alone.
    """
    homes = [one.__globals__ for one in roots.values() if isinstance(one, types.FunctionType)]
    found, seen, level = {}, set(), list(roots.items())
    for _ in range(DEPTH):
        below = []
        for path, value in level:
            if id(value) in seen or isinstance(value, OPAQUE):
                continue
            seen.add(id(value))
            if isinstance(value, KINDS):
                found[path] = value
            else:
                below += [(f"{path}.{name}", one) for name, one in _inside(value, homes).items()]
        level = below
    return found


def _inside(value, homes):
    """What a value is made of, by name."""
    if isinstance(value, types.FunctionType):
        return _variables(value, homes)
    if isinstance(value, types.MethodType):
        return {"self": value.__self__, **_variables(value.__func__, homes)}
    if isinstance(value, functools.partial):
        return {"func": value.func, "args": value.args, **value.keywords}
    if isinstance(value, nn.Module):
        # all layers at once: how deeply they are nested does not matter
        return {
            f"{name}.{key}" if name else key: one
            for name, layer in value.named_modules()
            for key, one in vars(layer).items()
            if key not in ("_modules", "_parameters", "_buffers")
        }
    if isinstance(value, list | tuple | dict) and len(value) <= WIDTH:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {str(key): one for key, one in items}
    return dict(getattr(value, "__dict__", {}))


def _variables(function, homes):
    """What a function reads: of the functions around it, its defaults, and global variables."""
    values = dict(enumerate(function.__defaults__ or ())) | (function.__kwdefaults__ or {})
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            values[name] = cell.cell_contents
        except ValueError:  # not yet filled
            pass
    if any(function.__globals__ is home for home in homes):
        names = sorted(_names(function.__code__) & function.__globals__.keys())
        values |= {name: function.__globals__[name] for name in names}
    return {str(name): value for name, value in values.items()}


def _names(code):
    """The global names that code and the functions inside it mention."""
    inner = (one for one in code.co_consts if isinstance(one, types.CodeType))
    return set(code.co_names).union(*map(_names, inner))
