import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgba
from torch import nn

from coursekit.models import Autoencoder, ConvAutoencoder, ConvLSTM, UNet, UNetOf2015
from coursekit.plots.drawings import CODE, architecture, trace


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def shapes(model, shape):
    return [block.shape for block in trace(model, shape)]


def test_an_hourglass_has_a_bar_for_each_size_and_the_code_in_its_own_colour():
    figure = architecture(Autoencoder([784, 256, 8]), (784,))
    assert texts(figure) == ["784", "256", "8", "256", "784"]
    coloured = [p for p in figure.axes[0].patches if p.get_facecolor() == to_rgba(CODE)]
    assert len(coloured) == 1


def test_a_convolutional_autoencoder_shows_channels_and_pixels():
    assert shapes(ConvAutoencoder(), (1, 28, 28)) == [
        (1, 28, 28),
        (16, 14, 14),
        (32, 7, 7),
        (1568,),
        (32,),
        (1568,),
        (32, 7, 7),
        (16, 14, 14),
        (1, 28, 28),
    ]


def skips(figure):
    return [p for p in figure.axes[0].patches if p.get_linestyle() not in ("-", "solid")]


def test_a_u_net_has_a_dashed_line_for_each_skip():
    figure = architecture(UNet(1, out_channels=2, widths=(8, 16, 32, 64)), (1, 64, 64))
    assert len(skips(figure)) == 3
    without = UNet(1, out_channels=2, widths=(8, 16, 32, 64), skips=False)
    assert len(skips(architecture(without, (1, 64, 64)))) == 0
    assert len(skips(architecture(UNetOf2015(width=4), (1, 188, 188)))) == 4


def test_a_recurrent_layer_has_a_loop():
    figure = architecture(ConvLSTM(1, widths=[4, 8]), (5, 1, 16, 16))
    assert any("↻" in text for text in texts(figure))


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2)).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    architecture(model, (4,))
    assert model.training and not any(m._forward_hooks for m in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_what_has_no_layers_is_refused():
    with pytest.raises(ValueError, match="model must call linear"):
        architecture(nn.ReLU(), (4,))
    with pytest.raises(TypeError, match="model must be a torch module"):
        architecture("ResNet", (4,))
