import pytest
import torch
from torch import nn

from coursekit.layers.modes import eval_mode


def modes(model):
    return [layer.training for layer in model.modules()]


def test_every_layer_comes_back_in_its_own_mode():
    model = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
    model[1].eval()  # one layer in another mode than the rest
    before = modes(model)
    assert len(set(before)) == 2
    with eval_mode(model):
        assert not any(modes(model))
    assert modes(model) == before
    with pytest.raises(KeyError), eval_mode(model):
        raise KeyError
    assert modes(model) == before


def test_a_layer_that_was_in_eval_mode_with_the_rest_stays_so():
    model = nn.Sequential(nn.Dropout(0.5)).eval()
    with eval_mode(model):
        assert torch.equal(model(torch.ones(9)), torch.ones(9))
    assert modes(model) == [False, False]


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match="model must be a torch module, got None"), eval_mode(None):
        pass
