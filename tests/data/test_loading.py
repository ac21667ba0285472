import pytest
import torch

from coursekit.data import LOADERS, load


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="^name must be one of .*, got the str 'mnits'$") as raised:
        load("mnits")
    assert all(name in str(raised.value) for name in LOADERS)


@pytest.mark.parametrize("name", ["pen-digits", "textured-shapes", "topics", "beats", "cells"])
def test_embedded_data_are_the_same_at_every_call(name):
    for one, two in zip(load(name), load(name)):
        assert torch.equal(one, two) if isinstance(one, torch.Tensor) else one == two


@pytest.mark.parametrize("name", ["pen-digits", "textured-shapes", "topics", "beats", "cells"])
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


@pytest.mark.parametrize(
    ("device", "error"),
    [("gpu0", ValueError), ("cpu:", ValueError), (0, TypeError), (None, TypeError)],
)
def test_a_device_that_does_not_exist_is_refused_before_anything_is_loaded(
    monkeypatch, device, error
):
    monkeypatch.setitem(LOADERS, "beats", lambda: pytest.fail("loaded"))
    with pytest.raises(error, match="^device must be a device"):
        load("beats", device=device)


@pytest.mark.gpu
def test_tensors_go_to_the_gpu():
    assert all(part.is_cuda for part in load("beats", device="cuda"))
