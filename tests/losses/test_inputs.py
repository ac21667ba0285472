"""What every loss does with its tensors: their types, their sums, NaN, classes on a GPU."""

import math

import pytest
import torch
from torch import nn

from coursekit import losses
from coursekit.losses import inputs
from coursekit.losses.inputs import at_labels


def rand(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


LABELS = torch.tensor([[0, 1, 2], [2, 2, 0], [1, 1, 0], [0, 0, 2]])


def weighted(logits, weights):
    return losses.weighted_cross_entropy(logits, LABELS[:, None] % 2, weights)


def norm(x):
    return x.square().flatten(1).sum(dim=1)


CALLS = {  # every loss as a function of floating-point tensors, with the sizes of these
    losses.squared_error: dict(output=(4, 5), target=(4, 5)),
    losses.absolute_error: dict(output=(4, 5), target=(4, 5)),
    losses.log_cosh: dict(output=(4, 5), target=(4, 5)),
    losses.binary_cross_entropy: dict(logits=(4, 5), target=(4, 5)),
    lambda logits: losses.categorical_cross_entropy(logits, LABELS): dict(logits=(4, 3, 3)),
    losses.multinomial_cross_entropy: dict(logits=(4, 5), counts=(4, 5)),
    losses.bernoulli_log_likelihood: dict(logits=(4, 5), x=(4, 5)),
    losses.importance_weighted_bound: dict(log_weights=(4, 5)),
    losses.gaussian_kl: dict(
        mean=(4, 5), log_variance=(4, 5), prior_mean=(4, 5), prior_log_variance=(1, 5)
    ),
    losses.discriminator_bce: dict(real_logits=(4, 1), fake_logits=(5,)),
    losses.discriminator_hinge: dict(real_logits=(4, 1), fake_logits=(5,)),
    losses.critic_wasserstein: dict(real_scores=(4, 1), fake_scores=(5,)),
    losses.generator_minimax: dict(fake_logits=(5,)),
    losses.generator_non_saturating: dict(fake_logits=(5,)),
    losses.generator_hinge: dict(fake_logits=(5,)),
    losses.generator_wasserstein: dict(fake_scores=(5,)),
    losses.activity_l1: dict(code=(4, 5)),
    lambda code: losses.rate_divergence(code, rate=0.3): dict(code=(4, 5)),
    losses.contraction: dict(code=(4, 5), weight=(5, 3)),
    lambda x: losses.jacobian_penalty(torch.square, x): dict(x=(4, 5)),
    lambda real, fake: losses.gradient_penalty(
        norm, real, fake, generator=torch.Generator().manual_seed(0)
    ): dict(real=(4, 5), fake=(4, 5)),
    lambda output, target: losses.perceptual_loss({"fc": output}, {"fc": target}): dict(
        output=(4, 5), target=(4, 5)
    ),
    lambda distances: losses.map_criterion(distances, LABELS[:, 0], j=1.0): dict(distances=(4, 3)),
    weighted: dict(logits=(4, 2, 1, 3), weights=(4, 1, 3)),
}
BOUNDED = {"target", "x", "code", "counts", "weights", "distances"}  # where values are looked at
ARGUMENTS = [
    pytest.param(loss, name, id=f"{i}-{name}")
    for i, (loss, shapes) in enumerate(CALLS.items())
    for name in shapes
]
every_loss = pytest.mark.parametrize("loss", CALLS, ids=range(len(CALLS)))


def tensors(loss, dtype=torch.float32):
    """Arguments that every type holds exactly."""
    shapes = CALLS[loss].items()
    return {
        name: ((32 * rand(*shape, seed=i)).round() / 32).to(dtype)
        for i, (name, shape) in enumerate(shapes)
    }


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6, check_dtype=False)


def test_every_loss_is_here():
    assert len(CALLS) == len(losses.__all__) - 1  # border_weights takes integers


@pytest.mark.parametrize(("loss", "name"), ARGUMENTS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int64, torch.bool], ids=str)
def test_whole_numbers_are_refused_by_name(loss, name, dtype):
    """uint8 wraps around: 5 - 250 = 11."""
    given = tensors(loss)
    with pytest.raises(ValueError, match=rf"^{name}.* must be .* floating point, got .* {dtype}"):
        loss(**given | {name: given[name].to(dtype)})


@pytest.mark.parametrize("loss", [losses.squared_error, losses.absolute_error, losses.log_cosh])
def test_pixels_of_0_to_255_are_refused_where_differences_would_wrap_around(loss):
    five, many = torch.tensor([[5]], dtype=torch.uint8), torch.tensor([[250]], dtype=torch.uint8)
    assert (five - many).item() == 11
    with pytest.raises(ValueError, match="^output must be .* floating point, got .* torch.uint8"):
        loss(five, many)


@every_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_types_are_computed_in_float32(loss, dtype):
    got = loss(**tensors(loss, dtype))
    assert got.dtype == torch.float32
    close(got, loss(**tensors(loss)))


@pytest.mark.parametrize(("loss", "name"), ARGUMENTS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64], ids=str)
def test_types_may_differ(loss, name, dtype):
    """The output of a model under autocast is bfloat16, its target float32."""
    given = tensors(loss)
    mixed = given | {name: given[name].to(dtype)}
    close(loss(**mixed), loss(**given))


@pytest.mark.parametrize(
    "loss", [losses.squared_error, losses.absolute_error, losses.binary_cross_entropy]
)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_sums_over_many_pixels_do_not_overflow(loss, dtype):
    output = torch.full((1, 3, 300, 300), 4.0, dtype=dtype)
    target = torch.zeros_like(output)
    expected = {losses.squared_error: 16, losses.absolute_error: 4}.get(loss, 4 + 0.01814993)
    assert loss(output, target).item() == pytest.approx(expected * 3 * 300 * 300, rel=1e-5)


@pytest.mark.parametrize("loss", [losses.squared_error, losses.binary_cross_entropy])
def test_a_model_under_autocast_is_trained_by_it(loss):
    model, x = nn.Linear(6, 6), rand(5, 6)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = model(x)
        value = loss(output, x)
    value.backward()
    assert output.dtype == torch.bfloat16 and value.dtype == torch.float32
    assert value.item() == pytest.approx(loss(output.float(), x).item(), rel=1e-6)
    assert model.weight.grad.abs().sum() > 0


@pytest.mark.parametrize(("loss", "name"), ARGUMENTS)
def test_nan_goes_through_or_is_named(loss, name):
    given = tensors(loss)
    given[name].view(-1)[0] = math.nan
    try:
        assert loss(**given).isnan().any()
    except ValueError as error:
        assert str(error).startswith(f"{name} must be") and name in BOUNDED


@pytest.mark.parametrize(("loss", "name"), ARGUMENTS)
def test_no_example_has_no_loss(loss, name):
    given = tensors(loss)
    with pytest.raises(ValueError, match=f"^{name}.* must"):
        loss(**given | {name: given[name][:0]})


def test_where_nothing_may_wait_a_label_that_is_no_class_gives_nan(monkeypatch):
    """On a CPU it raises; this is what `within` does on CUDA."""
    monkeypatch.setattr(inputs, "within", lambda name, x, low, high, hint: marked(x, low, high))
    values = rand(3, 4).requires_grad_()
    found = at_labels("labels", values, torch.tensor([3, 4, -100]))
    assert found[0] == values[0, 3] and found.isnan().tolist() == [False, True, True]


def marked(x, low, high):
    return torch.where((x >= low) & (x <= high), x, torch.nan)


@pytest.mark.gpu
def test_on_a_gpu_what_no_loss_can_use_gives_nan_without_waiting():
    logits, labels = rand(4, 3, 3).cuda(), LABELS.cuda()
    assert losses.categorical_cross_entropy(logits, labels).isfinite()
    torch.cuda.set_sync_debug_mode("error")
    try:
        wrong = [
            at_labels("labels", logits, torch.full_like(labels, 3)).sum(),
            losses.categorical_cross_entropy(logits, labels - 101),
            losses.binary_cross_entropy(logits, 255 * logits),
            losses.rate_divergence(logits + 1, rate=0.3),
            losses.map_criterion(logits[:, 0], labels[:, 0] + 1, j=1.0),
        ]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert all(loss.isnan() for loss in wrong)
