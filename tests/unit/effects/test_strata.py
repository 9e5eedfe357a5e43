"""Strata and sub-periods that are pooled: what every pooling of them must keep to.

SAME: one number by two ways in double precision; a fit stops at 1e-12.
"""

from __future__ import annotations

from dataclasses import asdict
from math import nan

import numpy as np
import pandas as pd
import pytest
from drawn import table

from commune_pilots.effects.strata import mantel_haenszel, overdispersed
from commune_pilots.errors import ClaimError

SAME = 1e-9
MONTHS = """
    period    k    n  after
    2022-01  12   60      0
    2022-02  30  100      0
    2022-03  18   80      0
    2022-04  40   90      1
    2022-05  25   70      1
    2022-06  66  110      1
"""
STRATA = """
    stratum  k1   n1  k2   n2
    land      4   40  12   45
    civil    30  100  55  120
    licence  10   25   9   15
"""


# ---- strata -------------------------------------------------------------------------------------


def test_strata_without_both_outcomes_change_nothing():
    alone = mantel_haenszel(table(STRATA), alpha=0.05)
    more = table(STRATA + "    none  0 5  0 9\n    all  7 7  4 4\n")
    both = mantel_haenszel(more, alpha=0.05)
    assert (alone.strata, alone.informative) == (3, 3)
    assert (both.strata, both.informative) == (5, 3)
    assert {**asdict(both), "strata": 3} == asdict(alone)


def test_exchanging_the_periods_inverts_the_common_odds_ratio():
    drawn = table(STRATA)
    there = mantel_haenszel(drawn, alpha=0.05)
    turned = drawn.rename(columns={"k1": "k2", "k2": "k1", "n1": "n2", "n2": "n1"})
    back = mantel_haenszel(turned, alpha=0.05)
    assert there.odds_ratio == pytest.approx(1 / back.odds_ratio, rel=SAME)
    assert there.odds_ratio_low == pytest.approx(1 / back.odds_ratio_high, rel=SAME)
    for name in ("x2", "p", "breslow_day", "breslow_day_p"):
        assert getattr(there, name) == pytest.approx(getattr(back, name), rel=SAME), name


def test_strata_that_pool_to_an_odds_ratio_of_1_still_have_a_breslow_day_statistic():
    """Fitted values are 10 in each cell, so the statistic is twice 5 squared times 4 tenths."""
    drawn = table("stratum k1 n1 k2 n2\n a 5 20 15 20\n b 15 20 5 20")
    found = mantel_haenszel(drawn, alpha=0.05)
    assert found.odds_ratio == pytest.approx(1, rel=1e-15)
    assert found.breslow_day == pytest.approx(2 * 5**2 * 0.4, rel=1e-12)
    assert found.x2 == pytest.approx(0, abs=1e-12)


def test_strata_that_pool_close_to_1_have_nearly_the_statistic_they_have_at_1():
    """A stratum a billion dossiers large moves the ratio off 1 in the tenth digit only."""
    drawn = table("stratum k1 n1 k2 n2\n a 5 20 15 20\n b 15 20 5 20\n c 500000001 1000000000 "
                  "500000000 1000000000")  # fmt: skip
    found = mantel_haenszel(drawn, alpha=0.05)
    assert 0 < abs(found.odds_ratio - 1) < 1e-8
    assert found.breslow_day == pytest.approx(20, rel=1e-6)


@pytest.mark.parametrize(
    ("rows", "odds_ratio", "tested"),
    [("a 0 5 0 7", None, False), ("a 0 5 3 7", None, True), ("a 3 5 0 7", 0, True)],
)
def test_a_common_odds_ratio_that_cannot_be_known_is_none(rows, odds_ratio, tested):
    found = mantel_haenszel(table("stratum k1 n1 k2 n2\n" + rows), alpha=0.05)
    assert found.odds_ratio == odds_ratio
    assert (found.odds_ratio_low, found.odds_ratio_high, found.breslow_day) == (None, None, None)
    assert (found.x2 is not None) == (found.p is not None) == tested


def test_a_tiny_p_value_of_strata_is_not_cut_to_0():
    drawn = table("stratum k1 n1 k2 n2\n a 100 1000 500 1000\n b 200 1000 700 1000")
    assert 0 < mantel_haenszel(drawn, alpha=0.05).p < 1e-100


def test_strata_under_two_definitions_are_refused():
    drawn = table(STRATA).assign(definition=["strict", "assisted", "strict"])
    with pytest.raises(ClaimError, match="assisted, strict"):
        mantel_haenszel(drawn, alpha=0.05)
    with pytest.raises(ClaimError, match="not stated, strict"):
        mantel_haenszel(drawn.assign(definition=["strict", None, "strict"]), alpha=0.05)
    same = mantel_haenszel(drawn.assign(definition="strict"), alpha=0.05)
    assert same == mantel_haenszel(table(STRATA), alpha=0.05)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.drop(columns="n1"), "missing columns: n1"),
        (lambda t: t.iloc[:0], "one row for each stratum"),
        (lambda t: t.assign(stratum="land"), "one row for each stratum"),
        (lambda t: t.assign(k2=99), "stratum land: 99 of 45 is not a count"),
        (lambda t: t.assign(n1=pd.array([40, None, 25], dtype="Int64")), "stratum civil: 30 of"),
    ],
)
def test_strata_that_cannot_be_pooled_are_refused(spoil, message):
    with pytest.raises(ValueError, match=message):
        mantel_haenszel(spoil(table(STRATA)), alpha=0.05)


# ---- sub-periods --------------------------------------------------------------------------------


def _months(*rows):
    """Make sub-periods 1, 2, ... from (k, n, after)."""
    frame = pd.DataFrame(rows, columns=["k", "n", "after"])
    return frame.assign(period=range(1, len(rows) + 1))


def test_the_odds_ratio_of_sub_periods_is_that_of_their_totals():
    found = overdispersed(table(MONTHS), alpha=0.05)
    assert found.odds_ratio == pytest.approx((131 * 180) / (60 * 139), rel=SAME)
    assert (found.periods_before, found.periods_after, found.residual_df) == (3, 3, 4)
    assert found.odds_ratio_low < found.odds_ratio < found.odds_ratio_high


def test_the_order_of_rows_does_not_matter():
    drawn = table(MONTHS)
    one, two = (overdispersed(frame, alpha=0.05) for frame in (drawn, drawn.iloc[::-1]))
    assert asdict(one) == pytest.approx(asdict(two), rel=SAME)


def test_limits_leave_out_1_where_p_is_below_alpha():
    p = overdispersed(table(MONTHS), alpha=0.05).p
    assert overdispersed(table(MONTHS), alpha=p * 1.001).odds_ratio_low > 1
    assert overdispersed(table(MONTHS), alpha=p * 0.999).odds_ratio_low < 1


def test_more_scatter_around_the_same_totals_widens_the_limits_and_not_the_estimate():
    calm = _months((18, 60, 0), (22, 60, 0), (33, 60, 1), (27, 60, 1))
    wild = _months((4, 60, 0), (36, 60, 0), (48, 60, 1), (12, 60, 1))
    one, two = (overdispersed(frame, alpha=0.05) for frame in (calm, wild))
    assert one.odds_ratio == pytest.approx(two.odds_ratio, rel=SAME)
    assert one.dispersion < 1 < two.dispersion == two.design_effect
    assert two.odds_ratio_high > one.odds_ratio_high


def test_a_dispersion_below_1_is_shown_and_not_credited():
    equal = overdispersed(_months((2, 10, 0), (4, 20, 0), (5, 10, 1), (10, 20, 1)), alpha=0.05)
    assert equal.dispersion == pytest.approx(0, abs=SAME)
    assert equal.design_effect == 1
    assert equal.odds_ratio == pytest.approx(4, rel=SAME)
    reach = 4.302652729749464 * np.sqrt(1 / 6 + 1 / 24 + 1 / 15 + 1 / 15)  # t with 2 degrees
    assert equal.odds_ratio_high == pytest.approx(4 * np.exp(reach), rel=SAME)


@pytest.mark.parametrize(
    "frame",
    [
        _months((2, 10, 0), (4, 20, 0), (5, 10, 1)),
        _months((2, 10, 0), (4, 20, 1), (5, 10, 1), (3, 10, 1)),
        _months((2, 10, 0), (4, 20, 0), (5, 10, 0), (3, 10, 0)),
        _months((0, 10, 0), (0, 20, 0), (5, 10, 1), (3, 10, 1)),
        _months((2, 10, 0), (4, 20, 0), (10, 10, 1), (9, 9, 1)),
        _months(),
    ],
)
def test_scatter_that_cannot_be_known_is_said_so(frame):
    with pytest.raises(ValueError, match="cannot be known"):
        overdispersed(frame, alpha=0.05)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.drop(columns=["k", "after"]), "missing columns: k, after"),
        (lambda t: t.assign(n=0), "period 2022-01: 12 of 0 is not a count"),
        (lambda t: t.assign(after="no"), "True or False"),
        (lambda t: t.assign(after=[True, False] * 3), "before and 2022-01 after"),
        (lambda t: t.assign(period="2022-01"), "one row for each sub-period"),
        (lambda t: t.assign(period=[None, *"bcdef"]), "each with its period"),
    ],
)
def test_sub_periods_out_of_order_are_refused(spoil, message):
    with pytest.raises(ValueError, match=message):
        overdispersed(spoil(table(MONTHS)), alpha=0.05)


# ---- both ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0, 1, -0.1, nan])
def test_an_alpha_outside_0_to_1_is_refused(alpha):
    with pytest.raises(ValueError, match="between 0 and 1"):
        mantel_haenszel(table(STRATA), alpha=alpha)
    with pytest.raises(ValueError, match="between 0 and 1"):
        overdispersed(table(MONTHS), alpha=alpha)


def test_tables_handed_in_are_not_changed():
    strata, months = table(STRATA).assign(definition="strict"), table(MONTHS)
    kept = strata.copy(deep=True), months.copy(deep=True)
    mantel_haenszel(strata, alpha=0.05)
    overdispersed(months, alpha=0.05)
    pd.testing.assert_frame_equal(strata, kept[0])
    pd.testing.assert_frame_equal(months, kept[1])
