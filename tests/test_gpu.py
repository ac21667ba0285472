"""What only a CUDA device can show: autocast, data on the device, exact resume, no waiting."""

import pytest
import torch
from torch import nn

from coursekit.layers.weights import seeded
from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.session import start
from coursekit.training import Batches, evaluate, fit, predict, steps, train

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


def test_no_step_waits_for_the_device(monkeypatch):
    run(1)  # what is set up once may wait
    usual = steps._pass

    def watched(*args, **options):
        torch.cuda.set_sync_debug_mode("error")
        try:
            return usual(*args, **options)
        finally:
            torch.cuda.set_sync_debug_mode("default")

    monkeypatch.setattr(steps, "_pass", watched)
    assert len(run(2)[1]) == 2


def test_reading_once_an_epoch_leads_to_the_same_bits(monkeypatch):
    def noisy(model, x):
        return {"loss": squared_error(model(x + 0.1 * torch.randn_like(x)).float(), x)}

    def ended():
        with seeded(0):
            layers = nn.Linear(20, 16), nn.BatchNorm1d(16), nn.Dropout(), nn.Linear(16, 20)
        model = nn.Sequential(*layers).cuda()
        x = torch.rand(512, 20, generator=torch.Generator().manual_seed(0)).cuda()
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
        torch.manual_seed(1)
        history = fit(model, noisy, Batches(x), optimizer=optimizer, epochs=3)
        return model.state_dict(), optimizer.state_dict(), history["loss"].tolist()

    once_an_epoch = ended()
    monkeypatch.setattr(steps, "_defers", lambda run: False)
    torch.testing.assert_close(once_an_epoch, ended(), rtol=0, atol=0)


def test_a_term_that_is_not_finite_is_found_in_its_step():
    def broken(model, batch):
        x, number = batch
        return {"loss": squared_error(model(x), x) / (number != 300).all()}

    model = Autoencoder([20, 64, 5]).cuda()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.rand(512, 20).cuda()
    batches = Batches(x, torch.arange(512).cuda(), shuffle=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    with pytest.raises(FloatingPointError, match="epoch 1, step 5: the term 'loss' is inf"):
        fit(model, broken, batches, optimizer=optimizer, epochs=2)
    assert optimizer.state_dict()["state"][0]["step"] == 4
    assert not torch.equal(before["encoder.0.weight"], model.encoder[0].weight)
    assert all(value.isfinite().all() for value in model.state_dict().values())


def test_train_and_predict_bring_results_to_the_cpu():
    x = torch.rand(512, 20)
    model = Autoencoder([20, 64, 5]).cuda()
    train(model, objective, x, epochs=2)
    codes = predict(model.encode, x, batch_size=100)
    assert codes.device.type == "cpu" and codes.shape == (512, 5)
