import pytest
import torch
import torch.nn.functional as F

from coursekit.models.convlstm import ConvLSTMForecaster
from tests.models.conduct import Case, Conduct, count


def frames(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


class TwoFrames(ConvLSTMForecaster):
    def forward(self, x):
        return super().forward(x, steps=2)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "forecaster",
            lambda seed: TwoFrames(2, widths=(16, 8), kernel_size=3, seed=seed),
            (3, 2, 1, 1),
            (2, 2, 1, 1),
            odd=((3, 2, 5, 4), (2, 2, 5, 4)),
            lr=3e-2,
        )
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


@pytest.mark.parametrize(
    ("widths", "kernel_size", "state_kernel", "parameters"),
    [
        ((256,), 5, None, 13_524_496),
        ((128, 128), 5, None, 10_042_896),
        ((128, 64, 64), 5, None, 7_585_296),
        ((128, 128), 9, 1, 11_550_224),
        ((128, 64, 64), 9, 1, 8_830_480),
    ],
)
def test_the_networks_of_table_one_have_their_parameters(
    widths, kernel_size, state_kernel, parameters
):
    with torch.device("meta"):
        model = ConvLSTMForecaster(
            16, widths=widths, kernel_size=kernel_size, state_kernel=state_kernel
        )
        assert count(model) == parameters
        assert model(torch.empty(2, 10, 16, 16, 16)).shape == (2, 10, 16, 16, 16)


def test_the_forecaster_starts_from_the_encoders_states_in_reverse_order():
    model, x = ConvLSTMForecaster(2, widths=(5, 4, 3), kernel_size=3), frames(2, 4, 2, 6, 6)
    cells = model.forecaster.cells
    assert cells[0].input is None
    assert [(c.in_channels, c.width) for c in cells] == [(0, 3), (3, 4), (4, 5)]
    states = model.encoder(x)[-1][::-1]
    expected = []
    for _ in range(3):
        below = None
        for layer, cell in enumerate(cells):
            states[layer] = cell(below, states[layer])
            below = states[layer][0]
        hidden = torch.cat([h for h, _ in states], dim=1)
        expected.append(F.conv2d(hidden, model.readout.weight, model.readout.bias))
    assert torch.allclose(model(x, steps=3), torch.stack(expected, dim=1), atol=1e-5)


def test_a_longer_forecast_begins_as_the_shorter_one():
    model, x = ConvLSTMForecaster(2, widths=(4, 3), kernel_size=3), frames(2, 4, 2, 6, 6)
    assert torch.equal(model(x, steps=5)[:, :2], model(x, steps=2))
    assert model(x).shape == (2, 10, 2, 6, 6)


def test_moving_digits_go_in_and_come_out_as_patches():
    x = frames(1, 2, 1, 64, 64)
    patches = F.pixel_unshuffle(x, 4)
    assert patches.shape == (1, 2, 16, 16, 16)
    assert torch.equal(F.pixel_shuffle(patches, 4), x)
    forecast = ConvLSTMForecaster(16, widths=(2,), kernel_size=1)(patches, steps=3)
    assert F.pixel_shuffle(forecast, 4).shape == (1, 3, 1, 64, 64)


def test_no_two_layers_start_alike_and_no_two_seeds_share_a_layer():
    cells = [
        cell
        for seed in (0, 1)
        for model in [ConvLSTMForecaster(4, widths=(4, 4, 4), seed=seed)]
        for part in (model.encoder, model.forecaster)
        for cell in part.cells
    ]
    sums = {cell.state.weight.sum().item() for cell in cells}
    assert len(sums) == len(cells) == 12


def test_a_forecast_of_no_frames_is_refused():
    with pytest.raises(ValueError, match="^steps must be at least 1, got 0"):
        ConvLSTMForecaster(2, widths=(3,))(torch.zeros(1, 1, 2, 5, 5), steps=0)
