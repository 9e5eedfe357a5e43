"""Estimators of tau2 against their own defining equations, and against a likelihood by brute force.

SOLVED: roots of doubles.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import chdtri
from scipy.stats import multivariate_normal

from commune_pilots.scaling.heterogeneity import (
    between_variance,
    cochran_q,
    curvature,
    profile_likelihood,
    q_profile,
    spread_of,
)

SOLVED = 1e-7
METHODS = ("reml", "paule_mandel", "dersimonian_laird")


@st.composite
def sets(draw, most=6, least_variance=0.01):
    """Draw estimates and variances of 2 to `most` units."""
    k = draw(st.integers(2, most))
    number = st.integers(-300, 300).map(lambda value: value / 100)
    variance = st.integers(int(least_variance * 1000), 2000).map(lambda value: value / 1000)
    y = draw(st.lists(number, min_size=k, max_size=k))
    v = draw(st.lists(variance, min_size=k, max_size=k))
    return np.array(y), np.array(v)


def _tau2(y, v, method):
    return float(between_variance(spread_of(y, v), method=method))


def _restricted(y, v, tau2):
    """Compute the likelihood of all differences from the first estimate: no mean is left in it."""
    differences = y[1:] - y[0]
    covariance = np.diag(v[1:] + tau2) + v[0] + tau2
    return multivariate_normal(np.zeros(len(differences)), covariance).logpdf(differences)


@settings(max_examples=25)
@given(sets())
def test_no_tau_of_a_grid_has_a_larger_restricted_likelihood(drawn):
    y, v = drawn
    found = _tau2(y, v, "reml")
    best = _restricted(y, v, found)
    for tau2 in [0.0, *np.geomspace(1e-6, 60, 40)]:
        assert _restricted(y, v, tau2) <= best + SOLVED


@given(sets())
def test_paule_and_mandels_tau_leaves_q_at_its_expectation(drawn):
    y, v = drawn
    tau2 = _tau2(y, v, "paule_mandel")
    q = ((y - np.average(y, weights=1 / (v + tau2))) ** 2 / (v + tau2)).sum()
    if tau2 > 0:
        assert q == pytest.approx(len(y) - 1, abs=1e-6)
    else:
        assert q <= len(y) - 1


@given(sets())
def test_dersimonian_and_lairds_tau_is_the_formula(drawn):
    y, v = drawn
    w = 1 / v
    q = (w * (y - np.average(y, weights=w)) ** 2).sum()
    formula = (q - (len(y) - 1)) / (w.sum() - (w**2).sum() / w.sum())
    assert _tau2(y, v, "dersimonian_laird") == pytest.approx(max(0.0, formula), abs=SOLVED)


@pytest.mark.parametrize("method", METHODS)
@given(drawn=sets(), shift=st.floats(-1e3, 1e3), factor=st.floats(0.01, 100))
def test_tau_moves_with_the_units_and_not_with_the_origin(method, drawn, shift, factor):
    y, v = drawn
    plain = _tau2(y, v, method)
    moved = _tau2(factor * (y + shift), factor**2 * v, method)
    assert moved == pytest.approx(factor**2 * plain, rel=1e-5, abs=1e-6 * factor**2)


@pytest.mark.parametrize("method", METHODS)
def test_many_sets_at_once_give_what_each_gives_alone(method, rng):
    y, v = rng.normal(0, 1, (3, 4, 5)), rng.uniform(0.01, 1, (3, 4, 5))
    together = between_variance(spread_of(y, v), method=method)
    for at in np.ndindex(3, 4):
        assert together[at] == pytest.approx(_tau2(y[at], v[at], method), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_equal_estimates_differ_by_nothing(method):
    assert _tau2(np.array([2.0, 2.0, 2.0]), np.array([0.1, 0.5, 0.2]), method) == 0
    assert _tau2(np.zeros(4), np.zeros(4), method) == 0


@pytest.mark.parametrize("method", METHODS)
def test_variances_of_nothing_leave_the_plain_variance(method):
    y = np.array([1.0, 2.0, 4.0, 9.0])
    assert _tau2(y, np.zeros(4), method) == pytest.approx(np.var(y, ddof=1), rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_variance_near_nothing_is_as_good_as_nothing(method):
    y, rest = np.array([1.0, 2.0, 4.0]), [0.3, 0.2]
    at_zero, near = (_tau2(y, np.array([first, *rest]), method) for first in (0.0, 1e-9))
    assert at_zero == pytest.approx(near, rel=1e-5)


@pytest.mark.parametrize("apart", [0.0, 0.06, 0.12])
def test_reml_takes_the_best_of_two_maxima(apart):
    """Two precise units agree and a loose one is far: one maximum is at or near 0, one above."""
    y, v = np.array([-1.3, 0.4, 0.4 + apart]), np.array([0.46, 1.2e-3, 2e-4])
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 20, 300)])
    heights = np.array([_restricted(y, v, tau2) for tau2 in grid])
    inner = (heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])
    assert inner.sum() + (heights[0] > heights[1]) == 2
    assert _restricted(y, v, _tau2(y, v, "reml")) >= heights.max() - SOLVED


@given(sets())
def test_the_q_profile_ends_where_q_meets_its_quantiles(drawn):
    y, v = drawn
    spread = spread_of(y, v)
    ends = q_profile(spread, alpha=0.05)
    freedom = len(y) - 1
    for end, quantile in ((ends.low, chdtri(freedom, 0.025)), (ends.high, chdtri(freedom, 0.975))):
        q = float(cochran_q(spread, end / spread.size))
        if end > 0:
            assert q == pytest.approx(quantile, rel=1e-5)
        else:
            assert q <= quantile
    assert ends.low <= ends.high


@settings(max_examples=25)
@given(sets())
def test_the_profile_likelihood_falls_by_half_a_chi_square_to_its_ends(drawn):
    y, v = drawn
    assume(np.ptp(y) > 0)
    spread = spread_of(y, v)
    ends, best = profile_likelihood(spread, alpha=0.05), _restricted(y, v, _tau2(y, v, "reml"))
    fall = chdtri(1, 0.05) / 2
    assert best - _restricted(y, v, ends.high) == pytest.approx(fall, abs=1e-5)
    if ends.low > 0:
        assert best - _restricted(y, v, ends.low) == pytest.approx(fall, abs=1e-5)
    else:
        assert best - _restricted(y, v, 0.0) <= fall + 1e-9
    assert ends.low <= _tau2(y, v, "reml") <= ends.high


def test_the_curvature_keeps_its_digits_where_one_weight_outweighs_the_rest():
    weights = np.array([1e14, 1.0, 2.0])
    assert float(curvature(weights)) == pytest.approx(6.0, rel=1e-9)
