"""The progress bar of `fit`: what it counts, and that it can be silent."""

import torch
import tqdm

from coursekit.losses import squared_error
from coursekit.models.autoencoders import Autoencoder
from coursekit.training import Batches, fit, loop

DATA = torch.rand(50, 12, generator=torch.Generator().manual_seed(1))


def run(epochs, checkpoint=None):
    model = Autoencoder([12, 6, 3])
    fit(
        model,
        lambda model, x: {"loss": squared_error(model(x), x)},
        Batches(DATA, batch_size=10),
        optimizer=torch.optim.Adam(model.parameters()),
        epochs=epochs,
        checkpoint=checkpoint,
    )


def test_the_bar_counts_steps_and_goes_on_after_a_resume(monkeypatch, tmp_path):
    bars = []

    class Bar(loop.tqdm):
        def __init__(self, **options):
            with open(tmp_path / "screen", "w") as screen:
                super().__init__(**options | {"disable": False, "file": screen})
            self.disable = True  # its screen is closed: it counts no more
            bars.append(self)

    monkeypatch.setattr(loop, "tqdm", Bar)
    for epochs in (1, 3):
        run(epochs, tmp_path / "run.pt")
    assert [(bar.initial, bar.total) for bar in bars] == [(0, 5), (5, 15)]


def test_the_bar_is_plain_text_on_stderr_that_takes_its_line_back(monkeypatch, capfd):
    assert loop.tqdm is tqdm.tqdm  # not the widget of tqdm.auto, which the readers' install lacks
    monkeypatch.delenv("TQDM_DISABLE")
    run(2)
    out, err = capfd.readouterr()
    assert out == "" and "0/10" in err
    *_, last = filter(None, err.replace("\x1b[A", "").split("\r"))
    assert not last.strip()


def test_nothing_is_written_where_tqdm_is_disabled(capfd):
    """conftest.py sets TQDM_DISABLE=1."""
    run(2)
    assert capfd.readouterr() == ("", "")
