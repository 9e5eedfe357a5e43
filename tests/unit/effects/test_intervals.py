"""Intervals of one share, of a difference and of a ratio, against published tables.

Sources: Newcombe 1998, Table II, all eight rows (golden case G04; Mee and Miettinen-Nurminen as the
R packages ratesci and PropCIs print them); Newcombe 1998a, Table I (golden case G11). 29 tables
worked out in R stand in tests/reference/test_oracles.py.

PRINTED: four digits, with the tolerance of the golden cases.
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from drawn import table
from hypothesis import assume, given
from hypothesis import strategies as st
from printed import tables
from scipy.stats import norm

from commune_pilots.effects.intervals import (
    difference_interval,
    gap_closed,
    newcombe,
    score_difference,
    score_ratio,
    wilson,
    wilson_of_share,
)
from commune_pilots.vocabulary import DifferenceMethod

PRINTED = 6e-5
SOLVED = 1e-9  # halving ends at 2^-60 of the range
ALPHA = 0.05
METHODS = get_args(DifferenceMethod)
# Table II gives the first share less the second; here the second group is the later one.
TABLE_II = table(
    """
    k2 n2 k1 n1  newcombe_low newcombe_high mee_low mee_high mn_low  mn_high
    56 70 48 80  .0524        .3339         .0533   .3377    .0528   .3382
    9  10 3  10  .1705        .8090         .1821   .8370    .1700   .8406
    6  7  2  7   .0582        .8062         .0544   .8478    .0342   .8534
    5  56 0  29  -.0381       .1926         -.0313  .1926    -.0326  .1933
    0  10 0  20  -.1611       .2775         -.1611  .2775    -.1658  .2844
    0  10 0  10  -.2775       .2775         -.2775  .2775    -.2879  .2879
    10 10 0  20  .6791        1             .7225   1        .7156   1
    10 10 0  10  .6075        1             .6777   1        .6636   1
    """
).astype(float)
# Every table of at most five dossiers a side, and 300 with up to 400.
_SMALL = [
    (k1, n1, k2, n2)
    for n1 in range(1, 6)
    for n2 in range(1, 6)
    for k1 in range(n1 + 1)
    for k2 in range(n2 + 1)
]
_RNG = np.random.default_rng(1998)
_N = _RNG.integers(1, 401, size=(2, 300))
_K = _RNG.integers(0, _N + 1)
ALL = np.hstack([np.array(_SMALL).T, [_K[0], _N[0], _K[1], _N[1]]])
SHORT = {"newcombe": "newcombe", "mee": "mee", "miettinen_nurminen": "mn"}


@pytest.mark.parametrize("method", METHODS)
def test_differences_have_the_published_limits(method):
    counts = (TABLE_II[name].to_numpy() for name in ("k1", "n1", "k2", "n2"))
    low, high = difference_interval(*counts, method=method, alpha=ALPHA)
    assert low == pytest.approx(TABLE_II[f"{SHORT[method]}_low"].to_numpy(), abs=PRINTED)
    assert high == pytest.approx(TABLE_II[f"{SHORT[method]}_high"].to_numpy(), abs=PRINTED)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_one_share_has_the_published_limits(k, n, low, high):
    assert wilson(k, n, alpha=ALPHA) == pytest.approx((low, high), abs=PRINTED)


def test_a_share_that_is_no_whole_count_has_limits_between_its_neighbours():
    limits = [wilson_of_share(share, 30, alpha=ALPHA)[0] for share in (10 / 30, 0.35, 11 / 30)]
    assert limits[0] < limits[1] < limits[2]
    assert wilson_of_share(10 / 30, 30, alpha=ALPHA) == wilson(10, 30, alpha=ALPHA)


@given(st.integers(1, 80), st.data())
def test_the_limits_of_a_share_are_those_its_score_test_does_not_refuse(n, data):
    k = data.draw(st.integers(0, n))
    quantile = norm.ppf(1 - ALPHA / 2)
    for limit in wilson(k, n, alpha=ALPHA):
        if 0 < limit < 1:
            score = abs(k / n - limit) / np.sqrt(limit * (1 - limit) / n)
            assert score == pytest.approx(quantile, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_difference_lies_in_its_interval_and_both_stay_within_one(method):
    low, high = difference_interval(*ALL, method=method, alpha=ALPHA)
    k1, n1, k2, n2 = ALL
    difference = k2 / n2 - k1 / n1
    assert (low >= -1 - SOLVED).all()
    assert (low <= difference + SOLVED).all()
    assert (high >= difference - SOLVED).all()
    assert (high <= 1 + SOLVED).all()


@pytest.mark.parametrize("method", METHODS)
def test_groups_that_change_places_turn_a_difference_round(method):
    k1, n1, k2, n2 = ALL
    low, high = difference_interval(*ALL, method=method, alpha=ALPHA)
    for turned in ((k2, n2, k1, n1), (n1 - k1, n1, n2 - k2, n2)):
        turned_low, turned_high = difference_interval(*turned, method=method, alpha=ALPHA)
        assert turned_low == pytest.approx(-high, abs=SOLVED)
        assert turned_high == pytest.approx(-low, abs=SOLVED)


@pytest.mark.parametrize("method", METHODS)
def test_a_smaller_alpha_gives_a_wider_interval(method):
    _contains(
        difference_interval(*ALL, method=method, alpha=0.01),
        difference_interval(*ALL, method=method, alpha=ALPHA),
    )


def test_the_correction_of_miettinen_and_nurminen_widens():
    _contains(
        score_difference(*ALL, alpha=ALPHA), score_difference(*ALL, alpha=ALPHA, corrected=False)
    )


def _contains(wide, narrow):
    assert (wide[0] <= narrow[0] + SOLVED).all()
    assert (wide[1] >= narrow[1] - SOLVED).all()


@given(tables(), st.integers(1, 40), st.integers(1, 40))
def test_newcombes_limits_close_in_with_more_dossiers_at_the_same_shares(drawn, more1, more2):
    k1, n1, k2, n2 = drawn
    low, high = newcombe(k1 / n1, n1, k2 / n2, n2, alpha=ALPHA)
    for n, m in ((n1 + more1, n2), (n1, n2 + more2)):
        closer = newcombe(k1 / n1, n, k2 / n2, m, alpha=ALPHA)
        assert closer[0] >= low - SOLVED
        assert closer[1] <= high + SOLVED


@given(tables(), st.floats(0, 1), st.floats(0, 1))
def test_newcombes_limits_follow_the_later_share_and_flee_the_earlier(drawn, p1, p2):
    k1, n1, k2, n2 = drawn
    assume(p1 >= k1 / n1)
    assume(p2 >= k2 / n2)
    limits = np.array(newcombe(k1 / n1, n1, k2 / n2, n2, alpha=ALPHA))
    assert (np.array(newcombe(p1, n1, k2 / n2, n2, alpha=ALPHA)) <= limits + SOLVED).all()
    assert (np.array(newcombe(k1 / n1, n1, p2, n2, alpha=ALPHA)) >= limits - SOLVED).all()


@pytest.mark.parametrize("corrected", [True, False])
def test_groups_that_change_places_turn_a_ratio_upside_down(corrected):
    k1, n1, k2, n2 = ALL[:, (ALL[0] > 0) & (ALL[2] > 0)]
    low, high = score_ratio(k1, n1, k2, n2, alpha=ALPHA, corrected=corrected)
    turned_low, turned_high = score_ratio(k2, n2, k1, n1, alpha=ALPHA, corrected=corrected)
    assert turned_low == pytest.approx(1 / high, rel=1e-8)
    assert turned_high == pytest.approx(1 / low, rel=1e-8)
    ratio = (k2 / n2) / (k1 / n1)
    assert (low <= ratio * (1 + SOLVED)).all()
    assert (high >= ratio * (1 - SOLVED)).all()


@pytest.mark.parametrize("corrected", [True, False])
def test_a_ratio_has_no_limit_where_nobody_files_online(corrected):
    low, high = score_ratio([0, 3, 0], 10, [4, 0, 0], 12, alpha=ALPHA, corrected=corrected)
    assert low[0] > 0
    assert high[0] == np.inf
    assert low[1] == 0
    assert 0 < high[1] < np.inf
    assert (low[2], high[2]) == (0, np.inf)


def test_the_gap_closed_is_one_less_the_ratio_of_what_is_left():
    k1, n1, k2, n2 = ALL[:, ALL[0] < ALL[1]]
    low, high = gap_closed(k1, n1, k2, n2, alpha=ALPHA)
    closed = 1 - (1 - k2 / n2) / (1 - k1 / n1)
    assert (low - SOLVED <= closed).all()
    assert (closed <= high + SOLVED).all()
    left_low, left_high = score_ratio(n1 - k1, n1, n2 - k2, n2, alpha=ALPHA)
    assert 1 - high == pytest.approx(left_low, abs=SOLVED)
    assert 1 - low == pytest.approx(left_high, abs=SOLVED)


def test_the_gap_closed_has_no_lower_limit_where_nothing_was_left():
    low, high = gap_closed(10, 10, 12, 12, alpha=ALPHA)
    assert (low, high) == (-np.inf, 1)


@pytest.mark.parametrize("method", METHODS)
def test_tables_of_many_shapes_are_bounded_at_once(method):
    k1, k2 = np.array([[0], [3], [9]]), np.array([0, 5, 11])
    low, high = difference_interval(k1, 9, k2, 11, method=method, alpha=ALPHA)
    assert low.shape == high.shape == (3, 3)
    one_low, one_high = difference_interval(3, 9, 5, 11, method=method, alpha=ALPHA)
    assert (low[1, 1], high[1, 1]) == pytest.approx((float(one_low), float(one_high)), abs=SOLVED)
