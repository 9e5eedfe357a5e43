from __future__ import annotations

from math import inf, isnan, sqrt

import numpy as np
import pytest
from scipy.stats import ttest_1samp, ttest_ind

from commune_pilots.effects.assignment import completely_random, within_strata
from commune_pilots.effects.collapse import (
    changes,
    changes_of_shares,
    headline,
    mean_difference,
    statistic_for,
)

ALPHA = 0.05
BEFORE, AFTER = np.array([1, 1, 0, 0], bool), np.array([0, 0, 1, 1], bool)


def _headline(change, assignment, draws=999):
    rng = np.random.default_rng(4)
    return headline(change, assignment, alpha=ALPHA, draws=draws, rng=rng)


def test_a_change_is_the_mean_after_less_the_mean_before():
    found = changes([[10, 20, 40, 60], [5, 5, 5, 5]], before=BEFORE, after=AFTER)
    assert found.tolist() == [35.0, 0.0]


def test_a_missing_month_leaves_the_others_of_its_side():
    found = changes([[10, np.nan, 40, 60]], before=BEFORE, after=AFTER)
    assert found.tolist() == [40.0]


def test_a_unit_without_a_month_on_one_side_has_no_change():
    found = changes([[np.nan, np.nan, 40, 60], [1, 1, 2, 2]], before=BEFORE, after=AFTER)
    assert isnan(found[0])
    assert found[1] == 1.0


def test_a_month_on_neither_side_counts_for_none():
    found = changes([[10, 999, 40, 60]], before=[1, 0, 0, 0], after=AFTER)
    assert found.tolist() == [40.0]


def test_each_district_may_have_dates_of_its_own():
    early, late = [1, 0, 0, 0], [1, 1, 1, 0]
    found = changes(
        [[0, 6, 6, 6], [0, 0, 0, 9]],
        before=[early, late],
        after=1 - np.array([early, late]),
    )
    assert found.tolist() == [6.0, 9.0]


def test_shares_weigh_months_by_their_dossiers():
    found = changes_of_shares([[1, 9, 30, 40]], [[10, 90, 50, 50]], before=BEFORE, after=AFTER)
    assert found == pytest.approx([100 * (70 / 100 - 10 / 100)])


def test_a_side_without_dossiers_has_no_share():
    found = changes_of_shares([[0, 0, 1, 1]], [[0, 0, 2, 2]], before=BEFORE, after=AFTER)
    assert isnan(found[0])


def test_a_month_whose_count_is_missing_is_left_out_whole():
    found = changes_of_shares([[np.nan, 5, 8, 8]], [[100, 10, 10, 10]], before=BEFORE, after=AFTER)
    assert found == pytest.approx([30.0])


def test_one_stratum_is_compared_by_welch():
    change = np.random.default_rng(1).normal(size=20) * np.where(np.arange(20) < 5, 3, 1)
    treated = np.arange(20) < 5
    found = mean_difference(change, completely_random(treated), alpha=ALPHA)
    welch = ttest_ind(change[treated], change[~treated], equal_var=False)
    low, high = welch.confidence_interval(0.95)
    assert found.freedom == pytest.approx(welch.df)
    assert found.found.p_value == pytest.approx(welch.pvalue)
    assert (found.found.conf_low, found.found.conf_high) == pytest.approx((low, high))


def test_districts_with_one_pilot_each_are_compared_by_the_t_of_their_differences():
    change = np.random.default_rng(2).normal(size=12)
    treated, strata = np.arange(12) % 3 == 0, np.arange(12) // 3
    found = mean_difference(change, within_strata(treated, strata=strata), alpha=ALPHA)
    rows = change.reshape(4, 3)
    apart = rows[:, 0] - rows[:, 1:].mean(axis=1)
    by_hand = ttest_1samp(apart, 0)
    assert found.found.estimate == pytest.approx(apart.mean())
    assert found.freedom == 3
    assert found.found.p_value == pytest.approx(by_hand.pvalue)


def test_a_shock_of_a_whole_district_cancels():
    change = np.random.default_rng(3).normal(size=12)
    strata = np.arange(12) // 3
    assignment = within_strata(np.arange(12) % 3 == 0, strata=strata)
    shocked = change + np.array([0.0, 50.0, -20.0, 5.0])[strata]
    first, second = (mean_difference(each, assignment, alpha=ALPHA) for each in (change, shocked))
    assert second.found.estimate == pytest.approx(first.found.estimate)
    assert second.found.std_error == pytest.approx(first.found.std_error)


def test_one_unit_on_a_side_has_no_standard_error():
    with pytest.raises(ValueError, match="fewer than 2 units on one side"):
        mean_difference(np.arange(5.0), completely_random(np.arange(5) < 1), alpha=ALPHA)


def test_changes_that_do_not_scatter_have_no_p_value():
    change = np.array([4.0, 4.0, 4.0, 1.0, 1.0, 1.0])
    found = mean_difference(change, completely_random(np.arange(6) < 3), alpha=ALPHA)
    assert found.found.estimate == 3.0
    assert isnan(found.found.p_value)


def test_the_headline_sets_welch_beside_the_exact_test():
    change = np.concatenate([[9.0, 11, 10, 12, 8], np.linspace(-3, 3, 30)])
    found = _headline(change, completely_random(np.arange(35) < 5))
    assert found.interval is not None
    assert found.interval.found.estimate == pytest.approx(found.test.estimate) == 10
    assert found.test.statistic == "studentised"
    assert found.decided == "told_apart"


@pytest.mark.parametrize("n_treated", [1, 2])
def test_one_or_two_treated_have_ranks_and_no_welch(n_treated):
    change = np.concatenate([[30.0, 28.0][:n_treated], np.linspace(-3, 3, 40)])
    found = _headline(change, completely_random(np.arange(len(change)) < n_treated))
    assert found.interval is None
    assert found.test.statistic == "difference"
    assert found.test.p_value == pytest.approx(found.test.smallest_p)


def test_a_design_that_cannot_decide_says_neither_yes_nor_no():
    change = np.array([90.0, 95.0, 92.0, 1.0, 0.0, 2.0])
    found = _headline(change, completely_random(np.arange(6) < 3))
    assert found.decided == "not_decidable"
    assert (found.test.conf_low, found.test.conf_high) == (-inf, inf)


def test_no_difference_where_one_could_have_shown_is_told_as_such():
    found = _headline(
        np.random.default_rng(5).normal(size=30), completely_random(np.arange(30) < 4)
    )
    assert found.decided == "not_told_apart"


def test_the_same_seed_gives_the_same_headline():
    change = np.random.default_rng(6).normal(size=108)
    assignment = completely_random(np.arange(108) < 8)
    assert _headline(change, assignment) == _headline(change, assignment)


def test_the_statistic_needs_three_treated_to_be_studentised():
    assert [statistic_for(n) for n in (1, 2, 3, 8)] == [
        "difference", "difference", "studentised", "studentised",
    ]  # fmt: skip


def test_an_estimate_from_unequal_strata_weighs_pilots():
    change = np.array([6.0, 0.0, 4.0, 2.0, 0.0, 0.0])
    treated = np.isin(np.arange(6), (0, 2, 3))
    found = mean_difference(change, within_strata(treated, strata=[0, 0, 1, 1, 1, 1]), alpha=ALPHA)
    assert found.found.estimate == pytest.approx((6 + 2 * 3) / 3)
    assert found.found.std_error == pytest.approx(sqrt(2 * ((1 / 3 * 2) ** 2 + (2 / 3) ** 2)))
