import copy

import pytest
import torch
from torch import nn

from coursekit.live.network import network
from tests.live.pages import node


def seasoned(model):
    """`model` in eval mode, its batch norms with a history."""
    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.normal_(module.weight)
    return model.eval()


NETWORKS = {
    "linear": ([nn.Linear(3, 5), nn.Linear(5, 2, bias=False)], (3,)),
    "bends": ([nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 6), nn.LeakyReLU(0.2)], (3,)),
    "ends": ([nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 4), nn.Sigmoid(), nn.Softmax(1)], (3,)),
    "convolution": ([nn.Conv2d(2, 3, 3)], (2, 6, 5)),
    "strides": ([nn.Conv2d(2, 3, (3, 2), (2, 1), (1, 0), (1, 2), bias=False)], (2, 7, 6)),
    "transposed": ([nn.ConvTranspose2d(3, 2, 4, 2, 1)], (3, 3, 4)),
    "transposed, more": ([nn.ConvTranspose2d(3, 2, (3, 2), (2, 3), 1, 1, bias=False)], (3, 4, 5)),
    "transposed, dilated": ([nn.ConvTranspose2d(2, 2, 3, 2, 1, dilation=2)], (2, 3, 3)),
    "maximum": ([nn.MaxPool2d(2)], (2, 6, 5)),
    "maximum, more": ([nn.MaxPool2d(3, 2, 1, ceil_mode=True)], (2, 6, 5)),
    "mean": ([nn.AvgPool2d(2)], (2, 6, 5)),
    "mean, more": ([nn.AvgPool2d((3, 2), (1, 2), (1, 0))], (2, 6, 5)),
    "global mean": ([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 3)], (2, 4, 5)),
    "nearest": ([nn.Upsample(scale_factor=3)], (2, 3, 4)),
    "nearest, to a size": ([nn.Upsample(size=(6, 4))], (2, 3, 4)),
    "shapes": ([nn.Linear(2, 12), nn.Unflatten(1, (3, 2, 2)), nn.Conv2d(3, 2, 2)], (2,)),
    "nested": ([nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5)), nn.Identity()], (2,)),
}


NORMS = {
    "norm after linear": ([nn.Linear(3, 5, bias=False), nn.BatchNorm1d(5)], (3,)),
    "norm after convolution": ([nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3)], (2, 5, 5)),
    "norm after transposed": ([nn.ConvTranspose2d(2, 3, 2), nn.BatchNorm2d(3)], (2, 5, 5)),
}


@pytest.fixture(scope="module")
def cases():
    """{name: (torch's outputs, the page's)} for five random inputs each, by one run of Node."""
    given, wanted = {}, {}
    for name, (layers, shape) in (NETWORKS | NORMS).items():
        model = seasoned(nn.Sequential(*layers))
        x = torch.randn(5, *shape)
        with torch.no_grad():
            wanted[name] = model(x).flatten(1)
        given[name] = {"form": network("model", model, shape), "x": x.flatten(1).tolist()}
    run = (
        "g => Object.fromEntries(Object.entries(g).map(([name, {form, x}]) => {"
        " const f = network(form); return [name, x.map(f)]; }))"
    )
    got = node(["arrays", "network"], run, given)
    return {name: (wanted[name], torch.tensor(got[name])) for name in given}


@pytest.mark.parametrize("name", [*NETWORKS, *NORMS])
def test_the_page_computes_what_torch_does(cases, name):
    wanted, got = cases[name]
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)


def test_a_large_network_is_held_in_half_the_bits():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 800), nn.Sigmoid())
    form, x = network("model", model, (2,)), torch.randn(20, 2)
    assert form["bits"] == 16 and len(form["weights"]) < 2 * 4 / 3 * 52_200 + 4
    got = torch.tensor(
        node(
            ["arrays", "network"], "g => g.x.map(network(g.form))", {"form": form, "x": x.tolist()}
        )
    )
    with torch.no_grad():
        torch.testing.assert_close(got, model(x), atol=1e-3, rtol=0)
    model[0].weight.data[0] = 1e6
    with pytest.raises(ValueError, match="model: the weights must be finite and at most 65504"):
        network("model", model, (2,))


def test_weights_must_be_finite():
    model = nn.Linear(2, 2)
    model.bias.data[0] = torch.nan
    with pytest.raises(ValueError, match="model: the weights must be finite, got 1 NaN"):
        network("model", model, (2,))


def test_the_model_stays_what_it_was():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 4)).double().train()
    before = copy.deepcopy(model.state_dict())
    form = network("model", model, (2,))
    assert form["shape"] == [4] and [layer["kind"] for layer in form["layers"]] == ["linear"] * 2
    assert model.training and model[1].training and model[0].weight.dtype == torch.float64
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("layers", "shape", "problem"),
    [
        ([nn.Linear(2, 4), nn.GELU()], (2,), "got GELU"),
        ([nn.Conv2d(2, 2, 3, groups=2)], (2, 5, 5), "groups=2"),
        ([nn.Conv2d(2, 2, 3, padding="same")], (2, 5, 5), "padding=same"),
        ([nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect")], (2, 5, 5), "reflect"),
        ([nn.Upsample(scale_factor=2, mode="bilinear")], (1, 3, 3), "bilinear"),
        ([nn.Upsample(size=(5, 5))], (1, 3, 3), "size=\\(5, 5\\)"),
        ([nn.AvgPool2d(2, ceil_mode=True)], (1, 3, 3), "AvgPool2d"),
        ([nn.AvgPool2d(3, 1, 1, count_include_pad=False)], (1, 3, 3), "AvgPool2d"),
        ([nn.AdaptiveAvgPool2d(2)], (1, 4, 4), "AdaptiveAvgPool2d"),
        ([nn.Softmax(1)], (3, 2, 2), "Softmax"),
        ([nn.Linear(4, 3)], (2, 4), "Linear"),
        ([nn.ReLU(), nn.BatchNorm1d(2)], (2,), "behind ReLU"),
        ([nn.BatchNorm1d(2)], (2,), "behind nothing"),
        ([nn.Linear(2, 2), nn.BatchNorm1d(2, track_running_stats=False)], (2,), "statistics"),
        ([nn.Linear(3, 4)], (2,), "fit together"),
    ],
)
def test_what_has_no_counterpart_is_refused(layers, shape, problem):
    with pytest.raises(ValueError, match=f"^decoder must .*{problem}"):
        network("decoder", nn.Sequential(*layers), shape)


def test_a_module_of_ones_own_is_refused():
    class Own(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    with pytest.raises(ValueError, match="layers that network.js knows, got Own"):
        network("decoder", nn.Sequential(Own(2, 3)), (2,))
    with pytest.raises(TypeError, match="decoder must be a torch module"):
        network("decoder", torch.tanh, (2,))


def test_weights_that_do_not_fit_are_an_error_in_the_page_too():
    form = network("model", nn.Linear(2, 2), (2,))
    form["layers"].pop()
    said = "f => { try { network(f) } catch (error) { return error.message } }"
    assert node(["arrays", "network"], said, form) == "6 weights, of which 0 are used"
