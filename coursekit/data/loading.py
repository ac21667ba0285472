"""`load(name)` gives any data set of the course as tensors.

Used by chapters 01 and 02; for chapters 03 to 11.
"""

from typing import NamedTuple

import torch

from coursekit.arguments import check_choice, check_kind
from coursekit.data.cells import cell_patches, cell_set, nuclei, nucleus_patches
from coursekit.data.digits import mnist, pen_digit_set
from coursekit.data.documents import reuters, topics
from coursekit.data.photos import cifar10, textured_shape_set
from coursekit.data.signals import beat_set
from coursekit.data.speech import formant_digit_set, fsdd

LOADERS = {
    "mnist": mnist,
    "pen-digits": pen_digit_set,
    "cifar10": cifar10,
    "textured-shapes": textured_shape_set,
    "reuters": reuters,
    "topics": topics,
    "beats": beat_set,
    "nuclei": nuclei,
    "nucleus-patches": nucleus_patches,
    "cells": cell_set,
    "cell-patches": cell_patches,
    "fsdd": fsdd,
    "formant-digits": formant_digit_set,
}


def load(name: str, *, device: str | torch.device = "cpu") -> NamedTuple:
    """The data set `name` as a named tuple, its tensors on `device`.

    Raises ValueError for an unknown name and for a device that this machine lacks; errors of the
    real ones are those of `store.fetch`.
    """
    check_choice("name", name, list(LOADERS))
    device = _device(device)
    parts = LOADERS[name]()
    return type(parts)(*(p.to(device) if isinstance(p, torch.Tensor) else p for p in parts))


def _device(device):
    """The device, which this machine must have: asked before anything is loaded."""
    check_kind("device", device, (str, torch.device), 'a device, such as "cpu" or "cuda"')
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(
            f'device must be a device of this machine, such as "cpu", got {str(device)!r}: '
            + str(error).split("\n")[0].split(". ")[0]
        ) from None
