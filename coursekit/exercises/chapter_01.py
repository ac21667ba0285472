"""Exercises of chapter 01, dimensionality reduction.

For chapter 01.
"""

import math

import numpy as np

from coursekit.exercises.answers import read_array, read_count, require, require_close
from coursekit.exercises.by_hand import ask
from coursekit.exercises.exercise import Exercise

# ---------------------------------------------------------------------------- data, references


def _cloud(rng, count: int, size: int, deviations: np.ndarray | None = None) -> np.ndarray:
    """`count` points of `size` variables: random axes, deviations 3, 3/2, 1, ..., mean 0."""
    axes = np.linalg.qr(rng.normal(size=(size, size)))[0]
    if deviations is None:
        deviations = 3 / np.arange(1, size + 1)
    points = rng.normal(size=(count, size)) * deviations @ axes.T
    return points - points.mean(axis=0)


def _pca(data: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (D,), variances (R,), largest first, and axes (D, R) of `data` (N, D), by SVD."""
    mean = data.mean(axis=0)
    _, singular, axes = np.linalg.svd(data - mean, full_matrices=False)
    return mean, singular**2 / len(data), axes.T


def reconstruct(train: np.ndarray, test: np.ndarray, k: int) -> np.ndarray:
    """Rows of `test` (M, D) from the first k principal axes of `train` (N, D)."""
    mean, _, axes = _pca(train)
    return mean + (test - mean) @ axes[:, :k] @ axes[:, :k].T


def _axes_within(decoder: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Principal axes (D, k) of `data` projected onto the columns of `decoder` (D, k)."""
    basis = np.linalg.qr(decoder)[0]
    return basis @ _pca(data @ basis)[2]


# ---------------------------------------------------------------------------- 01.1

two_variables = Exercise("01.1", "PCA of two variables by hand")

ask(two_variables, "largest", 6.0, "variance along the first axis")
ask(two_variables, "smallest", 1.0, "variance along the second axis")
ask(
    two_variables,
    "share",
    6 / 7,
    "share of the variance that the first axis keeps",
    {600 / 7: "give a fraction between 0 and 1, not per cent"},
)
ask(
    two_variables,
    "angle",
    math.degrees(math.atan2(1, 2)),
    "angle between the first axis and the axis of the length",
    {
        math.atan2(1, 2): "give degrees, not radians",
        math.degrees(math.atan2(2, 1)): "measure from the axis of the length, the first variable",
    },
)
ask(
    two_variables,
    "standardised_share",
    (1 + 2 / math.sqrt(10)) / 2,
    "the share after each variable has been divided by its standard deviation",
    {6 / 7: "it changes: which matrix takes the place of the covariance?"},
)

# ---------------------------------------------------------------------------- 01.2

how_many = Exercise("01.2", "How many components?")


def _require_counts(answer, rng, count: int, size: int, shift=0.0) -> None:
    """`answer(data, share)` is k for shares half way between what k - 1 and k axes keep.

    Every call has a spectrum and a k of its own, so that neither the share nor the place in the
    order of the calls gives k away.
    """
    for k in rng.integers(1, min(size, count - 1) + 1, size=8):
        falling = rng.uniform(0.55, 0.95) ** np.arange(size)
        data = _cloud(rng, count, size, rng.uniform(1, 5) * falling) + shift
        _, variances, _ = _pca(data)
        kept = np.concatenate([[0.0], np.cumsum(variances) / variances.sum()])
        share = float(kept[k - 1] + kept[k]) / 2
        got = read_count(answer(data, share), "the number of components")
        need = "more" if got < k else "fewer"
        require(got == k, f"a share of {share:.3f} needs {need} than {got}")


@how_many.test(points=2, message="the smallest number that keeps the share")
def smallest_number(answer, rng):
    _require_counts(answer, rng, 200, 8)


@how_many.test(points=1, message="data whose mean is far from zero")
def mean_far_from_zero(answer, rng):
    _require_counts(answer, rng, 200, 8, shift=rng.uniform(20, 40, 8))


@how_many.test(points=1, message="fewer samples than variables")
def fewer_samples(answer, rng):
    _require_counts(answer, rng, 6, 30)


# ---------------------------------------------------------------------------- 01.3

tail = Exercise("01.3", "The error is the tail of the spectrum")


@tail.test(points=2, message="training rows: the error is the tail of the spectrum")
def tail_of_the_spectrum(answer, rng):
    train = _cloud(rng, 120, 10) + rng.uniform(2, 4, 10)
    _, variances, _ = _pca(train)
    for k in (1, 3, 7):
        got = read_array(answer(train, train, k), "the reconstruction", train.shape)
        error = ((train - got) ** 2).sum(axis=1).mean()
        require_close(error, variances[k:].sum(), f"the mean squared error for k = {k}")
        # Noise can have the right energy; only PCA's own rows have it within k axes.
        require_close(got, reconstruct(train, train, k), f"the reconstruction for k = {k}")


@tail.test(points=2, message="other rows: mean and axes come from the training rows alone")
def other_rows(answer, rng):
    train = _cloud(rng, 120, 10) + rng.uniform(2, 4, 10)
    test = _cloud(rng, 15, 10) + rng.uniform(5, 6, 10)
    for k in (2, 5):
        got = read_array(answer(train, test, k), "the reconstruction", test.shape)
        require_close(got, reconstruct(train, test, k), f"the reconstruction for k = {k}")


@tail.test(points=1, message="k = 0 gives the training mean, k = D the rows themselves")
def ends(answer, rng):
    train = _cloud(rng, 50, 6) + rng.uniform(2, 4, 6)
    test = _cloud(rng, 9, 6)
    for k, expected in ((0, np.tile(train.mean(axis=0), (9, 1))), (6, test)):
        got = read_array(answer(train, test, k), "the reconstruction", test.shape)
        require_close(got, expected, f"the reconstruction for k = {k}")


# ---------------------------------------------------------------------------- 01.4

rotation = Exercise("01.4", "From any basis to principal axes")


def _skewed(rng) -> tuple[np.ndarray, np.ndarray]:
    """A decoder (9, 3) whose columns are neither orthogonal nor in the PCA subspace; data."""
    data = _cloud(rng, 150, 9)
    near_pca = _pca(data)[2][:, :3] + 0.2 * rng.normal(size=(9, 3))
    skew = np.array([[3.0, 1.0, 0.5], [0.5, 2.0, 1.0], [1.0, 0.5, 1.0]])
    return near_pca @ skew, data + rng.uniform(2, 4, 9)


def _axes_of(answer, decoder, data) -> np.ndarray:
    return read_array(answer(decoder, data), "the axes", decoder.shape)


@rotation.test(points=2, message="orthogonal axes of length one that span what the decoder's do")
def same_span(answer, rng):
    decoder, data = _skewed(rng)
    axes = _axes_of(answer, decoder, data)
    require_close(axes.T @ axes, np.eye(3), "axes.T @ axes")
    basis = np.linalg.qr(decoder)[0]
    require_close(axes @ axes.T, basis @ basis.T, "the projection axes @ axes.T")


@rotation.test(points=2, message="the codes are uncorrelated, the largest variance first")
def principal(answer, rng):
    decoder, data = _skewed(rng)
    axes, expected = _axes_of(answer, decoder, data), _axes_within(decoder, data)
    cosines = np.abs((axes * expected).sum(axis=0))
    require_close(cosines, np.ones(3), "the cosine with the principal axis")
