import pytest
import torch
from torch import nn

from coursekit.losses.likelihoods import importance_weighted_bound
from coursekit.models.convolutional_vae import DCVAE, ConditionalDCVAE
from coursekit.models.dcgan import DCDiscriminator, DCGenerator
from tests.models.conduct import Case, Conduct, first, labelled

LABELS = torch.tensor([0, 1, 1])


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "DCVAE",
            lambda seed: DCVAE(3, width=24, latent=5, size=16, seed=seed),
            (3, 16, 16),
            (3, 16, 16),
            pick=first,
        ),
        Case(
            "DCVAE of 28",
            lambda seed: DCVAE(1, width=8, latent=5, size=28, seed=seed),
            (1, 28, 28),
            (1, 28, 28),
            pick=first,
        ),
        Case(
            "conditional",
            lambda seed: ConditionalDCVAE(3, width=24, latent=5, size=16, classes=3, seed=seed),
            (3, 16, 16),
            (3, 16, 16),
            inputs=labelled,
            pick=first,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def count(*parts):
    return sum(p.numel() for part in parts for p in part.parameters())


def test_its_halves_are_a_dcgans_networks():
    with torch.device("meta"):
        model, discriminator, generator = (
            DCVAE(),
            DCDiscriminator(width=32, size=32),
            DCGenerator(128, width=32, size=32),
        )
    assert count(model) == 1_118_272
    assert count(model.encoder) == count(discriminator.blocks)
    assert count(model.decoder) == count(generator)
    assert count(model.mean, model.log_variance) == 2 * (128 * 4 * 4 * 128 + 128)


@pytest.mark.parametrize("size", [8, 28, 32, 40, 64])
def test_images_of_a_legal_size_come_back_as_logits(size):
    model, x = DCVAE(1, width=2, latent=5, size=size), torch.rand(3, 1, size, size)
    logits, mean, log_variance = model(x)
    assert logits.shape == x.shape and mean.shape == log_variance.shape == (3, 5)
    assert logits.min() < 0 < logits.max()


def test_the_first_pictures_are_grey():
    pictures = DCVAE(width=8).decode(torch.randn(4, 128)).sigmoid()
    assert (pictures - 0.5).abs().max() < 0.3


def test_the_mean_is_decoded_in_eval_mode_and_a_draw_in_training():
    model, x = DCVAE(1, width=4, latent=5, size=16), torch.rand(3, 1, 16, 16)
    assert not torch.equal(model(x)[0], model(x)[0])
    model.eval()
    logits, mean, _ = model(x)
    assert torch.equal(logits, model.decode(mean))


@torch.no_grad()
def test_the_likelihood_of_images_has_a_bound():
    x = torch.rand(3, 1, 16, 16).round()
    plain = DCVAE(1, width=4, latent=5, size=16).eval().log_weights(x, samples=4)
    conditional = (
        ConditionalDCVAE(1, width=4, latent=5, size=16, classes=2)
        .eval()
        .log_weights(x, LABELS, samples=4)
    )
    for log_weights in plain, conditional:
        assert log_weights.shape == (4, 3) and (log_weights < -100).all()
        assert (importance_weighted_bound(log_weights) >= log_weights.mean(dim=0)).all()


@torch.no_grad()
def test_without_the_weights_of_the_label_it_is_a_dcvae():
    model = ConditionalDCVAE(1, width=4, latent=5, size=16, classes=1).eval()
    z, labels = torch.randn(3, 5), torch.zeros(3, dtype=torch.int64)
    nn.init.zeros_(model.decoder[1].weight[5:])
    nn.init.zeros_(model.encoder[0][0].weight[:, 1:])
    plain = DCVAE(1, width=4, latent=5, size=16).eval()
    weights = model.state_dict()
    weights["decoder.1.weight"] = weights["decoder.1.weight"][:5]
    weights["encoder.0.0.weight"] = weights["encoder.0.0.weight"][:, :1]
    plain.load_state_dict(weights)
    torch.testing.assert_close(model.decode(z, labels), plain.decode(z))
    x = torch.rand(3, 1, 16, 16)
    torch.testing.assert_close(model(x, labels), plain(x))


@torch.no_grad()
def test_the_label_reaches_both_halves():
    model = ConditionalDCVAE(1, width=4, latent=5, size=16, classes=2).eval()
    x, z, zero, one = torch.rand(1, 1, 16, 16), torch.randn(1, 5), LABELS[:1], LABELS[1:2]
    assert not torch.equal(model.encode(x, zero)[0], model.encode(x, one)[0])
    assert not torch.equal(model.decode(z, zero), model.decode(z, one))


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="size must be .* got 30"):
        DCVAE(size=30)
    with pytest.raises(ValueError, match="classes must be at least 1, got 0"):
        ConditionalDCVAE(classes=0)
    with pytest.raises(ValueError, match=r"^x must be \(N, 3, 16, 16\) .* got \(2, 1, 16, 16\)"):
        DCVAE(width=2, size=16)(torch.rand(2, 1, 16, 16))
    with pytest.raises(TypeError, match="^labels must be a tensor, got None"):
        ConditionalDCVAE(1, width=2, latent=5, size=16, classes=3)(torch.rand(3, 1, 16, 16))
