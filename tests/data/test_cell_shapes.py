import numpy as np
import pytest

from coursekit.data.cell_shapes import (
    APART,
    OVERLAP,
    Shapes,
    depth,
    gaps,
    longest,
    numbered,
    painted,
    placed,
    reach,
    shapes,
)

DIRECTIONS = np.exp(2j * np.pi * np.arange(360) / 360)


def cell(place=32 + 32j, axes=(10.0, 6.0), turn=1 + 0j, waves=0j, **changes):
    """One plain cell as a set of one."""
    plain = {
        "place": np.array([place]),
        "turn": np.array([turn]),
        "axes": np.array([axes]),
        "waves": np.full((1, 4), waves),
        "brightness": np.ones(1),
        "in_focus": np.array([True]),
        "clumps": np.zeros((1, 12), complex),
        "clump_width": np.ones((1, 12)),
        "clump_height": np.zeros((1, 12)),
    }
    return Shapes(**plain | changes)


def together(*cells):
    return Shapes(*(np.concatenate(values) for values in zip(*cells)))


def drawn(seed=0, size=128, touching=0.5):
    rng = np.random.default_rng(seed)
    return placed(shapes(size, rng), size, touching, rng)


def test_a_plain_cell_is_an_ellipse():
    assert reach(cell(), 1)[0] == pytest.approx(10)
    assert reach(cell(), 1j)[0] == pytest.approx(6)
    assert reach(cell(turn=1j), 1)[0] == pytest.approx(6)
    light, owner = painted(cell(place=32.3 + 31.6j), 64)
    assert owner.sum() == pytest.approx(np.pi * 60, rel=0.03)
    assert light[0].sum() == 0 and (light[1] > 0).sum() == owner.sum()


def test_depth_is_one_on_the_outline_and_reach_has_its_bound():
    cells = drawn()
    for k in range(len(cells.place)):
        one = cells.at(k)
        out = reach(one, DIRECTIONS)
        assert np.allclose(depth(one, out * DIRECTIONS)[0], 1)
        assert (out <= longest(one) + 1e-9).all()


def test_a_wave_of_order_two_bends_the_circle():
    """Along t: 1 + Re(w e^(2it)), so longer along x and shorter along y."""
    waves = np.array([[0.2 + 0j, 0, 0, 0]])
    round_cell = cell(axes=(10.0, 10.0))._replace(waves=waves)
    assert reach(round_cell, 1)[0] == pytest.approx(12)
    assert reach(round_cell, 1j)[0] == pytest.approx(8)


def test_the_gap_of_two_circles_is_distance_minus_radii():
    one, two = (cell(place, (5.0, 5.0)) for place in (10 + 10j, 30 + 10j))
    assert gaps(one, two, one.place - two.place)[0] == pytest.approx(10)


@pytest.mark.parametrize("touching", [0, 0.5, 1])
def test_no_two_cells_lie_in_each_other(touching):
    cells = drawn(touching=touching)
    for k in range(1, len(cells.place)):
        there = cells.at(slice(0, k))
        found = gaps(cells.at(k), there, cells.place[k] - there.place)
        assert found.min() >= (-OVERLAP if touching else APART) - 1e-6
    assert (cells.place.real > 0).all() and (cells.place.imag < 128).all()


def test_cells_that_cross_share_a_line_and_keep_their_order():
    """Two equal circles: the border lies in the middle, whichever comes first."""
    pair = together(*(cell(x + 32j, (8.0, 8.0)) for x in (25.0, 38.0)))
    _, owner = painted(pair, 64)
    assert (owner[:, :32] != 2).all() and (owner[:, 32:] != 1).all()
    assert owner[32, 31] == 1 and owner[32, 32] == 2


def test_the_smaller_piece_of_a_cell_in_two_is_left_out():
    thin = cell(axes=(20.0, 4.0))
    thick = cell(place=36 + 32j, axes=(7.0, 7.0))
    _, owner = painted(together(thin, thick), 64)
    left = np.flatnonzero((owner == 1).any(axis=0))
    assert left.max() < 36 and (owner[:, 44:] == 0).all()


def test_a_cell_outside_is_not_seen():
    light, owner = painted(cell(place=-30 - 30j), 64)
    assert not light.any() and not owner.any()
    assert not painted(cell(place=90 + 10j), 64)[1].any()


def test_clumps_and_focus_change_the_light_alone():
    plain, owner = painted(cell(), 64)
    bright, same = painted(cell(clump_height=np.full((1, 12), 0.05)), 64)
    assert (same == owner).all() and bright[1].sum() > 1.1 * plain[1].sum()
    blurred, same = painted(cell(in_focus=np.array([False])), 64)
    assert (same == owner).all()
    assert not blurred[1].any() and np.allclose(blurred[0], plain[1])


def test_numbers_lose_their_gaps_and_keep_their_order():
    assert numbered(np.array([[0, 7, 2], [7, 9, 0]])).tolist() == [[0, 2, 1], [2, 3, 0]]
    assert numbered(np.zeros((2, 2), int)).tolist() == [[0, 0], [0, 0]]
    assert numbered(np.full((1, 2), 5)).tolist() == [[1, 1]]
