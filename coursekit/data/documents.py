"""Documents as word counts: the eight largest Reuters topics, or documents drawn from topics.

Used by chapter 01.
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy.sparse import csr_matrix

from coursekit.arguments import MOST_SEED, check_count
from coursekit.data import store


class Documents(NamedTuple):
    """Word counts (N, V) float32; topics (N,) int64, an index into `topic_names`."""

    train_counts: torch.Tensor
    train_topics: torch.Tensor
    test_counts: torch.Tensor
    test_topics: torch.Tensor
    vocabulary: list[str]
    topic_names: list[str]


def reuters() -> Documents:
    """Reuters-21578, 2,000 stems, ModApte split: stories with one topic, of the eight largest.

    Source: Lewis 1997. Raises as `store.fetch` does.
    """
    with np.load(store.fetch("reuters21578_bow2000.npz"), allow_pickle=False) as arrays:
        counts = csr_matrix(
            (arrays["counts"].astype(np.float32), arrays["indices"], arrays["indptr"]),
            shape=(len(arrays["indptr"]) - 1, len(arrays["vocab"])),
        )
        topic, is_test = arrays["single_topic"], arrays["is_test"].astype(bool)
        vocabulary, names = arrays["vocab"].tolist(), arrays["topic_names"].tolist()
    largest = np.argsort(-np.bincount(topic[topic >= 0]), kind="stable")[:8]
    rank = np.full(len(names), -1)
    rank[largest] = np.arange(8)
    label = np.where(topic >= 0, rank[topic], -1)
    keep = (label >= 0) & (counts.sum(axis=1).A1 > 0)

    def part(rows):
        return torch.from_numpy(counts[rows].toarray()), torch.from_numpy(label[rows]).long()

    return Documents(
        *part(keep & ~is_test), *part(keep & is_test), vocabulary, [names[i] for i in largest]
    )


def topics(n_train: int = 3_000, n_test: int = 1_000, *, seed: int = 0) -> Documents:
    """Documents drawn from eight overlapping topics over 500 words, for work without a network.

    Each topic prefers 120 consecutive words of a ring and shares half of them with each
    neighbour; common words follow Zipf's law. A document has a topic, a second one that takes up
    to 40 % of its words, and a length between 30 and 120 words.
    Raises TypeError and ValueError unless all three are whole numbers from 0 on.
    """
    for name, count in ("n_train", n_train), ("n_test", n_test):
        check_count(name, count, least=0)
    check_count("seed", seed, 0, MOST_SEED)
    rng = np.random.default_rng(seed)
    n, words, n_topics = n_train + n_test, 500, 8
    common = 1 / np.arange(1, words + 1)
    ring = (np.arange(120) + 60 * np.arange(n_topics)[:, None]) % words
    topic_words = np.full((n_topics, words), 1e-4)
    for row, own in zip(topic_words, ring):
        row[own] = rng.gamma(0.3, size=120)
    topic_words /= topic_words.sum(axis=1, keepdims=True)
    first = rng.integers(n_topics, size=n)
    second = rng.integers(n_topics, size=n)
    share = rng.uniform(0, 0.4, size=(n, 1))
    density = (1 - share) * topic_words[first] + share * topic_words[second]
    density = 0.7 * density + 0.3 * rng.permutation(common / common.sum())
    counts = rng.multinomial(rng.integers(30, 121, size=n), density).astype(np.float32)
    counts, first = torch.from_numpy(counts), torch.from_numpy(first)
    return Documents(
        counts[:n_train],
        first[:n_train],
        counts[n_train:],
        first[n_train:],
        [f"word {i}" for i in range(words)],
        [f"topic {i}" for i in range(n_topics)],
    )
