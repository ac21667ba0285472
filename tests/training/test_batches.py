import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader

from coursekit.training.batches import Batches, Place, check_batches

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
    ("tensors", "error", "message"),
    [
        ([], ValueError, "at least one tensor"),
        (
            [np.zeros(3)],
            TypeError,
            r"tensors\[0\] must be a tensor, got .* ndarray.*; write torch.from_numpy",
        ),
        ([5], TypeError, r"tensors\[0\] must be a tensor, got the int 5"),
        ([torch.zeros(3), [1, 2, 3]], TypeError, r"tensors\[1\] must be a tensor, got the list"),
        (
            [torch.tensor(1.0)],
            ValueError,
            r"tensors\[0\] must be \(N, ...\) with N > 0, got shape \(\)",
        ),
        (
            [torch.zeros(0, 4)],
            ValueError,
            r"tensors\[0\] must be \(N, ...\) with N > 0, got shape \(0, 4\)",
        ),
        (
            [torch.zeros(3), torch.zeros(4, 2)],
            ValueError,
            r"tensors\[1\] must be \(3, ...\) as tensors\[0\] is, got shape \(4, 2\)",
        ),
        (
            [torch.zeros(2), torch.tensor([0.0, float("nan")])],
            ValueError,
            r"tensors\[1\] must be finite, got 1 NaN or infinite values in \(2,\)",
        ),
        (
            [torch.full((2, 2), float("inf"))],
            ValueError,
            r"tensors\[0\] must be finite, got 4 NaN or infinite values in \(2, 2\)",
        ),
    ],
)
def test_unusable_tensors_are_named_with_their_shape(tensors, error, message):
    with pytest.raises(error, match=message):
        Batches(*tensors)


@pytest.mark.parametrize(
    ("batch_size", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError)]
)
def test_a_batch_size_that_is_no_positive_whole_number_is_refused(batch_size, error):
    with pytest.raises(error, match=f"batch_size must be .*, got .*{batch_size}"):
        Batches(torch.zeros(3), batch_size=batch_size)


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("seed", None, TypeError),
        ("seed", -1, ValueError),
        ("seed", 1.0, TypeError),
        ("shuffle", 1, TypeError),
        ("shuffle", "no", TypeError),
    ],
)
def test_other_options_that_cannot_be_used_are_named(option, value, error):
    with pytest.raises(error, match=f"{option} must be"):
        Batches(torch.zeros(3), **{option: value})


class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        return iter(torch.zeros(3, 2))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (torch.zeros(3, 2), r"yield batches, got a tensor \(3, 2\).*; write Batches\(batches\)"),
        ((torch.zeros(3), torch.zeros(3)), r"yield batches, .*; write Batches\(\*batches\)"),
        (iter([torch.zeros(3)]), "again and again"),
        ((x for x in [torch.zeros(3)]), "again and again"),
        (DataLoader(Stream()), "has a length"),
        (None, "got None"),
        (7, "got the int 7"),
    ],
)
def test_what_cannot_be_gone_through_again_is_refused(value, message):
    with pytest.raises(TypeError, match=f"batches must .*{message}"):
        check_batches("batches", value)


def test_batches_of_another_float_type_than_the_weights_say_how_to_convert():
    place = Place(nn.Linear(2, 1))
    message = r"batches must hold torch.float32, .* got torch.float64; .* .to\(torch.float32\)"
    with pytest.raises(ValueError, match=message):
        place.put("batches", torch.zeros(3, 2).double())
    batch, n = place.put("batches", (torch.zeros(3, 2), torch.arange(3)))  # labels are no floats
    assert n == 3 and batch[1].dtype == torch.int64


def test_rows_of_a_batch_that_do_not_belong_together_are_refused():
    message = r"batches: a batch must be .* all with the same N, got tuple of \[\(3, 2\), \(4,\)\]"
    with pytest.raises(ValueError, match=message):
        Place(nn.Linear(2, 1)).put("batches", (torch.zeros(3, 2), torch.zeros(4)))
