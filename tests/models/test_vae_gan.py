import pytest
import torch

from coursekit import losses
from coursekit.losses.adversarial import discriminator_bce
from coursekit.losses.divergences import gaussian_kl
from coursekit.models.convolutional_vae import DCVAE
from coursekit.models.dcgan import DCDiscriminator
from coursekit.models.vae_gan import VAEGAN
from tests.models.conduct import Case, Conduct, count


def small(seed=0):
    return VAEGAN(3, width=24, latent=5, size=16, seed=seed)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "VAE",
            lambda seed: small(seed).vae,
            (3, 16, 16),
            (3, 16, 16),
            pick=lambda output: output[0],
        ),
        Case("discriminator", lambda seed: small(seed).discriminator, (3, 16, 16), ()),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def feature_loss(model, x, reconstruction):
    return losses.squared_error(model.features(reconstruction), model.features(x)) / 2


def has_gradient(part):
    gradients = [p.grad for p in part.parameters() if p.grad is not None]
    return any(gradient.abs().sum() > 0 for gradient in gradients)


def test_it_is_a_dcvae_and_a_dcgans_discriminator():
    with torch.device("meta"):
        model, vae, discriminator = VAEGAN(), DCVAE(), DCDiscriminator(width=32, size=32)
    assert count(model.vae) == count(vae) and count(model.discriminator) == count(discriminator)
    assert count(model) == count(model.vae) + count(model.discriminator)
    assert [name for name, _ in model.named_children()] == ["vae", "discriminator"]


@pytest.mark.parametrize(("layer", "shape"), [(1, (8, 16, 16)), (2, (16, 8, 8)), (3, (32, 4, 4))])
def test_features_are_the_discriminators_own(layer, shape):
    model, x = VAEGAN(width=8, layer=layer).eval(), torch.rand(2, 3, 32, 32)
    maps = model.features(x)
    assert maps.shape == (2, *shape)
    rest = model.discriminator.blocks[layer:]
    assert torch.equal(model.discriminator.score(rest(maps)).flatten(), model.discriminator(x))


@pytest.mark.parametrize("training", [True, False])
def test_the_feature_loss_is_0_for_a_perfect_reconstruction_only(training):
    model, x = small().train(training), torch.rand(4, 3, 16, 16)
    assert feature_loss(model, x, x.clone()).item() == 0
    assert feature_loss(model, x, (x + 0.1).clamp(max=1)).item() > 0


def test_the_encoder_learns_from_the_features_and_the_prior_but_not_from_the_game():
    model, x = small(), torch.rand(4, 3, 16, 16)
    vae = model.vae
    mean, log_variance = vae.encode(x)
    z = vae.sample_code(mean, log_variance)
    fakes = torch.cat([vae.decode(z.detach()), vae.decode(torch.randn_like(z))]).sigmoid()
    game = discriminator_bce(model.discriminator(x), model.discriminator(fakes))
    game.backward(retain_graph=True)
    assert has_gradient(vae.decoder) and has_gradient(model.discriminator)
    assert not any(map(has_gradient, (vae.encoder, vae.mean, vae.log_variance)))

    model.zero_grad()
    gaussian_kl(mean, log_variance).backward(retain_graph=True)
    assert all(map(has_gradient, (vae.encoder, vae.mean, vae.log_variance)))
    assert not has_gradient(vae.decoder) and not has_gradient(model.discriminator)

    model.zero_grad()
    feature_loss(model, x, vae.decode(z).sigmoid()).backward()
    assert all(map(has_gradient, (vae.encoder, vae.mean, vae.log_variance, vae.decoder)))


@pytest.mark.parametrize("layer", [0, 4, -1])
def test_a_layer_that_is_not_there_is_refused(layer):
    with pytest.raises(ValueError, match=f"^layer must be at (least 1|most 3), got {layer}"):
        VAEGAN(width=2, layer=layer)


def test_encoder_and_discriminator_have_equal_shapes_and_do_not_start_alike():
    """One seed for both once gave the discriminator the encoder's own weights."""
    model = VAEGAN(width=8)
    for ours, theirs in zip(model.vae.encoder, model.discriminator.blocks):
        assert ours[0].weight.shape == theirs[0].weight.shape
        assert not torch.equal(ours[0].weight, theirs[0].weight)


def test_a_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"^x must be \(N, 3, 16, 16\) .* got \(2, 3, 8, 8\)"):
        small().features(torch.rand(2, 3, 8, 8))
