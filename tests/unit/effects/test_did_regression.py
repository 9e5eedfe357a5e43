from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from staggered import draw, dummies, wide

from commune_pilots.effects.clustered import clusters_of, robust
from commune_pilots.effects.did_moments import NEVER, moments_of, without_opening
from commune_pilots.effects.did_regression import event_study, two_way

STARTS = [3, 3, 4, 6, 6, 6, 7, 7]


@pytest.fixture
def panel(rng):
    return draw(rng, starts=STARTS, never=24, periods=9)


def _with_gaps(panel, rng, share=0.15):
    outcome = np.where(rng.random(panel.outcome.shape) < share, np.nan, panel.outcome)
    return replace(panel, outcome=outcome)


def _plain(panel, kind):
    """The same coefficient from the whole regression on dummies."""
    design, y, labels = dummies(panel, panel.treated)
    fit, *_ = np.linalg.lstsq(design, y, rcond=None)
    kept = np.eye(design.shape[1])[-1:]
    found = robust(clusters_of(design, y - design @ fit, labels), contrasts=kept, kind=kind)
    return fit[-1], np.sqrt(found.covariance[0, 0]), found.df[0]


def test_sweeping_cohorts_gives_the_coefficient_of_the_regression_on_dummies(panel):
    estimate, error, df = _plain(panel, "CR2")
    found = two_way(panel).effect
    assert found.estimate == pytest.approx(estimate)
    assert found.std_error == pytest.approx(error)
    assert found.df == pytest.approx(df)
    assert (found.n_treated, found.n_comparison) == (8, 24)


@pytest.mark.parametrize("kind", ["CR1", "CR2"])
def test_a_panel_with_gaps_gives_the_coefficient_of_the_regression_on_dummies(panel, rng, kind):
    gaps = _with_gaps(panel, rng)
    estimate, error, _ = _plain(gaps, kind)
    found = two_way(gaps, kind=kind).effect
    assert found.estimate == pytest.approx(estimate)
    if kind == "CR1":  # of the unit effects only the constant is counted
        rows, columns = int((~np.isnan(gaps.outcome)).sum()), 10
        error *= np.sqrt((rows - columns - 31) / (rows - columns))
    assert found.std_error == pytest.approx(error)


def test_cohorts_and_rows_are_two_ways_to_the_same_numbers(panel):
    by_cohort = two_way(moments_of(panel), kind="CR1").effect
    nearly = replace(panel, outcome=np.vstack([panel.outcome, np.full((1, 9), np.nan)]))
    by_row = two_way(
        replace(nearly, cohort=np.append(panel.cohort, NEVER), units=np.append(panel.units, "x"))
    ).effect
    assert by_row.estimate == pytest.approx(by_cohort.estimate)
    assert two_way(panel, kind="CR1").effect == by_cohort


def test_two_periods_and_two_groups_are_a_difference_of_differences():
    found = two_way(wide([[1.0, 5.0], [2.0, 7.0], [3.0, 4.0], [4.0, 4.0]], [1, 1, NEVER, NEVER]))
    assert found.effect.estimate == pytest.approx(4.5 - 0.5)
    assert found.negative_weight == 0


def test_early_cohorts_enter_with_the_wrong_sign_late_on():
    ramp = np.arange(10.0)
    outcome = np.vstack([np.where(ramp >= start, ramp - start + 1, 0) for start in (1, 8)])
    found = two_way(wide(outcome, [1, 8]), kind="CR1")
    assert found.effect.estimate < 1  # every single effect is 1 or more
    assert found.negative_weight == pytest.approx(2 / 11)


def test_few_treated_units_get_no_p_from_a_law_for_many(rng):
    found = two_way(draw(rng, starts=[4, 4, 5], never=60, periods=10), kind="CR1").effect
    assert found.refused == "few_treated"
    assert two_way(draw(rng, starts=[4, 4, 4], never=60, periods=10)).effect.refused is None
    assert two_way(draw(rng, starts=[4, 4], never=60, periods=10)).effect.refused == "few_degrees"


def test_an_event_study_of_one_start_is_the_gap_of_means_against_the_base(rng):
    panel = draw(rng, starts=[4] * 10, never=25, periods=8)
    found = event_study(panel)
    gap = panel.outcome[:10].mean(axis=0) - panel.outcome[10:].mean(axis=0)
    told = {one.at: one.estimate for one in found.effects}
    assert found.base == -1
    assert told == {at: pytest.approx(gap[4 + at] - gap[3]) for at in (-4, -3, -2, 0, 1, 2, 3)}
    assert found.pre_trend.leads == 3
    assert 0 < found.pre_trend.p_value < 1


def test_a_spread_start_moves_the_base_and_leaves_the_leads_before_it(rng):
    panel = draw(rng, starts=[4] * 10, never=25, periods=8)
    found = event_study(panel, anticipation=1)
    assert found.base == -2
    assert sorted(one.at for one in found.effects) == [-4, -3, -1, 0, 1, 2, 3]
    assert found.pre_trend.leads == 2


def test_event_times_beyond_the_window_are_put_together(panel):
    found = event_study(panel, window=(-3, 2))
    assert [one.at for one in found.effects] == [-3, -2, 0, 1, 2]


def test_an_event_study_with_gaps_is_near_the_one_without(panel, rng):
    whole, gaps = event_study(panel), event_study(_with_gaps(panel, rng, share=0.02))
    for one, other in zip(whole.effects, gaps.effects, strict=True):
        assert other.estimate == pytest.approx(one.estimate, abs=2.0)


def test_the_drift_is_the_slope_through_leads_and_base(rng):
    panel = draw(rng, starts=[5] * 3, never=25, periods=8)
    found = event_study(panel)
    leads = {one.at: one.estimate for one in found.effects if one.at < -1} | {-1: 0.0}
    slope = np.polyfit(list(leads), list(leads.values()), 1)[0]
    assert found.drift.estimate == pytest.approx(slope)
    gap = panel.outcome[:, :5] @ (np.arange(5) - 2) / 10  # each unit's own slope before
    error = np.sqrt(gap[:3].var(ddof=1) / 3 + gap[3:].var(ddof=1) / 25)
    assert found.drift.std_error == pytest.approx(error, rel=0.02)
    assert (found.drift.refused, found.pre_trend.refused) == (None, "few_degrees")


def test_without_a_lead_there_is_no_drift_and_no_joint_test(rng):
    found = event_study(draw(rng, starts=[1] * 4, never=9, periods=4))
    assert found.drift is None
    assert found.pre_trend.refused == "no_lead"
    assert [one.at for one in found.effects] == [0, 1, 2]


def test_an_event_study_without_never_treated_units_is_refused(rng):
    with pytest.raises(ValueError, match="never treated"):
        event_study(draw(rng, starts=[2, 3, 4], never=0, periods=6))


def test_a_pre_trend_that_is_there_is_found(rng):
    panel = draw(rng, starts=[6] * 12, never=30, periods=10, noise=1.0)
    drift = np.where(np.arange(42)[:, None] < 12, 1.5 * np.arange(10), 0.0)
    found = event_study(replace(panel, outcome=panel.outcome + drift))
    assert found.pre_trend.p_value < 1e-6


def test_opening_months_left_out_keep_a_partial_effect_out_of_the_base(rng):
    panel = draw(rng, starts=[5] * 10, never=30, periods=10, noise=0.5, effect=8.0)
    spoilt = panel.outcome.copy()
    spoilt[:10, 4] += 4.0
    shown = replace(panel, outcome=spoilt)
    kept = two_way(without_opening(shown, anticipation=1)).effect
    assert kept.estimate == pytest.approx(8.0, abs=1.0)
    assert two_way(shown).effect.estimate < kept.estimate - 0.5
