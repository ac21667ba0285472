import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit import losses
from coursekit.data.corruptions import gaussian_noise, mask, salt_and_pepper

CORRUPTIONS = {mask: 0.3, gaussian_noise: 0.5, salt_and_pepper: 0.3}
every_corruption = pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda f: f.__name__)
probabilities = st.floats(0, 1)
seeds = st.integers(0, 2**32)
GREY = torch.full((200, 100), 0.5)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def within_noise(count, p, n=GREY.numel()):
    """A binomial count within six standard deviations of its mean, and ten for small p."""
    return abs(count - n * p) <= 6 * math.sqrt(n * p * (1 - p)) + 10


@given(p=probabilities, seed=seeds)
def test_a_mask_sets_a_share_p_to_zero_and_keeps_the_rest(p, seed):
    out = mask(GREY, p, generator=seeded(seed))
    assert within_noise((out == 0).sum().item(), p)
    assert ((out == 0) | (out == GREY)).all()


@given(p=probabilities, seed=seeds)
def test_salt_and_pepper_come_in_equal_shares_of_p(p, seed):
    out = salt_and_pepper(GREY, p, generator=seeded(seed))
    for value in (0.0, 1.0):
        assert within_noise((out == value).sum().item(), p / 2)
    assert ((out == 0) | (out == 1) | (out == GREY)).all()


@given(sigma=st.floats(0, 10), seed=seeds)
def test_gaussian_noise_has_mean_zero_and_standard_deviation_sigma(sigma, seed):
    x = torch.full((200, 100), 0.5, dtype=torch.float64)
    noise, n = gaussian_noise(x, sigma, generator=seeded(seed)) - x, x.numel()
    assert noise.mean().abs() <= 6 * sigma / math.sqrt(n) + 1e-12
    assert noise.std().item() == pytest.approx(sigma, rel=6 / math.sqrt(2 * n), abs=1e-12)


def test_gaussian_noise_is_normal_and_not_clipped():
    stats = pytest.importorskip("scipy.stats")
    noise = gaussian_noise(torch.zeros(20_000, dtype=torch.float64), 2.0, generator=seeded(0))
    assert stats.kstest(noise.numpy(), "norm", args=(0, 2)).pvalue > 1e-3
    assert noise.min() < 0 and noise.max() > 1


@pytest.mark.parametrize(
    ("corrupt", "expected"),
    [
        (mask, lambda x: 0.7 * x),
        (gaussian_noise, lambda x: x),
        (salt_and_pepper, lambda x: 0.7 * x + 0.15),
    ],
    ids=["mask", "gaussian noise", "salt and pepper"],
)
def test_the_expectation_over_the_noise(corrupt, expected):
    x, n = torch.rand(8, generator=seeded(1)), 40_000
    mean = corrupt(x.expand(n, 8), CORRUPTIONS[corrupt], generator=seeded(0)).mean(dim=0)
    assert (mean - expected(x)).abs().max() < 5 * 0.5 / math.sqrt(n)  # no deviation is above 0.5


@every_corruption
@given(
    shape=st.lists(st.integers(0, 4), min_size=1, max_size=4),
    seed=seeds,
    dtype=st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
)
def test_the_input_is_never_changed_and_shape_and_type_are_kept(corrupt, shape, dtype, seed):
    x = torch.rand(shape, generator=seeded(seed)).to(dtype)
    kept = x.clone()
    out = corrupt(x, CORRUPTIONS[corrupt], generator=seeded(seed))
    assert torch.equal(x, kept)
    assert out.shape == x.shape and out.dtype == dtype
    assert x.numel() == 0 or out.data_ptr() != x.data_ptr()


@every_corruption
def test_no_noise_is_the_identity(corrupt):
    assert torch.equal(corrupt(GREY, 0, generator=seeded(0)), GREY)


def test_full_noise_leaves_nothing_of_the_input():
    assert (mask(GREY, 1) == 0).all()
    assert (salt_and_pepper(GREY, 1) != 0.5).all()


@every_corruption
def test_the_generator_alone_decides_the_noise(corrupt):
    level, generator = CORRUPTIONS[corrupt], seeded(3)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, second = (
        corrupt(GREY, level, generator=generator),
        corrupt(GREY, level, generator=generator),
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, second)
    assert torch.equal(corrupt(GREY, level, generator=seeded(3)), first)


@every_corruption
def test_the_examples_of_a_batch_are_corrupted_differently(corrupt):
    out = corrupt(GREY, CORRUPTIONS[corrupt])
    assert not torch.equal(out[0], out[1])


@every_corruption
def test_the_target_of_denoising_stays_clean(corrupt):
    """A known bug: the noise lands on the target too, and a network that copies is perfect."""
    x = torch.rand(50, 20, generator=seeded(0))
    corrupted = corrupt(x, CORRUPTIONS[corrupt], generator=seeded(1))
    copied = losses.squared_error(corrupted, x)
    assert copied > 0.5
    assert (
        losses.squared_error(corrupt(x, CORRUPTIONS[corrupt], generator=seeded(1)), corrupted) == 0
    )


def test_noise_passes_the_gradient_of_what_it_keeps():
    x = torch.full((50,), 0.5, requires_grad=True)
    out = mask(x, 0.5, generator=seeded(0))
    out.sum().backward()
    assert torch.equal(x.grad, (out != 0).float())


@pytest.mark.parametrize("corrupt", [mask, salt_and_pepper])
@pytest.mark.parametrize(
    ("p", "bound"),
    [(-0.1, "at least 0"), (1.1, "at most 1"), (25, "at most 1"), (math.nan, "a finite number")],
)
def test_what_is_no_probability_is_refused(corrupt, p, bound):
    with pytest.raises(ValueError, match=f"^p must be {bound}, got {p}$"):
        corrupt(GREY, p)
    with pytest.raises(TypeError, match="^p must be a number, got the str '0.5'$"):
        corrupt(GREY, "0.5")


@pytest.mark.parametrize(
    ("sigma", "bound"),
    [(-0.1, "at least 0"), (math.nan, "a finite number"), (math.inf, "a finite number")],
)
def test_what_is_no_standard_deviation_is_refused(sigma, bound):
    with pytest.raises(ValueError, match=f"^sigma must be {bound}, got {sigma}$"):
        gaussian_noise(GREY, sigma)


@every_corruption
def test_bytes_are_refused_with_the_way_out(corrupt):
    with pytest.raises(
        ValueError, match=r"^x must be .* floating point, got .* torch.uint8.*x / 255"
    ):
        corrupt(torch.zeros(3, dtype=torch.uint8), CORRUPTIONS[corrupt])


@every_corruption
def test_a_generator_of_another_kind_or_device_is_refused(corrupt):
    with pytest.raises(TypeError, match="generator must be a torch.Generator or None, got the int"):
        corrupt(GREY, CORRUPTIONS[corrupt], generator=0)
    x = GREY.to("meta")
    with pytest.raises(ValueError, match="generator must be on meta as x is, got one on cpu"):
        corrupt(x, CORRUPTIONS[corrupt], generator=seeded(0))


@pytest.mark.gpu
@every_corruption
def test_on_a_gpu_the_generator_must_live_there(corrupt):
    x, level = GREY.cuda(), CORRUPTIONS[corrupt]
    assert corrupt(x, level, generator=torch.Generator("cuda").manual_seed(0)).is_cuda
    with pytest.raises(ValueError, match=r"generator must be on cuda .*torch.Generator\('cuda'\)"):
        corrupt(x, level, generator=seeded(0))
