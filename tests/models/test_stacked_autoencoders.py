from functools import partial

import pytest
import torch
from torch import nn

from coursekit import losses
from coursekit.models.regularised_autoencoders import TiedAutoencoder
from coursekit.models.stacked_autoencoders import StackedAutoencoder
from tests.models.conduct import Case, Conduct

SIZES = [12, 16, 8, 5]


@pytest.mark.parametrize(
    "case",
    [
        Case(
            "three layers",
            lambda seed: StackedAutoencoder([12, 24, 16], seed=seed),
            (12,),
            (12,),
            lr=1e-2,
        ),
        Case(
            "classifier",
            lambda seed: StackedAutoencoder(SIZES, seed=seed).classifier(4, seed=seed),
            (12,),
            (4,),
            checks_type=False,
            lr=1e-2,
        ),
    ],
    ids=str,
)
class TestConduct(Conduct):
    pass


def data(n=200):
    """Points near a few prototypes, in [0, 1]."""
    generator = torch.Generator().manual_seed(0)
    prototypes = (torch.rand(4, 12, generator=generator) > 0.5).float()
    labels = torch.randint(4, (n,), generator=generator)
    x = prototypes[labels] * 0.8 + 0.2 * torch.rand(n, 12, generator=generator)
    return x, labels


def train(parameters, loss_of, steps=150):
    optimizer = torch.optim.Adam(parameters, lr=3e-2)
    for _ in range(steps):
        loss = loss_of()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def error(model, x):
    return losses.binary_cross_entropy(model(x), x)


def pretrain(model, x):
    """Greedy training: (error of each layer on its own input before, after)."""
    errors = []
    for depth, layer in enumerate(model.layers):
        codes = model.codes(x, depth=depth)
        before = error(layer, codes).item()
        train(layer.parameters(), partial(error, layer, codes))
        errors.append((before, error(layer, codes).item()))
    return errors


def test_the_layers_fit_on_each_other():
    model = StackedAutoencoder(SIZES)
    assert all(isinstance(layer, TiedAutoencoder) for layer in model.layers)
    assert [tuple(layer.weight.shape) for layer in model.layers] == [(16, 12), (8, 16), (5, 8)]


def test_the_published_depth_has_its_parameters():
    with torch.device("meta"):
        model = StackedAutoencoder([784, 1000, 1000, 1000])
        assert sum(p.numel() for p in model.parameters()) == 2_789_784
        classifier = model.classifier(10)
    assert sum(p.numel() for p in classifier.parameters()) == 785_000 + 2 * 1_001_000 + 10_010


def test_up_and_down_are_the_layers_one_after_the_other():
    model, x = StackedAutoencoder(SIZES), torch.rand(6, 12)
    first, second, third = model.layers
    code = third.encode(second.encode(first.encode(x)))
    assert torch.equal(model.encode(x), code) and code.shape == (6, 5)
    logits = first.decode(torch.sigmoid(second.decode(torch.sigmoid(third.decode(code)))))
    assert torch.equal(model.decode(code), logits)
    assert torch.equal(model(x), logits)


def test_a_stack_of_one_is_a_tied_autoencoder():
    x = torch.rand(6, 12)
    assert torch.equal(StackedAutoencoder([12, 5], seed=3)(x), TiedAutoencoder([12, 5], seed=3)(x))


def test_layers_of_the_same_sizes_start_from_different_weights():
    first, second = StackedAutoencoder([12, 12, 12]).layers
    assert not torch.equal(first.weight, second.weight)


@pytest.mark.parametrize("depth", range(4))
def test_codes_depend_on_the_layers_below_only(depth):
    model, x = StackedAutoencoder(SIZES), torch.rand(6, 12)
    codes = model.codes(x, depth=depth)
    assert codes.shape == (6, SIZES[depth]) and not codes.requires_grad
    for i, layer in enumerate(model.layers):
        kept = layer.weight.detach().clone()
        nn.init.normal_(layer.weight)
        assert torch.equal(model.codes(x, depth=depth), codes) == (i >= depth)
        with torch.no_grad():
            layer.weight.copy_(kept)


def test_codes_run_from_the_input_to_the_last_code():
    model, x = StackedAutoencoder(SIZES), torch.rand(6, 12)
    assert torch.equal(model.codes(x, depth=0), x)
    assert torch.equal(model.codes(x, depth=3), model.encode(x))


def test_greedy_training_lowers_every_error_and_changes_no_layer_below():
    model, (x, _) = StackedAutoencoder(SIZES), data()
    before = error(model, x).item()
    first = model.codes(x, depth=1)
    errors = pretrain(model, x)
    trained_first = model.codes(x, depth=1)
    assert not torch.equal(first, trained_first)
    assert all(after < start for start, after in errors)
    assert error(model, x) < 0.8 * before
    train(model.layers[1].parameters(), partial(error, model.layers[1], trained_first), steps=3)
    assert torch.equal(model.codes(x, depth=1), trained_first)


def test_the_classifier_starts_from_the_trained_encoder():
    model, (x, _) = StackedAutoencoder(SIZES), data()
    pretrain(model, x)
    classifier = model.classifier(4)
    assert classifier(x).shape == (200, 4)
    assert [type(layer).__name__ for layer in classifier] == ["Linear", "Sigmoid"] * 3 + ["Linear"]
    assert torch.allclose(classifier[:-1](x), model.encode(x), atol=1e-6)


def test_fine_tuning_the_classifier_leaves_the_stack_alone():
    model, (x, labels) = StackedAutoencoder(SIZES), data()
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}
    classifier = model.classifier(4)
    train(classifier.parameters(), lambda: nn.functional.cross_entropy(classifier(x), labels))
    assert (classifier(x).argmax(dim=1) == labels).float().mean() > 0.95
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, weights[name]), name
    assert not torch.equal(classifier[0].weight, model.layers[0].weight)


def test_the_classifier_has_the_type_of_the_stack():
    model = StackedAutoencoder(SIZES).double()
    assert all(p.dtype == torch.float64 for p in model.classifier(4).parameters())


def test_the_seed_of_the_classifier_decides_the_new_layer_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    model = StackedAutoencoder(SIZES)
    one, same, other = (
        model.classifier(4, seed=1),
        model.classifier(4, seed=1),
        model.classifier(4, seed=2),
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one[-1].weight, same[-1].weight)
    assert not torch.equal(one[-1].weight, other[-1].weight)
    assert torch.equal(one[0].weight, other[0].weight)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([], r"^sizes must be \[input, ..., code\], 2 numbers or more, got \[\]"),
        ([12], r"^sizes must be \[input, ..., code\], 2 numbers or more, got \[12\]"),
        ([12, 0], r"^sizes\[1\] must be at least 1, got 0"),
        ([12, -3, 2], r"^sizes\[1\] must be at least 1, got -3"),
    ],
)
def test_sizes_without_an_input_and_a_code_are_refused(sizes, message):
    with pytest.raises(ValueError, match=message):
        StackedAutoencoder(sizes)


@pytest.mark.parametrize("depth", [-1, 4])
def test_a_depth_outside_the_stack_is_refused(depth):
    with pytest.raises(ValueError, match=f"^depth must be at (least 0|most 3), got {depth}"):
        StackedAutoencoder(SIZES).codes(torch.rand(2, 12), depth=depth)


def test_a_wrong_input_and_no_classes_are_refused():
    with pytest.raises(ValueError, match=r"x must be \(N, 12\) floating point, got \(2, 11\)"):
        StackedAutoencoder(SIZES)(torch.rand(2, 11))
    with pytest.raises(ValueError, match="classes must be at least 1, got 0"):
        StackedAutoencoder(SIZES).classifier(0)
