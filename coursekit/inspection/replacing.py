"""PyTorch functions exchanged for the length of a pass; the model stays as it is.

For chapters 08 and 09, through `saliency` and `receptive_fields`.
"""

from collections.abc import Callable

from torch.overrides import TorchFunctionMode


class Replaced(TorchFunctionMode):
    """A context in which calls of some PyTorch functions go to a stand-in.

    `functions` is a set of what PyTorch offers under `torch`, `torch.Tensor` and
    `torch.nn.functional`; layers call these too, so theirs are replaced as well. Inside the
    stand-in the functions are the old ones. Compiled models are not reached.

    >>> import torch
    >>> with Replaced({torch.Tensor.exp}, torch.cos):
    ...     torch.ones(1).exp()
    tensor([0.5403])
    """

    def __init__(self, functions: set[Callable], stand_in: Callable):
        super().__init__()
        self.functions, self.stand_in = functions, stand_in

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in self.functions:
            func = self.stand_in
        return func(*args, **(kwargs or {}))
