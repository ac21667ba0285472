import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.layers.weights import seeded
from coursekit.losses.classification import map_criterion
from coursekit.models.lenet import (
    TABLE,
    LeNet5,
    LeNet5Of1998,
    PartialConv2d,
    Subsampling,
    scaled_tanh,
)
from tests.models.conduct import Case, Conduct


@pytest.mark.parametrize(
    "case",
    [
        Case("LeNet-5", lambda seed: LeNet5(scale=0.5, seed=seed), (1, 32, 32), (10,)),
        Case(
            "LeNet-5 in colour",
            lambda seed: LeNet5(classes=4, channels=3, seed=seed),
            (3, 32, 32),
            (4,),
        ),
        # the ten distances cannot all be small, so one stands for them
        Case(
            "LeNet-5 of 1998",
            lambda seed: LeNet5Of1998(seed=seed),
            (1, 32, 32),
            (1,),
            pick=lambda distances: distances[:, 3:4],
            lr=1e-2,
        ),
        Case(
            "partial convolution",
            lambda seed: _partial(seed),
            (6, 8, 8),
            (16, 4, 4),
            checks_type=False,
            lr=3e-2,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def _partial(seed):
    with seeded(seed):
        return PartialConv2d(TABLE, 6, 5)


def count(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def digits(n=4, seed=0):
    return torch.rand(n, 1, 32, 32, generator=torch.Generator().manual_seed(seed))


LAYERS = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164}
CONNECTIONS = {
    "c1": 122_304,
    "s2": 5_880,
    "c3": 151_600,
    "s4": 2_000,
    "c5": 48_120,
    "f6": 10_164,
    "output": 840,
}


def test_the_layers_of_1998_have_the_parameters_of_the_paper():
    with torch.device("meta"):
        model = LeNet5Of1998()
    assert {name: count(getattr(model, name)) for name in LAYERS} == LAYERS
    assert count(model) == 60_000


def test_the_layers_of_1998_have_the_connections_of_the_paper():
    with torch.device("meta"):
        connections = LeNet5Of1998().connections()
    assert connections == CONNECTIONS
    assert sum(connections.values()) == 340_908
    assert sum(connections.values()) - connections["output"] == 340_068


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("c1", (1, 32, 32)),
        ("s2", (6, 28, 28)),
        ("c3", (6, 14, 14)),
        ("s4", (16, 10, 10)),
        ("c5", (16, 5, 5)),
        ("f6", (120,)),
    ],
)
def test_a_layer_of_ones_counts_its_connections(name, shape):
    layer = getattr(LeNet5Of1998(), name)
    for parameter in layer.parameters():
        nn.init.ones_(parameter)
    assert layer(torch.ones(1, *shape)).sum().item() == CONNECTIONS[name]


def test_the_modern_form_has_61706_parameters():
    with torch.device("meta"):
        assert count(LeNet5()) == 61_706
        # the full C3 has 900 more weights, the softmax 850; the subsampling had 44
        assert count(LeNet5()) == 60_000 + 900 + 850 - 44
        assert count(LeNet5(channels=3)) == 61_706 + 2 * 6 * 25
        assert count(LeNet5(classes=100)) == 61_706 + 90 * 85


def test_the_modern_form_is_this_sequence_of_layers():
    model = LeNet5(seed=1)
    sequence = nn.Sequential(
        model.c1,
        nn.ReLU(),
        nn.MaxPool2d(2),
        model.c3,
        nn.ReLU(),
        nn.MaxPool2d(2),
        model.c5,
        nn.ReLU(),
        nn.Flatten(),
        model.f6,
        nn.ReLU(),
        model.output,
    )
    torch.testing.assert_close(model(digits()), sequence(digits()))


def test_the_published_form_squashes_every_layer_up_to_f6():
    model, x = LeNet5Of1998(seed=1), 1.275 * digits() - 0.1
    for layer in (model.c1, model.s2, model.c3, model.s4, model.c5, nn.Flatten(), model.f6):
        x = layer(x) if isinstance(layer, nn.Flatten) else 1.7159 * torch.tanh(layer(x) / 1.5)
    torch.testing.assert_close(model.features(digits()), x)


def test_scale_multiplies_maps_and_units():
    model = LeNet5(scale=0.5)
    sizes = [
        model.c1.out_channels,
        model.c3.out_channels,
        model.c5.out_channels,
        model.f6.out_features,
    ]
    assert sizes == [3, 8, 60, 42]
    assert LeNet5(scale=0.01)(digits()).shape == (4, 10)


def test_table_1_connects_neighbours_first():
    assert [len(inputs) for inputs in TABLE] == [3] * 6 + [4] * 9 + [6]
    assert len(set(map(tuple, TABLE))) == 16
    assert [TABLE[column] for column in (0, 4, 6, 9, 12, 13, 14, 15)] == [
        [0, 1, 2],
        [0, 4, 5],
        [0, 1, 2, 3],
        [0, 3, 4, 5],
        [0, 1, 3, 4],
        [1, 2, 4, 5],
        [0, 2, 3, 5],
        [0, 1, 2, 3, 4, 5],
    ]
    # every map of S2 is seen by ten maps of C3
    assert [sum(c in inputs for inputs in TABLE) for c in range(6)] == [10] * 6


def test_a_partial_convolution_is_a_convolution_with_zeros_in_its_kernel():
    layer, x = PartialConv2d(TABLE, 6, 5).double(), torch.randn(2, 6, 14, 14).double()
    kernel = layer.kernel()
    connected = torch.tensor([[c in inputs for c in range(6)] for inputs in TABLE])
    assert torch.equal(kernel.abs().sum((2, 3)) > 0, connected)
    for o, inputs in enumerate(TABLE):
        alone = F.conv2d(x[:, inputs], kernel[o : o + 1, inputs], layer.bias[o : o + 1])
        torch.testing.assert_close(layer(x)[:, o : o + 1], alone)


def test_training_leaves_c3_unconnected_where_it_was():
    model = LeNet5Of1998()
    unconnected = model.c3.kernel() == 0
    assert unconnected.sum() == 900
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=0.1)
    before = model.c3.kernel().detach()
    map_criterion(model(digits()), torch.arange(4), j=40.0).backward()
    optimizer.step()
    after = model.c3.kernel()
    assert torch.equal(after == 0, unconnected)
    assert (after != before)[~unconnected].all()


def test_an_unconnected_map_has_no_influence():
    layer = PartialConv2d(TABLE, 6, 5)
    x = torch.rand(1, 6, 14, 14)
    changed = x.clone()
    changed[:, 3] += 1
    same = (layer(x) == layer(changed)).flatten(2).all(2)[0]
    assert same.tolist() == [3 not in inputs for inputs in TABLE]


def test_subsampling_scales_the_sum_of_four_pixels():
    layer = Subsampling(1)
    layer.coefficient.data.fill_(0.5)
    layer.bias.data.fill_(-1)
    x = torch.tensor([[1.0, 2, 0, 0], [3, 4, 0, 8]])[None, None]
    assert layer(x).flatten().tolist() == [4, 3]


def test_the_scaled_tanh_passes_through_one_and_bends_most_there():
    x = torch.tensor([-1.0, 0, 1], dtype=torch.float64)
    torch.testing.assert_close(scaled_tanh(x), x, rtol=0, atol=1e-4)
    assert scaled_tanh(torch.tensor(1e3)) == pytest.approx(1.7159)
    x = torch.linspace(0.1, 3, 300).double().requires_grad_()
    (slope,) = torch.autograd.grad(scaled_tanh(x).sum(), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), x)
    assert x[bend.abs().argmax()].item() == pytest.approx(1, abs=0.02)


def test_a_modelled_digit_is_scaled_as_in_the_paper():
    seen = []
    model = LeNet5Of1998()
    model.c1.register_forward_hook(lambda layer, arguments, output: seen.append(arguments[0]))
    model(torch.zeros(1, 1, 32, 32))
    model(torch.ones(1, 1, 32, 32))
    assert seen[0].unique().item() == pytest.approx(-0.1)
    assert seen[1].unique().item() == pytest.approx(1.175)


def test_first_weights_of_1998_stay_within_2_4_over_the_fan_in():
    model = LeNet5Of1998()
    fan_in = {"c1": 25, "c5": 400, "f6": 120}
    for name, inputs in fan_in.items():
        layer = getattr(model, name)
        assert 0.9 * 2.4 / inputs < layer.weight.abs().max() <= 2.4 / inputs
        assert layer.bias.abs().sum() == 0
    largest = model.c3.kernel().abs().amax((1, 2, 3))
    bounds = torch.tensor([2.4 / (25 * len(inputs)) for inputs in TABLE])
    assert (largest <= bounds).all() and (largest > 0.8 * bounds).all()


def test_zero_logits_cost_log_10():
    model = LeNet5()
    labels = torch.tensor([0, 5, 9, 2])
    assert F.cross_entropy(model(digits()), labels).item() == pytest.approx(math.log(10), abs=0.2)
    nn.init.zeros_(model.output.weight)
    nn.init.zeros_(model.output.bias)
    assert F.cross_entropy(model(digits()), labels).item() == pytest.approx(math.log(10))


@pytest.mark.parametrize("model", [LeNet5(), LeNet5Of1998()], ids=lambda m: type(m).__name__)
@pytest.mark.parametrize(
    ("x", "got"),
    [
        (torch.zeros(2, 1, 28, 28), r"got \(2, 1, 28, 28\) torch.float32"),
        (torch.zeros(2, 1, 36, 36), r"got \(2, 1, 36, 36\)"),
        (torch.zeros(2, 3, 32, 32), r"got \(2, 3, 32, 32\)"),
        (torch.zeros(1, 32, 32), r"got \(1, 32, 32\)"),
        (torch.zeros(2, 1, 32, 32, dtype=torch.uint8), r"got \(2, 1, 32, 32\) torch.uint8"),
    ],
)
def test_another_input_is_refused_with_the_way_to_pad_digits(model, x, got):
    expected = rf"^x must be \(N, 1, 32, 32\) floating point, {got}.*F.pad\(images, \(2, 2, 2, 2\)"
    with pytest.raises(ValueError, match=expected):
        model(x)


def test_padded_digits_fit():
    x = F.pad(torch.rand(2, 1, 28, 28), (2, 2, 2, 2))
    assert LeNet5()(x).shape == LeNet5Of1998()(x).shape == (2, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 0}, "^classes must be at least 1, got 0"),
        ({"channels": 0}, "^channels must be at least 1, got 0"),
        ({"scale": 0}, "^scale must be above 0, got 0"),
    ],
)
def test_sizes_below_one_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LeNet5(**arguments)
