import pytest
import torch

from coursekit.data import LOADERS, load


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="unknown data set 'mnits'") as raised:
        load("mnits")
    assert all(name in str(raised.value) for name in LOADERS)


@pytest.mark.parametrize("name", ["pen-digits", "topics", "beats"])
def test_embedded_data_are_the_same_at_every_call(name):
    for one, two in zip(load(name), load(name)):
        assert torch.equal(one, two) if isinstance(one, torch.Tensor) else one == two


@pytest.mark.parametrize("name", ["pen-digits", "topics", "beats"])
def test_embedded_data_leave_the_global_generator_alone(name):
    before = torch.get_rng_state()
    load(name)
    assert torch.equal(torch.get_rng_state(), before)


def test_tensors_go_to_the_device_and_the_rest_stays():
    data = load("topics", device="meta")
    assert data.train_counts.device.type == "meta"
    assert data.train_topics.device.type == "meta"
    assert data.vocabulary[0] == "word 0"
    assert type(data).__name__ == "Documents"


@pytest.mark.gpu
def test_tensors_go_to_the_gpu():
    assert all(part.is_cuda for part in load("beats", device="cuda"))
