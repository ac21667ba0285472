import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.training.batches import Batches

sizes = st.integers(1, 60)
batch_sizes = st.integers(1, 70)
seeds = st.integers(0, 2**32 - 1)


@given(sizes, batch_sizes, seeds)
def test_every_pass_is_a_permutation_of_the_data(n, batch_size, seed):
    batches = Batches(torch.arange(n), batch_size=batch_size, seed=seed)
    for _ in range(3):
        assert torch.cat(list(batches)).sort().values.tolist() == list(range(n))


@given(sizes, batch_sizes)
def test_all_batches_but_the_last_are_full(n, batch_size):
    batches = Batches(torch.zeros(n), batch_size=batch_size)
    lengths = [len(batch) for batch in batches]
    assert len(lengths) == len(batches)
    assert all(length == batch_size for length in lengths[:-1])
    assert 1 <= lengths[-1] <= batch_size
    assert sum(lengths) == n


@given(sizes, batch_sizes, seeds)
def test_the_same_seed_gives_the_same_order(n, batch_size, seed):
    one, two = (Batches(torch.arange(n), batch_size=batch_size, seed=seed) for _ in range(2))
    for _ in range(2):
        assert torch.equal(torch.cat(list(one)), torch.cat(list(two)))


@given(sizes, batch_sizes, st.booleans())
def test_rows_of_several_tensors_stay_together(n, batch_size, shuffle):
    x = torch.arange(n)
    for a, b, c in Batches(
        x, -x, torch.stack([x, x], dim=1), batch_size=batch_size, shuffle=shuffle
    ):
        assert torch.equal(b, -a)
        assert torch.equal(c, torch.stack([a, a], dim=1))


def test_passes_and_seeds_differ_in_order():
    batches = Batches(torch.arange(100), seed=0)
    first, second = torch.cat(list(batches)), torch.cat(list(batches))
    other = torch.cat(list(Batches(torch.arange(100), seed=1)))
    assert not torch.equal(first, second)
    assert not torch.equal(first, other)


def test_without_shuffling_the_order_is_kept():
    batches = Batches(torch.arange(10), batch_size=4, shuffle=False)
    assert [batch.tolist() for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_one_tensor_comes_as_itself_and_several_as_a_tuple():
    x = torch.zeros(3, 2)
    assert isinstance(next(iter(Batches(x))), torch.Tensor)
    assert isinstance(next(iter(Batches(x, x))), tuple)


def test_the_global_generator_is_neither_read_nor_moved():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    one = torch.cat(list(Batches(torch.arange(50), seed=3)))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(1)
    assert torch.equal(one, torch.cat(list(Batches(torch.arange(50), seed=3))))


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ([], "at least one tensor"),
        ([np.zeros(3)], r"tensors\[0\] must be a tensor .* got ndarray"),
        ([5], r"tensors\[0\] must be a tensor .* got int"),
        ([torch.zeros(3), [1, 2, 3]], r"tensors\[1\] must be a tensor .* got list"),
        ([torch.tensor(1.0)], r"tensors\[0\] must be \(N, ...\) with N > 0, got shape \(\)"),
        ([torch.zeros(0, 4)], r"tensors\[0\] must be \(N, ...\) with N > 0, got shape \(0, 4\)"),
        (
            [torch.zeros(3), torch.zeros(4, 2)],
            r"tensors\[1\] must be \(3, ...\) as tensors\[0\] is, got shape \(4, 2\)",
        ),
        (
            [torch.zeros(2), torch.tensor([0.0, float("nan")])],
            r"tensors\[1\], shape \(2,\), has 1 NaN or infinite",
        ),
        (
            [torch.full((2, 2), float("inf"))],
            r"tensors\[0\], shape \(2, 2\), has 4 NaN or infinite",
        ),
    ],
)
def test_unusable_tensors_are_named_with_their_shape(tensors, message):
    with pytest.raises(ValueError, match=message):
        Batches(*tensors)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5])
def test_a_batch_size_that_is_no_positive_whole_number_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"batch_size must be .*, got {batch_size}"):
        Batches(torch.zeros(3), batch_size=batch_size)
