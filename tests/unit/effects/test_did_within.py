from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from scipy import stats
from staggered import wide

from commune_pilots.effects.did_moments import NEVER
from commune_pilots.effects.did_within import COLUMNS, within_district

DISTRICTS = np.array(["a", "a", "a", "b", "b", "c", "c"], dtype=object)
COHORT = [2, NEVER, NEVER, 3, NEVER, 2, NEVER]
OUTCOME = np.array(
    [
        [10, 12, 20, 22, 24],
        [8, 8, 10, 10, 10],
        [6, 6, 8, 8, 8],
        [30, 30, 30, 36, 36],
        [20, 20, 20, 20, 20],
        [5, 5, 9, 9, 9],
        [5, 5, 5, 5, 5],
    ],
    dtype=float,
)


@pytest.fixture
def panel():
    return wide(OUTCOME, COHORT, districts=DISTRICTS)


def test_each_pilot_is_set_beside_the_others_of_its_district(panel):
    found = within_district(panel).pilots
    assert list(found.columns) == list(COLUMNS)
    assert found["district"].tolist() == ["a", "b", "c"]
    assert found["others"].tolist() == [2, 1, 1]
    assert found["before"].tolist() == pytest.approx([4.0, 10.0, 0.0])
    assert found["after"].tolist() == pytest.approx([13.0, 16.0, 4.0])
    assert found["change"].tolist() == pytest.approx([9.0, 6.0, 4.0])
    assert found["months_before"].tolist() == [2, 3, 2]
    assert set(found["outcome"]) == {"compared"}


def test_the_effect_is_the_mean_over_pilots_with_their_own_spread(panel):
    effect = within_district(panel).effect
    changes = np.array([9.0, 6.0, 4.0])
    assert effect.estimate == pytest.approx(changes.mean())
    assert effect.std_error == pytest.approx(changes.std(ddof=1) / np.sqrt(3))
    assert effect.p_value == pytest.approx(stats.ttest_1samp(changes, 0).pvalue)
    assert (effect.n_treated, effect.n_comparison, effect.df) == (3, 4, 2.0)


def test_what_moves_a_whole_district_falls_out(panel):
    moved = OUTCOME + np.outer(DISTRICTS == "b", [0, 0, 0, 15, 25])
    again = within_district(replace(panel, outcome=moved)).effect
    assert again.estimate == pytest.approx(within_district(panel).effect.estimate)


def test_two_districts_give_an_estimate_without_limits(panel):
    kept = slice(0, 5)
    effect = within_district(wide(OUTCOME[kept], COHORT[kept], districts=DISTRICTS[kept])).effect
    assert effect.estimate == pytest.approx(7.5)
    assert effect.refused == "no_std_error"
    assert isnan(effect.p_value)


def test_two_pilots_of_one_district_count_as_one(panel):
    both = wide(OUTCOME, [2, 2, NEVER, 3, NEVER, 2, NEVER], districts=DISTRICTS)
    found = within_district(both)
    changes = found.pilots["change"]
    first = (changes[0] + changes[1]) / 2
    assert found.effect.estimate == pytest.approx((first + 6.0 + 4.0) / 3)
    assert (found.effect.df, found.effect.n_treated) == (2.0, 4)


def test_months_nobody_else_printed_are_left_out(panel):
    gaps = OUTCOME.copy()
    gaps[4, 3] = np.nan  # the only other commune of district b
    gaps[1, 0] = np.nan  # one of two others of district a
    found = within_district(replace(panel, outcome=gaps)).pilots
    assert found["months_after"].tolist() == [3, 1, 3]
    assert found["before"].tolist()[0] == pytest.approx(((10 - 6) + (12 - 7)) / 2)


@pytest.mark.parametrize(
    ("outcome", "cohort", "districts", "reason"),
    [
        (OUTCOME, [2, 2, 2, 3, NEVER, 2, NEVER], DISTRICTS, "no_others"),
        (OUTCOME, COHORT, np.array([None, *DISTRICTS[1:]], dtype=object), "no_district"),
        (OUTCOME, [2, NEVER, NEVER, 3, NEVER, 2, NEVER], None, "compared"),
        (np.where(np.arange(5) < 2, np.nan, OUTCOME), COHORT, DISTRICTS, "no_month_before"),
        (np.where(np.arange(5) > 1, np.nan, OUTCOME), COHORT, DISTRICTS, "no_month_after"),
    ],
)
def test_a_pilot_that_cannot_be_compared_says_why(outcome, cohort, districts, reason):
    found = within_district(wide(outcome, cohort, districts=districts))
    assert found.pilots["outcome"].iloc[0] == reason


def test_nothing_to_compare_is_no_effect_and_no_error(panel):
    alone = wide(OUTCOME[:2], [2, 3], districts=DISTRICTS[:2])
    found = within_district(alone)
    assert isnan(found.effect.estimate)
    assert found.effect.refused == "no_std_error"
    assert found.pilots["outcome"].tolist() == ["no_others", "no_others"]


def test_the_month_of_the_start_may_be_left_out(panel):
    found = within_district(panel, anticipation=1).pilots
    assert found["months_before"].tolist() == [1, 2, 1]
    assert found["before"].tolist()[0] == pytest.approx(3.0)
