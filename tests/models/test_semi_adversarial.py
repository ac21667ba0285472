import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit.models.semi_adversarial import SemiAdversarialAutoencoder
from tests.models.conduct import Case, Conduct

SMALL = (4, 6, 16, 16)


def inputs(n, shape, prototypes=2):
    generator = torch.Generator().manual_seed(n)
    return tuple(
        torch.rand(n, channels, *shape[1:], generator=generator)
        for channels in (shape[0], prototypes, prototypes)
    )


def halved(images):
    """The features are upsampled last, so a pattern of single pixels is out of reach."""
    return F.avg_pool2d(images, 2)


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "semi-adversarial",
            lambda seed: SemiAdversarialAutoencoder(
                1, prototype_channels=2, widths=SMALL, seed=seed
            ),
            (1, 8, 8),
            (1, 4, 4),
            odd=((1, 9, 11), (1, 4, 5)),
            inputs=inputs,
            pick=halved,
            lr=3e-2,
            steps=500,
        )
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def run(model, x, own, wanted):
    with torch.no_grad():
        return model(x, own, wanted)


def test_the_published_form_has_its_parameters():
    with torch.device("meta"):
        model = SemiAdversarialAutoencoder()
        x, prototype = torch.empty(2, 1, 224, 224), torch.empty(2, 3, 224, 224)
        assert model(x, prototype, prototype).shape == (2, 1, 224, 224)
    assert sum(p.numel() for p in model.parameters()) == 324_248
    convs = [*model.encoder, *model.decoder, model.combine]
    assert [(conv.in_channels, conv.out_channels) for conv in convs] == [
        (4, 8),
        (8, 12),
        (12, 256),
        (256, 128),
        (131, 1),
    ]


@pytest.mark.parametrize("size", [(4, 4), (7, 15), (28, 28), (31, 5)])
def test_the_image_keeps_its_size_and_range(size):
    model = SemiAdversarialAutoencoder(3, prototype_channels=2, widths=SMALL)
    x, own, wanted = inputs(2, (3, *size))
    out = run(model, 10 * x - 5, own, wanted)
    assert out.shape == x.shape and out.min() >= 0 and out.max() <= 1


def test_one_pair_of_widths_more_halves_the_sides_once_more():
    model = SemiAdversarialAutoencoder(1, prototype_channels=2, widths=(2, 3, 4, 5, 6, 7))
    assert run(model, *inputs(2, (1, 9, 8))).shape == (2, 1, 9, 8)
    with pytest.raises(ValueError, match="x must be at least 8 pixels high and wide, got 9 x 7"):
        run(model, *inputs(2, (1, 9, 7)))


def test_all_three_inputs_matter():
    model = SemiAdversarialAutoencoder(1, prototype_channels=2, widths=SMALL)
    batch = inputs(2, (1, 8, 8))
    out = run(model, *batch)
    for i in range(3):
        changed = [1 - part if i == j else part for j, part in enumerate(batch)]
        assert not torch.allclose(run(model, *changed), out)


def test_the_wanted_prototype_acts_on_its_own_pixel_only():
    """It enters before a 1 x 1 convolution; the own prototype enters below the pooling."""
    model = SemiAdversarialAutoencoder(1, prototype_channels=2, widths=SMALL)
    x, own, wanted = inputs(1, (1, 8, 8))

    def touched(which):
        batch = {"own": own.clone(), "wanted": wanted.clone()}
        batch[which][0, :, 3, 3] += 1
        changed = run(model, x, **batch) != run(model, x, own, wanted)
        return changed[0, 0].nonzero().tolist()

    assert touched("wanted") == [[3, 3]]
    assert len(touched("own")) > 16


def world(n=64):
    """Images, identities and attributes: four patterns on the left, one patch on the right."""
    generator = torch.Generator().manual_seed(0)
    identity, attribute = (torch.randint(classes, (n,), generator=generator) for classes in (4, 2))
    patterns = torch.rand(4, 1, 4, 2, generator=generator)
    x = torch.zeros(n, 1, 8, 8)
    x[:, :, :, :4] = F.interpolate(patterns, scale_factor=2)[identity]
    x[:, :, :4, 4:] = 0.8 * attribute.float()[:, None, None, None]
    return x, identity, attribute


def train(model, objective, steps, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        loss = objective()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def judge(x, labels, classes):
    """A frozen linear classifier of x."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Sequential(nn.Flatten(), nn.Linear(64, classes))
    train(network, lambda: F.cross_entropy(network(x), labels), 150, 2e-2)
    return network.requires_grad_(False)


def test_it_hides_an_attribute_and_keeps_the_identity():
    x, identity, attribute = world()
    classify, match = judge(x, attribute, 2), judge(x, identity, 4)
    planes = torch.eye(2)[:, :, None, None].expand(2, 2, 8, 8)  # one constant channel a value
    own, other = planes[attribute], planes[1 - attribute]
    model = SemiAdversarialAutoencoder(1, prototype_channels=2, widths=(8, 12, 16, 16))

    def objective():
        kept, changed = model(x, own, own), model(x, own, other)
        return (
            10 * F.l1_loss(kept, x)
            + F.cross_entropy(classify(kept), attribute)
            + F.cross_entropy(classify(changed), 1 - attribute)
            + (match(changed) - match(x)).square().sum(dim=1).mean()
        )

    def accuracy(network, images, labels):
        return (network(images).argmax(dim=1) == labels).float().mean()

    train(model, objective, 300, 1e-2)
    changed = run(model, x, own, other)
    assert accuracy(classify, x, attribute) > 0.95 and accuracy(match, x, identity) > 0.95
    assert accuracy(classify, changed, attribute) < 0.3
    assert accuracy(match, changed, identity) > 0.95


@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ((), r"^widths must be an even number of channel counts, .* or more, got \[\]"),
        ((8,), r"^widths must be an even number of channel counts, .* or more, got \[8\]"),
        ((8, 12, 16), r"^widths must be an even number of channel counts, .* got \[8, 12, 16\]"),
        ((8, 0), r"^widths\[1\] must be at least 1, got 0"),
    ],
)
def test_widths_that_do_not_mirror_are_refused(widths, message):
    with pytest.raises(ValueError, match=message):
        SemiAdversarialAutoencoder(widths=widths)


@pytest.mark.parametrize(
    ("x", "own", "wanted", "message"),
    [
        (
            (2, 3, 8, 8),
            (2, 2, 8, 8),
            (2, 2, 8, 8),
            r"^x must be \(N, 1, H, W\).*got \(2, 3, 8, 8\)",
        ),
        (
            (2, 1, 3, 8),
            (2, 2, 3, 8),
            (2, 2, 3, 8),
            "^x must be at least 4 pixels .*got 3 x 8; a pair",
        ),
        (
            (2, 1, 8, 8),
            (1, 2, 8, 8),
            (2, 2, 8, 8),
            r"^own must be \(2, 2, 8, 8\).*expand\(len\(x\)",
        ),
        (
            (2, 1, 8, 8),
            (2, 2, 8, 8),
            (2, 2, 8, 9),
            r"^wanted must be \(2, 2, 8, 8\).*\(2, 2, 8, 9\)",
        ),
        ((2, 1, 8, 8), (2, 2, 8, 8), (2, 1, 8, 8), r"^wanted must be \(2, 2, 8, 8\)"),
    ],
)
def test_wrong_inputs_are_named(x, own, wanted, message):
    with pytest.raises(ValueError, match=message):
        SemiAdversarialAutoencoder(1, prototype_channels=2, widths=SMALL)(
            *map(torch.zeros, (x, own, wanted))
        )
