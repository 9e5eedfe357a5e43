"""Counts that are known: what every comparison of them must keep to.

SAME: one number by two ways in double precision; the limits come from searches that stop at 1e-13.
BOSCHLOO: the largest p over the common chance is searched for, to about six digits.
"""

from __future__ import annotations

from dataclasses import asdict
from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commune_pilots.effects.counts import adjust, compare_counts, e_value
from commune_pilots.effects.exact import upper_tail

SAME = 1e-9
BOSCHLOO = 1e-4
TESTS = ("fisher_central", "fisher_mid_p", "fisher_minlike")
LIMITED = ("risk_ratio", "odds_ratio", "gap_closed")


@st.composite
def pairs(draw, most=12):
    n1, n2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


def _same(found, expected, tolerance=SAME):
    """Compare two numbers, either of which may be undefined."""
    if found is None or expected is None:
        return found is None and expected is None
    return found == pytest.approx(expected, rel=tolerance, abs=tolerance)


def _inverse(number):
    """Turn a ratio round; that of 0 has no number, and no number is that of 0 here."""
    return None if not number else 1 / number


# ---- one pair of counts -------------------------------------------------------------------------


@settings(max_examples=15)
@given(pairs())
def test_exchanging_the_periods_turns_every_measure_round(pair):
    k1, n1, k2, n2 = pair
    there, back = (compare_counts(*x, alpha=0.1) for x in (pair, (k2, n2, k1, n1)))
    assert _same(there.difference, -back.difference)
    assert _same(there.newcombe_low, -back.newcombe_high)
    assert _same(there.miettinen_nurminen_low, -back.miettinen_nurminen_high)
    assert _same(there.cohen_h, -back.cohen_h)
    assert all(_same(getattr(there, name), getattr(back, name)) for name in TESTS)
    assert _same(there.boschloo, back.boschloo, BOSCHLOO)
    if there.risk_ratio and back.risk_ratio:
        assert _same(there.risk_ratio, 1 / back.risk_ratio)
        assert _same(there.e_value, back.e_value)
    for end, other in (("low", "high"), ("high", "low")):
        one, two = getattr(there, f"odds_ratio_{end}"), getattr(back, f"odds_ratio_{other}")
        assert _same(_inverse(one), two or None)
    assert _same(there.rosenbaum_gamma, back.rosenbaum_gamma)


@settings(max_examples=15)
@given(pairs())
def test_counting_what_is_left_turns_the_difference_and_the_odds_ratio_round(pair):
    k1, n1, k2, n2 = pair
    there = compare_counts(*pair, alpha=0.05)
    left = compare_counts(n1 - k1, n1, n2 - k2, n2, alpha=0.05)
    assert _same(there.difference, -left.difference)
    assert _same(there.cohen_h, -left.cohen_h)
    assert _same(_inverse(there.odds_ratio), left.odds_ratio or None)
    assert all(_same(getattr(there, name), getattr(left, name)) for name in TESTS)
    if left.risk_ratio is not None:
        assert _same(there.gap_closed, 100 * (1 - left.risk_ratio))
        assert _same(there.gap_closed_low, 100 * (1 - left.risk_ratio_high))


@settings(max_examples=15)
@given(pairs())
def test_one_more_dossier_online_later_lowers_no_measure(pair):
    k1, n1, k2, n2 = pair
    assume(k2 < n2)
    fewer, more = (compare_counts(k1, n1, k, n2, alpha=0.05) for k in (k2, k2 + 1))
    names = ["difference", "newcombe_low", "newcombe_high", "cohen_h"]
    names += ["miettinen_nurminen_low", "miettinen_nurminen_high"]
    names += [f"{name}{end}" for name in LIMITED for end in ("", "_low", "_high")]
    for name in names:
        one, two = getattr(fewer, name), getattr(more, name)
        if one is not None and two is not None:
            assert one <= two + SAME * max(1, abs(two)), name


@settings(max_examples=15)
@given(pairs())
def test_every_number_is_finite_and_every_estimate_lies_within_its_limits(pair):
    found = asdict(compare_counts(*pair, alpha=0.05))
    assert all(isfinite(value) for value in found.values() if value is not None)
    for name in LIMITED:
        low, middle, high = (found[f"{name}{end}"] for end in ("_low", "", "_high"))
        known = [value for value in (low, middle, high) if value is not None]
        assert known == sorted(known)
    for name in ("newcombe", "miettinen_nurminen"):
        assert found[f"{name}_low"] <= found["difference"] + SAME
        assert found[f"{name}_high"] >= found["difference"] - SAME
    assert found["boschloo"] <= found["fisher_central"] + BOSCHLOO
    assert found["fisher_mid_p"] <= found["fisher_central"] + SAME


@settings(max_examples=15)
@given(pairs(), st.sampled_from([0.01, 0.05, 0.2]))
def test_the_hidden_factor_is_sized_only_where_the_one_sided_p_is_below_alpha(pair, alpha):
    k1, n1, k2, n2 = pair
    tail = float(min(upper_tail(k1, n1, k2, n2), upper_tail(k2, n2, k1, n1)))
    assume(abs(tail - alpha) > SAME)
    found = compare_counts(*pair, alpha=alpha)
    assert (found.rosenbaum_gamma is not None) == (tail < alpha)
    assert found.rosenbaum_gamma is None or found.rosenbaum_gamma > 1


@settings(max_examples=15)
@given(pairs())
def test_the_exact_limits_leave_out_1_where_the_central_p_is_below_alpha(pair):
    found = compare_counts(*pair, alpha=0.2)
    assume(abs(found.fisher_central - 0.2) > SAME)
    low, high = found.odds_ratio_low or 0, found.odds_ratio_high or np.inf
    assert (found.fisher_central < 0.2) == (low > 1 or high < 1)


@pytest.mark.parametrize(
    ("pair", "undefined"),
    [
        ((0, 5, 0, 7), "risk_ratio risk_ratio_low risk_ratio_high odds_ratio odds_ratio_low "
                       "odds_ratio_high e_value e_value_limit rosenbaum_gamma"),
        ((5, 5, 7, 7), "odds_ratio odds_ratio_low odds_ratio_high gap_closed gap_closed_low "
                       "gap_closed_high rosenbaum_gamma"),
        ((0, 5, 7, 7), "risk_ratio risk_ratio_high odds_ratio odds_ratio_high e_value"),
        ((0, 5, 2, 7), "risk_ratio risk_ratio_high odds_ratio odds_ratio_high e_value "
                       "rosenbaum_gamma"),
        ((5, 5, 0, 7), "gap_closed gap_closed_low gap_closed_high e_value"),
        ((2, 5, 3, 7), "rosenbaum_gamma"),
    ],
)  # fmt: skip
def test_what_is_undefined_or_infinite_is_none_and_nothing_else_is(pair, undefined):
    found = asdict(compare_counts(*pair, alpha=0.05))
    assert {name for name, value in found.items() if value is None} == set(undefined.split())


def test_a_risk_ratio_of_nothing_after_something_is_0_and_not_undefined():
    found = compare_counts(5, 5, 0, 7, alpha=0.05)
    assert (found.risk_ratio, found.odds_ratio, found.odds_ratio_low) == (0, 0, 0)


def test_the_e_value_of_the_limit_is_1_where_the_limits_contain_1():
    found = compare_counts(5, 20, 8, 20, alpha=0.05)
    assert found.risk_ratio_low < 1 < found.risk_ratio_high
    assert found.e_value_limit == 1 < found.e_value


@pytest.mark.parametrize("pair", [(5, 40, 30, 40), (30, 40, 5, 40)])
def test_the_e_value_of_the_limit_is_that_of_the_limit_nearer_to_1(pair):
    found = compare_counts(*pair, alpha=0.05)
    nearer = found.risk_ratio_low if found.risk_ratio > 1 else found.risk_ratio_high
    assert found.e_value_limit == e_value(nearer) < found.e_value


def test_a_table_too_large_for_boschloos_test_goes_without():
    found = compare_counts(90, 320, 120, 320, alpha=0.05)
    assert found.boschloo is None
    assert found.fisher_central < 0.05


def test_half_a_million_dossiers_are_compared_as_well():
    found = compare_counts(75_000, 250_000, 76_000, 250_000, alpha=0.05)
    assert 1 < found.odds_ratio_low < found.odds_ratio < found.odds_ratio_high
    assert found.odds_ratio == pytest.approx(76 * 175 / (75 * 174), rel=1e-5)


def test_a_change_beyond_all_doubt_keeps_its_p_values():
    found = compare_counts(20, 2000, 1980, 2000, alpha=0.05)
    assert all(0 <= getattr(found, name) < 1e-300 for name in TESTS)
    assert found.odds_ratio == pytest.approx(99**2, rel=0.05)  # conditional beside sample


def test_counts_from_an_array_become_plain_whole_numbers():
    found = compare_counts(*np.array([2, 9, 4, 6]), alpha=0.05)
    assert (found.k1, found.n1, found.k2, found.n2) == (2, 9, 4, 6)
    assert {type(value) for value in (found.k1, found.n2)} == {int}
    assert found == compare_counts(2, 9, 4, 6, alpha=0.05)


@pytest.mark.parametrize("pair", [(3, 2), (-1, 5), (0, 0), (1.5, 5), (1, 5.5), (nan, 5), (1, nan)])
def test_an_impossible_count_is_refused_with_its_place(pair):
    with pytest.raises(ValueError, match=r"^before: .* is not a count; give whole numbers"):
        compare_counts(*pair, 1, 2, alpha=0.05)
    with pytest.raises(ValueError, match=r"^after: .* is not a count; give whole numbers"):
        compare_counts(1, 2, *pair, alpha=0.05)


@pytest.mark.parametrize("alpha", [0, 1, -0.1, nan])
def test_an_alpha_outside_0_to_1_is_refused(alpha):
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare_counts(1, 2, 1, 2, alpha=alpha)


# ---- E-values -----------------------------------------------------------------------------------


@given(ratio=st.floats(min_value=0.001, max_value=1000))
def test_two_ties_as_strong_as_the_e_value_make_exactly_the_ratio(ratio):
    strength = e_value(ratio)
    made = strength**2 / (2 * strength - 1)  # the largest bias of two ties of equal strength
    assert made == pytest.approx(max(ratio, 1 / ratio), rel=SAME)


@given(ratio=st.floats(min_value=0.001, max_value=1000))
def test_a_ratio_and_its_inverse_need_the_same_factor(ratio):
    assert e_value(ratio) == pytest.approx(e_value(1 / ratio), rel=SAME)


@pytest.mark.parametrize(("ratio", "factor"), [(1, 1), (0, inf), (inf, inf)])
def test_no_change_needs_no_factor_and_an_endless_ratio_an_endless_one(ratio, factor):
    assert e_value(ratio) == factor


@pytest.mark.parametrize("ratio", [-1, nan])
def test_what_is_not_a_risk_ratio_has_no_e_value(ratio):
    with pytest.raises(ValueError, match="is not a risk ratio"):
        e_value(ratio)


# ---- several p-values ---------------------------------------------------------------------------


@settings(max_examples=15)
@given(st.dictionaries(st.sampled_from("hgfedcba"), st.floats(0, 1)))
def test_adjusted_p_values_keep_names_and_order_and_are_never_smaller(p_values):
    holm = adjust(p_values, method="holm")
    hochberg = adjust(p_values, method="benjamini_hochberg")
    assert list(holm) == list(hochberg) == list(p_values)
    for name, p in p_values.items():
        assert p - SAME <= hochberg[name] <= holm[name] + SAME
        assert holm[name] <= 1


def test_one_p_value_alone_stays_as_it_is():
    assert adjust({"a": 0.03}, method="holm") == {"a": 0.03}


@pytest.mark.parametrize("p", [-0.01, 1.01, nan])
def test_a_number_that_is_no_p_value_is_refused_by_name(p):
    with pytest.raises(ValueError, match=r"^b: .* is not a p-value"):
        adjust({"a": 0.5, "b": p}, method="holm")
