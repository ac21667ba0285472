import pytest
import torch
from torch import nn

from coursekit.models.fc_lstm import FCLSTMForecaster
from tests.models.conduct import Case, Conduct, count


class TwoFrames(FCLSTMForecaster):
    def forward(self, x):
        return super().forward(x, steps=2)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "FC-LSTM",
            lambda seed: TwoFrames(5, widths=(16, 8), seed=seed),
            (3, 5),
            (2, 5),
            odd=((4, 5), (2, 5)),
            lr=3e-2,
        )
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def test_the_network_of_table_one_has_its_parameters():
    with torch.device("meta"):
        model = FCLSTMForecaster()
        assert count(model) == 142_667_776
        assert model(torch.empty(2, 10, 4096)).shape == (2, 10, 4096)


def copy(cell, dense, peephole):
    """The weights of a cell on one pixel to nn.LSTMCell, or to one without input; peepholes."""
    with torch.no_grad():
        if cell.input is not None:
            dense.weight_ih.copy_(cell.input.weight.flatten(1))
        dense.weight_hh.copy_(cell.state.weight.flatten(1))
        dense.bias_ih.copy_(cell.state.bias)
        dense.bias_hh.zero_()
        cell.peephole.fill_(peephole)


@pytest.mark.parametrize("peephole", [0.0, 0.5])
def test_without_peepholes_it_is_an_encoder_and_forecaster_of_pytorchs_cells(peephole):
    model = FCLSTMForecaster(5, widths=(4, 3), seed=1).double()
    up, down = (
        [nn.LSTMCell(a, b).double() for a, b in pairs]
        for pairs in (((5, 4), (4, 3)), ((1, 3), (3, 4)))
    )
    for part, cells in (model.encoder, up), (model.forecaster, down):
        for cell, dense in zip(part.cells, cells):
            copy(cell, dense, peephole)
    x = torch.rand(2, 6, 5, dtype=torch.float64)
    states = [None, None]
    for frame in x.unbind(dim=1):
        for layer, dense in enumerate(up):
            states[layer] = dense(frame, states[layer])
            frame = states[layer][0]
    states, expected = states[::-1], []
    for _ in range(3):
        frame = torch.zeros(2, 1, dtype=torch.float64)  # the first layer has no input
        for layer, dense in enumerate(down):
            states[layer] = dense(frame, states[layer])
            frame = states[layer][0]
        expected.append(model.readout(frame))
    same = torch.allclose(model(x, steps=3), torch.stack(expected, dim=1), rtol=0, atol=1e-12)
    assert same == (peephole == 0)


def test_the_readout_sees_the_last_layer_only():
    model = FCLSTMForecaster(5, widths=(4, 3))
    assert (model.readout.in_features, model.readout.out_features) == (4, 5)
    assert [(c.in_channels, c.width) for c in model.forecaster.cells] == [(0, 3), (3, 4)]


def test_a_longer_forecast_begins_as_the_shorter_one():
    model, x = FCLSTMForecaster(5, widths=(4, 3)), torch.rand(2, 4, 5)
    assert torch.equal(model(x, steps=5)[:, :2], model(x, steps=2))
    assert model(x).shape == (2, 10, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FCLSTMForecaster(0), "^inputs must be at least 1, got 0"),
        (lambda: FCLSTMForecaster(5, widths=()), r"^widths must be .* got \[\]"),
        (
            lambda: FCLSTMForecaster(5, widths=(3,))(torch.rand(2, 4, 1, 5)),
            r"^x must be \(N, T, 5\) .* got \(2, 4, 1, 5\) .*; frames of images .*x.flatten\(2\)",
        ),
        (
            lambda: FCLSTMForecaster(5, widths=(3,))(torch.rand(2, 4, 5), steps=0),
            "^steps must be at least 1, got 0",
        ),
    ],
)
def test_wrong_settings_and_inputs_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
