"""Models, one module an architecture family."""

from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int):
    """Layers built inside draw their initial weights from `seed`; the global generator is kept."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
