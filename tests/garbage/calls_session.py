"""Valid calls of `coursekit.session`."""

import torch

from coursekit import session
from tests.garbage.calls import Call


def start(seed):
    return session.start(seed).seed, torch.rand(3)


CALLS = {
    "start": Call(start, seed=3, accepts={"seed": "zero huge"}),
    "profile": Call(session.profile),
}
EXEMPT = {"Session": "a record, which `start` makes"}
