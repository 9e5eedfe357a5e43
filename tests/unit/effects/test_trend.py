"""A trend of monthly shares: what it may be fitted to, what it goes on to.

SAME: one number by two ways in double precision; a fit stops at 1e-12.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from commune_pilots.effects.trend import fit_trend, go_on, quasi_binomial, refusal

SAME = 1e-8
FIRST = 12 * 2020


def _months(count, *, first=FIRST):
    return np.arange(first, first + count)


def _counts(shares, *, n=100_000):
    """Draw counts without chance: shares of so many dossiers, to the nearest whole."""
    totals = np.full(len(shares), float(n))
    return np.round(np.asarray(shares) * n), totals


def _fitted(count, *, slope=0.1, season=0.0, n=100_000):
    months = _months(count)
    k, totals = _counts(_truth(months, slope=slope, season=season), n=n)
    return fit_trend(months, k, totals)


def _truth(months, *, slope=0.1, season=0.0):
    since = (months - FIRST) / 12
    return expit(logit(0.3) + slope * since + season * np.sin(2 * np.pi * months / 12))


# What is refused


def test_a_year_of_months_and_enough_dossiers_are_accepted():
    assert refusal(_months(12), *_counts([0.3] * 12, n=50)) is None


def test_fewer_than_twelve_months_are_refused_however_many_dossiers():
    assert refusal(_months(11), *_counts([0.3] * 11)) == "too_few_months"
    assert refusal(_months(0), np.array([]), np.array([])) == "too_few_months"


@pytest.mark.parametrize("turned", [False, True])
def test_ten_dossiers_a_coefficient_are_needed_on_either_side(turned):
    n = np.full(12, 100.0)
    for filed, answer in ((20, None), (19, "too_few_dossiers")):
        k = np.array([filed] + [0] * 11, dtype=float)
        assert refusal(_months(12), n - k if turned else k, n) == answer


def test_a_season_doubles_the_dossiers_needed():
    months, n = _months(24), np.full(24, 100.0)
    for filed, answer in ((40, None), (39, "too_few_dossiers")):
        assert refusal(months, np.array([filed] + [0] * 23, dtype=float), n) == answer


# What is fitted


def test_a_trend_without_chance_is_found_again():
    trend = _fitted(12, slope=0.4)
    assert trend.fit.coefficients[1] == pytest.approx(0.4, abs=1e-3)
    assert (trend.season, trend.residual_df) == (False, 10)


@pytest.mark.parametrize(("count", "season"), [(12, False), (23, False), (24, True), (36, True)])
def test_a_season_enters_once_each_calendar_month_is_there_twice(count, season):
    trend = _fitted(count, season=0.3)
    assert trend.season is season
    assert trend.residual_df == count - (4 if season else 2)


def test_a_season_is_found_again():
    trend = _fitted(24, slope=0.2, season=0.3)
    assert trend.fit.coefficients[1:] == pytest.approx([0.2, 0.3, 0.0], abs=1e-3)


def test_two_years_with_a_hole_have_no_season():
    months = np.delete(_months(24), 5)
    k, n = _counts(_truth(months))
    assert not fit_trend(months, k, n).season


def test_months_that_print_exactly_the_trend_have_no_dispersion():
    assert _fitted(12).fit.dispersion == pytest.approx(0, abs=1e-3)


def test_dispersion_is_pearsons_statistic_over_what_is_left():
    months, n = _months(14), np.full(14, 60.0)
    k = np.array([9, 21, 8, 11, 24, 10, 13, 12, 4, 25, 11, 16, 12, 10], dtype=float)
    trend = fit_trend(months, k, n)
    p = trend.fit.fitted
    assert trend.fit.dispersion == pytest.approx(
        ((k - n * p) ** 2 / (n * p * (1 - p))).sum() / 12, rel=SAME
    )


def test_residuals_that_turn_each_month_are_correlated_against_and_slow_ones_with():
    turning = np.where(np.arange(12) % 2, 0.35, 0.25)
    slow = np.where(np.arange(12) % 6 < 3, 0.35, 0.25)
    found = [fit_trend(_months(12), *_counts(shares)).autocorrelation for shares in (turning, slow)]
    assert found[0] < -0.8
    assert 0.2 < found[1] < 0.9


def test_only_neighbouring_months_are_correlated():
    months = FIRST + 2 * np.arange(12)
    k, n = _counts(np.where(np.arange(12) % 2, 0.35, 0.25))
    assert np.isnan(fit_trend(months, k, n).autocorrelation)


def test_the_year_that_months_are_counted_from_does_not_matter():
    k, n = _counts(_truth(_months(24), season=0.3) + 0.02 * np.tile([0, 1, 0, -1], 6), n=80)
    bands = []
    for first in (FIRST, FIRST + 120):
        trend = fit_trend(_months(24, first=first), k, n)
        after = _months(6, first=first + 24)
        bands.append(go_on(trend, after, np.full(6, 80.0), alpha=0.05))
    for name in ("expected", "low", "high"):
        assert getattr(bands[0], name) == pytest.approx(getattr(bands[1], name), rel=1e-6)


def test_a_fit_leaves_its_counts_as_they_were():
    k, n = _counts(_truth(_months(12)), n=50)
    before = k.copy(), n.copy()
    quasi_binomial(k, n, np.column_stack([np.ones(12), np.arange(12.0)]))
    assert (k == before[0]).all()
    assert (n == before[1]).all()


# What is gone on with


def test_what_is_expected_is_the_trend_gone_on_with():
    trend, after = _fitted(24, slope=0.4, season=0.3), _months(12, first=FIRST + 24)
    band = go_on(trend, after, np.full(12, 100.0), alpha=0.05)
    assert band.expected == pytest.approx(_truth(after, slope=0.4, season=0.3), abs=1e-3)


def test_the_band_lies_around_what_is_expected_and_within_0_and_1():
    trend = _fitted(12, n=40)
    band = go_on(trend, _months(36, first=FIRST + 12), np.full(36, 5.0), alpha=0.05)
    assert (band.low < band.expected).all()
    assert (band.expected < band.high).all()
    assert band.low.min() >= 0
    assert band.high.max() <= 1


def test_the_band_widens_with_distance_with_fewer_dossiers_and_with_certainty():
    trend, after = _fitted(12, n=100), _months(12, first=FIRST + 12)

    def width(n, alpha):
        band = go_on(trend, after, np.full(12, n), alpha=alpha)
        return band.high - band.low

    assert (np.diff(width(1e9, 0.05)) > 0).all()
    assert (width(50.0, 0.05) > width(500.0, 0.05)).all()
    assert (width(50.0, 0.01) > width(50.0, 0.05)).all()


def test_months_less_scattered_than_chance_have_no_narrower_band_than_by_chance():
    months, n = _months(12), np.full(12, 50.0)
    even = fit_trend(months, np.full(12, 15.0), n)
    band = go_on(even, months[-1:] + 1, n[:1], alpha=0.05)
    assert even.fit.dispersion < 1e-9
    assert band.high[0] - band.low[0] > 2 * 1.96 * np.sqrt(0.3 * 0.7 / 50)


def test_no_filing_at_all_can_lie_inside_where_few_are_expected():
    months, n = _months(12), np.full(12, 60.0)
    rare = fit_trend(months, np.tile([1.0, 2.0, 3.0], 4), n)
    few, many = (
        go_on(rare, months[-1:] + 1, np.array([size]), alpha=0.05).low[0] for size in (30.0, 3000.0)
    )
    assert few == 0
    assert many > 0


@pytest.mark.parametrize("n", [0.0, np.nan])
def test_a_month_without_dossiers_has_no_band_but_is_expected(n):
    band = go_on(_fitted(12), _months(1, first=FIRST + 12), np.array([n]), alpha=0.05)
    assert np.isnan([band.low[0], band.high[0]]).all()
    expected = _truth(_months(1, first=FIRST + 12))
    assert band.expected == pytest.approx(expected, abs=1e-3)
