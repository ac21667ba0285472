"""Generators are found where objects and functions keep them; what happens to their state, the
tests of `run` show."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from coursekit.training import Batches, randomness

DATA = torch.zeros(4, 2)
here = torch.Generator()


def test_a_generator_is_found_under_its_path():
    order = torch.Generator()
    loader = DataLoader(TensorDataset(DATA), sampler=RandomSampler(DATA, generator=order))
    assert list(randomness.find(batches=loader)) == ["batches.sampler.generator"]
    assert list(randomness.find(batches=Batches(DATA))) == ["batches.generator"]


def test_functions_are_searched_and_libraries_are_not():
    inner = np.random.default_rng(0)

    def objective(model, x, source=random.Random(1)):
        return [nn.functional.dropout(x) for _ in range(here.initial_seed() + inner.integers(2))]

    assert sorted(randomness.find(objective=objective)) == [
        "objective.0",
        "objective.here",
        "objective.inner",
    ]


def test_layers_at_any_depth_are_searched():
    model = nn.Dropout()
    model.source = torch.Generator()
    for _ in range(9):
        model = nn.Sequential(model)
    assert len(randomness.find(model=model)) == 1


def test_a_shared_generator_counts_once_and_circles_end():
    one = SimpleNamespace(source=here)
    one.self = one
    assert list(randomness.find(batches=one, model=one)) == ["batches.source"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.Generator().manual_seed(1),
        lambda: np.random.default_rng(1),
        lambda: np.random.Generator(np.random.MT19937(1)),
        lambda: np.random.Generator(np.random.Philox(1)),
        lambda: np.random.Generator(np.random.SFC64(1)),
        lambda: np.random.RandomState(1),
        lambda: random.Random(1),
    ],
)
def test_a_state_goes_through_a_file_and_back(make, tmp_path):
    def draw(generator):
        if isinstance(generator, torch.Generator):
            return torch.rand(3, generator=generator).tolist()
        return (
            [generator.random() for _ in range(3)]
            if isinstance(generator, random.Random)
            else generator.normal(size=3).tolist()
        )

    generator, other = make(), make()
    draw(generator)
    torch.save(randomness.generator_state(generator), tmp_path / "state")
    expected = draw(generator)
    state = torch.load(tmp_path / "state", weights_only=True)
    randomness.restore_generator(other, state)
    assert draw(other) == expected


def test_the_global_state_comes_back():
    def draw():
        return random.random(), np.random.normal(), torch.rand(1).item()

    draw()
    state = randomness.global_state()
    expected = draw()
    assert draw() != expected
    randomness.restore_global(state)
    assert draw() == expected


def test_numpys_numbers_become_pythons():
    value = {"a": np.float64(1.5), "b": [np.arange(2), (np.int64(3), "x")]}
    assert randomness.plain(value) == {"a": 1.5, "b": [[0, 1], (3, "x")]}
    assert type(randomness.plain(np.float32(1.5))) is float
