"""Imports that need a little help on some machines.

For chapter 08 and the tests, which compare with torchvision.
"""

from types import ModuleType

from torch import library

_operators = None


def import_torchvision() -> ModuleType:
    """The torchvision module, also where its compiled operators do not load.

    PyPI's torchvision is built for CUDA. Beside a CPU build of torch its own import stops with
    "operator torchvision::nms does not exist", because it registers shape functions for
    operators that its library failed to bring. Declaring these two operators first is enough:
    models and transforms do not use them.
    """
    global _operators
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        _operators = library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            _operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision
