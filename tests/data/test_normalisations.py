import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, StandardScaler
from torch import nn

from coursekit.data.normalisations import Gaussianise, MinMax, Standardise

BUILD = {
    "standardise": Standardise,
    "0 to 1": MinMax,
    "-1 to 1": lambda: MinMax(-1, 1),
    "gaussianise": Gaussianise,
    "a few quantiles": lambda: Gaussianise(5),
}
everyone = pytest.mark.parametrize("build", BUILD.values(), ids=BUILD)


def points(n=200, dtype=torch.float64, seed=0):
    """Three columns of very different scale and shape."""
    x = torch.randn(n, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return torch.stack([1e3 + 10 * x[:, 0], x[:, 1].exp(), 1e-4 * x[:, 2] ** 3], 1).to(dtype)


def images(n=4):
    return points(n * 30).reshape(n, 6, 5, 3).permute(0, 3, 1, 2)


columns = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 30), st.integers(1, 3)),
    elements=st.floats(-1e3, 1e3).map(lambda value: round(value, 3)),
).filter(lambda x: (np.ptp(x, axis=0) > 0).all())  # ties, but no constant column


@everyone
@given(x=columns, share=st.floats(0, 1))
def test_the_inverse_brings_back_training_data_and_all_between_them(build, x, share):
    x = torch.from_numpy(x)
    normalise = build().fit(x)
    for data in (x, torch.lerp(x, x.roll(1, 0), share)):
        torch.testing.assert_close(normalise.inverse(normalise(data)), data, rtol=1e-9, atol=1e-9)


@everyone
@given(x=columns)
def test_order_is_kept(build, x):
    x = torch.from_numpy(x).sort(0).values
    assert (build().fit(x)(x).diff(dim=0) >= 0).all()


@everyone
def test_single_precision_goes_round_too(build):
    x = points(dtype=torch.float32)
    normalise = build().fit(x)
    assert normalise(x).dtype == torch.float32
    scale = x.amax(0) - x.amin(0)
    assert ((normalise.inverse(normalise(x)) - x).abs() < 1e-4 * scale).all()


@everyone
def test_the_channels_of_images_are_the_columns_of_their_pixels(build):
    x = images()
    by_pixel = x.permute(0, 2, 3, 1).flatten(0, 2)
    ours, flat = build().fit(x), build().fit(by_pixel)
    z = ours(x)
    assert z.shape == x.shape
    torch.testing.assert_close(z.permute(0, 2, 3, 1).flatten(0, 2), flat(by_pixel))
    torch.testing.assert_close(ours.inverse(z), x)
    assert ours(x[:0]).shape == (0, 3, 6, 5)


def test_standardise_equals_scikit_learn():
    x, new = points(), points(seed=1)
    peer = StandardScaler().fit(x.numpy())
    z = Standardise().fit(x)(new)
    torch.testing.assert_close(z, torch.from_numpy(peer.transform(new.numpy())))
    torch.testing.assert_close(
        Standardise().fit(x).inverse(z), torch.from_numpy(peer.inverse_transform(z.numpy()))
    )


def test_standardised_training_data_have_mean_0_and_standard_deviation_1():
    z = Standardise().fit(images())(images())
    torch.testing.assert_close(z.mean((0, 2, 3)), torch.zeros(3).double(), rtol=0, atol=1e-10)
    torch.testing.assert_close(z.std((0, 2, 3), correction=0), torch.ones(3).double())


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (-2.5, 0.5)])
def test_min_max_equals_scikit_learn_outside_the_training_range_too(low, high):
    x, new = points(), 3 * points(seed=1)
    peer = MinMaxScaler((low, high)).fit(x.numpy())
    normalise = MinMax(low, high).fit(x)
    torch.testing.assert_close(normalise(new), torch.from_numpy(peer.transform(new.numpy())))
    z = normalise(x)
    torch.testing.assert_close(z.amin(0), torch.full((3,), float(low)).double())
    torch.testing.assert_close(z.amax(0), torch.full((3,), float(high)).double())


def test_min_max_to_minus_one_and_one_is_the_formula_of_the_lecture():
    x = points()
    low, high = x.amin(0), x.amax(0)
    expected = (2 * x - (low + high)) / (high - low)
    torch.testing.assert_close(MinMax(-1, 1).fit(x)(x), expected)


@pytest.mark.parametrize("quantiles", [2, 17, 200, 1000])
@pytest.mark.filterwarnings("ignore:n_quantiles")
def test_gaussianise_equals_scikit_learn_where_no_data_are_tied_with_the_ends(quantiles):
    x, new = points(), 1.5 * points(seed=1)
    x[50:90, 1] = x[50, 1]  # ties inside the range get the middle of their shares in both
    peer = QuantileTransformer(
        n_quantiles=quantiles, subsample=None, output_distribution="normal"
    ).fit(x.numpy())
    normalise = Gaussianise(quantiles).fit(x)
    torch.testing.assert_close(
        normalise.values, torch.from_numpy(peer.quantiles_.T), rtol=1e-10, atol=0
    )
    # both within 1e-7 of the same probability; the ends are the same
    ours, theirs = (
        torch.special.ndtr(z)
        for z in (normalise(new), torch.from_numpy(peer.transform(new.numpy())))
    )
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1.1e-7)
    ends = torch.stack([x.amin(0), x.amax(0)])
    torch.testing.assert_close(
        normalise(ends), torch.from_numpy(peer.transform(ends.numpy())), rtol=0, atol=1e-6
    )
    z = torch.linspace(-6, 6, 31).double()[:, None].expand(-1, 3)
    scale = x.amax(0) - x.amin(0)
    back = torch.from_numpy(peer.inverse_transform(z.numpy()))
    assert ((normalise.inverse(z) - back).abs() < 1e-4 * scale).all()


def test_gaussianised_training_data_are_standard_normal():
    x = points(5000)
    z = Gaussianise().fit(x)(x)
    for column in z.T:
        assert stats.kstest(column, "norm").statistic < 0.01
    assert stats.kstest(Standardise().fit(x)(x)[:, 1], "norm").statistic > 0.1


def test_gaussianise_keeps_ranks_so_a_monotone_change_of_scale_is_undone():
    x = points()[:, 1:2]
    z = Gaussianise(200).fit(x)(x)
    torch.testing.assert_close(Gaussianise(200).fit(x.log())(x.log()), z)


def test_dry_pixels_get_the_middle_of_their_shares():
    rain = torch.cat([torch.zeros(80), torch.linspace(1, 5, 21)]).double()[:, None]
    normalise = Gaussianise().fit(rain)
    expected = stats.norm.ppf(79 / 2 / 100)
    assert normalise(rain)[:80].unique().item() == pytest.approx(expected, abs=1e-6)
    assert torch.equal(normalise.inverse(normalise(rain))[:80], rain[:80])


def test_gaussianise_treats_both_ends_alike():
    x = torch.cat([torch.zeros(80), torch.linspace(1, 5, 21)]).double()[:, None]
    z, mirrored = Gaussianise().fit(x)(x), Gaussianise().fit(-x)(-x)
    torch.testing.assert_close(mirrored, -z, rtol=1e-6, atol=1e-6)


def test_beyond_the_training_range_gaussianise_stays_at_the_ends():
    normalise = Gaussianise().fit(torch.tensor([[0.0], [10.0], [90.0]]))
    z = normalise(torch.tensor([[-5.0], [0.0], [90.0], [1e6]])).flatten()
    assert z.tolist() == pytest.approx([-5.1993, -5.1993, 5.1993, 5.1993], abs=1e-4)
    back = normalise.inverse(torch.tensor([[-9.0], [9.0]])).flatten()
    assert back.tolist() == [0, 90]


@everyone
def test_gradients_pass_forth_and_back(build):
    x = points().requires_grad_()
    normalise = build().fit(x.detach())
    for function in (normalise, normalise.inverse):
        (gradient,) = torch.autograd.grad(function(x).sum(), x)
        assert gradient.isfinite().all() and gradient.abs().sum() > 0


@everyone
def test_what_was_fitted_is_saved_loaded_and_moved_with_a_model(build, tmp_path):
    x = points()
    model = nn.Sequential(build().fit(x), nn.Identity())
    torch.save(model.state_dict(), tmp_path / "model.pt")
    other = nn.Sequential(build(), nn.Identity())
    other.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    assert torch.equal(other(x), model(x))
    assert not list(model.parameters())
    assert model.float()(x.float()).dtype == torch.float32


@pytest.mark.gpu
@everyone
def test_the_gpu_computes_what_the_cpu_does_and_loading_leaves_it_there(build):
    x = points()
    here, there = build().fit(x), build().fit(x.cuda())
    torch.testing.assert_close(there(x.cuda()).cpu(), here(x))
    there.load_state_dict(here.state_dict())
    torch.testing.assert_close(there.inverse(there(x.cuda())).cpu(), x)


@everyone
def test_fitting_again_forgets_the_first_data(build):
    x, other = points(), points(50, seed=1)
    assert torch.equal(build().fit(other).fit(x)(x), build().fit(x)(x))


@everyone
def test_before_the_fit_the_message_says_what_to_call(build):
    for function in (build(), build().inverse):
        with pytest.raises(ValueError, match=r"is not fitted; call fit\(x\) with the training"):
            function(points())


@everyone
def test_constant_channels_are_named(build):
    x = torch.cat([points(), torch.full((200, 1), 0.1)], 1)
    with pytest.raises(ValueError, match="every channel of x must vary, .*in channel 3; leave it"):
        build().fit(x)
    with pytest.raises(ValueError, match="in channel 0, 1, 2"):
        build().fit(points(1))


@everyone
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(4), r"^x must be \(N, D\) or \(N, C, H, W\) floating point, got \(4,\)"),
        (torch.zeros(4, 3, 5), r"got \(4, 3, 5\) torch.float32"),
        (torch.zeros(4, 3, dtype=torch.int64), r"got \(4, 3\) torch.int64"),
        (
            torch.tensor([[1.0], [torch.nan]]),
            r"finite values .*\(2, 1\) with 1 that are not finite",
        ),
        (torch.zeros(0, 3), r"at least one; got \(0, 3\)"),
    ],
)
def test_data_that_nothing_can_be_fitted_to_are_refused(build, x, message):
    with pytest.raises(ValueError, match=message):
        build().fit(x)


@everyone
def test_another_number_of_channels_is_refused(build):
    with pytest.raises(ValueError, match=r"^x must have 3 channels .*got \(200, 2\)"):
        build().fit(points())(points()[:, :2])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MinMax(1, 0), "low must be below high, got 1 and 0"),
        (lambda: MinMax(1, 1), "low must be below high, got 1 and 1"),
        (lambda: Gaussianise(1), "quantiles must be at least 2, got 1"),
    ],
)
def test_settings_that_make_no_map_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@everyone
@pytest.mark.parametrize("x", [None, "seven", [[1.0], [2.0]], np.ones((2, 1))])
def test_what_is_no_tensor_is_refused(build, x):
    for function in (build().fit, build().fit(points()), build().fit(points()).inverse):
        with pytest.raises(TypeError, match="^x must be a tensor, got"):
            function(x)


@everyone
def test_nan_stays_nan_and_touches_nothing_else(build):
    """Among values tied with the largest one, Gaussianise gave NaN a plausible place."""
    x = torch.tensor([0.0, 1, 2, 3, 3, 3, 3]).double()[:, None]
    spoiled = torch.cat([x, torch.full((1, 1), torch.nan).double()])
    normalise = build().fit(x)
    for function in (normalise, normalise.inverse):
        assert function(spoiled)[-1].isnan().all()
        assert torch.equal(function(spoiled)[:-1], function(x))


@pytest.mark.parametrize(
    ("build", "x"), [(Standardise, [0.0] * 9 + [1e-45]), (MinMax, [-3e38, 3e38])]
)
def test_a_spread_that_leaves_the_type_is_refused(build, x):
    """In float32 the divisor would be 0 or infinite."""
    x = torch.tensor(x)[:, None]
    with pytest.raises(
        ValueError, match=r"x must have a spread that torch.float32 can hold, .*x.d"
    ):
        build().fit(x)
    assert build().fit(x.double())(x.double()).isfinite().all()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MinMax("0", 1), "low must be a number, got the str '0'"),
        (lambda: MinMax(0, None), "high must be a number, got None"),
        (lambda: Gaussianise(10.0), "quantiles must be a whole number, got the float 10.0"),
    ],
)
def test_settings_of_another_kind_are_refused(build, message):
    with pytest.raises(TypeError, match=message):
        build()
