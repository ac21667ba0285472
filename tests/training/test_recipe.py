"""`train`: the same as `fit` with fused Adam and a cosine."""

import copy
from functools import partial

import pytest
import torch
from torch import nn

from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.training import Batches, fit, train

DATA = torch.rand(50, 12, generator=torch.Generator().manual_seed(1))

assert_identical = partial(torch.testing.assert_close, rtol=0, atol=0)


def reconstruction(model, x):
    return {"loss": squared_error(model(x), x)}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_is_fit_with_fused_adam_and_a_cosine(dtype):
    one = Autoencoder([12, 6, 3]).to(dtype)
    two, data = copy.deepcopy(one), DATA.to(dtype)
    validation = Batches(data[:9], shuffle=False)
    history = train(
        one, reconstruction, data, epochs=3, lr=1e-2, batch_size=8, seed=5, validation=validation
    )
    optimizer = torch.optim.Adam(two.parameters(), lr=1e-2, fused=True)
    other = fit(
        two,
        reconstruction,
        Batches(data, batch_size=8, seed=5),
        optimizer=optimizer,
        epochs=3,
        validation=validation,
        scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3),
    )
    assert_identical(one.state_dict(), two.state_dict())
    assert history.drop(columns="seconds").equals(other.drop(columns="seconds"))
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0, abs=1e-12)


def test_several_tensors_come_as_a_tuple():
    def classification(model, batch):
        x, labels = batch
        return {"loss": nn.functional.cross_entropy(model(x), labels)}

    history = train(nn.Linear(12, 3), classification, DATA, torch.arange(50) % 3, epochs=2)
    assert len(history) == 2


def test_no_epochs_give_an_empty_history():
    assert len(train(Autoencoder([12, 3]), reconstruction, DATA, epochs=0)) == 0


def test_what_cannot_be_trained_is_refused_by_name():
    for lr, error in ((0, ValueError), ("fast", TypeError), (1e15, ValueError)):
        with pytest.raises(error, match="lr must be"):
            train(Autoencoder([12, 3]), reconstruction, DATA, epochs=1, lr=lr)
    with pytest.raises(ValueError, match="model must have parameters"):
        train(nn.Flatten(), reconstruction, DATA, epochs=1)
    with pytest.raises(ValueError, match=r"tensors must hold torch.float32, .* got torch.float64"):
        train(Autoencoder([12, 3]), reconstruction, DATA.double(), epochs=1)
