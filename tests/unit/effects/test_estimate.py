"""Numbers with their intervals. SAME: one number by two ways in double precision."""

from __future__ import annotations

from math import inf, isnan, nan

import pytest
from scipy import stats

from commune_pilots.effects.estimate import as_effect, by_ratio, by_t
from commune_pilots.effects.result import effects_table

SAME = 1e-10


def _ratio(top, bottom, *, variances=(1.0, 1.0), covariance=0.0, df=20):
    return by_ratio(top, bottom, variances=variances, covariance=covariance, df=df, alpha=0.05)


def test_interval_and_p_value_are_those_of_students_t():
    found = by_t(3.0, 1.5, df=7, alpha=0.1)
    low, high = stats.t.interval(0.9, 7, loc=3.0, scale=1.5)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), rel=SAME)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.0, 7), rel=SAME)


@pytest.mark.parametrize(("error", "df"), [(0.0, 5), (nan, 5), (1.0, 0), (1.0, -1)])
def test_without_scatter_or_freedom_the_number_stands_alone(error, df):
    found = by_t(3.0, error, df=df, alpha=0.05)
    assert found.estimate == 3.0
    assert all(isnan(one) for one in (found.conf_low, found.conf_high, found.p_value))


def test_the_ends_of_a_ratio_are_where_the_difference_is_just_significant():
    found = _ratio(6.0, 10.0, variances=(1.0, 2.0), covariance=0.4)
    t = stats.t.ppf(0.975, 20)
    for end in (found.conf_low, found.conf_high):
        spread = (1.0 - 2 * end * 0.4 + end**2 * 2.0) ** 0.5
        assert abs(6.0 - end * 10.0) / spread == pytest.approx(t, rel=SAME)
    assert found.conf_low < found.estimate == 0.6 < found.conf_high


@pytest.mark.parametrize("bottom", [1.0, -1.0, 0.0])
def test_a_ratio_over_what_could_be_nothing_is_unbounded(bottom):
    found = _ratio(6.0, bottom)
    assert (found.conf_low, found.conf_high) == (-inf, inf)
    assert isnan(found.p_value)


def test_an_exact_bottom_leaves_the_interval_of_the_top():
    found, top = _ratio(6.0, 2.0, variances=(1.0, 0.0)), by_t(6.0, 1.0, df=20, alpha=0.05)
    assert found.conf_low == pytest.approx(top.conf_low / 2, rel=SAME)
    assert found.conf_high == pytest.approx(top.conf_high / 2, rel=SAME)
    assert found.p_value == pytest.approx(top.p_value, rel=SAME)


def test_an_estimate_is_a_row_of_the_table_of_effects():
    words = {"estimand": "level", "method": "its", "assumptions": ("A14",)}
    told, untold = (
        as_effect(by_t(2.0, error, df=9, alpha=0.05), n_treated=30, n_comparison=0, **words)
        for error in (1.0, 0.0)
    )
    table = effects_table([told, untold])
    assert table["estimate"].tolist() == [2.0, 2.0]
    assert table["refused"].isna().tolist() == [True, False]
    assert table.loc[0, "conf_low"] == told.conf_low
