"""Valid calls of `coursekit.losses`."""

import torch

from coursekit import losses
from tests.garbage.calls import Call

X = torch.rand(3, 4, generator=torch.Generator().manual_seed(0))
R = torch.rand(3, 4, generator=torch.Generator().manual_seed(1))

CALLS = {"squared_error": Call(losses.squared_error, output=R, target=X)}
EXEMPT = {}
