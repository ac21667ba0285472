"""What a run depends on: all of it comes back with a checkpoint, or is refused with a message."""

import copy
import functools
import random
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from coursekit.layers.weights import seeded
from coursekit.losses import squared_error
from coursekit.training import Batches, fit

DATA = torch.rand(30, 6, generator=torch.Generator().manual_seed(1))

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0)

noise = torch.Generator()  # of a notebook


class Noisy(nn.Module):
    """Adds noise from a generator of its own."""

    def __init__(self, seed):
        super().__init__()
        self._source = torch.Generator().manual_seed(seed)

    def forward(self, x):
        return x + 0.1 * torch.randn(x.shape, generator=self._source)


def net(layer=None):
    with seeded(0):
        return nn.Sequential(nn.Linear(6, 6), *([layer] if layer else []))


def plain(model, batch):
    x = batch if isinstance(batch, torch.Tensor) else batch[0]
    return {"loss": squared_error(model(x), x)}


def with_noise(draw):
    def objective(model, batch):
        x = batch if isinstance(batch, torch.Tensor) else batch[0]
        return {"loss": squared_error(model(x + draw(x)), x)}

    return objective


def of_a_global(model, x):
    return {"loss": squared_error(model(x + torch.randn(x.shape, generator=noise)), x)}


def numpys_generator():
    rng = np.random.default_rng(4)
    return with_noise(lambda x: float(rng.normal()))


def numpys_old_generator():
    rng = np.random.RandomState(4)
    return with_noise(lambda x: float(rng.normal()))


def pythons_generator():
    rng = random.Random(4)
    return with_noise(lambda x: rng.random())


def closure():
    generator = torch.Generator().manual_seed(4)
    return with_noise(lambda x: torch.randn(x.shape, generator=generator))


def global_generator():
    noise.manual_seed(4)
    return of_a_global


def partial_function():
    def objective(generator, model, x):
        return {"loss": squared_error(model(x + torch.rand(x.shape, generator=generator)), x)}

    return functools.partial(objective, torch.Generator().manual_seed(4))


class Method:
    """An objective that is a method of an object with a generator."""

    def __init__(self):
        self.sources = {"noise": [torch.Generator().manual_seed(4)]}

    def objective(self, model, x):
        drawn = torch.rand(x.shape, generator=self.sources["noise"][0])
        return {"loss": squared_error(model(x + drawn), x)}


def sampler():
    order = RandomSampler(DATA, generator=torch.Generator().manual_seed(4))
    return DataLoader(TensorDataset(DATA), batch_size=5, sampler=order)


class Windows:
    """Batches of a kind of their own: each pass begins one row later."""

    def __init__(self):
        self.passes = 0

    def __len__(self):
        return 6

    def __iter__(self):
        self.passes += 1
        yield from DATA.roll(self.passes, 0).mul(self.passes).split(5)


class RememberedWindows(Windows):
    def state_dict(self):
        return {"passes": self.passes}

    def load_state_dict(self, state):
        self.passes = state["passes"]


def draws_globally(x):
    return float(np.random.rand()) + random.random() + torch.rand(1)


SETTINGS = {
    "NumPy's, Python's and torch's global generators": lambda: (net(), with_noise(draws_globally)),
    "a generator of NumPy in a closure": lambda: (net(), numpys_generator()),
    "an old generator of NumPy in a closure": lambda: (net(), numpys_old_generator()),
    "a generator of Python in a closure": lambda: (net(), pythons_generator()),
    "a generator of torch in a closure": lambda: (net(), closure()),
    "a generator in a global variable": lambda: (net(), global_generator()),
    "a generator as an argument": lambda: (net(), partial_function()),
    "a generator of an object": lambda: (net(), Method().objective),
    "a generator of a layer": lambda: (net(Noisy(4)), plain),
    "a sampler with a generator": lambda: (net(), plain, sampler()),
    "batches with state": lambda: (net(), plain, RememberedWindows()),
}


def run(make, epochs, checkpoint=None):
    """The weights that training leads to, from the same start."""
    np.random.seed(2)
    random.seed(2)
    torch.manual_seed(2)
    model, objective, *batches = make()
    fit(
        model,
        objective,
        batches[0] if batches else Batches(DATA, batch_size=5),
        optimizer=torch.optim.Adam(model.parameters(), lr=1e-2),
        epochs=epochs,
        checkpoint=checkpoint,
    )
    return copy.deepcopy(model.state_dict())


@pytest.mark.parametrize("make", SETTINGS.values(), ids=SETTINGS)
def test_hidden_random_state_comes_back(tmp_path, make):
    whole = run(make, 4)
    run(make, 2, tmp_path / "run.pt")
    assert_identical(run(make, 4, tmp_path / "run.pt"), whole)
    assert not torch.equal(run(make, 2)["0.weight"], whole["0.weight"])


def test_a_buffer_that_state_dict_leaves_out_comes_back(tmp_path):
    class Average(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.zeros(6), persistent=False)

        def forward(self, x):
            self.mean = 0.9 * self.mean + 0.1 * x.detach().mean(0)
            return x - self.mean

    def make():
        return net(Average()), plain

    whole = run(make, 4)
    run(make, 2, tmp_path / "run.pt")
    assert_identical(run(make, 4, tmp_path / "run.pt"), whole)
