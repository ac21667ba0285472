"""Exercise 02.4: wrong answers and what each still earns, and right ones of several kinds."""

import numpy as np
import pytest
import torch

from coursekit.exercises import check, find
from coursekit.exercises.chapter_01 import reconstruct as pca


def mean_of_train(train, test, code_size):
    return np.tile(train.mean(axis=0), (len(test), 1))


def copies(train, test, code_size):
    return test


def nearest_training_row(train, test, code_size):
    distances = (train**2).sum(axis=1) - 2 * test @ train.T  # but for |test|^2
    return train[distances.argmin(axis=1)]


def copies_what_it_knows(train, test, code_size):
    known = np.linalg.norm(test - nearest_training_row(train, test, code_size), axis=1) < 0.2
    return np.where(known[:, None], test, train.mean(axis=0))


def pca_with_twice_the_code(train, test, code_size):
    return pca(train, test, 4 * code_size)


def together(rows):
    """Means of rows closer than 0.02 to each other, taken for nudged ones, and their numbers."""
    lengths = (rows**2).sum(axis=1)
    close = (lengths[:, None] - 2 * rows @ rows.T + lengths < 0.0004).astype(float)
    return close @ rows / close.sum(axis=1, keepdims=True), close.sum(axis=1)


def along_axes(train, moves, code_size):
    axes = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2][:code_size]
    return moves @ axes.T @ axes


def copies_but_flattens_what_lies_close(train, test, code_size):
    centre, count = together(test)
    flat = centre + along_axes(train, test - centre, code_size)
    return np.where(count[:, None] > 2, flat, test)


def nearest_training_row_and_rank(train, test, code_size):
    nearest = nearest_training_row(train, test, code_size)
    return nearest + along_axes(train, test - nearest, code_size)


WRONG = [
    (pca, 2),
    (mean_of_train, 0),
    (copies, 0),
    (nearest_training_row, 0),
    (copies_what_it_knows, 0),
    (pca_with_twice_the_code, 0),
    (copies_but_flattens_what_lies_close, 0),
    (nearest_training_row_and_rank, 0),
]


@pytest.mark.parametrize(("answer", "points"), WRONG)
def test_wrong_answers_are_rejected_with_any_seed(answer, points, score):
    assert [score(find("02.4"), answer, seed) for seed in range(20)] == [points] * 20


def test_a_code_size_of_its_own_is_noticed_in_02_4(solutions, score):
    def always_two(train, test, code_size):
        return solutions["02.4"](train, test, 2)

    assert score(find("02.4"), always_two, seed=0) == 4


@pytest.mark.parametrize("activation", [torch.nn.ReLU, torch.nn.Sigmoid, torch.nn.SiLU])
def test_other_networks_than_the_authors_pass_02_4(activation, score):
    def deeper(train, test, code_size):
        torch.manual_seed(1)
        encoder = [torch.nn.Linear(20, 100), activation(), torch.nn.Linear(100, code_size)]
        decoder = [torch.nn.Linear(code_size, 100), activation(), torch.nn.Linear(100, 20)]
        network = torch.nn.Sequential(*encoder, *decoder).double()
        train, test = torch.as_tensor(train), torch.as_tensor(test)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
        for _ in range(60):
            for rows in torch.randperm(1000).split(100):
                loss = ((network(train[rows]) - train[rows]) ** 2).sum(dim=1).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            return network(test).numpy()

    assert [score(find("02.4"), deeper, seed) for seed in range(3)] == [6] * 3


def test_a_training_that_goes_wrong_twice_costs_no_point_and_three_times_four(solutions, score):
    def fails(times):
        calls = []

        def answer(train, test, code_size):
            calls.append(code_size)
            right = calls.count(2) > times or code_size == 1
            return (solutions["02.4"] if right else pca)(train, test, code_size)

        return answer

    assert [score(find("02.4"), fails(times), seed=3) for times in (0, 2, 3)] == [6, 6, 2]


def test_02_4_says_how_far_the_answer_is(capsys):
    check("02.4", copies)
    assert "beyond 1 direction(s)" in capsys.readouterr().out
    check("02.4", pca)
    assert "squared error" in capsys.readouterr().out
