import pytest
import torch
from torch import nn

from coursekit.models.dcgan import DCDiscriminator, DCGenerator, halvings
from tests.models.conduct import Case, Conduct


def codes(n, shape):
    return (torch.randn(n, *shape, generator=torch.Generator().manual_seed(n)),)


def labelled(inputs):
    return lambda n, shape: (*inputs(n, shape), torch.arange(n) % 3)


def images(n, shape):
    return (torch.rand(n, *shape, generator=torch.Generator().manual_seed(n)),)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "generator",
            lambda seed: DCGenerator(5, width=24, size=16, seed=seed),
            (5,),
            (3, 16, 16),
            inputs=codes,
        ),
        Case(
            "generator of 28",
            lambda seed: DCGenerator(5, width=8, channels=1, size=28, seed=seed),
            (5,),
            (1, 28, 28),
            inputs=codes,
        ),
        Case(
            "conditional generator",
            lambda seed: DCGenerator(5, width=24, size=16, classes=3, seed=seed),
            (5,),
            (3, 16, 16),
            inputs=labelled(codes),
        ),
        Case(
            "discriminator",
            lambda seed: DCDiscriminator(width=8, size=16, seed=seed),
            (3, 16, 16),
            (),
        ),
        Case(
            "discriminator of 28",
            lambda seed: DCDiscriminator(1, width=8, size=28, seed=seed),
            (1, 28, 28),
            (),
        ),
        Case(
            "conditional discriminator",
            lambda seed: DCDiscriminator(3, width=8, size=16, classes=3, seed=seed),
            (3, 16, 16),
            (),
            inputs=labelled(images),
        ),
        Case(
            "spectral discriminator",
            lambda seed: DCDiscriminator(
                width=8, size=16, spectral_norm=True, batch_norm=False, seed=seed
            ),
            (3, 16, 16),
            (),
            lr=1e-2,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


# ---------------------------------------------------------------------------- the published form


def examples_generator(latent, width, channels):
    """The 64-pixel generator of PyTorch's example, written anew; (0, 1) below is its (-1, 1)."""
    layers, widths = [], [latent, 8 * width, 4 * width, 2 * width, width]
    for i in range(4):
        step = (1, 0) if i == 0 else (2, 1)
        layers += [
            nn.ConvTranspose2d(widths[i], widths[i + 1], 4, *step, bias=False),
            nn.BatchNorm2d(widths[i + 1]),
            nn.ReLU(),
        ]
    return nn.Sequential(
        *layers, nn.ConvTranspose2d(width, channels, 4, 2, 1, bias=False), nn.Tanh()
    )


def examples_discriminator(width, channels):
    layers = [nn.Conv2d(channels, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for i in range(3):
        layers += [
            nn.Conv2d(width << i, width << i + 1, 4, 2, 1, bias=False),
            nn.BatchNorm2d(width << i + 1),
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, bias=False), nn.Sigmoid())


def test_the_networks_for_64_pixels_have_their_parameters_and_no_bias_in_a_convolution():
    with torch.device("meta"):
        generator, discriminator = DCGenerator(), DCDiscriminator()
    for model, parameters in (generator, 3_576_704), (discriminator, 2_765_568):
        assert sum(p.numel() for p in model.parameters()) == parameters
        assert all(m.bias is None for m in model.modules() if hasattr(m, "kernel_size"))


@torch.no_grad()
def test_both_networks_compute_what_pytorchs_example_does():
    for ours, theirs in [
        (DCGenerator(7, width=4), examples_generator(7, 4, 3)),
        (DCDiscriminator(width=4), examples_discriminator(4, 3)),
    ]:
        weights = theirs.state_dict().values()
        assert len(weights) == len(ours.state_dict())
        ours.load_state_dict(dict(zip(ours.state_dict(), weights)))
        if isinstance(ours, DCGenerator):
            z = torch.randn(3, 7)
            torch.testing.assert_close(2 * ours(z) - 1, theirs(z[:, :, None, None]))
        else:
            x = torch.rand(3, 3, 64, 64)
            torch.testing.assert_close(ours(x).sigmoid(), theirs(2 * x - 1).flatten())


def test_weights_are_normal_with_a_deviation_of_a_fiftieth():
    for model in DCGenerator(), DCDiscriminator():
        for m in model.modules():
            if hasattr(m, "kernel_size"):
                n = m.weight.numel()
                assert m.weight.std().item() == pytest.approx(0.02, rel=5 * (2 * n) ** -0.5)
                assert abs(m.weight.mean().item()) < 5 * 0.02 * n**-0.5


def test_batch_normalisation_has_its_momentum_and_not_a_large_eps():
    norms = [
        m
        for model in (DCGenerator(5, width=4), DCDiscriminator(width=4))
        for m in model.modules()
        if isinstance(m, nn.BatchNorm2d)
    ]
    assert len(norms) == 4 + 3
    assert all(m.momentum == 0.1 and m.eps == 1e-5 for m in norms)


# ---------------------------------------------------------------------------- sizes and settings


@pytest.mark.parametrize(
    ("size", "count", "side"),
    [
        (8, 1, 4),
        (28, 2, 7),
        (32, 3, 4),
        (40, 3, 5),
        (48, 3, 6),
        (64, 4, 4),
        (96, 4, 6),
        (128, 5, 4),
    ],
)
def test_sizes_are_halved_down_to_4_to_7_pixels(size, count, side):
    assert halvings(size) == (count, side)
    generator, discriminator = (
        DCGenerator(5, width=2, size=size),
        DCDiscriminator(width=2, size=size),
    )
    x = generator(torch.randn(3, 5))
    assert x.shape == (3, 3, size, size) and x.min() >= 0 and x.max() <= 1
    assert discriminator(x).shape == (3,)
    assert discriminator.features(x).shape == (3, 2**count, side, side)


@pytest.mark.parametrize("size", [0, 4, 7, 9, 30, 31, 36])
@pytest.mark.parametrize(
    "build", [lambda size: DCGenerator(size=size), lambda size: DCDiscriminator(size=size)]
)
def test_other_sizes_are_refused_with_legal_ones(build, size):
    with pytest.raises(ValueError, match=rf"size must be .* such as 28, 32 or 64, got {size};"):
        build(size)


def test_features_are_those_behind_so_many_blocks():
    model, x = DCDiscriminator(width=2, size=32).eval(), torch.rand(2, 3, 32, 32)
    for depth, shape in (1, (2, 2, 16, 16)), (2, (2, 4, 8, 8)), (3, (2, 8, 4, 4)):
        assert model.features(x, depth=depth).shape == shape
    assert torch.equal(model.features(x), model.features(x, depth=3))
    assert torch.equal(model.score(model.features(x)).flatten(), model(x))


def test_labels_reach_both_networks():
    generator = DCGenerator(5, width=2, size=16, classes=2).eval()
    discriminator = DCDiscriminator(width=2, size=16, classes=2).eval()
    z, zero, one = torch.randn(1, 5), torch.tensor([0]), torch.tensor([1])
    x = generator(z, zero)
    assert not torch.equal(x, generator(z, one))
    assert not torch.equal(discriminator(x, zero), discriminator(x, one))
    for call in (lambda: generator(z), lambda: discriminator(x)):
        with pytest.raises(TypeError, match="^labels must be a tensor, got None"):
            call()


def test_without_batch_normalisation_scores_do_not_depend_on_the_rest_of_the_batch():
    x = torch.rand(4, 3, 16, 16)
    alone = DCDiscriminator(width=4, size=16, batch_norm=False).train()
    torch.testing.assert_close(alone(x)[:2], alone(x[:2]))
    assert all(m.bias is not None for m in alone.modules() if hasattr(m, "kernel_size"))
    together = DCDiscriminator(width=4, size=16).train()
    assert not torch.allclose(together(x)[:2], together(x[:2]), rtol=1e-3)


@torch.no_grad()
def test_spectral_normalisation_makes_the_largest_singular_value_1():
    model = DCDiscriminator(width=4, size=16, spectral_norm=True, batch_norm=False).train()
    for _ in range(50):  # one power iteration each
        model(torch.rand(2, 3, 16, 16))
    convolutions = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 3
    for conv in convolutions:
        largest = torch.linalg.matrix_norm(conv.weight.flatten(1), 2).item()
        assert largest == pytest.approx(1, abs=0.02)


def test_wrong_codes_and_images_are_named():
    with pytest.raises(ValueError, match=r"^z must be \(N, 5\) floating .* got \(2, 5, 1, 1\)"):
        DCGenerator(5, width=2, size=16)(torch.randn(2, 5, 1, 1))
    with pytest.raises(ValueError, match=r"^x must be \(N, 3, 16, 16\) .* got \(2, 3, 32, 32\)"):
        DCDiscriminator(width=2, size=16)(torch.rand(2, 3, 32, 32))
