"""Generic cheats: answers that a program can make for any coded exercise, without its idea.

Most of them know what the right answer returns on the public inputs, as a student may from a
classmate. Those of `NORMS` know the size of the right answer on every input, but not its content.
"""

import itertools

import numpy as np


class Recorder:
    """The right answer, with (inputs, output) of every call; the same inputs are computed once."""

    def __init__(self, right):
        self.right, self.known, self.calls = right, {}, []

    def __call__(self, *inputs):
        key = _key(inputs)
        if key not in self.known:
            self.known[key] = self.right(*inputs)
        self.calls.append((inputs, self.known[key]))
        return self.known[key]


def _key(inputs) -> tuple:
    return tuple((np.shape(value), np.asarray(value).tobytes()) for value in inputs)


# ---------------------------------------------------------------------------- from public inputs


def table(seen):
    """What was right for these inputs; for others what was right first."""
    known = {_key(inputs): output for inputs, output in seen}
    return lambda *inputs: known.get(_key(inputs), seen[0][1])


def counter(seen):
    """What was right at this place in the order of the calls."""
    turn = itertools.cycle([output for _, output in seen])
    return lambda *inputs: next(turn)


def constant(seen):
    """The mean of what was right, of outputs like the last."""
    alike = [output for _, output in seen if np.shape(output) == np.shape(seen[-1][1])]
    mean = np.mean(alike, axis=0)
    return lambda *inputs: mean


def thresholds(seen):
    """What was right for the most similar numbers and shapes, whatever the arrays hold."""
    return _nearest(seen, lambda inputs: [x for v in inputs for x in (*np.shape(v), *_number(v))])


def statistics(seen):
    """What was right for the most similar numbers, shapes, means and deviations."""
    return _nearest(
        seen, lambda inputs: [x for v in inputs for x in (*np.shape(v), np.mean(v), np.std(v))]
    )


def _number(value) -> list:
    return [] if np.ndim(value) else [value]


def _nearest(seen, features):
    rows = [features(inputs) for inputs, _ in seen]
    length = max(map(len, rows))
    rows = np.array([row + [0] * (length - len(row)) for row in rows], dtype=float)
    scale = rows.std(axis=0) + 1e-9

    def answer(*inputs):
        row = np.resize(np.array(features(inputs), dtype=float), length)
        return seen[int((((rows - row) / scale) ** 2).sum(axis=1).argmin())][1]

    return answer


def first_input(seen):
    """The first input, as it came."""
    return lambda *inputs: inputs[0]


def last_array(seen):
    """The last array among the inputs, as it came."""
    return lambda *inputs: [value for value in inputs if np.ndim(value)][-1]


def nearest_row(seen):
    """For each row of the last matrix of this width the nearest row of the first input."""

    def answer(*inputs):
        first = inputs[0]
        like = [v for v in inputs[1:] if np.ndim(v) == 2 and v.shape[1:] == first.shape[1:]]
        if not like:
            return first
        distances = (first**2).sum(axis=1) - 2 * like[-1] @ first.T  # but for what is the same
        return first[distances.argmin(axis=1)]

    return answer


# ---------------------------------------------------------------------------- the right norm


def turned(right):
    """The right answer in other directions: its columns keep their lengths and angles."""

    def answer(*inputs):
        output = np.asarray(right(*inputs), dtype=float)
        if not output.ndim:
            return -output
        rng = np.random.default_rng(0)
        return np.linalg.qr(rng.normal(size=(len(output), len(output))))[0] @ output

    return answer


def as_far_off(right):
    """An input, moved by noise as far as the right answer is from it."""

    def answer(*inputs):
        output = np.asarray(right(*inputs), dtype=float)
        if not output.ndim:
            return -output
        like = [value for value in inputs if np.shape(value) == output.shape]
        start = np.asarray(like[-1] if like else np.zeros(output.shape), dtype=float)
        noise = np.random.default_rng(0).normal(size=output.shape)
        return start + noise * np.linalg.norm(output - start) / np.linalg.norm(noise)

    return answer


SEEN = [table, counter, constant, thresholds, statistics, first_input, last_array, nearest_row]
NORMS = [turned, as_far_off]
