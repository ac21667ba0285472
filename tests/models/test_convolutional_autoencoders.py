import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.models.autoencoders import Autoencoder
from coursekit.models.convolutional_autoencoders import ConvAutoencoder
from tests.models.conduct import Case, Conduct, count

both_ways = pytest.mark.parametrize("upsampling", ["transposed", "resize"])


def case(upsampling, size, channels=1):
    return Case(
        f"{upsampling} {size}",
        lambda seed: ConvAutoencoder(
            channels, widths=(32, 32), latent=12, size=size, upsampling=upsampling, seed=seed
        ),
        (channels, size, size),
        (channels, size, size),
        steps=600,
    )


@pytest.mark.parametrize(
    "case",
    [case("transposed", 8), case("resize", 8), case("transposed", 7, 3), case("resize", 7, 3)],
    ids=str,
)
class TestConduct(Conduct):
    pass


def layers(part, kind):
    return [layer for layer in part.modules() if isinstance(layer, kind)]


def test_the_defaults_have_the_parameters_that_the_docstring_states():
    with torch.device("meta"):
        assert count(ConvAutoencoder()) == 118_913
        assert count(ConvAutoencoder(upsampling="resize")) == 115_217


def test_it_is_smaller_than_the_fully_connected_one_with_the_same_code():
    with torch.device("meta"):
        assert 4 * count(ConvAutoencoder(latent=32)) < count(Autoencoder([784, 256, 128, 32])) * 3
        assert 20 * count(ConvAutoencoder(latent=30)) < count(
            Autoencoder([784, 1000, 500, 250, 30])
        )


@both_ways
@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 40), depth=st.integers(1, 3), channels=st.integers(1, 3))
def test_every_legal_size_is_reconstructed_at_its_own_size(upsampling, size, depth, channels):
    def build():
        return ConvAutoencoder(
            channels, widths=(2,) * depth, latent=3, size=size, upsampling=upsampling
        )

    if size < 2**depth:
        with pytest.raises(ValueError, match=f"size must be at least {2**depth}"):
            build()
        return
    model, x = build(), torch.rand(2, channels, size, size)
    assert model.encode(x).shape == (2, 3)
    assert model(x).shape == x.shape


@both_ways
@pytest.mark.parametrize("size", [7, 15, 28, 31])
def test_code_and_reconstruction_have_their_sizes(upsampling, size):
    model, x = (
        ConvAutoencoder(3, widths=(4, 8), latent=5, size=size, upsampling=upsampling),
        torch.rand(2, 3, size, size),
    )
    assert torch.equal(model(x), model.decode(model.encode(x)))
    assert model.decode(torch.rand(2, 5)).shape == x.shape
    assert model(x[:0]).shape == (0, 3, size, size)


@both_ways
def test_the_decoder_mirrors_the_encoder(upsampling):
    model = ConvAutoencoder(3, widths=(4, 8, 16), latent=5, size=28, upsampling=upsampling)
    kind = nn.ConvTranspose2d if upsampling == "transposed" else nn.Conv2d
    down = [(conv.in_channels, conv.out_channels) for conv in layers(model.encoder, nn.Conv2d)]
    up = [(conv.in_channels, conv.out_channels) for conv in layers(model.decoder, kind)]
    assert down == [(3, 4), (4, 8), (8, 16)]
    assert up == [pair[::-1] for pair in reversed(down)]


@pytest.mark.parametrize("size", [7, 8, 15, 28])
def test_a_transposed_convolution_is_the_adjoint_of_the_layer_it_mirrors(size):
    """<conv(x), y> = <x, transposed(y)> with the same weights, at odd sizes too."""
    model = ConvAutoencoder(2, widths=(3,), latent=4, size=size).double()
    (down,), (up,) = layers(model.encoder, nn.Conv2d), layers(model.decoder, nn.ConvTranspose2d)
    nn.init.zeros_(down.bias)
    nn.init.zeros_(up.bias)
    up.weight = down.weight
    x, y = torch.randn(1, 2, size, size).double(), torch.randn(1, 3, size // 2, size // 2).double()
    assert torch.allclose((down(x) * y).sum(), (x * up(y)).sum(), rtol=1e-12, atol=1e-12)


def overlap(n, kernel, stride):
    """How many terms each output of a 1-D transposed convolution sums."""
    return F.conv_transpose1d(torch.ones(1, 1, n), torch.ones(1, 1, kernel), stride=stride)[0, 0]


@pytest.mark.parametrize(
    ("kernel", "stride", "period"),
    [(4, 2, [2]), (3, 2, [1, 2]), (5, 2, [3, 2]), (5, 3, [2, 2, 1]), (6, 3, [2]), (2, 2, [1])],
)
def test_the_overlap_is_even_if_and_only_if_the_stride_divides_the_kernel(kernel, stride, period):
    interior = overlap(8, kernel, stride)[kernel:-kernel].tolist()
    shifted = [period[i:] + period[:i] for i in range(len(period))]
    assert any(interior == (start * 30)[: len(interior)] for start in shifted)
    assert (len(set(interior)) == 1) == (kernel % stride == 0)


@pytest.mark.parametrize("side", [7, 8])
def test_the_decoder_overlaps_evenly_within_the_border(side):
    (up,) = layers(ConvAutoencoder(1, widths=(1,), latent=2, size=side).decoder, nn.ConvTranspose2d)
    nn.init.ones_(up.weight)
    nn.init.zeros_(up.bias)
    out = up(torch.ones(1, 1, side // 2, side // 2))[0, 0]
    line = torch.tensor([1.0] + [2.0] * (side - 2 - side % 2) + [1.0] * (1 + side % 2))
    assert out.shape == (side, side)
    assert torch.equal(out, line[:, None] * line)


def test_resizing_repeats_the_nearest_pixel():
    up = ConvAutoencoder(1, widths=(1,), latent=2, size=8, upsampling="resize").decoder[-1]
    assert isinstance(up[0], nn.Upsample) and isinstance(up[1], nn.Conv2d)
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert torch.equal(up[0](x), x.repeat_interleave(2, 2).repeat_interleave(2, 3))


@both_ways
def test_a_constant_becomes_constant_within_the_border_only_by_resizing(upsampling):
    """Random kernels: a transposed convolution prints a pattern of period 2, Odena's artefact."""
    up = ConvAutoencoder(1, widths=(1,), latent=2, size=16, upsampling=upsampling).decoder[-1]
    interior = up(torch.ones(1, 1, 8, 8))[0, 0, 2:-2, 2:-2]
    assert (interior.std() < 1e-6) == (upsampling == "resize")
    assert torch.allclose(interior[::2, ::2], interior[0, 0].expand(6, 6))


def test_logits_unless_an_activation_is_asked_for():
    x = torch.rand(2, 1, 28, 28)
    logits, grey = ConvAutoencoder(), ConvAutoencoder(output_activation=nn.Sigmoid)
    assert torch.equal(grey(x), torch.sigmoid(logits(x)))
    assert isinstance(logits.decoder[-1], nn.ConvTranspose2d)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"size": 3},
            r"size must be at least 4, since 2 widths halve it 2 times, got 3; take fewer",
        ),
        ({"widths": ()}, r"^widths must be a list of whole numbers, 1 numbers or more, got \[\]"),
        ({"widths": (8, 0)}, r"^widths\[1\] must be at least 1, got 0"),
        ({"channels": 0}, "^channels must be at least 1, got 0"),
        ({"latent": 0}, "^latent must be at least 1, got 0"),
        (
            {"upsampling": "bilinear"},
            "^upsampling must be one of 'transposed', 'resize', got the str 'bilinear'",
        ),
    ],
)
def test_wrong_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ConvAutoencoder(**arguments)


@pytest.mark.parametrize(
    "x",
    [
        torch.zeros(2, 1, 32, 32),
        torch.zeros(2, 3, 28, 28),
        torch.zeros(2, 784),
        torch.zeros(1, 28, 28),
        torch.zeros(2, 1, 28, 28, dtype=torch.uint8),
    ],
    ids=lambda x: str(tuple(x.shape)),
)
def test_a_wrong_input_is_named_with_the_way_out(x):
    with pytest.raises(ValueError, match=r"^x must be \(N, 1, 28, 28\) floating point") as raised:
        ConvAutoencoder()(x)
    assert str(tuple(x.shape)) in str(raised.value) and "size=..." in str(raised.value)


def test_a_wrong_code_is_named():
    with pytest.raises(ValueError, match=r"^code must be \(N, 32\) floating point, got \(2, 5\)"):
        ConvAutoencoder().decode(torch.zeros(2, 5))
