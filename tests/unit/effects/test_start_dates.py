from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import staggered

from commune_pilots.effects.assignment import completely_random, within_strata
from commune_pilots.effects.did_moments import NEVER
from commune_pilots.effects.start_dates import changes_at, start_dates_test

HOW = {"anticipation": 0, "alpha": 0.05, "draws": 499}


def _test(panel, assignment, **how):
    return start_dates_test(panel, assignment, rng=np.random.default_rng(3), **{**HOW, **how})


def _by_hand(panel, dealt):
    """Mean over treated of own change less the mean change of those dealt no date."""
    others = [unit for unit in range(len(panel.cohort)) if unit not in dealt]
    starts = sorted(panel.cohort[panel.cohort < panel.outcome.shape[1]])
    found = []
    for unit, start in zip(dealt, starts, strict=True):
        change = changes_at(panel, int(start), anticipation=0)
        found.append(change[unit] - change[others].mean())
    return np.mean(found)


def test_a_change_is_after_less_before_without_the_opening():
    panel = staggered.wide([[1.0, 2.0, 50.0, 7.0, 9.0]], [3])
    assert changes_at(panel, 3, anticipation=1) == pytest.approx([8.0 - 1.5])
    assert changes_at(panel, 3, anticipation=0) == pytest.approx([8.0 - 53.0 / 3])


def test_the_estimate_is_each_pilot_beside_the_others_over_its_own_months():
    panel = staggered.draw(np.random.default_rng(1), starts=[4, 4, 7], never=12, periods=12)
    found = _test(panel, completely_random(panel.cohort < 12))
    assert found.estimate == pytest.approx(_by_hand(panel, (0, 1, 2)))
    assert (found.n_treated, found.n_comparison) == (3, 12)


def test_a_constant_effect_is_found_exactly_and_held_by_the_interval():
    outcome = np.tile(np.arange(12.0), (20, 1)) + np.random.default_rng(0).normal(0, 3, (20, 1))
    cohort = np.array([4, 6, 6, 8, *[NEVER] * 16])
    outcome += 5.0 * (np.arange(12) >= cohort[:, None])
    outcome += np.random.default_rng(4).normal(0, 0.2, outcome.shape)
    found = _test(staggered.wide(outcome, cohort), completely_random(cohort < 12))
    assert found.estimate == pytest.approx(5.0, abs=0.3)
    assert found.conf_low < 5.0 < found.conf_high
    assert found.smallest_p == 1 / 500 < found.p_value < 0.05


def test_an_interval_leaves_out_what_its_test_rejects():
    panel = staggered.draw(np.random.default_rng(2), starts=[4, 6, 6, 8], never=14, periods=12)
    found = _test(panel, completely_random(panel.cohort < 12))
    holds_nothing = found.conf_low <= 0.0 <= found.conf_high
    assert holds_nothing == (found.p_value > 0.05)


def test_the_smallest_p_counts_the_ways_to_deal_the_dates():
    panel = staggered.draw(np.random.default_rng(1), starts=[4, 4, 7], never=2, periods=12)
    found = _test(panel, completely_random(panel.cohort < 12), draws=9999)
    ways = len({(frozenset(one[:2]), one[2]) for one in permutations(range(5), 3)})
    assert found.smallest_p == 1 / ways
    assert np.isinf(_test(panel, completely_random(panel.cohort < 12), alpha=0.03).conf_low)


def test_within_districts_the_others_take_the_dates_of_their_pilot():
    rng = np.random.default_rng(6)
    cohort = np.array([4, NEVER, NEVER, 8, NEVER, NEVER, 6, NEVER, NEVER])
    outcome = rng.normal(30, 2, (9, 12)) + 5.0 * (np.arange(12) >= cohort[:, None])
    districts = np.repeat(np.array(["a", "b", "c"], dtype=object), 3)
    panel = staggered.wide(outcome, cohort, districts=districts)
    found = _test(panel, within_strata(cohort < 12, strata=districts))
    gaps = []
    for pilot in (0, 3, 6):
        change = changes_at(panel, int(cohort[pilot]), anticipation=0)
        gaps.append(change[pilot] - change[[pilot + 1, pilot + 2]].mean())
    assert found.estimate == pytest.approx(np.mean(gaps))
    assert found.smallest_p == pytest.approx(1 / 27)


def test_a_unit_without_a_month_on_one_side_is_refused():
    panel = staggered.draw(np.random.default_rng(1), starts=[4, 4, 7], never=9, periods=12)
    panel.outcome[5, :5] = np.nan
    with pytest.raises(ValueError, match="no month on one side"):
        _test(panel, completely_random(panel.cohort < 12))
