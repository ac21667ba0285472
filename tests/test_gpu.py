"""What only a CUDA device can show: autocast, data on the device, exact resume."""

import pytest
import torch

from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.session import start
from coursekit.training import Batches, evaluate, fit

pytestmark = pytest.mark.gpu


def objective(model, x):
    output = model(x)
    objective.dtypes.add(output.dtype)
    return {"loss": squared_error(output, x)}


def run(epochs, checkpoint=None):
    objective.dtypes = set()
    x = torch.rand(512, 20, generator=torch.Generator().manual_seed(0)).cuda()
    model = Autoencoder([20, 64, 5]).cuda()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
    history = fit(
        model, objective, Batches(x), optimizer=optimizer, epochs=epochs, checkpoint=checkpoint
    )
    return model, history, x


def test_start_picks_the_device():
    assert start().device.type == "cuda"


def test_training_runs_under_bfloat16_autocast_and_learns():
    model, history, x = run(20)
    assert objective.dtypes == {torch.bfloat16}
    assert history["loss"].iloc[-1] < 0.5 * history["loss"].iloc[0]
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert evaluate(model, objective, Batches(x))["loss"] < history["loss"].iloc[0]


def test_a_run_resumes_on_the_device(tmp_path):
    whole, _, _ = run(4)
    run(2, tmp_path / "checkpoint.pt")
    resumed, history, _ = run(4, tmp_path / "checkpoint.pt")
    assert len(history) == 4
    for a, b in zip(whole.parameters(), resumed.parameters()):
        torch.testing.assert_close(a, b)
