"""The factors of textured shapes vary evenly, and each by itself."""

import itertools

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from coursekit.data.shapes import FACTORS, _draw_factors


@pytest.fixture(scope="module")
def sample():
    """Each factor of 100,000 images as a whole number: the value, or the fifth of its range."""
    found = {}
    for name, values in _draw_factors(100_000, np.random.default_rng(0)).items():
        low, high = FACTORS[name] if isinstance(FACTORS[name], tuple) else (0, FACTORS[name])
        few = isinstance(FACTORS[name], int) and high <= 10
        fifth = ((values - low) / (high - low) * 5).long().clamp(max=4)
        found[name] = (values if few else fifth).numpy()
    return found


@pytest.mark.parametrize("pair", list(itertools.combinations(FACTORS, 2)), ids=" and ".join)
def test_two_factors_are_independent(pair, sample):
    """Chi-square over 100,000 draws, five parts of each range; 91 pairs, hence 0.01 / 91."""
    table = np.zeros((10, 10))
    np.add.at(table, tuple(sample[name] for name in pair), 1)
    table = table[table.any(1)][:, table.any(0)]
    assert chi2_contingency(table).pvalue > 0.01 / 91


@pytest.mark.parametrize("name", FACTORS)
def test_a_factor_is_spread_evenly(name, sample):
    counts = np.bincount(sample[name])
    assert len(counts) == {"shape": 10, "texture": 4, "ground_texture": 4}.get(name, 5)
    assert counts.min() > 0.97 * counts.max()
