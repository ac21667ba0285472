import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.training.history import History, Mean


@given(st.lists(st.lists(st.integers(-9, 9), min_size=1), min_size=1))
def test_batches_of_any_sizes_give_the_mean_of_all_examples(batches):
    mean = Mean()
    for batch in batches:
        mean.add({"loss": sum(batch) / len(batch)}, len(batch))
    values = sum(batches, [])
    assert mean.result()["loss"] == pytest.approx(sum(values) / len(values), abs=1e-12)


def test_a_term_that_is_not_always_there_is_averaged_over_its_own_examples():
    mean = Mean()
    mean.add({"discriminator loss": 1.0}, 8)
    mean.add({"discriminator loss": 3.0, "generator loss": 5.0}, 8)
    assert mean.result() == {"discriminator loss": 2.0, "generator loss": 5.0}


def test_nothing_has_no_average():
    with pytest.raises(ValueError, match="the batches are empty"):
        Mean().result()


def test_a_part_of_a_history_still_knows_why_training_stopped():
    history = History({"loss": [3.0, 2.0, 1.0]})
    history.stopped = "interrupted"
    assert history.tail(2).stopped == history[["loss"]].stopped == "interrupted"
