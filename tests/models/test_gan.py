import pytest
import torch
from torch import nn

from coursekit.models.dcgan import DCDiscriminator, DCGenerator
from coursekit.models.gan import GAN, MinibatchDeviation, mlp_gan, simple_gan
from tests.models.conduct import Case, Conduct, count

SMALL = dict(latent=5, generator_widths=(32, 32), discriminator_widths=(32, 32))


def codes(n, shape):
    return (torch.randn(n, *shape, generator=torch.Generator().manual_seed(n)),)


def points(**settings):
    return lambda seed: simple_gan(**SMALL, **settings, seed=seed)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "generator of points",
            lambda seed: points()(seed).generator,
            (5,),
            (2,),
            inputs=codes,
            lr=1e-2,
        ),
        Case(
            "discriminator of points",
            lambda seed: points()(seed).discriminator,
            (2,),
            (),
            inputs=codes,
            lr=1e-2,
        ),
        Case(
            "spectral discriminator",
            lambda seed: points(spectral_norm=True)(seed).discriminator,
            (2,),
            (),
            inputs=codes,
            lr=1e-2,
        ),
        Case(
            "minibatch discriminator",
            lambda seed: points(minibatch_deviation=True)(seed).discriminator,
            (2,),
            (),
            inputs=codes,
            lr=1e-2,
        ),
        Case(
            "generator of images",
            lambda seed: mlp_gan(8, **SMALL, seed=seed).generator,
            (5,),
            (1, 8, 8),
            inputs=codes,
            lr=1e-2,
        ),
        Case(
            "discriminator of images",
            lambda seed: mlp_gan(8, **SMALL, seed=seed).discriminator,
            (1, 8, 8),
            (),
            lr=1e-2,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def linear_sizes(part):
    return [(m.in_features, m.out_features) for m in part.modules() if isinstance(m, nn.Linear)]


# ---------------------------------------------------------------------------- networks


def test_both_sides_have_their_parameters():
    with torch.device("meta"):
        simple, images = simple_gan(), mlp_gan()
    assert (count(simple.generator), count(simple.discriminator)) == (708_482, 133_121)
    assert (count(images.generator), count(images.discriminator)) == (1_510_032, 533_505)


def test_the_generator_normalises_every_block_but_the_first():
    kinds = [type(layer).__name__ for layer in simple_gan().generator.layers]
    block = ["Linear", "BatchNorm1d", "ReLU"]
    assert kinds == ["Linear", "ReLU"] + 3 * block + ["Linear"]


def test_the_capacity_of_each_side_is_set_on_its_own():
    gan = simple_gan(3, latent=7, generator_widths=[4], discriminator_widths=[6, 5])
    assert linear_sizes(gan.generator) == [(7, 4), (4, 3)]
    assert linear_sizes(gan.discriminator) == [(3, 6), (6, 5), (5, 1)]


def test_the_discriminator_ends_in_a_logit():
    gans = [simple_gan(seed=seed) for seed in range(5)]
    assert not any(isinstance(m, nn.Sigmoid) for gan in gans for m in gan.modules())
    scores = torch.cat([gan.discriminator(100 * torch.randn(500, 2)) for gan in gans])
    assert scores.min() < 0 and scores.max() > 1


@pytest.mark.parametrize(("gan", "norms"), [(simple_gan(), 3), (mlp_gan(8), 3)])
def test_batch_normalisation_has_its_momentum_and_not_a_large_eps(gan, norms):
    """`BatchNorm1d(n, 0.8)`, found in popular code, sets eps: it divides by sqrt(var + 0.8)."""
    wrong = nn.BatchNorm1d(4, 0.8)
    assert (wrong.eps, wrong.momentum) == (0.8, 0.1)
    found = [m for m in gan.modules() if isinstance(m, nn.BatchNorm1d)]
    assert len(found) == norms and all(m.eps == 1e-5 and m.momentum == 0.1 for m in found)
    x = 0.1 * torch.randn(500, found[0].num_features)
    assert found[0].train()(x).std().item() == pytest.approx(1, abs=0.02)
    assert nn.BatchNorm1d(x.shape[1], 0.8)(x).std().item() < 0.2


def test_images_lie_between_0_and_1():
    x = mlp_gan(8, channels=3).sample(50)
    assert x.shape == (50, 3, 8, 8) and x.min() >= 0 and x.max() <= 1


@torch.no_grad()
def test_spectral_normalisation_bounds_the_slope_of_the_score():
    x, y = 10 * torch.randn(2, 2000, 2)
    for spectral_norm in True, False:
        gan = simple_gan(discriminator_widths=(32, 32), spectral_norm=spectral_norm)
        for name, parameter in gan.discriminator.named_parameters():
            if "weight" in name:
                parameter.mul_(100)
        for _ in range(50):  # one power iteration each
            gan.discriminator.train()(x)
        scores = [gan.discriminator.eval()(points) for points in (x, y)]
        slope = (scores[0] - scores[1]).abs() / (x - y).norm(dim=1)
        assert (slope.max() <= 1.02) == spectral_norm


# ---------------------------------------------------------------------------- minibatch statistics


def test_the_deviation_of_the_batch_is_joined_to_every_example():
    x = torch.randn(6, 4, dtype=torch.float64)
    joined = MinibatchDeviation()(x)
    assert joined.shape == (6, 5) and torch.equal(joined[:, :4], x)
    expected = x.std(dim=0, correction=0).mean().expand(6)
    torch.testing.assert_close(joined[:, 4], expected, rtol=1e-6, atol=0)


def test_a_batch_of_equal_examples_is_seen_and_has_a_finite_gradient():
    x = torch.ones(6, 4, requires_grad=True)
    deviation = MinibatchDeviation()(x)[:, 4]
    assert deviation.max() < 1e-3
    deviation.sum().backward()  # the slope of a square root at 0 would be a NaN
    assert x.grad.isfinite().all()


def test_only_with_the_deviation_does_a_score_depend_on_the_other_examples():
    x = torch.randn(6, 2)
    for option in False, True:
        discriminator = simple_gan(minibatch_deviation=option).discriminator
        assert torch.allclose(discriminator(x)[:2], discriminator(x[:2])) != option


# ---------------------------------------------------------------------------- samples


def test_samples_come_from_the_generator_given_or_the_global_one():
    gan = simple_gan(**SMALL).eval()
    first, again = (gan.sample(4, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert first.shape == (4, 2) and torch.equal(first, again)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    gan.sample(4, generator=torch.Generator().manual_seed(1))
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(gan.sample(4), gan.sample(4))
    torch.manual_seed(0)
    z = torch.randn(4, 5)
    torch.manual_seed(0)
    assert torch.equal(gan.sample(4), gan.generator(z))
    assert gan.double().sample(4).dtype == torch.float64


@pytest.mark.gpu
def test_samples_are_made_where_the_model_is():
    gan = simple_gan(**SMALL).cuda()
    assert gan.sample(4).is_cuda
    assert gan.sample(4, generator=torch.Generator().manual_seed(0)).is_cuda


def test_samples_have_the_gradient_of_the_generator():
    gan = simple_gan(**SMALL)
    gan.discriminator(gan.sample(8)).sum().backward()
    assert all(p.grad is not None for p in gan.parameters())


def test_a_conditional_dcgan_samples_the_classes_asked_for():
    gan = GAN(
        DCGenerator(5, width=2, size=16, classes=3),
        discriminator=DCDiscriminator(width=2, size=16, classes=3),
        latent=5,
    )
    labels = torch.tensor([0, 2, 1, 0])
    x = gan.eval().sample(4, labels, generator=torch.Generator().manual_seed(0))
    z = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(x, gan.generator(z, labels))
    assert gan.discriminator(x, labels).shape == (4,)


# ---------------------------------------------------------------------------- wrong input


@pytest.mark.parametrize("side", ["generator", "discriminator"])
@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ((), r" must be .* 1 numbers or more, got \[\]"),
        ((8, 0), r"\[1\] must be at least 1, got 0"),
    ],
)
def test_wrong_widths_are_named(side, widths, message):
    for build in simple_gan, mlp_gan:
        with pytest.raises(ValueError, match=f"^{side}_widths{message}"):
            build(**{f"{side}_widths": widths})


def test_the_two_sides_are_modules_and_the_generator_of_codes_is_not_one():
    gan = simple_gan(**SMALL)
    with pytest.raises(TypeError, match="^generator must be a torch module, got None"):
        GAN(None, discriminator=gan.discriminator, latent=5)
    with pytest.raises(TypeError, match="^discriminator must be a torch module, got the str"):
        GAN(gan.generator, discriminator="MLP", latent=5)
    with pytest.raises(TypeError, match="^generator must be a torch.Generator, got the int 0"):
        gan.sample(3, generator=0)


def test_the_two_sides_do_not_start_alike():
    gan = simple_gan(5, latent=5, generator_widths=(5, 5), discriminator_widths=(5, 5))
    first = [part.layers[0].weight for part in (gan.generator, gan.discriminator)]
    assert first[0].shape == first[1].shape and not torch.equal(*first)


def test_wrong_codes_points_and_images_are_named():
    with pytest.raises(ValueError, match=r"^z must be \(N, 5\) floating point, got \(4, 6\)"):
        simple_gan(**SMALL).generator(torch.randn(4, 6))
    with pytest.raises(ValueError, match=r"^x must be \(N, 2\) floating point, got \(4, 3\)"):
        simple_gan(**SMALL).discriminator(torch.randn(4, 3))
    with pytest.raises(ValueError, match=r"^x must be \(N, 1, 8, 8\) .* got \(4, 64\)"):
        mlp_gan(8).discriminator(torch.rand(4, 64))
    with pytest.raises(ValueError, match=r"^x must be \(N, D\) floating point, got \(4, 2, 2\)"):
        MinibatchDeviation()(torch.rand(4, 2, 2))
