from __future__ import annotations

import numpy as np
import pytest
from staggered import draw, dummies, wide

from commune_pilots.effects.did_imputation import imputation
from commune_pilots.effects.did_moments import NEVER, moments_of
from commune_pilots.effects.did_regression import two_way

STARTS = [3, 3, 3, 5, 5, 5, 5, 6, 6]


@pytest.fixture
def panel(rng):
    return draw(rng, starts=STARTS, never=25, periods=8)


def _by_regression(panel, treated):
    """Fit unit and period dummies to untreated cells, take what treated cells print above."""
    design, y, _ = dummies(panel, treated)
    free = design[:, -1] == 0
    columns = design[:, :-1]
    fit, *_ = np.linalg.lstsq(columns[free], y[free], rcond=None)
    gaps = np.full(panel.outcome.size, np.nan)
    gaps[~free] = (y - columns @ fit)[~free]
    return gaps.reshape(panel.outcome.shape)


def test_closed_form_and_regression_give_the_same_effects(panel):
    gaps = _by_regression(panel, panel.treated)
    overall, *by_time = imputation(moments_of(panel))
    assert overall.estimate == pytest.approx(np.nanmean(gaps))
    since = np.arange(8) - np.where(panel.cohort == NEVER, 99, panel.cohort)[:, None]
    assert {one.at: one.estimate for one in by_time} == {
        at: pytest.approx(np.nanmean(gaps[since == at])) for at in range(5)
    }
    assert [one.n_treated for one in by_time] == [9, 9, 7, 3, 3]


def test_months_that_the_start_is_spread_over_are_left_out_of_the_fit(panel):
    early = np.arange(8) >= panel.cohort[:, None] - 1
    gaps = _by_regression(panel, early)
    overall, *by_time = imputation(moments_of(panel), anticipation=1)
    assert overall.estimate == pytest.approx(np.nanmean(np.where(panel.treated, gaps, np.nan)))
    assert [one.at for one in by_time] == [-1, 0, 1, 2, 3, 4]


def test_an_effect_without_noise_is_found_exactly():
    periods = np.arange(6.0)
    outcome = np.add.outer([10.0, 20.0, 30.0, 40.0], 2 * periods)
    outcome[:2, 3:] += [1.0, 2.0, 3.0]
    overall, *by_time = imputation(moments_of(wide(outcome, [3, 3, NEVER, NEVER])))
    assert overall.estimate == pytest.approx(2.0)
    assert [one.estimate for one in by_time] == pytest.approx([1.0, 2.0, 3.0])


def test_months_in_which_everybody_is_treated_are_left_out(rng):
    panel = draw(rng, starts=[3] * 9 + [5] * 9, never=0, periods=8)
    overall, *by_time = imputation(moments_of(panel))
    assert [one.at for one in by_time] == [0, 1]
    assert overall.n_treated == 9


@pytest.mark.parametrize("law", ["small_sample", "influence"])
def test_errors_hold_what_resampled_units_show(rng, law):
    panel = draw(rng, starts=[3] * 30 + [5] * 40, never=80, periods=8)
    told = imputation(moments_of(panel), law=law)[0]
    drawn = []
    for _ in range(200):
        rows = rng.integers(0, 150, 150)
        drawn.append(imputation(moments_of(wide(panel.outcome[rows], panel.cohort[rows])))[0])
    spread = np.std([one.estimate for one in drawn])
    assert told.std_error == pytest.approx(spread, rel=0.12)


def test_a_cohort_of_one_unit_has_no_standard_error(rng):
    overall, *_ = imputation(moments_of(draw(rng, starts=[3] + [5] * 9, never=30, periods=8)))
    assert overall.refused == "no_std_error"


def test_few_treated_units_get_no_p_from_a_law_for_many(rng):
    moments = moments_of(draw(rng, starts=[5] * 7, never=40, periods=8))
    assert imputation(moments, law="influence")[0].refused == "few_treated"
    assert imputation(moments)[0].refused is None


def test_one_start_and_small_samples_give_the_two_way_coefficient_and_its_cr2(rng):
    panel = draw(rng, starts=[5] * 6, never=30, periods=8)
    ours, regression = imputation(moments_of(panel))[0], two_way(panel).effect
    assert ours.estimate == pytest.approx(regression.estimate)
    assert ours.std_error == pytest.approx(regression.std_error)
    assert ours.df == pytest.approx(regression.df, rel=0.1)


def test_a_cohort_without_a_month_before_its_start_is_refused(panel):
    with pytest.raises(ValueError, match="no period left before its start"):
        imputation(moments_of(panel), anticipation=3)
