"""Other tests and intervals over all admissible pairs, beside Fisher's.

What they give for the five pairs of the press stands in tests/reference/test_published_pairs.py.
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from printed import ROUNDINGS, admitted, figures, side, sides

from commune_pilots.effects.beside import (
    TestMethod,
    other_tests,
    score_design_effect,
    widest_interval,
)
from commune_pilots.effects.exact import central, mid_tail, minlike_fisher, score_chi2, score_p
from commune_pilots.effects.intervals import difference_interval
from commune_pilots.effects.worst_case import smallest, worst_case
from commune_pilots.vocabulary import DifferenceMethod

ALPHA = 0.05
CALM = 1 - 1e-9
FLOORS = st.sampled_from([1, 3, 30])
TESTS = get_args(TestMethod)


def _others(pair, methods=TESTS, alpha=ALPHA):
    found = other_tests(*pair, worst_case(*pair), alpha=alpha, methods=methods)
    return {one.method: one for one in found}


def _pairs(pair, more):
    """Draw up every admissible pair of the first numbers: k1, n1 in rows, k2, n2 in columns."""
    one, two = (np.array(admitted(end, most=smallest(end) + more)).T for end in pair)
    return one[0][:, None], one[1][:, None], two[0], two[1]


@st.composite
def _rises(draw):
    low = draw(figures(decimals=1, low=0, high=40))
    return low, draw(figures(decimals=1, low=int(float(low)) + 50, high=100))


@settings(max_examples=12)
@given(_rises(), st.sampled_from(ROUNDINGS), FLOORS)
def test_no_admissible_pair_has_a_larger_score_p_value(printed, rounding, least):
    pair = sides(*printed, rounding, least=least)
    found = _others(pair, methods=("score",))["score"]
    k1, n1, k2, n2 = _pairs(pair, more=60)
    largest = float(score_p(score_chi2(k1 / n1, n1, k2 / n2, n2)).max())
    assert not found.certified or found.p >= largest * CALM


@settings(max_examples=8)
@given(_rises(), st.sampled_from(ROUNDINGS))
def test_no_admissible_pair_has_a_larger_mid_p_value(printed, rounding):
    pair = sides(*printed, rounding, least=30)
    found = _others(pair, methods=("mid_p",))["mid_p"]
    largest = float(central(mid_tail(*_pairs(pair, more=60))).max())
    assert not found.certified or found.p >= largest * CALM


def test_the_score_p_value_of_a_press_pair_is_certified():
    assert _others(sides("0.1", "10.7"), methods=("score",))["score"].certified


def test_each_test_has_its_value_at_the_pair_it_names():
    pair = sides("30", "62", "any", least=9)
    for one in _others(pair).values():
        k1, n1, k2, n2 = one.k1, one.n1, one.k2, one.n2
        assert k1 in pair[0].interval.counts(n1)
        assert k2 in pair[1].interval.counts(n2)
        if one.method == "score":
            assert one.p == pytest.approx(float(score_p(score_chi2(k1 / n1, n1, k2 / n2, n2))))
        if one.method == "mid_p":
            assert one.p == pytest.approx(float(central(mid_tail(k1, n1, k2, n2))))
        if one.method == "minlike":
            assert one.p == pytest.approx(minlike_fisher(k1, n1, k2, n2))


@pytest.mark.parametrize(("printed", "least"), [((">40", ">50"), 10), (("60", "60"), 100)])
def test_the_score_test_too_is_at_1_where_both_figures_may_be_the_same_share(printed, least):
    assert _others(sides(*printed, least=least), methods=("score",))["score"].p == pytest.approx(1)
    known = side(printed[0], exactly=100), side(printed[1], exactly=100)
    assert _others(known, methods=("score",))["score"].p == pytest.approx(1)


def test_the_score_test_looks_at_both_sides_of_a_share_that_a_printed_number_jumps_over():
    # 14 of 20 and 22 of 32 are nearly the same share; 7 of 10 is no share of 32.
    pair = side("70", "truncate", least=20), side(">3", exactly=32)
    nearly = float(score_p(score_chi2(14 / 20, 20, 22 / 32, 32)))
    assert _others(pair, methods=("score",))["score"].p >= nearly * CALM
    assert score_design_effect(*pair, alpha=ALPHA) < 1


def test_a_certified_score_p_value_holds_on_both_sides_of_a_printed_number():
    # 8 and 9 of 10 are over 28% and lie on either side of 85%.
    pair = side(">28", exactly=10), side("85", "any")
    found = _others(pair, methods=("score",))["score"]
    assert not found.certified or found.p >= float(score_p(score_chi2(9 / 10, 10, 6 / 7, 7))) * CALM


def test_only_the_tests_asked_for_are_done_in_that_order():
    assert list(_others(sides("30", "62"), methods=("score", "minlike"))) == ["score", "minlike"]


def test_a_fall_has_the_values_of_the_rise_turned_round():
    rise, fall = _others(sides("30", "62", "any")), _others(sides("62", "30", "any"))
    for method in TESTS:
        one, other = rise[method], fall[method]
        assert other.p == pytest.approx(one.p, rel=1e-9)
        assert (other.k2, other.n2, other.k1, other.n1) == (one.k1, one.n1, one.k2, one.n2)
        assert (other.certified, other.at_worst) == (one.certified, one.at_worst)


@pytest.mark.parametrize(("before", "after", "least"), [("30", "62", 9), ("20", "80", 1)])
def test_mid_p_and_boschloo_are_below_fishers_p_value(before, after, least):
    pair = sides(before, after, least=least)
    worst, found = worst_case(*pair), _others(pair)
    assert found["mid_p"].p < worst.p
    assert found["boschloo"].p <= worst.p


def test_boschloo_is_searched_for_only_where_fisher_finds_no_chance():
    decided, hanging = sides("16.8", "98.08"), sides("2.0", "8.3")
    assert not _others(decided, methods=("boschloo",))["boschloo"].at_worst
    found = _others(hanging, methods=("boschloo",))["boschloo"]
    assert found.at_worst
    assert not found.certified
    assert (found.k1, found.n1, found.k2, found.n2) == worst_case(*hanging).table


def test_boschloo_is_missing_where_tables_are_too_large():
    found = _others(sides("10", "20", least=2000), methods=("boschloo", "minlike"))
    assert found["boschloo"].p is None
    assert found["minlike"].p is not None


def test_minlike_stands_at_the_worst_pair_and_is_not_certified():
    pair = sides("37.2", "62.1")
    found = _others(pair, methods=("minlike",))["minlike"]
    assert (found.k1, found.n1, found.k2, found.n2) == worst_case(*pair).table
    assert found.at_worst
    assert not found.certified


@settings(max_examples=10)
@given(_rises(), FLOORS, st.sampled_from([0.05, 0.01]))
def test_the_score_design_effect_brings_the_score_test_to_alpha(printed, least, alpha):
    pair = sides(*printed, least=least)
    worst = _others(pair, methods=("score",))["score"]
    k1, n1, k2, n2 = worst.k1, worst.n1, worst.k2, worst.n2
    clustered = score_chi2(k1 / n1, n1, k2 / n2, n2) / score_design_effect(*pair, alpha=alpha)
    assert float(score_p(clustered)) == pytest.approx(alpha, rel=1e-6)


@settings(max_examples=15)
@given(figures(decimals=2), figures(decimals=2), st.sampled_from(ROUNDINGS), FLOORS)
def test_the_widest_interval_holds_that_of_every_admissible_pair(before, after, rounding, least):
    pair = sides(before, after, rounding, least=least)
    found = widest_interval(*pair, method="newcombe", alpha=ALPHA)
    columns = [_thinned(end) for end in pair]
    (k1, n1), (k2, n2) = columns[0][:, :, None], columns[1]
    low, high = difference_interval(k1, n1, k2, n2, method="newcombe", alpha=ALPHA)
    assert found.outer_low <= low.min() + 1e-12
    assert found.outer_high >= high.max() - 1e-12
    assert found.outer_low <= found.low <= found.high <= found.outer_high
    assert found.certified == ((found.low, found.high) == (found.outer_low, found.outer_high))


def _thinned(end):
    """Draw up the first admissible tables, and some with many more dossiers."""
    start = smallest(end)
    all_tables = admitted(end, most=3 * start + 60)
    return np.array([*all_tables[:60], *all_tables[60 :: max(1, len(all_tables) // 60)]]).T


@pytest.mark.parametrize("method", ["miettinen_nurminen", "mee"])
@pytest.mark.parametrize("printed", [("2.0", "8.3"), ("30", "62"), ("99", "40")])
def test_the_widest_score_interval_holds_those_of_the_first_pairs(method, printed):
    pair = sides(*printed)
    found = widest_interval(*pair, method=method, alpha=ALPHA)
    low, high = difference_interval(*_pairs(pair, more=25), method=method, alpha=ALPHA)
    assert found.low <= low.min() + 1e-9
    assert found.high >= high.max() - 1e-9
    assert not found.certified


@pytest.mark.parametrize("method", get_args(DifferenceMethod))
def test_printed_numbers_of_dossiers_leave_one_interval(method):
    pair = side("16.8", exactly=95), side("98.08", exactly=52)
    found = widest_interval(*pair, method=method, alpha=ALPHA)
    expected = difference_interval(16, 95, 51, 52, method=method, alpha=ALPHA)
    assert (found.low, found.high) == pytest.approx(tuple(map(float, expected)), abs=1e-9)
    assert found.certified


@pytest.mark.parametrize("method", get_args(DifferenceMethod))
def test_the_widest_interval_of_a_fall_is_that_of_the_rise_turned_round(method):
    rise = widest_interval(*sides("2.0", "8.3", "any"), method=method, alpha=ALPHA)
    fall = widest_interval(*sides("8.3", "2.0", "any"), method=method, alpha=ALPHA)
    assert (fall.low, fall.high) == pytest.approx((-rise.high, -rise.low), abs=1e-9)
    assert (fall.outer_low, fall.outer_high) == pytest.approx(
        (-rise.outer_high, -rise.outer_low), abs=1e-9
    )


@pytest.mark.parametrize("rounding", ["half_up", "truncate", "ceil"])
def test_any_way_of_rounding_is_the_widest(rounding):
    one = widest_interval(*sides("2.0", "8.3", rounding), method="newcombe", alpha=ALPHA)
    union = widest_interval(*sides("2.0", "8.3", "any"), method="newcombe", alpha=ALPHA)
    assert union.outer_low <= one.low
    assert union.outer_high >= one.high


@settings(max_examples=6)
@given(_rises(), st.integers(2, 60))
def test_a_floor_never_widens_the_interval(printed, more):
    assume(float(printed[1]) < 100)
    free = widest_interval(*sides(*printed), method="newcombe", alpha=ALPHA)
    floored = widest_interval(*sides(*printed, least=more), method="newcombe", alpha=ALPHA)
    assert floored.low >= free.outer_low - 1e-12
    assert floored.high <= free.outer_high + 1e-12
