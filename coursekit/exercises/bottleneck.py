"""Probes of a bottleneck: does nothing but a code of k numbers reach the output?

They stand among the other rows of one call, in an order that does not give them away. Seen from
outside, a network with a narrow code has three marks:

- a small nudge of its input moves the output in k directions only;
- rows far off the surface of the data come back to where the other outputs lie; a copy does not;
- along a walk off the surface the output moves without jumps; what looks up the nearest row of a
  table does not.

Used by the exercises of chapter 02.
"""

import numpy as np

from coursekit.exercises.answers import require

NUDGED, NUDGE = 9, 0.002  # rows that are nudged in all directions, and how far
WALKS, STEPS, FAR = 15, 60, 0.5  # rows from which a straight walk leads in small steps to FAR


def probes(rng, rows: np.ndarray) -> np.ndarray:
    """`rows` (N, D), the nudged ones among them, and the places on the walks, below each other."""
    count, size = rows.shape
    nudges = NUDGE * np.linalg.qr(rng.normal(size=(size, size)))[0]
    ways = rng.normal(size=(WALKS, 1, size))
    ways /= np.linalg.norm(ways, axis=2, keepdims=True)
    walks = rows[:WALKS, None] + ways * np.linspace(0, FAR, STEPS + 1)[1:, None]
    parts = rows, rows[:NUDGED, None] + nudges, walks
    return np.concatenate([part.reshape(-1, size) for part in parts])


def require_bottleneck(outputs: np.ndarray, count: int, code_size: int) -> None:
    """`outputs` for the `probes` of `count` rows show the three marks; judged by medians.

    A kink of a ReLU may spoil a few nudges, a fold of the code a few walks.
    """
    size = outputs.shape[1]
    rows, nudged, walked = np.split(outputs, [count, count + NUDGED * size])
    _require_directions(nudged.reshape(NUDGED, size, size) - rows[:NUDGED, None], code_size)
    walks = np.concatenate([rows[:WALKS, None], walked.reshape(WALKS, STEPS, size)], axis=1)
    gaps = np.linalg.norm(walks[:, -1:] - rows, axis=2).min(axis=1)
    require(
        np.median(gaps) < FAR / 2,
        "rows far off the surface come out far from all other outputs: something beside the code "
        "passes them on",
    )
    steps = np.linalg.norm(np.diff(walks, axis=1), axis=2)
    jumps = steps.max(axis=1) / np.maximum(steps.sum(axis=1), 1e-30)
    require(
        np.median(jumps) < 0.1,
        "the output jumps while a reading changes little by little: no network does that",
    )


def _require_directions(moves: np.ndarray, code_size: int) -> None:
    """Through a code of k numbers an output can move in k directions only: rank k."""
    energy = np.linalg.svd(moves, compute_uv=False) ** 2
    total = energy.sum(axis=1)
    still = np.median(total) < 0.1 * NUDGE**2
    require(not still, "the output stands still when a reading changes a little")
    beyond = float(np.median(energy[:, code_size:].sum(axis=1) / np.maximum(total, 1e-30)))
    require(
        beyond < 0.01,
        f"{beyond:.0%} of what the output does lies beyond {code_size} direction(s): "
        "more than the code passes from the input to the output",
    )
