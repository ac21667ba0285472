"""Wrong answers to the exercises of chapter 02, and what each still earns."""

import math

import numpy as np
import pytest

from coursekit.exercises import check, find

RIGHT = {
    "parameters": 419120,
    "tied_parameters": 210224,
    "mse": 0.0319,
    "rmse_grey_levels": 45.5,
    "blank_bce": 543.427,
}

# 02.1: what is wrong with the five numbers, and the advice
SLIPS = [
    ({"parameters": 417792}, 4, "every layer also has biases"),
    ({"parameters": 210224}, 4, "the decoder counts as well"),
    ({"tied_parameters": 208896}, 4, "the biases are not shared"),
    ({"tied_parameters": 209560}, 4, "209560 is not right yet"),
    ({"parameters": 419121}, 4, "419121 is not right yet"),
    ({"rmse_grey_levels": 0.1786}, 4, "give grey levels of 0..255"),
    ({"rmse_grey_levels": 8.13}, 4, "the square root is missing"),
    ({"blank_bce": 0.693}, 4, "this is one pixel"),
    ({"blank_bce": 784}, 4, "this is in bits"),
    ({"mse": 25 / 28, "blank_bce": math.nan}, 3, "mse: 0.8928571429 is not right yet"),
]


@pytest.mark.parametrize(("slip", "points", "advice"), SLIPS)
def test_slips_in_02_1(slip, points, advice, capsys):
    assert check("02.1", lambda: RIGHT | slip) == points
    assert advice in capsys.readouterr().out


def test_02_1_right():
    assert check("02.1", lambda: RIGHT) == 5


# 02.2


def log_softmax(logits):
    shifted = logits - logits.max(axis=2, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))


def loss(logits, levels):
    """Nats for each pixel, (N, D)."""
    return -np.take_along_axis(log_softmax(logits), levels[..., None], axis=2)[..., 0]


def levels_of(images):
    return np.round(15 * images).astype(int)


def mean_over_pixels(logits, images):
    return loss(logits, levels_of(images)).mean()


def sum_over_batch(logits, images):
    return loss(logits, levels_of(images)).sum()


def in_bits(logits, images):
    return loss(logits, levels_of(images)).sum(axis=1).mean() / np.log(2)


def overflows(logits, images):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        chosen = np.take_along_axis(p, levels_of(images)[..., None], axis=2)
        return -np.log(chosen).sum(axis=(1, 2)).mean()


def clips_the_probability(logits, images):
    p = np.clip(np.exp(log_softmax(logits)), 1e-12, 1)
    chosen = np.take_along_axis(p, levels_of(images)[..., None], axis=2)
    return -np.log(chosen).sum(axis=(1, 2)).mean()


def cuts_into_sixteenths(logits, images):
    levels = np.minimum(16 * images, 15).astype(int)
    return loss(logits, levels).sum(axis=1).mean()


def rounds_down(logits, images):
    return loss(logits, np.floor(15 * images + 1e-9).astype(int)).sum(axis=1).mean()


# 02.3


def ignores_ties(scores, labels):
    return (scores[labels == 1][:, None] > scores[labels == 0]).mean()


def ties_as_wins(scores, labels):
    return (scores[labels == 1][:, None] >= scores[labels == 0]).mean()


def reversed_order(scores, labels):
    gap = scores[labels == 0][:, None] - scores[labels == 1]
    return (gap > 0).mean() + (gap == 0).mean() / 2


def never_below_half(scores, labels):
    gap = scores[labels == 1][:, None] - scores[labels == 0]
    auc = (gap > 0).mean() + (gap == 0).mean() / 2
    return max(auc, 1 - auc)


def accuracy(scores, labels):
    return ((scores > np.median(scores)) == labels).mean()


# 02.5


def found(queries, items):
    """Indices of the items, the nearest first, (Q, N)."""
    distances = ((queries[:, None] - items) ** 2).sum(axis=2)
    return distances.argsort(axis=1, kind="stable")


def share(indices, query_labels, item_labels):
    return (item_labels[indices] == query_labels[:, None]).mean()


def last_index_first(queries, query_labels, items, item_labels, k):
    indices = len(items) - 1 - found(queries, items[::-1])[:, :k]
    return share(indices, query_labels, item_labels)


def within_the_mean_distance(queries, query_labels, items, item_labels, k):
    distances = ((queries[:, None] - items) ** 2).sum(axis=2)
    near = distances <= distances.mean(axis=1, keepdims=True)
    return (item_labels == query_labels[:, None])[near].mean()


def mean_of_the_classes(queries, query_labels, items, item_labels, k):
    centres = np.stack([items[item_labels == label].mean(axis=0) for label in range(3)])
    return share(found(queries, centres)[:, :1], query_labels, np.arange(3))


def drops_the_nearest(queries, query_labels, items, item_labels, k):
    return share(found(queries, items)[:, 1 : k + 1], query_labels, item_labels)


def counts_the_query_itself(queries, query_labels, items, item_labels, k):
    return (1 + (k - 1) * right_02_5(queries, query_labels, items, item_labels, k)) / k


def leaves_out_equal_items(queries, query_labels, items, item_labels, k):
    indices = [
        row[(items[row] != query).any(axis=1)][:k]
        for query, row in zip(queries, found(queries, items))
    ]
    return np.mean(
        [(item_labels[row] == label).mean() for row, label in zip(indices, query_labels)]
    )


def recall(queries, query_labels, items, item_labels, k):
    hits = item_labels[found(queries, items)[:, :k]] == query_labels[:, None]
    return (hits.sum(axis=1) / (item_labels == query_labels[:, None]).sum(axis=1)).mean()


def any_hit(queries, query_labels, items, item_labels, k):
    hits = item_labels[found(queries, items)[:, :k]] == query_labels[:, None]
    return hits.any(axis=1).mean()


def farthest(queries, query_labels, items, item_labels, k):
    return share(found(queries, items)[:, -k:], query_labels, item_labels)


def by_angle(queries, query_labels, items, item_labels, k):
    lengths = np.linalg.norm(items, axis=1)
    indices = (-queries @ items.T / np.maximum(lengths, 1e-9)).argsort(axis=1, kind="stable")
    return share(indices[:, :k], query_labels, item_labels)


def by_city_blocks(queries, query_labels, items, item_labels, k):
    distances = np.abs(queries[:, None] - items).sum(axis=2)
    indices = distances.argsort(axis=1, kind="stable")[:, :k]
    return share(indices, query_labels, item_labels)


def always_ten(queries, query_labels, items, item_labels, k):
    return right_02_5(queries, query_labels, items, item_labels, 10)


def right_02_5(queries, query_labels, items, item_labels, k):
    return share(found(queries, items)[:, :k], query_labels, item_labels)


def remembers(right, number):
    """An answer that has only seen the public inputs: a table of them, else their mean value."""
    table = {}

    def learn(*inputs):
        table[inputs[0].tobytes(), inputs[-1]] = right(*inputs)
        return table[inputs[0].tobytes(), inputs[-1]]

    check(number, learn)
    values = np.array(list(table.values()))
    return lambda *inputs: table.get((inputs[0].tobytes(), inputs[-1]), values.mean())


def counts_its_calls(right, number):
    """An answer that gives the values of the public inputs in their order."""
    values = []
    check(number, lambda *inputs: values.append(right(*inputs)) or values[-1])
    turn = iter(values * 1000)
    return lambda *inputs: next(turn)


WRONG = [
    ("02.2", mean_over_pixels, 0),
    ("02.2", sum_over_batch, 1),  # the last test has one image only
    ("02.2", in_bits, 0),
    ("02.2", overflows, 4),
    ("02.2", clips_the_probability, 4),
    ("02.2", cuts_into_sixteenths, 4),
    ("02.2", rounds_down, 4),
    ("02.3", ignores_ties, 2),
    ("02.3", ties_as_wins, 2),
    ("02.3", reversed_order, 0),
    ("02.3", never_below_half, 4),
    ("02.3", accuracy, 0),
    ("02.5", last_index_first, 3),
    ("02.5", within_the_mean_distance, 0),
    ("02.5", mean_of_the_classes, 0),
    ("02.5", drops_the_nearest, 0),
    ("02.5", counts_the_query_itself, 0),
    ("02.5", leaves_out_equal_items, 2),
    ("02.5", recall, 0),
    ("02.5", any_hit, 0),
    ("02.5", farthest, 0),
    ("02.5", by_angle, 0),
    ("02.5", by_city_blocks, 0),
    ("02.5", always_ten, 0),
]


@pytest.mark.parametrize(("number", "answer", "points"), WRONG)
def test_wrong_answers_are_rejected_with_any_seed(number, answer, points, score):
    assert [score(find(number), answer, seed) for seed in range(20)] == [points] * 20


@pytest.mark.parametrize("answer", [remembers, counts_its_calls])
def test_values_of_the_public_inputs_are_no_answer_to_02_5(answer, score):
    trained = answer(right_02_5, "02.5")
    assert check("02.5", trained) == 5
    assert [score(find("02.5"), trained, seed) for seed in range(1, 20)] == [0] * 19
