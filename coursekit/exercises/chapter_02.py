"""Exercises of chapter 02, fully connected autoencoders.

For chapter 02.
"""

import math

import numpy as np

from coursekit.exercises.answers import read_array, read_number, require, require_close
from coursekit.exercises.bottleneck import probes, require_bottleneck
from coursekit.exercises.by_hand import ask
from coursekit.exercises.chapter_01 import reconstruct
from coursekit.exercises.exercise import Exercise

# ---------------------------------------------------------------------------- 02.1

WEIGHTS = 784 * 256 + 256 * 32
BIASES = 256 + 32 + 256 + 784

sizes_and_errors = Exercise("02.1", "Sizes and errors by hand")

ask(
    sizes_and_errors,
    "parameters",
    2 * WEIGHTS + BIASES,
    "parameters of 784-256-32-256-784",
    {2 * WEIGHTS: "every layer also has biases", WEIGHTS + BIASES: "the decoder counts as well"},
)
ask(
    sizes_and_errors,
    "tied_parameters",
    WEIGHTS + BIASES,
    "parameters with tied weights",
    {WEIGHTS: "the biases are not shared", 2 * WEIGHTS + BIASES: "the two halves share weights"},
)
ask(sizes_and_errors, "mse", 25 / 784, "mean squared error per pixel")
ask(
    sizes_and_errors,
    "rmse_grey_levels",
    255 * math.sqrt(25 / 784),
    "root mean squared error in grey levels",
    {
        math.sqrt(25 / 784): "this is in units of the full range; give grey levels of 0..255",
        255 * 25 / 784: "the square root is missing",
    },
)
ask(
    sizes_and_errors,
    "blank_bce",
    784 * math.log(2),
    "binary cross-entropy of a grey prediction",
    {math.log(2): "this is one pixel; sum over the image", 784: "this is in bits; give nats"},
)

# ---------------------------------------------------------------------------- 02.2

LEVELS = 16

grey_levels = Exercise("02.2", "Cross-entropy over grey levels")


def _cross_entropy(logits: np.ndarray, images: np.ndarray) -> float:
    """Nats a sample: -log softmax(logits)[level], summed over pixels, averaged over samples."""
    levels = np.round((LEVELS - 1) * images).astype(int)
    picked = np.take_along_axis(logits, levels[..., None], axis=2)[..., 0]
    return float((np.logaddexp.reduce(logits, axis=2) - picked).sum(axis=1).mean())


def _require_loss(answer, logits, images) -> None:
    got = read_number(answer(logits, images), "the loss")
    require_close(got, _cross_entropy(logits, images), "the loss")


@grey_levels.test(points=1, message="logits that are all equal cost D log 16 nats")
def equal_logits(answer, rng):
    images = rng.uniform(size=(6, rng.integers(20, 200)))  # the loss is a multiple of D
    _require_loss(answer, np.full((*images.shape, LEVELS), rng.normal()), images)


@grey_levels.test(points=2, message="random logits: sum over pixels, mean over the batch")
def random_logits(answer, rng):
    images = rng.integers(LEVELS, size=(7, 20)) / (LEVELS - 1)  # each pixel has a level's value
    _require_loss(answer, rng.normal(scale=2, size=(7, 20, LEVELS)), images)


@grey_levels.test(points=1, message="logits of a thousand and more stay finite")
def large_logits(answer, rng):
    images = rng.integers(LEVELS, size=(4, 10)) / (LEVELS - 1)
    _require_loss(answer, rng.normal(scale=2000, size=(4, 10, LEVELS)), images)


@grey_levels.test(points=1, message="values between two levels go to the nearer one")
def nearer_level(answer, rng):
    below = np.arange(LEVELS - 1)
    values = np.concatenate([below + 0.45, below + 0.55]) / (LEVELS - 1)
    images = rng.permutation(values)[None]
    _require_loss(answer, rng.normal(scale=2, size=(1, len(values), LEVELS)), images)


# ---------------------------------------------------------------------------- 02.3

ranking = Exercise("02.3", "ROC AUC from ranks")


def _auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Share of (anomaly, normal) pairs in the right order; a tie is half a pair."""
    gap = scores[labels == 1][:, None] - scores[labels == 0]
    return float((gap > 0).mean() + (gap == 0).mean() / 2)


def _require_auc(answer, scores, labels) -> None:
    got = read_number(answer(scores, labels), "the AUC")
    require_close(got, _auc(scores, labels), "the AUC")


@ranking.test(points=2, message="scores without ties, few anomalies")
def without_ties(answer, rng):
    labels = rng.permutation(np.repeat([0, 1], [180, 20]))
    _require_auc(answer, rng.normal(size=200) + 0.8 * labels, labels)


@ranking.test(points=2, message="scores with ties")
def with_ties(answer, rng):
    labels = rng.permutation(np.repeat([0, 1], [60, 40]))
    _require_auc(answer, np.round(rng.normal(size=100) + labels), labels)


@ranking.test(points=1, message="perfect, reversed and constant scores give 1, 0 and 1/2")
def limits(answer, rng):
    labels = rng.permutation(np.repeat([0, 1], [30, 20]))
    lowest_first = np.argsort(labels)
    for expected in rng.permutation([1.0, 0.0, 0.5] * 3):  # an order that nobody can count on
        ranked = np.sort(rng.normal(size=50))
        name, values = {
            1.0: ("perfect", ranked),
            0.0: ("reversed", ranked[::-1]),
            0.5: ("constant", np.full(50, ranked[0])),
        }[expected]
        scores = np.empty(50)
        scores[lowest_first] = values
        got = read_number(answer(scores, labels), f"the AUC of {name} scores")
        off = f"the AUC of {name} scores is off: {got:g}"
        require(abs(got - expected) < 1e-6, off, wanted=f"{expected:g}")


# ---------------------------------------------------------------------------- 02.4

RECEIVERS, REACH = 20, 0.35

room = Exercise("02.4", "Two numbers behind twenty")


def _readings(rng, receivers: np.ndarray, count: int) -> np.ndarray:
    """exp(-d^2 / 2 REACH^2) at each receiver for `count` random places in a unit square."""
    places = rng.uniform(size=(count, 1, 2))
    return np.exp(-((places - receivers) ** 2).sum(axis=2) / (2 * REACH**2))


def _reconstruct_probes(answer, rng, code_size: int):
    """Train, held-out readings, and what `answer` makes of these and of the probes below them."""
    receivers = rng.uniform(size=(RECEIVERS, 2))
    train, test = _readings(rng, receivers, 1000), _readings(rng, receivers, 500)
    rows = probes(rng, test)
    order = rng.permutation(len(rows))
    shuffled = read_array(answer(train, rows[order], code_size), "the reconstruction", rows.shape)
    result = np.empty_like(shuffled)
    result[order] = shuffled
    return train, test, result


@room.test(points=2, message="nothing but the code reaches the output (code size 1)")
def bottleneck(answer, rng):
    _, test, result = _reconstruct_probes(answer, rng, 1)
    require_bottleneck(result, len(test), code_size=1)


@room.test(points=4, message="code size 2: held-out error at most a quarter of PCA's")
def beats_pca(answer, rng):
    for error, pca in (_errors(answer, rng) for _ in range(3)):
        if error <= pca / 4:  # a training may go wrong by chance; then other rooms decide
            return
    require(False, f"squared error {error:.3f} a reading, PCA {pca:.3f}")


def _errors(answer, rng) -> tuple[float, float]:
    """Held-out squared errors of the answer, which must have a bottleneck, and of PCA in a room."""
    train, test, result = _reconstruct_probes(answer, rng, 2)
    require_bottleneck(result, len(test), code_size=2)
    error, pca = (
        float(((test - rows) ** 2).sum(axis=1).mean())
        for rows in (result[: len(test)], reconstruct(train, test, 2))
    )
    return error, pca


# ---------------------------------------------------------------------------- 02.5

retrieval = Exercise("02.5", "Precision at k")


def _precision_at_k(queries, query_labels, items, item_labels, k: int) -> float:
    """The share of each query's k nearest items that carry its label; ties by index."""
    distances = ((queries[:, None] - items) ** 2).sum(axis=2)  # Q x N
    nearest = distances.argsort(axis=1, kind="stable")[:, :k]
    return float((item_labels[nearest] == query_labels[:, None]).mean())


def _require_precision(answer, *inputs) -> None:
    got = read_number(answer(*inputs), "the precision")
    require_close(got, _precision_at_k(*inputs), "the precision")


def _labelled(rng, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` points (count, size) around three overlapping centres, and the centre of each."""
    labels = rng.integers(3, size=count)
    return rng.normal(size=(count, size)) + np.eye(size)[labels], labels


@retrieval.test(points=2, message="the k nearest items, for k from 1 to all")
def nearest_items(answer, rng):
    queries, items = _labelled(rng, 60, 6), _labelled(rng, 150, 6)
    for k in (1, 5, 10, 30, 150):
        _require_precision(answer, *queries, *items, k)


@retrieval.test(points=1, message="an item that equals the query counts like any other")
def copies_among_the_items(answer, rng):
    items, labels = _labelled(rng, 120, 6)
    others = (labels[:90] + 1) % 3  # the copy of a query carries another label
    for k in (1, 3, 10, 30):
        _require_precision(answer, items[:90], others, items, labels, k)


@retrieval.test(points=2, message="items equally far: the lower index first")
def ties(answer, rng):
    queries, items = rng.integers(3, size=(40, 3)), rng.integers(3, size=(200, 3))
    labels = rng.integers(3, size=240)
    for k in (1, 10, 60, 120):
        _require_precision(
            answer, queries.astype(float), labels[:40], items.astype(float), labels[40:], k
        )
