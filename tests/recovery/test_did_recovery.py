"""How often difference-in-differences holds the truth, and how often it finds what is not there.

108 units, 24 months, noise that remembers its month before (staggered.draw). DRAWS panels a case;
SCATTER is three standard errors of a share of 5% among them. Effects are in points.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import chdtrc, expit
from staggered import draw, long, wide

from commune_pilots.effects.did_fractional import fractional_effect
from commune_pilots.effects.did_group_time import aggregate, group_time
from commune_pilots.effects.did_imputation import imputation
from commune_pilots.effects.did_moments import NEVER, moments_of
from commune_pilots.effects.did_regression import event_study, two_way
from commune_pilots.effects.did_within import within_district

DRAWS, UNITS, MONTHS = 1_000, 108, 24
SCATTER = 3 * (0.05 * 0.95 / DRAWS) ** 0.5
STAGGERED = (8,) * 6 + (12,) * 6 + (16,) * 6
METHODS = {
    "never_treated": lambda panel, moments: _simple(moments, "never_treated"),
    "not_yet_treated": lambda panel, moments: _simple(moments, "not_yet_treated"),
    "imputation": lambda panel, moments: imputation(moments)[0],
    "two_way_cr2": lambda panel, moments: two_way(moments).effect,
    "two_way_cr1": lambda panel, moments: two_way(moments, kind="CR1").effect,
}

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def _simple(moments, comparison):
    return aggregate(group_time(moments, comparison=comparison), over="simple")[0]


@cache
def _told(starts, effect, growth, memory):
    """Draw panels and let every method tell its effect of each."""
    rng = np.random.default_rng(20230601)
    truth = np.mean([effect + growth * since for at in starts for since in range(MONTHS - at)])
    found = {name: [] for name in METHODS}
    for _ in range(DRAWS):
        panel = draw(
            rng, starts=starts, never=UNITS - len(starts), periods=MONTHS, effect=effect,
            growth=growth, memory=memory,
        )  # fmt: skip
        moments = moments_of(panel)
        for name, method in METHODS.items():
            found[name].append(method(panel, moments))
    return truth, found


def _held(effects, truth):
    return np.mean([one.conf_low <= truth <= one.conf_high for one in effects])


def _found(effects):
    return np.mean([one.p_value < 0.05 for one in effects])


@pytest.mark.parametrize("method", ["never_treated", "not_yet_treated", "imputation"])
def test_growing_effects_of_three_starts_are_told_without_bias(method):
    truth, found = _told(STAGGERED, 5.0, 0.3, 0.5)
    estimates = np.array([one.estimate for one in found[method]])
    assert estimates.mean() == pytest.approx(truth, abs=3 * estimates.std() / DRAWS**0.5)
    assert 0.93 <= _held(found[method], truth) <= 0.97


def test_two_way_effects_are_biased_where_effects_grow():
    truth, found = _told(STAGGERED, 5.0, 0.3, 0.5)
    estimates = np.array([one.estimate for one in found["two_way_cr2"]])
    assert estimates.mean() < truth - 0.15
    assert _held(found["two_way_cr2"], truth) < 0.93


@pytest.mark.parametrize("method", ["never_treated", "imputation", "two_way_cr2"])
@pytest.mark.parametrize("treated", [3, 5, 8])
def test_three_to_eight_pilots_find_nothing_as_rarely_as_promised(treated, method):
    _, found = _told((12,) * treated, 0.0, 0.0, 0.6)
    assert {one.refused for one in found[method]} == {None}
    assert 0.03 <= _found(found[method]) <= 0.07
    assert _held(found[method], 0.0) == pytest.approx(0.95, abs=SCATTER)


def test_the_usual_clustered_errors_find_too_much_with_eight_pilots():
    _, found = _told((12,) * 8, 0.0, 0.0, 0.6)
    assert _found(found["two_way_cr1"]) > 0.07


def test_fewer_than_eight_pilots_get_no_p_from_the_usual_clustered_errors():
    _, found = _told((12,) * 5, 0.0, 0.0, 0.6)
    assert {one.refused for one in found["two_way_cr1"]} == {"few_treated"}


@pytest.mark.parametrize("treated", [3, 8, 20])
def test_drift_and_joint_test_find_no_trend_where_there_is_none(treated):
    """Four leads: drift for any number; Hotelling where degrees suffice, and then careful."""
    rng = np.random.default_rng(20230601)
    drift, joint = [], []
    for _ in range(DRAWS):
        panel = draw(rng, starts=(5,) * treated, never=UNITS - treated, periods=8)
        found = event_study(panel)
        drift.append(found.drift.p_value)
        joint.append(found.pre_trend.p_value)
        refused = found.pre_trend.refused
    assert np.mean(np.array(drift) < 0.05) == pytest.approx(0.05, abs=SCATTER)
    assert refused == ("few_degrees" if treated == 3 else None)
    if treated > 3:
        assert 0.01 < np.mean(np.array(joint) < 0.05) < 0.05 + SCATTER


def test_the_joint_test_for_many_units_finds_trends_everywhere_with_few():
    rng = np.random.default_rng(20230601)
    statistics = []
    for _ in range(200):
        panel = draw(rng, starts=(8,) * 8, never=UNITS - 8, periods=12)
        test = event_study(panel, kind="CR1").pre_trend
        assert test.refused == "few_degrees"
        statistics.append(test.statistic)
    assert np.mean(chdtrc(7, np.array(statistics)) < 0.05) > 0.3


def test_imputation_is_the_sharpest_where_trends_are_parallel():
    _, found = _told(STAGGERED, 5.0, 0.3, 0.5)
    spread = {name: np.std([one.estimate for one in told]) for name, told in found.items()}
    assert spread["imputation"] < 0.75 * spread["never_treated"]


def test_one_pilot_in_each_of_eight_districts_holds_its_promise():
    rng = np.random.default_rng(20230601)
    districts = np.repeat(np.arange(8), 13).astype(object)
    cohort = np.where(np.arange(104) % 13 == 0, 12, NEVER)
    effects = []
    for _ in range(DRAWS):
        panel = draw(rng, starts=(), never=104, periods=MONTHS)
        common = rng.normal(0, 3, (8, MONTHS)).cumsum(axis=1)[districts.astype(int)]
        outcome = panel.outcome + common + 4.0 * (np.arange(MONTHS) >= cohort[:, None])
        effects.append(within_district(wide(outcome, cohort, districts=districts)).effect)
    estimates = np.array([one.estimate for one in effects])
    assert estimates.mean() == pytest.approx(4.0, abs=3 * estimates.std() / DRAWS**0.5)
    assert _held(effects, 4.0) == pytest.approx(0.95, abs=SCATTER)


@pytest.mark.parametrize("weigh", ["dossiers", "units"])
def test_shares_near_the_ceiling_are_told_in_points(weigh):
    """Straight in log-odds, bent in points: 20 of 108 pilots from 88% on."""
    rng = np.random.default_rng(20230601)
    draws = 250
    cohort = np.where(np.arange(UNITS) < 20, 12, NEVER)
    on = np.arange(MONTHS) >= cohort[:, None]
    held, apart, straight = [], [], []
    for _ in range(draws):
        base = rng.normal(1.2, 0.7, (UNITS, 1)) + 0.8 * (cohort == 12)[:, None]
        base = base + 0.06 * np.arange(MONTHS)
        n = rng.integers(40, 160, (UNITS, MONTHS))
        k = rng.binomial(n, expit(base + 0.7 * on))
        rise = 100 * (expit(base + 0.7) - expit(base))
        truth = np.average(rise[on], weights=n[on] if weigh == "dossiers" else None)
        panel = long(wide(n, cohort)).rename(columns={"share": "denominator"})
        effect = fractional_effect(panel.assign(numerator=1.0 * k.ravel()), weigh=weigh).effect
        held.append(effect.conf_low <= truth <= effect.conf_high)
        apart.append(effect.estimate - truth)
        straight.append(two_way(wide(100 * k / n, cohort)).effect.estimate - truth)
    assert np.mean(apart) == pytest.approx(0, abs=0.1)
    assert np.mean(held) == pytest.approx(0.95, abs=0.05)
    assert np.mean(straight) < -1  # parallel in log-odds is not parallel in points
