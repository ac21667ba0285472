import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from coursekit.data import cell_films


@pytest.fixture(scope="module")
def films():
    return cell_films(4, frames=20, seed=1)


def centres(instances, number):
    """Centre (T, 2) of a cell in each frame (T, H, W)."""
    return np.array([ndimage.center_of_mass(frame == number) for frame in instances])


@settings(max_examples=10)
@given(
    n=st.integers(0, 2),
    frames=st.integers(1, 4),
    size=st.integers(32, 80),
    division=st.floats(0, 1),
    seed=st.integers(0, 2**63 - 1),
)
def test_any_size_and_seed(n, frames, size, division, seed):
    images, clean, instances, mothers = cell_films(
        n, frames=frames, size=size, division=division, seed=seed
    )
    assert images.shape == clean.shape == (n, frames, 1, size, size)
    assert images.dtype == clean.dtype == torch.float32
    assert images.isfinite().all() and ((images >= 0) & (images <= 1)).all()
    assert instances.shape == (n, frames, size, size) and instances.dtype == torch.int64
    assert mothers.shape[0] == n and mothers.dtype == torch.int64
    for film, family in zip(instances, mothers):
        assert film.max() < len(family)
        assert (family <= torch.arange(len(family))).all()  # a mother is older
        for frame in film.numpy():
            for number in np.unique(frame[frame > 0]):
                assert ndimage.label(frame == number)[1] == 1


def test_the_seed_decides_everything_and_more_films_begin_with_the_same():
    one, two, other = (
        cell_films(n, frames=3, size=64, seed=seed) for n, seed in ((1, 5), (2, 5), (1, 6))
    )
    assert torch.equal(one.images, two.images[:1]) and torch.equal(one.clean, two.clean[:1])
    assert torch.equal(one.instances, two.instances[:1])
    assert not torch.equal(one.images, other.images)


def test_cells_move_a_little_from_frame_to_frame(films):
    """Of cells inside the image; those at its edge are cut."""
    steps = []
    for film in films.instances.numpy():
        for number in set.intersection(*(set(frame.flat) for frame in film)) - {0}:
            path = centres(film, number)
            if path.min() > 14 and path.max() < 114:
                steps += np.linalg.norm(np.diff(path, axis=0), axis=1).tolist()
    assert len(steps) > 100
    assert 0.2 < np.median(steps) < 2.5 and np.max(steps) < 8


def test_a_cell_keeps_its_look(films):
    """Area and brightness of a cell change little from one frame to the next."""
    ratios = []
    for film, clean in zip(films.instances.numpy(), films.clean[:, :, 0].numpy()):
        for a, b, x, y in zip(film, film[1:], clean, clean[1:]):
            for number in set(np.unique(a)) & set(np.unique(b)) - {0}:
                ratios.append(x[a == number].mean() / y[b == number].mean())
    assert 0.97 < np.median(ratios) < 1.03
    assert np.quantile(np.abs(np.log(ratios)), 0.95) < 0.15


def test_the_mother_is_gone_when_two_daughters_lie_where_she_was(films):
    found = 0
    for film, family in zip(films.instances.numpy(), films.mothers.tolist()):
        for mother in set(family) - {0}:
            daughters = [k for k, m in enumerate(family) if m == mother]
            assert len(daughters) == 2
            seen = [np.isin(frame, daughters).any() for frame in film]
            born = seen.index(True) if any(seen) else 0
            if born:
                assert not (film[born:] == mother).any()
                before = film[born - 1] == mother
                if before.sum() > 60:
                    here = np.isin(film[born], daughters)
                    found += (ndimage.binary_dilation(before, iterations=4) & here).sum() > 0.5 * (
                        here.sum()
                    )
    assert found > 5


def test_without_divisions_there_are_no_mothers():
    films = cell_films(2, frames=6, size=64, division=0)
    assert not films.mothers.any()
    assert cell_films(2, frames=6, size=64, division=0.5).mothers.any()


@pytest.mark.parametrize(
    ("argument", "value", "error", "message"),
    [
        ("n", -1, ValueError, "n must be at least 0"),
        ("frames", 0, ValueError, "frames must be at least 1"),
        ("frames", 2.5, TypeError, "frames must be a whole number"),
        ("size", 16, ValueError, "size must be at least 32"),
        ("division", -0.1, ValueError, "division must be at least 0"),
        ("seed", True, TypeError, "seed must be a whole number"),
    ],
)
def test_a_wrong_argument_is_named(argument, value, error, message):
    with pytest.raises(error, match=f"^{message}"):
        cell_films(**{"n": 1, argument: value})
