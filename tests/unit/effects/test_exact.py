"""P-values of single tables against whole numbers and fractions, and the order they keep.

Fisher's tail is P(X >= k2) for a hypergeometric X, so it is a sum of binomial coefficients over one
of them. Boschloo's value is that of R's package Exact 3.3 and of scipy's documentation (golden case
G12: 74 of 117 against 31 of 63, one-sided .0355641).

SUM: the relative error upper_tail states for numbers in the hundreds.
QUADRATURE: the relative error clustered_tail states.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from printed import tables
from scipy.stats import chi2, chi2_contingency

from commune_pilots.effects.exact import (
    boschloo,
    central,
    central_fisher,
    clustered_tail,
    mid_tail,
    minlike_fisher,
    score_chi2,
    score_p,
    upper_tail,
)

SUM = 2e-12
QUADRATURE = 1e-8
CALM = 1 - 1e-9  # two floats that should be ordered may differ in their last digits


def _chances(k1, n1, k2, n2):
    """Give the chance of each count of the second group as a fraction, from its smallest on."""
    successes, total = k1 + k2, n1 + n2
    counts = range(max(0, successes - n1), min(successes, n2) + 1)
    ways = {x: comb(n2, x) * comb(n1, successes - x) for x in counts}
    return {x: Fraction(way, comb(total, successes)) for x, way in ways.items()}


def _exact_tail(k1, n1, k2, n2):
    return sum(p for x, p in _chances(k1, n1, k2, n2).items() if x >= k2)


@given(tables(most=400))
def test_the_tail_is_that_of_exact_arithmetic(drawn):
    assert float(upper_tail(*drawn)) == pytest.approx(float(_exact_tail(*drawn)), rel=SUM)


@given(tables())
def test_the_mid_tail_leaves_out_half_of_the_table_itself(drawn):
    exact = _exact_tail(*drawn) - _chances(*drawn)[drawn[2]] / 2
    assert float(mid_tail(*drawn)) == pytest.approx(float(exact), rel=SUM, abs=1e-14)


@given(tables())
def test_the_central_p_value_is_twice_the_smaller_tail_at_most_1(drawn):
    k1, n1, k2, n2 = drawn
    tails = _exact_tail(*drawn), _exact_tail(n1 - k1, n1, n2 - k2, n2)
    assert central_fisher(*drawn) == pytest.approx(float(min(1, 2 * min(tails))), rel=SUM)


@given(tables())
def test_the_central_p_value_is_the_same_for_a_fall_and_for_what_is_left(drawn):
    k1, n1, k2, n2 = drawn
    p = central_fisher(*drawn)
    assert central_fisher(k2, n2, k1, n1) == pytest.approx(p, rel=SUM)
    assert central_fisher(n1 - k1, n1, n2 - k2, n2) == pytest.approx(p, rel=SUM)


def test_tails_become_p_values_all_at_once():
    assert central(np.array([0.001, 0.4, 0.9])).tolist() == [0.002, 0.8, 1.0]
    assert central(np.array([0.9, 0.4]), np.array([0.2, 0.7])).tolist() == [0.4, 0.8]


@given(tables())
def test_the_minlike_p_value_adds_all_tables_that_are_no_likelier(drawn):
    chances = _chances(*drawn)
    exact = sum(p for p in chances.values() if p <= chances[drawn[2]])
    assert minlike_fisher(*drawn) == pytest.approx(float(exact), rel=SUM)


@pytest.mark.parametrize("counts", [(168, 1000, 981, 1000), (674, 2018, 3407, 3779)])
def test_a_great_rise_among_thousands_of_dossiers_has_a_p_value_next_to_0(counts):
    k1, n1, k2, n2 = counts
    assert 0 <= central_fisher(*counts) < 1e-300
    assert float(upper_tail(k2, n2, k1, n1)) == pytest.approx(1)


def test_boschloo_has_the_published_one_sided_value_twice():
    assert boschloo(31, 63, 74, 117) == pytest.approx(2 * 0.03556406, abs=2e-8)


@settings(max_examples=15)
@given(tables(most=15))
def test_boschloo_is_never_above_twice_fishers_tail(drawn):
    assert boschloo(*drawn) <= min(1, 2 * float(upper_tail(*drawn))) * (1 + 1e-9)


@pytest.mark.parametrize("counts", [(0, 7, 0, 9), (7, 7, 9, 9)])
def test_boschloo_finds_nothing_where_nobody_or_everybody_files_online(counts):
    assert boschloo(*counts) == 1.0


def test_boschloo_is_left_out_for_large_tables():
    assert boschloo(100, 1000, 200, 1000) is None


@given(tables(), st.integers(1, 30), st.integers(1, 30))
def test_the_score_statistic_rises_with_the_dossiers_at_the_same_shares(drawn, more1, more2):
    k1, n1, k2, n2 = drawn
    p1, p2 = k1 / n1, k2 / n2
    assume(p1 < p2)
    fewer = score_chi2(p1, n1, p2, n2)
    assert score_chi2(p1, n1 + more1, p2, n2) > fewer
    assert score_chi2(p1, n1, p2, n2 + more2) > fewer


@given(tables())
def test_the_score_statistic_is_pearsons(drawn):
    k1, n1, k2, n2 = drawn
    assume(0 < k1 + k2 < n1 + n2)
    found = float(score_chi2(k1 / n1, n1, k2 / n2, n2))
    pearson = chi2_contingency([[k1, n1 - k1], [k2, n2 - k2]], correction=False)
    assert found == pytest.approx(pearson.statistic, rel=1e-9, abs=1e-12)
    assert float(score_p(found)) == pytest.approx(chi2.sf(found, 1), rel=1e-12)


@pytest.mark.parametrize("share", [0, 1])
def test_the_score_statistic_of_nobody_or_everybody_is_0(share):
    assert float(score_chi2(share, 30, share, 40)) == 0
    assert float(score_p(0)) == 1


@given(tables(most=400))
def test_without_clustering_the_clustered_tail_is_fishers(drawn):
    found = float(clustered_tail(*drawn, design_effect=1))
    assert found == pytest.approx(float(upper_tail(*drawn)), rel=QUADRATURE)


@pytest.mark.parametrize("counts", [(34_113, 91_366, 1, 1), (63_279, 98_823, 1, 1)])
def test_the_clustered_tail_keeps_its_error_where_one_group_is_far_larger(counts):
    # With one dossier, online, in the second group the tail is the share of all that are online.
    k1, n1, k2, n2 = counts
    found = float(clustered_tail(*counts, design_effect=1))
    assert found == pytest.approx((k1 + k2) / (n1 + n2), rel=QUADRATURE)


def test_the_clustered_tail_of_a_fall_among_many_dossiers_is_next_to_1():
    assert float(clustered_tail(812_839, 820_340, 257_457, 455_287, design_effect=1)) > 0.999


@given(tables(most=300), st.floats(1, 50), st.floats(1, 5))
def test_the_clustered_tail_rises_with_the_design_effect_below_one_half(drawn, effect, times):
    less = float(clustered_tail(*drawn, design_effect=effect))
    assume(less < 1 / 2)
    assert float(clustered_tail(*drawn, design_effect=effect * times)) >= less * CALM


@given(tables(), st.floats(0.1, 8), st.floats(1, 20))
def test_the_clustered_tail_speaks_for_chance_with_k1_and_f2_and_against_it_with_the_others(
    drawn, step, effect
):
    k1, n1, k2, n2 = drawn

    def tail(*counts):
        return float(clustered_tail(*counts, design_effect=effect))

    same = tail(*drawn)
    assert tail(k1 + step, n1 + step, k2, n2) >= same * CALM
    assert tail(k1, n1, k2, n2 + step) >= same * CALM
    assert tail(k1, n1 + step, k2, n2) * CALM <= same
    assert tail(k1, n1, k2 + step, n2 + step) * CALM <= same


@pytest.mark.parametrize(
    "tail", [upper_tail, mid_tail, lambda *counts: clustered_tail(*counts, design_effect=2.5)]
)
def test_tables_of_many_shapes_are_computed_at_once(tail):
    k1 = np.array([[1], [2], [3]])
    k2 = np.array([4, 5, 6, 7])
    found = tail(k1, 9, k2, 11)
    assert found.shape == (3, 4)
    one_by_one = [[float(tail(a, 9, b, 11)) for b in k2] for a in k1[:, 0]]
    assert found == pytest.approx(np.array(one_by_one), rel=1e-12)
    assert tail(1, 9, 4, 11).shape == ()
