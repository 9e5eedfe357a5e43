"""A trend of counts and its band against published numbers and against R.

Sicily: admissions for acute coronary events before and after the smoking ban of January 2005, 59
months (Lopez Bernal, Cummins & Gasparrini 2017, doi 10.1093/ije/dyw098; data and R code of the
authors). They fit rates by quasi-Poisson; with a population ten thousand times as large, which an
intercept takes up, shares are so small that odds are rates and both fits are one.

R 4.2.2: glm(cbind(k, n - k) ~ t + s + c, family = quasibinomial), with t years from the middle, s
and c the sine and cosine of the year; predict(..., se.fit = TRUE) for the months ahead; the band by
qt(.975, 20), the root of se.fit^2 + phi/(n q (1 - q)), and ((n + 1) share - 1/2)/n.

PUBLISHED: what the authors' numbers are told to. SAME: one fit by two programs.
"""

from __future__ import annotations

import numpy as np
import pytest

from commune_pilots.effects.correlated import estimate_of, law_of
from commune_pilots.effects.trend import fit_trend, go_on, quasi_binomial

PUBLISHED, SAME = 1e-5, 1e-8
EVENTS = np.array(
    [
        728, 659, 791, 734, 757, 726, 760, 740, 720, 814, 795, 858, 887, 766, 851, 769, 781, 756,
        766, 752, 765, 831, 879, 928, 914, 808, 937, 840, 916, 828, 845, 818, 860, 839, 887, 886,
        831, 796, 833, 820, 877, 758, 767, 738, 781, 843, 850, 908, 1021, 859, 976, 888, 962, 838,
        810, 876, 843, 936, 912,
    ],
    dtype=float,
)  # fmt: skip
PEOPLE = np.array(
    [
        379875.3, 376495.5, 377040.8, 377116.4, 377383.4, 374113.1, 379513.3, 376295.5, 374653.2,
        378485.6, 375955.5, 378349.7, 376762.4, 379032.3, 379360.4, 376162.0, 377972.4, 381830.7,
        379888.6, 380872.2, 380966.9, 381240.4, 382104.9, 381802.7, 381656.3, 383680.0, 383504.2,
        386462.9, 383783.1, 380836.8, 383483.0, 380906.2, 382926.8, 384052.4, 384449.6, 383428.4,
        388153.2, 388373.2, 386470.1, 386033.2, 383686.4, 385509.3, 385901.9, 386516.6, 388436.5,
        383255.2, 390148.7, 385874.9, 391613.6, 391750.4, 394005.6, 391364.9, 391664.6, 389022.3,
        391878.5, 388575.3, 392989.0, 390018.8, 390712.3,
    ]
)  # fmt: skip
BAN = 36  # months before it
FILED = np.array(
    [9, 21, 8, 11, 24, 10, 13, 12, 4, 25, 11, 16, 12, 10, 24, 17, 13, 25, 6, 18, 26, 14, 19, 27],
    dtype=float,
)
DOSSIERS = np.array(
    [
        50, 61, 44, 52, 58, 49, 60, 55, 47, 63, 51, 59,
        57, 46, 62, 66, 50, 58, 49, 64, 60, 53, 68, 61,
    ],
    dtype=float,
)  # fmt: skip


def _design(*, waves):
    time = np.arange(1, len(EVENTS) + 1)
    angle = 2 * np.pi * (time[:, None] % 12) / 12 * np.arange(1, waves + 1)
    columns = [np.ones(len(time)), time > BAN, np.sin(angle), np.cos(angle), time]
    return np.column_stack(columns).astype(float)


def _sicily(*, waves):
    return quasi_binomial(EVENTS, 1e4 * PEOPLE, _design(waves=waves))


@pytest.mark.parametrize(
    ("waves", "ratio", "low", "high", "dispersion"),
    [
        (0, 0.8943765, 0.839189, 0.9531933, 3.559195),
        (2, 0.8850715, 0.839401, 0.933227, 2.262186),
    ],
)
def test_the_smoking_ban_of_sicily_has_its_published_ratio(waves, ratio, low, high, dispersion):
    fit = _sicily(waves=waves)
    error = np.sqrt(fit.dispersion * fit.covariance[1, 1])
    assert np.exp(fit.coefficients[1]) == pytest.approx(ratio, abs=PUBLISHED)
    assert fit.dispersion == pytest.approx(dispersion, abs=PUBLISHED)
    for end, published in ((-1.96, low), (1.96, high)):
        assert np.exp(fit.coefficients[1] + end * error) == pytest.approx(published, abs=PUBLISHED)


def test_the_smoking_ban_of_sicily_left_the_slope_as_it_was():
    """The authors print p = 0.4279 for a change of slope, by an F test of two fits."""
    design = _design(waves=2)
    since = design[:, 1] * (design[:, -1] - BAN)
    design = np.column_stack([design, since])
    fit = quasi_binomial(EVENTS, 1e4 * PEOPLE, design)
    months = np.arange(len(EVENTS))
    law = law_of(fit, months, EVENTS, 1e4 * PEOPLE, design, errors="independent", lag=12)
    last = np.eye(design.shape[1])[-1]
    found = estimate_of(law, last, at=float(law.middle[-1]), alpha=0.05)
    assert found.p_value == pytest.approx(0.4279, abs=1e-4)


def test_the_trend_of_sicily_beside_its_season_is_the_published_one():
    """6.68% more admissions a year (rate ratio 1.066808)."""
    fit = _sicily(waves=2)
    assert np.exp(12 * fit.coefficients[-1]) == pytest.approx(1.066808, abs=PUBLISHED)


def test_a_seasonal_trend_is_that_of_r():
    trend = fit_trend(np.arange(24), FILED, DOSSIERS)
    assert trend.season
    assert trend.fit.coefficients == pytest.approx(
        [-0.9621282081737, 0.3223132756178, 0.0960176515542, 0.0681818095014], abs=SAME
    )
    assert trend.fit.dispersion == pytest.approx(2.82605825266, abs=SAME)
    assert trend.autocorrelation == pytest.approx(-0.442813129028, abs=SAME)


def test_a_trend_of_fewer_months_is_that_of_r():
    trend = fit_trend(np.arange(14), FILED[:14], DOSSIERS[:14])
    assert not trend.season
    assert trend.fit.coefficients == pytest.approx([-1.112891042457, -0.105989460353], abs=SAME)
    assert trend.fit.dispersion == pytest.approx(2.53290767029, abs=SAME)


def test_what_is_gone_on_to_and_its_band_are_those_of_r():
    trend = fit_trend(np.arange(24), FILED, DOSSIERS)
    band = go_on(trend, np.arange(24, 27), np.array([50.0, 60.0, 70.0]), alpha=0.05)
    middle = np.array([-0.558203403237, -0.492469768222, -0.455421703260])
    assert band.expected == pytest.approx(1 / (1 + np.exp(-middle)), abs=SAME)
    assert band.low == pytest.approx([0.143342599673, 0.159273363503, 0.168656368440], abs=SAME)
    assert band.high == pytest.approx([0.652192764431, 0.656774047137, 0.659576244104], abs=SAME)
