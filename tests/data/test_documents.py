import pytest
import torch

from coursekit.data import load
from coursekit.data.documents import topics

# Single-topic stories of the ModApte split, (training, test), as the literature on the "R8" and
# "R52" subsets counts them (Cardoso-Cachopo 2007).
PUBLISHED = {
    "earn": (2840, 1083),
    "acq": (1596, 696),
    "crude": (253, 121),
    "trade": (251, 75),
    "money-fx": (206, 87),
    "interest": (190, 81),
    "money-supply": (123, 28),
    "ship": (108, 36),
}


def check_form(counts, topic, n_words):
    assert counts.dtype == torch.float32 and counts.shape == (len(topic), n_words)
    assert torch.equal(counts, counts.round()) and counts.min() == 0
    assert counts.sum(dim=1).min() > 0
    assert topic.dtype == torch.int64 and topic.unique().tolist() == list(range(8))


@pytest.mark.data("reuters21578_bow2000.npz")
def test_reuters_has_the_eight_largest_topics_in_their_published_sizes():
    data = load("reuters")
    assert data.topic_names == list(PUBLISHED)  # largest first
    for part, column in ((data.train_topics, 0), (data.test_topics, 1)):
        for own, published in zip(part.bincount().tolist(), PUBLISHED.values()):
            assert abs(own - published[column]) <= 1  # distributions differ by single stories


@pytest.mark.data("reuters21578_bow2000.npz")
def test_reuters_documents_are_counts_of_2000_stems():
    data = load("reuters")
    check_form(data.train_counts, data.train_topics, 2_000)
    check_form(data.test_counts, data.test_topics, 2_000)
    assert len(set(data.vocabulary)) == 2_000
    oil = data.train_counts[:, data.vocabulary.index("oil")]
    crude = data.train_topics == data.topic_names.index("crude")
    assert oil[crude].mean() > 10 * oil[~crude].mean()


def test_topics_have_the_promised_sizes():
    data = load("topics")
    check_form(data.train_counts, data.train_topics, 500)
    check_form(data.test_counts, data.test_topics, 500)
    assert len(data.train_counts) == 3_000 and len(data.test_counts) == 1_000
    assert len(data.vocabulary) == 500 and len(data.topic_names) == 8
    length = data.train_counts.sum(dim=1)
    assert length.min() == 30 and length.max() == 120


def test_a_topic_prefers_120_words_and_shares_half_of_them_with_each_neighbour():
    """Once the common words are taken away, topics that are not neighbours have other words."""
    data = topics(n_train=6_000, n_test=1)
    frequency = torch.stack(
        [data.train_counts[data.train_topics == k].sum(dim=0) for k in range(8)]
    )
    frequency /= frequency.sum(dim=1, keepdim=True)
    own = frequency > 2 * frequency.median(dim=0).values
    for k in range(8):
        words = own[k].nonzero().squeeze(1)
        assert ((words - 60 * k) % 500 < 120).float().mean() > 0.9
    for k in range(6):  # the ring closes with 500 words instead of 480, so only these are sure
        assert (own[k] & own[k + 1]).sum() > 5 * (own[k] & own[(k + 3) % 8]).sum()


def test_topics_are_deterministic_and_follow_the_seed():
    one, two, other = topics(50, 10, seed=1), topics(50, 10, seed=1), topics(50, 10, seed=2)
    assert torch.equal(one.train_counts, two.train_counts)
    assert torch.equal(one.test_topics, two.test_topics)
    assert not torch.equal(one.train_counts, other.train_counts)


def test_topics_can_be_told_apart_but_not_perfectly():
    data = load("topics")
    train, test = (c / c.sum(dim=1, keepdim=True) for c in (data.train_counts, data.test_counts))
    centres = torch.stack([train[data.train_topics == k].mean(dim=0) for k in range(8)])
    accuracy = (torch.cdist(test, centres).argmin(dim=1) == data.test_topics).float().mean()
    assert 0.7 < accuracy < 0.999


@pytest.mark.parametrize("name", ["n_train", "n_test", "seed"])
def test_sizes_and_seeds_that_are_none_are_refused(name):
    """Negative counts cut off the end of the other part: topics(-5, 10) had documents."""
    with pytest.raises(ValueError, match=f"^{name} must be at least 0, got -5$"):
        topics(**{"n_train": 10, "n_test": 10, name: -5})
    with pytest.raises(TypeError, match=f"^{name} must be a whole number, got None$"):
        topics(**{name: None})
