import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from coursekit.losses.penalties import gradient_penalty

SHAPE = (5, 2, 3, 4)


def uniform(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


REAL, FAKE = uniform(*SHAPE), uniform(*SHAPE, seed=1)


def linear(norm):
    """A critic w . x with ||w|| = norm, over all inputs of an example."""
    weight = uniform(24, seed=2)
    weight = norm * weight / weight.norm()
    return lambda x: x.flatten(1) @ weight


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(24, 8), nn.Tanh(), nn.Linear(8, 1)).double()


def test_a_linear_critic_of_norm_one_pays_nothing():
    assert gradient_penalty(linear(1), REAL, FAKE) < 1e-24


@given(norm=st.floats(0, 10), shape=st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_a_linear_critic_pays_its_distance_from_norm_one_squared(norm, shape):
    weight = uniform(*shape, seed=2) + 0.1
    weight = norm * weight / weight.norm()
    real, fake = uniform(3, *shape), uniform(3, *shape, seed=1)
    penalty = gradient_penalty(lambda x: (x * weight).flatten(1).sum(dim=1), real, fake)
    assert penalty.item() == pytest.approx((norm - 1) ** 2, rel=1e-9, abs=1e-12)


def test_the_norm_is_over_all_inputs_and_not_over_channels():
    """A known bug: `gradient.norm(dim=1)` of an image is one norm a pixel, over its channels."""
    weight = torch.full((2, 3, 4), 24**-0.5, dtype=torch.float64)  # norm 1 over all 24
    assert gradient_penalty(lambda x: (x * weight).sum(dim=(1, 2, 3)), REAL, FAKE) < 1e-24
    per_pixel = (weight.norm(dim=0) - 1).square().mean()
    assert per_pixel > 0.4


def test_the_critic_is_asked_between_real_and_fake_with_one_share_an_example():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.flatten(1).sum(dim=1)

    gradient_penalty(critic, REAL, FAKE, generator=torch.Generator().manual_seed(3))
    share = ((seen[0] - FAKE) / (REAL - FAKE)).flatten(1)
    assert torch.allclose(share, share[:, :1].expand_as(share), atol=1e-9)
    assert ((share >= 0) & (share <= 1)).all()
    assert share[:, 0].unique().numel() == len(REAL)


def test_the_shares_are_uniform():
    stats = pytest.importorskip("scipy.stats")
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.sum(dim=1)

    ones = torch.ones(5000, 1, dtype=torch.float64)
    gradient_penalty(critic, ones, 0 * ones, generator=torch.Generator().manual_seed(0))
    assert stats.kstest(seen[0][:, 0].numpy(), "uniform").pvalue > 1e-3


def test_the_value_is_the_average_over_examples():
    critic = network()
    same = [gradient_penalty(critic, x[None], x[None]).item() for x in REAL]
    penalty = gradient_penalty(critic, REAL, REAL).item()  # real = fake: nothing is random
    assert penalty == pytest.approx(sum(same) / len(same), rel=1e-12)


def test_the_critic_gets_gradients_and_real_and_fake_get_none():
    critic, real, fake = network(), REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    gradient_penalty(critic, real, fake).backward()
    assert real.grad is None and fake.grad is None
    assert all(critic[i].weight.grad.abs().sum() > 0 for i in (1, 3))


def test_the_gradient_is_that_of_finite_differences():
    critic, generator = network(), torch.Generator()

    def penalty(weight):
        with torch.no_grad():
            critic[3].weight.copy_(weight)
        return gradient_penalty(critic, REAL, FAKE, generator=generator.manual_seed(0))

    weight = critic[3].weight.detach().clone()
    value = penalty(weight)
    (gradient,) = torch.autograd.grad(value, critic[3].weight)
    step, direction = 1e-6, uniform(1, 8, seed=4)
    difference = (penalty(weight + step * direction) - penalty(weight - step * direction)).item()
    assert (gradient * direction).sum().item() == pytest.approx(difference / (2 * step), rel=1e-6)


def test_a_step_moves_the_norm_towards_one():
    critic = nn.Linear(6, 1, bias=False).double()
    nn.init.constant_(critic.weight, 2)
    optimizer = torch.optim.SGD(critic.parameters(), lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        gradient_penalty(critic, uniform(4, 6), uniform(4, 6, seed=1)).backward()
        optimizer.step()
    assert critic.weight.norm().item() == pytest.approx(1, abs=1e-3)


def test_a_flat_critic_has_a_penalty_of_one_and_finite_gradients():
    critic = nn.Linear(6, 1).double()
    nn.init.zeros_(critic.weight)
    penalty = gradient_penalty(critic, uniform(4, 6), uniform(4, 6, seed=1))
    penalty.backward()
    assert penalty == 1 and critic.weight.grad.isfinite().all()


def test_the_generator_alone_decides_the_shares_and_no_gradient_is_needed_around_it():
    critic = network()
    torch.manual_seed(0)
    before = torch.get_rng_state()
    one = gradient_penalty(critic, REAL, FAKE, generator=torch.Generator().manual_seed(5)).item()
    with torch.no_grad():
        same = gradient_penalty(
            critic, REAL, FAKE, generator=torch.Generator().manual_seed(5)
        ).item()
        other = gradient_penalty(
            critic, REAL, FAKE, generator=torch.Generator().manual_seed(6)
        ).item()
    assert torch.equal(torch.get_rng_state(), before)
    assert one == same != other


@pytest.mark.parametrize("shape", [(4, 2, 3, 4), (1, 2, 3, 4), (5, 24), (5, 1, 3, 4)])
def test_shapes_that_differ_are_refused(shape):
    with pytest.raises(ValueError, match=r"^fake must be \(5, 2, 3, 4\) as the real is") as raised:
        gradient_penalty(linear(1), REAL, torch.zeros(shape))
    assert f"got {shape}" in str(raised.value)
