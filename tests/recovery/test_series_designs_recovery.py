"""How often the designs without, or with few, comparison communes find a known truth.

SERIES draws a case of the interrupted series, of a true number of 5% known to 1.1 points; the other
designs fewer. Months have a memory: each month's deviation is `memory` times the one before plus
chance of its own. What misses its promise is asserted as such, so that nobody forgets it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from commune_pilots.effects.dose import dose_slope
from commune_pilots.effects.forecast import forecast_gap
from commune_pilots.effects.interrupted import add_up, interrupt
from commune_pilots.effects.stop import stop_effect
from commune_pilots.effects.synthetic import synthetic_control, synthetic_did
from commune_pilots.effects.weekday import contrast_weekday, displace, whole_weeks
from commune_pilots.simulate.panels import (
    WEDNESDAYS_OPENED,
    campaign_series,
    draw_days,
    holidays,
    pilot_panel,
)

SERIES = 400
SCATTER = 3 * (0.05 * 0.95 / SERIES) ** 0.5
MONTHS, BEFORE = 48, 30
ERRORS = ("autoregressive", "independent", "newey_west")

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def _remember(memory, size, rng):
    noise = rng.normal(size=size)
    for month in range(1, size):
        noise[month] = memory * noise[month - 1] + (1 - memory**2) ** 0.5 * noise[month]
    return noise


@cache
def _series(memory, step):
    """Say of each draw and way of errors: covers the truth, p below 0.05, and the estimate."""
    rng = np.random.default_rng(20230601)
    months = np.arange(MONTHS)
    level = logit(0.3) + 0.1 * months / 12 + 0.2 * np.sin(2 * np.pi * months / 12)
    at = BEFORE + 12
    truth = 100 * float(expit(level[at] + step) - expit(level[at]))
    found = {errors: [] for errors in ERRORS}
    for _ in range(SERIES):
        n = rng.integers(2_000, 4_000, MONTHS)
        shares = expit(level + 0.1 * _remember(memory, MONTHS, rng) + step * (months >= BEFORE))
        k = rng.binomial(n, shares)
        for errors in ERRORS:
            one = interrupt(
                months, k.astype(float), n.astype(float),
                start=BEFORE, horizon=12, alpha=0.05, errors=errors,
            ).at_horizon  # fmt: skip
            covers = one.conf_low <= truth <= one.conf_high
            found[errors].append((covers, one.p_value < 0.05, one.estimate - truth))
    return {errors: np.mean(rows, axis=0) for errors, rows in found.items()}


@pytest.mark.parametrize("memory", [0.0, 0.3, 0.6])
def test_an_interrupted_series_finds_nothing_in_5_of_100_or_fewer_where_nothing_began(memory):
    covered, found, bias = _series(memory, 0.0)["autoregressive"]
    assert found <= 0.05 + SCATTER
    assert covered >= 0.95 - SCATTER
    assert bias == pytest.approx(0, abs=0.6)


@pytest.mark.parametrize("memory", [0.0, 0.3, 0.6])
def test_an_interrupted_series_covers_a_true_step(memory):
    covered, _, bias = _series(memory, 0.5)["autoregressive"]
    assert covered >= 0.95 - SCATTER
    assert bias == pytest.approx(0, abs=0.6)


def test_independent_errors_hold_only_without_memory():
    assert _series(0.0, 0.0)["independent"][1] <= 0.05 + SCATTER
    assert _series(0.6, 0.0)["independent"][1] > 0.15


@pytest.mark.parametrize("memory", [0.0, 0.6])
def test_newey_wests_errors_find_far_too_much_in_four_years(memory):
    """Known and said: twelve lags of 48 months are too few to be sure of; never the primary."""
    assert _series(memory, 0.0)["newey_west"][1] > 0.15


def test_a_simulated_campaign_is_covered_with_its_known_event():
    covered = []
    for seed in range(25):
        worked = campaign_series(rng=np.random.default_rng(seed), communes=12)
        months, k, n, left_out = add_up(worked.tables["panel"])
        assert left_out == []
        found = interrupt(
            months, k, n, start=int(months[36]), horizon=12, alpha=0.05, events=[int(months[20])]
        ).at_horizon
        covered.append(found.conf_low <= worked.truth["at_12_months"] <= found.conf_high)
    assert np.mean(covered) >= 0.85


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_a_forecast_gap_covers_nothing_where_nothing_began(memory):
    rng = np.random.default_rng(11)
    months, covered = np.arange(36), []
    for _ in range(300):
        n = rng.integers(100, 200, 36)
        level = logit(0.3) + 0.2 * months / 12 + 0.2 * np.sin(2 * np.pi * months / 12)
        k = rng.binomial(n, expit(level + 0.15 * _remember(memory, 36, rng)))
        gap = forecast_gap(months, k.astype(float), n.astype(float), start=24, alpha=0.05).gap
        covered.append(gap.conf_low <= 0 <= gap.conf_high)
    assert 0.92 <= np.mean(covered) <= 1.0


@cache
def _synthetic():
    """Estimate the effect on one pilot of each of 40 simulated provinces, by both methods."""
    rows = []
    for seed in range(40):
        worked = pilot_panel(rng=np.random.default_rng(seed), communes=32, effect=9.0)
        panel = worked.tables["panel"]
        share = 100 * panel["numerator"].astype(float) / panel["denominator"].astype(float)
        wide = panel.assign(share=share).pivot(index="unit", columns="period_start", values="share")
        pilots = worked.tables["pilots"]["unit"].tolist()
        own = wide.drop(index=pilots[1:])
        start = worked.tables["pilots"]["opened"].iloc[0]
        rows.append(
            [
                make(own, treated=pilots[0], start=start).estimate
                for make in (synthetic_did, synthetic_control)
            ]
        )
    return np.array(rows)


def test_synthetic_did_has_no_bias_on_simulated_pilots():
    errors = _synthetic()[:, 0] - 9.0
    assert errors.mean() == pytest.approx(0, abs=3 * errors.std(ddof=1) / 40**0.5)
    assert errors.std(ddof=1) < 3.5


def test_a_synthetic_control_stays_near_where_donors_surround_the_pilot():
    errors = _synthetic()[:, 1] - 9.0
    assert abs(np.median(errors)) < 1.5


@cache
def _weekday(displaced):
    rows = []
    for seed in range(120):
        days = draw_days(
            rng=np.random.default_rng(seed), gain=8.0, displaced=displaced, step=10.0, communes=3
        )
        weeks = whole_weeks(days, opened=WEDNESDAYS_OPENED, holidays=holidays())
        moved = displace(weeks, counted="dossiers", alpha=0.05)
        share = contrast_weekday(weeks, alpha=0.05).share
        part = moved.displaced
        rows.append(
            (
                part.estimate,
                part.conf_low <= displaced <= part.conf_high,
                share.conf_low <= 10.0 <= share.conf_high,
                moved.gain.conf_low <= 24.0 <= moved.gain.conf_high,
                share.p_value,
            )
        )
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("displaced", [0.0, 0.5, 1.0])
def test_what_the_other_weekdays_lost_is_found_again(displaced):
    found = _weekday(displaced)
    assert np.median(found[:, 0]) == pytest.approx(displaced, abs=0.08)
    assert found[:, 1].mean() >= 0.9
    assert found[:, 3].mean() >= 0.9


def test_the_share_of_wednesdays_is_covered_and_never_decided_by_five_weekdays():
    found = _weekday(0.5)
    assert found[:, 2].mean() >= 0.9
    assert found[:, 4].min() == pytest.approx(0.2)


def _doses(rng, slope, spread):
    """Draw 20 communes, six of them without teams; changes scatter by `spread` points."""
    dose = np.where(np.arange(20) < 6, 0.0, rng.integers(1, 8, 20))
    before = rng.uniform(20, 40, 20)
    after = before + 8 + slope * dose + rng.normal(0, spread, 20)
    names = [f"u{index}" for index in range(20)]
    return (
        pd.DataFrame({0: before, 1: after}, index=names),
        pd.DataFrame({0: 0.0, 1: dose}, index=names),
    )


def test_a_dose_slope_is_covered_and_none_is_found_in_5_of_100():
    rng, rows = np.random.default_rng(5), []
    for _ in range(300):
        for slope in (0.0, 1.5):
            found = dose_slope(*_doses(rng, slope, 4.0), alpha=0.05, draws=199, rng=rng).slope
            rows.append(
                (slope, found.estimate - slope, found.p_value <= 0.05,
                 found.conf_low <= slope <= found.conf_high)
            )  # fmt: skip
    table = pd.DataFrame(rows, columns=["slope", "error", "found", "covered"])
    by_slope = table.groupby("slope")[["error", "found", "covered"]].mean()
    assert by_slope["error"].abs().max() < 0.1
    assert 0.015 <= by_slope.loc[0.0, "found"] <= 0.085
    assert by_slope.loc[1.5, "found"] > 0.8
    assert by_slope["covered"].between(0.91, 0.99).all()


def test_what_is_kept_after_support_is_hardly_ever_called_lost():
    rng, rows = np.random.default_rng(6), []
    for _ in range(80):
        for fade in (0.0, 6.0):
            shares = 50 + rng.normal(0, 4, (30, 1)) + np.cumsum(rng.normal(0.3, 1, 24))
            shares = shares + rng.normal(0, 2, (30, 24))
            stops = pd.Series(np.nan, index=range(30))
            stops.iloc[:12] = np.where(np.arange(12) % 2, 12, 16)
            for unit, at in stops.dropna().items():
                shares[unit, int(at) :] -= fade
            found = stop_effect(
                pd.DataFrame(shares), stops,
                back=6, ahead=4, margin=3.0, alpha=0.05, draws=99, rng=rng,
            )  # fmt: skip
            covered = found.change.conf_low <= -fade <= found.change.conf_high
            rows.append((fade, found.answer, covered, found.change.estimate + fade))
    table = pd.DataFrame(rows, columns=["fade", "answer", "covered", "error"])
    assert table["error"].abs().groupby(table["fade"]).mean().max() < 1.0
    assert table["covered"].mean() >= 0.9
    kept, lost = (table[table["fade"] == fade]["answer"] for fade in (0.0, 6.0))
    assert (kept == "kept").mean() > 0.9
    assert (kept == "lost").sum() == 0
    assert (lost == "lost").mean() > 0.9
