import pytest
import torch
import torch.nn.functional as F

from coursekit.models.unet import UNetOf2015
from tests.models.conduct import Case, Conduct, count


def image(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "as published",
            lambda seed: UNetOf2015(width=4, dropout=0, seed=seed),
            (1, 188, 188),
            (2, 4, 4),
            odd=((1, 188, 204), (2, 4, 20)),
        )
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def test_the_published_network_has_its_parameters_and_sizes():
    with torch.device("meta"):
        model = UNetOf2015()
        assert count(model) == 31_030_658
        assert count(UNetOf2015(channels=3, classes=1)) == 31_031_745
        assert model(torch.empty(1, 1, 572, 572)).shape == (1, 2, 388, 388)


def output_size(n):
    """By hand, through every layer; None where a pooling meets an odd size or nothing is left."""
    for _ in range(4):
        n -= 4
        if n <= 0 or n % 2:
            return None
        n //= 2
    n -= 4
    for _ in range(4):
        n = 2 * n - 4
    return n if n > 0 else None


def test_the_legal_sizes_are_those_that_pool_evenly_and_leave_something():
    with torch.device("meta"):
        model = UNetOf2015(width=1)
        for n in range(150, 320):
            expected = output_size(n)
            if expected is None:
                with pytest.raises(ValueError, match="16m"):
                    model(torch.empty(1, 1, n, n))
            else:
                assert model(torch.empty(1, 1, n, n)).shape[-2:] == (expected, expected)
                assert expected == n - 184 and n % 16 == 12


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((572, 256), "W = 16m .* got 256; nearest: 252 and 268"),
        ((500, 572), "H = 16m .* got 500; nearest: 492 and 508"),
        ((187, 188), "H = 16m .* got 187; nearest: 188;"),
        ((140, 140), "H = 16m .* got 140; nearest: 188;"),
        ((189, 188), "H = 16m .* got 189; nearest: 188 and 204"),
    ],
)
def test_another_size_is_refused_with_the_nearest_legal_ones(size, message):
    with torch.device("meta"), pytest.raises(ValueError, match=f"^x must have {message}"):
        UNetOf2015(width=1)(torch.empty(1, 1, *size))


def published(model, x):
    """Figure 1, layer by layer, with the weights of `model` in their order."""
    weights = iter(list(model.parameters()))

    def twice(x):
        for _ in range(2):
            x = F.relu(F.conv2d(x, next(weights), next(weights)))
        return x

    skips = []
    for _ in range(4):
        x = twice(x)
        skips.append(x)
        x = F.max_pool2d(x, 2, 2)
    x = twice(x)
    ups = [(next(weights), next(weights)) for _ in range(4)]
    for up, skip in zip(ups, skips[::-1]):
        x = F.conv_transpose2d(x, *up, stride=2)
        (height, width), (h, w) = skip.shape[-2:], x.shape[-2:]
        top, left = (height - h) // 2, (width - w) // 2
        x = twice(torch.cat([x, skip[:, :, top : top + h, left : left + w]], dim=1))
    return F.conv2d(x, next(weights), next(weights))


def test_it_computes_figure_one():
    model, x = UNetOf2015(channels=2, classes=3, width=3).eval(), image(2, 2, 188, 204)
    with torch.no_grad():
        assert torch.allclose(model(x), published(model, x), atol=1e-6)


def test_tiles_give_the_same_as_the_whole_image():
    model, x = UNetOf2015(width=2).eval(), image(1, 1, 220, 188)
    with torch.no_grad():
        whole, tiles = model(x), [model(x[:, :, top : top + 188]) for top in (0, 16, 32)]
    for top, tile in zip((0, 16, 32), tiles):
        assert torch.allclose(whole[:, :, top : top + 4], tile, atol=1e-6)


def test_mirroring_92_pixels_gives_an_output_as_large_as_the_image():
    x = image(1, 1, 100, 116)
    with torch.no_grad():
        assert UNetOf2015(width=1)(F.pad(x, [92] * 4, mode="reflect")).shape[-2:] == (100, 116)


def test_the_first_weights_have_the_variance_of_the_paper():
    model = UNetOf2015(width=32)
    conv, up = model.decoder[0][0], model.up[0]
    for weight, n in ((conv.weight, 9 * 512), (up.weight, 512)):
        assert weight.var().item() == pytest.approx(2 / n, rel=5 * (2 / weight.numel()) ** 0.5)
    assert conv.bias.abs().sum() == up.bias.abs().sum() == 0


def test_dropout_acts_on_the_last_two_levels_of_the_contracting_path_in_training():
    model, seen = UNetOf2015(width=2), []
    model.dropout.register_forward_hook(lambda _, inputs, output: seen.append(output.shape[1]))
    x = image(1, 1, 220, 220)
    assert not torch.equal(model(x), model(x))
    assert seen == [16, 32, 16, 32]
    assert torch.equal(model.eval()(x), model(x))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(1, 3, 188, 188), r"^x must be \(N, 1, H, W\) .* got \(1, 3, 188, 188\)"),
        (torch.zeros(1, 1, 188, 188, dtype=torch.uint8), "got .* torch.uint8"),
    ],
)
def test_a_wrong_input_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        UNetOf2015(width=1)(x)
