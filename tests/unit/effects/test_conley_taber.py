from __future__ import annotations

from itertools import product
from math import inf, sqrt

import numpy as np
import pytest

from commune_pilots.effects.conley_taber import conley_taber

ALPHA = 0.05
DONORS = np.random.default_rng(2).normal(size=40)


def _call(treated, comparison, **how):
    rng = np.random.default_rng(7)
    return conley_taber(treated, comparison, **({"alpha": ALPHA, "draws": 5000, "rng": rng} | how))


def _errors(donors, k=1):
    m = len(donors)
    return (donors - donors.mean()) * sqrt(m / (m - 1) * (1 + k / m))


def test_one_treated_unit_is_ranked_among_the_comparison_units():
    found = _call([3.0], DONORS)
    estimate = 3 - DONORS.mean()
    further = (np.abs(_errors(DONORS)) >= estimate).sum()
    assert found.estimate == pytest.approx(estimate)
    assert found.p_value == pytest.approx((1 + further) / 41)
    assert found.smallest_p == pytest.approx(1 / 41)
    assert found.exact


def test_the_interval_holds_what_is_not_rejected():
    found = _call([3.0], DONORS)
    reach = found.conf_high - found.estimate
    assert found.estimate - found.conf_low == pytest.approx(reach)
    inside, outside = (
        (1 + (np.abs(_errors(DONORS)) >= at * (1 - 1e-9)).sum()) / 41
        for at in (reach * 0.999, reach * 1.001)
    )
    assert inside > ALPHA >= outside


def test_two_treated_units_are_set_beside_every_pair():
    found = _call([2.0, 4.0], DONORS)
    errors = _errors(DONORS, k=2)
    means = np.array([sum(pair) / 2 for pair in product(errors, repeat=2)])
    assert found.errors == 1600
    assert found.p_value == pytest.approx((1 + (np.abs(means) >= found.estimate).sum()) / 1601)


def test_many_treated_units_are_set_beside_draws():
    found = _call([1.0, 2.0, 0.5, 1.5, 2.5], DONORS)
    assert not found.exact
    assert found.errors == 5000
    assert found.conf_high - found.conf_low < _call([1.5], DONORS).conf_high * 2


def test_each_treated_unit_is_compared_over_its_own_months():
    rows = np.vstack([DONORS, DONORS + 10])
    found = _call([1.0 + DONORS.mean(), 13.0 + DONORS.mean()], rows)
    assert found.estimate == pytest.approx(2.0)


def test_with_fewer_than_nineteen_comparison_units_nothing_is_bounded():
    found = _call([50.0], DONORS[:18])
    assert found.p_value == found.smallest_p == pytest.approx(1 / 19)
    assert (found.conf_low, found.conf_high) == (-inf, inf)


def test_small_treated_units_get_the_wider_scatter_of_small_units():
    rng = np.random.default_rng(3)
    sizes = np.repeat([50.0, 5000.0], 60)
    donors = rng.normal(size=120) * np.sqrt(1 + 5000 / sizes)
    small, large, ignored = (
        _call([20.0], donors, **how)
        for how in ({"sizes": ([50.0], sizes)}, {"sizes": ([5000.0], sizes)}, {})
    )
    assert small.conf_high - small.conf_low > ignored.conf_high - ignored.conf_low
    assert large.conf_high - large.conf_low < (ignored.conf_high - ignored.conf_low) / 2
    assert small.estimate == large.estimate == ignored.estimate


def test_units_of_one_size_are_left_as_they_are():
    same = _call([3.0], DONORS, sizes=([100.0], np.full(40, 100.0)))
    plain = _call([3.0], DONORS)
    assert same.p_value == plain.p_value
    assert same.conf_low == pytest.approx(plain.conf_low)


def test_one_comparison_unit_or_an_empty_size_is_refused():
    with pytest.raises(ValueError, match="1 comparison units"):
        _call([3.0], [1.0])
    with pytest.raises(ValueError, match="a size is not above 0"):
        _call([3.0], DONORS, sizes=([0.0], np.ones(40)))
