import pytest
import torch
from torch import nn

from coursekit import losses
from coursekit.layers.labels import join_labels
from coursekit.models.vae import VAE, ConditionalVAE
from tests.models.conduct import Case, Conduct, first, labelled

LECTURE = dict(sizes=[784, 196, 49, 28, 28], batch_norm=True, decoder_sizes=[49, 196])


@pytest.mark.parametrize(
    "case",
    [
        Case("VAE", lambda seed: VAE([12, 16, 4], seed=seed), (12,), (12,), pick=first, lr=1e-2),
        Case(
            "deep tanh",
            lambda seed: VAE([12, 16, 16, 4], activation=nn.Tanh, seed=seed),
            (12,),
            (12,),
            pick=first,
            lr=1e-2,
        ),
        Case(
            "batch norm",
            lambda seed: VAE([12, 32, 16, 16, 4], batch_norm=True, seed=seed),
            (12,),
            (12,),
            pick=first,
            lr=1e-2,
        ),
        Case(
            "conditional",
            lambda seed: ConditionalVAE([12, 16, 4], classes=3, seed=seed),
            (12,),
            (12,),
            inputs=labelled,
            pick=first,
            lr=1e-2,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


# ---------------------------------------------------------------------------- shapes


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        (dict(sizes=[784, 500, 20], activation=nn.Tanh), 815_824),  # Kingma and Welling
        (dict(sizes=[784, 400, 20]), 652_824),  # pytorch/examples
        (dict(sizes=[784, 200, 200, 50], activation=nn.Tanh), 425_284),  # Burda
        (dict(sizes=[784, 400, 40]), 676_864),  # pythae
        (LECTURE, 332_696),
    ],
)
def test_the_published_networks_have_their_parameters(arguments, parameters):
    with torch.device("meta"):
        model = VAE(**arguments)
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_the_decoder_mirrors_the_encoder_unless_it_has_sizes_of_its_own():
    def shapes(*parts):
        return [
            (m.in_features, m.out_features)
            for part in parts
            for m in part.modules()
            if isinstance(m, nn.Linear)
        ]

    model = VAE([12, 8, 5, 3])
    assert shapes(model.encoder) == [(12, 8), (8, 5)]
    assert shapes(model.mean, model.log_variance) == [(5, 3), (5, 3)]
    assert shapes(model.decoder) == [(3, 5), (5, 8), (8, 12)]
    assert shapes(VAE([12, 8, 5, 3], decoder_sizes=[7]).decoder) == [(3, 7), (7, 12)]
    assert shapes(VAE([12, 3])) == [(12, 3), (12, 3), (3, 12)]  # without hidden layers: linear


class LectureVAE(nn.Module):
    """The lecture's network for pixels in [-1, 1], written anew."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 196),
            nn.ReLU(),
            nn.BatchNorm1d(196, momentum=0.7),
            nn.Linear(196, 49),
            nn.ReLU(),
            nn.BatchNorm1d(49, momentum=0.7),
            nn.Linear(49, 28),
            nn.LeakyReLU(),
        )
        self.heads = nn.ModuleList([nn.Linear(28, 28), nn.Linear(28, 28)])
        self.decoder = nn.Sequential(
            nn.Linear(28, 49),
            nn.ReLU(),
            nn.Linear(49, 196),
            nn.ReLU(),
            nn.Linear(196, 784),
            nn.Tanh(),
        )

    def forward(self, x):
        hidden = self.encoder(x)
        mean, log_variance = (head(hidden) for head in self.heads)
        return self.decoder(mean + (log_variance / 2).exp() * torch.randn(mean.shape)), mean


def test_the_lectures_network_computes_the_same_with_the_same_weights():
    lecture, ours = LectureVAE(), VAE(**LECTURE)
    ours.encoder[-1] = nn.LeakyReLU()
    names = ours.state_dict()
    assert len(names) == len(lecture.state_dict())
    ours.load_state_dict(dict(zip(names, lecture.state_dict().values())))
    x = 2 * torch.rand(6, 784) - 1
    for _ in range(2):  # the second time with the running averages of the first
        torch.manual_seed(0)
        expected, expected_mean = lecture.train()(x)
        torch.manual_seed(0)
        logits, mean, _ = ours.train()(x)
        assert torch.equal(mean, expected_mean) and torch.equal(logits.tanh(), expected)
    torch.testing.assert_close((expected + 1) / 2, (2 * logits).sigmoid())
    assert torch.equal(ours.eval()(x)[1], lecture.eval()(x)[1])


def test_batch_normalisation_has_its_momentum_and_not_a_large_eps():
    norms = [m for m in VAE(**LECTURE).modules() if isinstance(m, nn.BatchNorm1d)]
    assert [m.num_features for m in norms] == [196, 49]
    assert all(m.momentum == 0.7 and m.eps == 1e-5 for m in norms)
    assert not any(isinstance(m, nn.BatchNorm1d) for m in VAE([12, 8, 5, 3]).modules())


# ---------------------------------------------------------------------------- the code


def test_the_code_is_drawn_in_training_and_the_mean_in_eval_mode():
    model, x = VAE([12, 8, 3]), torch.rand(5, 12)
    logits, mean, log_variance = model(x)
    assert logits.shape == (5, 12) and mean.shape == log_variance.shape == (5, 3)
    assert not torch.equal(logits, model(x)[0])
    model.eval()
    assert torch.equal(model(x)[0], model.decode(mean))
    assert torch.equal(model(x)[0], model(x)[0])


def test_codes_have_the_mean_and_the_variance_asked_for():
    torch.manual_seed(0)
    n, mean, log_variance = 100_000, torch.tensor([-1.0, 2.0]), torch.tensor([-2.0, 1.0])
    z = VAE([12, 2]).sample_code(mean.expand(n, 2), log_variance.expand(n, 2))
    variance = log_variance.exp()
    assert ((z.mean(0) - mean).abs() < 4 * (variance / n).sqrt()).all()
    assert ((z.var(0) - variance).abs() < 4 * variance * (2 / n) ** 0.5).all()


def test_the_reparameterisation_has_the_gradient_of_mean_plus_sigma_noise():
    mean = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    log_variance = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    z = VAE([12, 3]).sample_code(mean, log_variance)
    to_mean, to_log_variance = torch.autograd.grad(z.sum(), (mean, log_variance))
    assert torch.equal(to_mean, torch.ones(4, 3, dtype=torch.float64))
    torch.testing.assert_close(to_log_variance, (z - mean) / 2)


def test_a_network_of_zeros_costs_543_nats_and_no_divergence():
    model, x = VAE([784, 8, 3]), torch.rand(5, 784).round()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    logits, mean, log_variance = model(x)
    assert losses.binary_cross_entropy(logits, x).item() == pytest.approx(543.427, abs=1e-3)
    assert mean.abs().sum() == log_variance.abs().sum() == 0


# ---------------------------------------------------------------------------- labels


def test_with_a_constant_label_the_conditional_model_is_a_vae():
    plain, conditional = VAE([12, 8, 3], seed=1), ConditionalVAE([12, 8, 3], classes=1, seed=2)
    weights = dict(plain.state_dict())
    for half, size in ("encoder", 12), ("decoder", 3):
        extra = conditional.state_dict()[f"{half}.0.weight"][:, size:]  # of the label: a bias
        weights[f"{half}.0.weight"] = torch.cat([weights[f"{half}.0.weight"], extra], dim=1)
        weights[f"{half}.0.bias"] = weights[f"{half}.0.bias"] - extra[:, 0]
    conditional.load_state_dict(weights)
    x, labels = torch.rand(6, 12).round(), torch.zeros(6, dtype=torch.int64)
    for expected, got in [
        (lambda: plain(x), lambda: conditional(x, labels)),
        (
            lambda: plain.log_weights(x, samples=7),
            lambda: conditional.log_weights(x, labels, samples=7),
        ),
    ]:
        torch.manual_seed(0)
        expected = expected()
        torch.manual_seed(0)
        torch.testing.assert_close(got(), expected)


def test_the_label_reaches_both_halves():
    model, x, z = ConditionalVAE([12, 8, 3], classes=2).eval(), torch.rand(1, 12), torch.randn(1, 3)
    zero, one = torch.tensor([0]), torch.tensor([1])
    assert not torch.equal(model.encode(x, zero)[0], model.encode(x, one)[0])
    assert not torch.equal(model.decode(z, zero), model.decode(z, one))


@pytest.mark.parametrize("shape", [(4, 5), (4, 3, 2, 6)])
def test_labels_become_constant_channels(shape):
    x, labels = torch.rand(shape), torch.tensor([2, 0, 1, 2])
    joined = join_labels(x, labels, classes=3)
    assert joined.shape == (4, shape[1] + 3, *shape[2:])
    assert torch.equal(joined[:, : shape[1]], x)
    for i, label in enumerate(labels):
        expected = torch.zeros(3, *shape[2:])
        expected[label] = 1
        assert torch.equal(joined[i, shape[1] :], expected)


def test_an_empty_batch_passes():
    model = ConditionalVAE([12, 8, 3], classes=2)
    assert model(torch.zeros(0, 12), torch.zeros(0, dtype=torch.int64))[0].shape == (0, 12)


# ---------------------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("labels", "got"),
    [
        (None, "a tensor, got None"),
        (torch.zeros(5), r"\(5,\) int64, got \(5,\) torch.float32"),
        (torch.zeros(4, dtype=torch.int64), r"\(5,\), one for each row of x or z, got \(4,\)"),
        (torch.zeros(5, 2, dtype=torch.int64), r"\(5,\), one for each row of x or z, got \(5, 2\)"),
        (torch.tensor([0, 1, 2, 1, 0]), "from 0 to 1, got 0 to 2"),
        (torch.tensor([0, 1, -1, 1, 0]), "from 0 to 1, got -1 to 1"),
    ],
)
def test_wrong_labels_are_named(labels, got):
    model = ConditionalVAE([12, 8, 3], classes=2)
    with pytest.raises((TypeError, ValueError), match=f"^labels must be {got}"):
        model(torch.rand(5, 12), labels)


def test_labels_for_a_model_without_classes_are_refused():
    with pytest.raises(ValueError, match="model without classes; leave them away"):
        VAE([12, 3])(torch.rand(2, 12), torch.tensor([0, 1]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": [12]}, r"^sizes must be \[input, hidden, ..., code\], 2 .* got \[12\]"),
        ({"sizes": [12, 0, 3]}, r"^sizes\[1\] must be at least 1, got 0"),
        ({"sizes": [12, 8, 0]}, r"^sizes\[2\] must be at least 1, got 0"),
        ({"sizes": [12, 3], "decoder_sizes": [0]}, r"^decoder_sizes\[0\] must be at least 1"),
    ],
)
def test_wrong_sizes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        VAE(**options)


def test_wrong_classes_inputs_and_codes_are_named():
    with pytest.raises(ValueError, match="classes must be at least 1, got 0"):
        ConditionalVAE([12, 8, 3], classes=0)
    with pytest.raises(ValueError, match=r"^x must be \(N, 12\) .* got \(5, 1, 3, 4\).*flatten"):
        VAE([12, 8, 3])(torch.rand(5, 1, 3, 4))
    with pytest.raises(ValueError, match=r"^z must be \(N, 3\) floating point, got \(5, 4\)"):
        VAE([12, 8, 3]).decode(torch.rand(5, 4))
