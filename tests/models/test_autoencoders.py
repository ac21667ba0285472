import pytest
import torch
from torch import nn

from coursekit import losses
from coursekit.models.autoencoders import Autoencoder
from tests.models.conduct import count

SIZES = [12, 8, 3]


@pytest.mark.parametrize(
    ("sizes", "parameters"),
    [
        ([784, 1000, 500, 250, 30], 2_837_314),
        ([784, 400, 200, 100, 50, 25, 6], 842_340),
        ([625, 2000, 1000, 500, 30], 7_537_655),
    ],
)
def test_the_networks_of_hinton_and_salakhutdinov_have_their_parameters(sizes, parameters):
    assert count(Autoencoder(sizes)) == parameters


def test_code_and_reconstruction_have_their_sizes():
    model, x = Autoencoder(SIZES), torch.rand(5, 12)
    assert model.encode(x).shape == (5, 3)
    assert model.decode(torch.rand(5, 3)).shape == (5, 12)
    assert model(x).shape == (5, 12)
    assert torch.equal(model(x), model.decode(model.encode(x)))
    assert model(x[:0]).shape == (0, 12)


def test_the_decoder_mirrors_the_encoder():
    def shapes(part):
        return [
            (layer.in_features, layer.out_features)
            for layer in part
            if isinstance(layer, nn.Linear)
        ]

    model = Autoencoder([12, 8, 5, 3])
    assert shapes(model.encoder) == [(12, 8), (8, 5), (5, 3)]
    assert shapes(model.decoder) == [(3, 5), (5, 8), (8, 12)]


def test_activations_stand_where_they_are_asked_for():
    def names(part):
        return [type(layer).__name__ for layer in part]

    model = Autoencoder([12, 8, 5, 3])
    assert names(model.encoder) == names(model.decoder) == ["Linear", "ReLU"] * 2 + ["Linear"]
    model = Autoencoder(
        SIZES, activation=nn.Tanh, code_activation=nn.Softplus, output_activation=nn.Sigmoid
    )
    assert names(model.encoder) == ["Linear", "Tanh", "Linear", "Softplus"]
    assert names(model.decoder) == ["Linear", "Tanh", "Linear", "Sigmoid"]


def test_every_parameter_gets_a_gradient():
    model = Autoencoder(SIZES, activation=nn.Tanh)
    x = torch.rand(6, 12)
    losses.squared_error(model(x), x).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_one_batch_is_learnt_by_heart():
    model = Autoencoder([12, 32, 6])
    x = torch.rand(4, 12, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    first = losses.squared_error(model(x), x).item()
    for _ in range(300):
        loss = losses.squared_error(model(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1e-3 * first


def test_weights_survive_saving_and_loading(tmp_path):
    model, x = Autoencoder(SIZES, seed=1), torch.rand(5, 12)
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    other = Autoencoder(SIZES, seed=2)
    assert not torch.equal(model(x), other(x))
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert torch.equal(model(x), other(x))


def test_the_seed_alone_decides_the_first_weights():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    model = Autoencoder(SIZES, seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(1)
    same, other = Autoencoder(SIZES, seed=3), Autoencoder(SIZES, seed=4)
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, same.state_dict()[name])
        assert torch.equal(weight, other.state_dict()[name]) == name.endswith("bias")  # zeros


@pytest.mark.parametrize(
    ("activation", "variance"), [(nn.ReLU, 4 / 700), (nn.Identity, 2 / 700), (nn.Tanh, 2 / 700)]
)
def test_the_first_weights_have_the_variance_that_keeps_a_signal_alive(activation, variance):
    layer = Autoencoder([400, 300, 10], activation=activation).encoder[0]
    # standard error of a variance over n normal draws: sqrt(2 / n) of it
    assert layer.weight.var().item() == pytest.approx(variance, rel=5 * (2 / 120_000) ** 0.5)
    assert layer.bias.abs().sum() == 0


def test_a_signal_passes_a_deep_network_without_fading():
    model = Autoencoder([200] * 12)
    x = torch.randn(500, 200, generator=torch.Generator().manual_seed(0))
    assert 0.3 < model.encode(x).std() < 3


def test_without_nonlinearities_the_map_is_affine():
    model = Autoencoder([12, 8, 3], activation=nn.Identity).double()
    x, y = torch.randn(2, 5, 12, dtype=torch.float64)
    with torch.no_grad():
        assert torch.allclose(model(0.3 * x + 0.7 * y), 0.3 * model(x) + 0.7 * model(y))
        relu = Autoencoder([12, 8, 3]).double()
        assert not torch.allclose(relu(0.3 * x + 0.7 * y), 0.3 * relu(x) + 0.7 * relu(y))
        assert torch.linalg.matrix_rank(model(torch.randn(50, 12).double()).T.cov()) == 3


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([], r"^sizes must be \[input, ..., code\], 2 numbers or more, got \[\]"),
        ([784], r"^sizes must be \[input, ..., code\], 2 numbers or more, got \[784\]"),
        ([784, 0], r"^sizes\[1\] must be at least 1, got 0"),
        ([784, -3, 2], r"^sizes\[1\] must be at least 1, got -3"),
    ],
)
def test_sizes_without_an_input_and_a_code_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        Autoencoder(sizes)


@pytest.mark.parametrize(
    ("x", "got"),
    [
        (torch.zeros(5, 11), r"got \(5, 11\) torch.float32"),
        (torch.zeros(12), r"got \(12,\) torch.float32"),
        (torch.zeros(5, 1, 3, 4), r"got \(5, 1, 3, 4\) torch.float32"),
        (torch.zeros(5, 12, dtype=torch.uint8), r"got \(5, 12\) torch.uint8"),
    ],
)
def test_a_wrong_input_is_named_with_the_shape_that_fits(x, got):
    with pytest.raises(ValueError, match=rf"^x must be \(N, 12\) floating point, {got}") as raised:
        Autoencoder(SIZES)(x)
    assert "images.flatten(1)" in str(raised.value)


def test_a_wrong_code_is_named():
    with pytest.raises(ValueError, match=r"^code must be \(N, 3\) floating point, got \(5, 12\)"):
        Autoencoder(SIZES).decode(torch.zeros(5, 12))


def test_a_linear_autoencoder_comes_within_a_percent_of_pca_and_never_below():
    x = torch.randn(200, 8, generator=torch.Generator().manual_seed(0)).double()
    x = (x - x.mean(dim=0)) * torch.linspace(2, 0.5, 8)
    pca = torch.linalg.svdvals(x)[3:].square().sum() / len(x)
    model = Autoencoder([8, 3], activation=nn.Identity).double()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=300, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = losses.squared_error(model(x), x)
        loss.backward()
        return loss

    first = closure().item()
    optimizer.step(closure)
    assert first > 1.5 * pca
    assert pca - 1e-8 <= closure().item() <= 1.01 * pca
