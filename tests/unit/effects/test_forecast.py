"""The months after a start as one number, and how a forecast did before it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from commune_pilots.effects.forecast import backtest, forecast_gap

FIRST = 12 * 2021
MONTHS = FIRST + np.arange(36)
START = FIRST + 24
EXACT = 0.02  # points: shares of so many dossiers, to the nearest whole


def _share(months, *, level=0.6):
    since = (months - FIRST) / 12
    season = 0.2 * np.sin(2 * np.pi * months / 12)
    return expit(logit(0.3) + 0.2 * since + season + level * (months >= START))


def _counts(share, n):
    sizes = np.broadcast_to(np.asarray(n, dtype=float), share.shape)
    return np.round(share * sizes), sizes.copy()


def _noisy(seed=5, spread=0.1, **truth):
    rng = np.random.default_rng(seed)
    n = rng.integers(80, 120, len(MONTHS))
    share = expit(logit(_share(MONTHS, **truth)) + rng.normal(0, spread, len(MONTHS)))
    return rng.binomial(n, share).astype(float), n.astype(float)


def test_the_gap_is_what_is_printed_less_what_would_have_gone_on_by_dossiers():
    n = 1e6 * (1 + np.arange(36) % 5)
    k, n = _counts(_share(MONTHS), n)
    found = forecast_gap(MONTHS, k, n, start=START, alpha=0.05)
    after = MONTHS >= START
    expected = 100 * np.average(_share(MONTHS, level=0.0)[after], weights=n[after])
    assert found.forecast == pytest.approx(expected, abs=EXACT)
    assert found.printed == pytest.approx(100 * k[after].sum() / n[after].sum())
    assert found.gap.estimate == pytest.approx(found.printed - found.forecast)
    assert found.months == 12


def test_months_that_go_on_leave_no_gap_beyond_chance():
    found = forecast_gap(MONTHS, *_noisy(level=0.0), start=START, alpha=0.05)
    assert found.gap.conf_low < 0 < found.gap.conf_high


def test_the_error_is_of_the_fit_and_of_the_months_ahead():
    found = forecast_gap(MONTHS, *_noisy(), start=START, alpha=0.05)
    assert found.gap.std_error == pytest.approx(np.hypot(found.of_fit, found.of_months))
    assert found.of_fit > found.of_months > 0


def test_months_taken_as_independent_make_the_gap_look_surer():
    k, n = _noisy()
    plain, averaged = (
        forecast_gap(MONTHS, k, n, start=START, alpha=0.05, errors=errors).gap.std_error
        for errors in ("independent", "autoregressive")
    )
    assert plain < averaged


def test_nothing_is_forecast_further_ahead_than_the_months_before_reach_back():
    months = FIRST + np.arange(60)
    k, n = _counts(_share(months), 1000)
    assert forecast_gap(months, k, n, start=START, alpha=0.05).months == 24
    with pytest.raises(ValueError, match="no month after"):
        forecast_gap(MONTHS[:24], k[:24], n[:24], start=START, alpha=0.05)


def test_a_forecast_without_chance_holds_every_month_it_is_tested_on():
    found = backtest(MONTHS, *_counts(_share(MONTHS, level=0.0), 1e6), ahead=1, alpha=0.05)
    assert found.held == 1
    assert found.error < found.naive / 2
    assert found.months == 24


def test_each_month_is_forecast_from_those_before_it_only():
    k, n = _noisy(level=0.0)
    spoilt = k.copy()
    spoilt[-1] = n[-1]
    whole, other = (backtest(MONTHS, counts, n, ahead=3, alpha=0.05) for counts in (k, spoilt))
    assert whole.months == other.months == 22
    assert other.held == pytest.approx(whole.held - 1 / 22)
    part = backtest(MONTHS[:-1], k[:-1], n[:-1], ahead=3, alpha=0.05)
    assert part.error * 21 < whole.error * 22


@pytest.mark.parametrize("count", [12, 14])
def test_too_few_months_leave_nothing_to_test_on(count):
    k, n = _noisy()
    assert backtest(MONTHS[:count], k[:count], n[:count], ahead=3, alpha=0.05) is None
