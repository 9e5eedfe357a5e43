from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from staggered import draw, wide

from commune_pilots.effects.did_group_time import (
    aggregate,
    group_time,
    group_time_effects,
    pre_trend,
)
from commune_pilots.effects.did_moments import NEVER, moments_of

STARTS = [3, 3, 3, 5, 5, 5, 5, 6, 6]


@pytest.fixture
def panel(rng):
    return draw(rng, starts=STARTS, never=25, periods=8)


def _told(effects):
    return {(one.estimand, one.at): one for one in effects}


def test_a_group_time_effect_is_a_difference_of_differences(panel):
    found = group_time(moments_of(panel), comparison="never_treated")
    told = _told(group_time_effects(found, law="influence"))
    exact = _told(group_time_effects(found))
    y, cohort = panel.outcome, panel.cohort
    own, others = cohort == 5, cohort == NEVER
    for start, end in ((4, 6), (4, 5), (4, 7), (1, 2), (0, 1)):  # base and period
        moved = y[:, end] - y[:, start]
        one = told["att_cohort_5", end]
        assert one.estimate == pytest.approx(moved[own].mean() - moved[others].mean())
        variance = moved[own].var() / own.sum() + moved[others].var() / others.sum()
        assert one.std_error == pytest.approx(np.sqrt(variance))
        assert (one.n_treated, one.n_comparison) == (4, 25)
        welch = moved[own].var(ddof=1) / own.sum() + moved[others].var(ddof=1) / others.sum()
        assert exact["att_cohort_5", end].std_error == pytest.approx(np.sqrt(welch))


def test_not_yet_treated_units_join_the_comparison_until_they_start(panel):
    found = group_time(moments_of(panel), comparison="not_yet_treated")
    told = _told(group_time_effects(found, law="influence"))
    assert told["att_cohort_3", 4].n_comparison == 25 + 4 + 2
    assert told["att_cohort_3", 5].n_comparison == 25 + 2
    assert told["att_cohort_3", 6].n_comparison == 25
    moved = panel.outcome[:, 5] - panel.outcome[:, 2]
    others = (panel.cohort == NEVER) | (panel.cohort == 6)
    one = told["att_cohort_3", 5]
    assert one.estimate == pytest.approx(moved[:3].mean() - moved[others].mean())
    variance = moved[:3].var() / 3 + moved[others].var() / others.sum()
    assert one.std_error == pytest.approx(np.sqrt(variance))


def test_anticipation_moves_the_base_back(panel):
    found = group_time(moments_of(panel), comparison="never_treated", anticipation=1)
    told = _told(group_time_effects(found))
    y, own = panel.outcome, panel.cohort == 5
    for end in (4, 5, 7):
        moved = y[:, end] - y[:, 3]
        assert told["att_cohort_5", end].estimate == pytest.approx(
            moved[own].mean() - moved[panel.cohort == NEVER].mean()
        )
    assert told["att_cohort_5", 3].estimate == pytest.approx(
        (y[own, 3] - y[own, 2]).mean() - (y[9:, 3] - y[9:, 2]).mean()
    )


def test_averages_weigh_cohorts_by_their_units(panel):
    found = group_time(moments_of(panel), comparison="never_treated")
    told = _told(group_time_effects(found))
    sizes = {3: 3, 5: 4, 6: 2}
    after = [(g, t) for g in sizes for t in range(g, 8)]
    weights = np.array([sizes[g] for g, _ in after], dtype=float)
    values = np.array([told[f"att_cohort_{g}", t].estimate for g, t in after])
    simple = aggregate(found, over="simple")
    assert len(simple) == 1
    assert simple[0].estimate == pytest.approx(weights @ values / weights.sum())
    second = np.array([t - g == 1 for g, t in after])
    by_time = _told(aggregate(found, over="event_time"))
    assert by_time["att_event_time", 1].estimate == pytest.approx(
        weights[second] @ values[second] / weights[second].sum()
    )
    overall = np.mean([by_time["att_event_time", at].estimate for at in range(5)])
    assert by_time["att_overall_event_time", None].estimate == pytest.approx(overall)
    by_cohort = _told(aggregate(found, over="cohort"))
    of_five = np.array([g == 5 for g, _ in after])
    assert by_cohort["att_cohort", 5].estimate == pytest.approx(values[of_five].mean())
    by_period = _told(aggregate(found, over="period"))
    sixth = np.array([t == 6 for _, t in after])
    assert by_period["att_period", 6].estimate == pytest.approx(
        weights[sixth] @ values[sixth] / weights[sixth].sum()
    )


@pytest.mark.parametrize("law", ["small_sample", "influence"])
def test_errors_of_averages_hold_what_resampled_units_show(rng, law):
    panel = draw(rng, starts=[3] * 30 + [5] * 40, never=80, periods=8)
    found = group_time(moments_of(panel), comparison="never_treated")
    told = aggregate(found, over="simple", law=law)[0]
    drawn = []
    for _ in range(200):
        rows = rng.integers(0, 150, 150)
        again = moments_of(wide(panel.outcome[rows], panel.cohort[rows]))
        found = group_time(again, comparison="never_treated")
        drawn.append(aggregate(found, over="simple")[0].estimate)
    assert told.std_error == pytest.approx(np.std(drawn), rel=0.12)


def test_a_cohort_of_one_unit_has_no_standard_error(rng):
    panel = draw(rng, starts=[3, 5, 5, 5, 5, 5, 5, 5], never=30, periods=8)
    found = group_time(moments_of(panel), comparison="never_treated")
    told = _told(group_time_effects(found))
    assert isnan(told["att_cohort_3", 4].std_error)
    assert told["att_cohort_5", 6].std_error > 0
    overall, *by_cohort = aggregate(found, over="cohort")
    assert overall.refused == "no_std_error"
    assert [one.refused for one in by_cohort] == ["no_std_error", None]


def test_nine_treated_in_all_may_have_a_p_and_each_cohort_may_not(rng):
    panel = draw(rng, starts=STARTS, never=30, periods=8)
    found = group_time(moments_of(panel), comparison="never_treated")
    overall, *by_cohort = aggregate(found, over="cohort", law="influence")
    assert overall.refused is None
    assert {one.refused for one in by_cohort} == {"few_treated"}
    small = aggregate(found, over="cohort")
    assert [one.refused for one in small] == [None, None, None, "few_degrees"]  # two units only


def test_the_joint_test_before_the_start_finds_a_trend_of_its_own(rng):
    panel = draw(rng, starts=[5] * 15, never=40, periods=8, noise=1.0)
    calm = pre_trend(group_time(moments_of(panel), comparison="never_treated"))
    drift = np.where(np.arange(55)[:, None] < 15, 1.0 * np.arange(8), 0.0)
    bent = wide(panel.outcome + drift, panel.cohort)
    found = pre_trend(group_time(moments_of(bent), comparison="never_treated"))
    assert (calm.leads, found.leads) == (4, 4)
    assert found.p_value < 1e-6 < calm.p_value


def test_months_that_the_start_is_spread_over_are_no_part_of_the_joint_test(panel):
    moments = moments_of(panel)
    leads = [
        pre_trend(group_time(moments, comparison="never_treated", anticipation=months)).leads
        for months in (0, 1)
    ]
    assert leads == [2 + 4 + 5, 1 + 3 + 4]


def test_without_comparison_units_nothing_is_estimated(rng):
    moments = moments_of(draw(rng, starts=[3, 4], never=0, periods=6))
    with pytest.raises(ValueError, match="units never treated"):
        group_time(moments, comparison="never_treated")
    told = _told(group_time_effects(group_time(moments, comparison="not_yet_treated")))
    assert ("att_cohort_3", 3) in told
    assert ("att_cohort_3", 4) not in told
