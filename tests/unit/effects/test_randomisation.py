from __future__ import annotations

from itertools import combinations
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_pilots.effects.assignment import choices, completely_random, within_strata
from commune_pilots.effects.randomisation import p_value, prepare, randomisation_test

ALPHA = 0.05
SAME = 1e-12


def _rng():
    return np.random.default_rng(3)


def _listed(treated, **how):
    make = within_strata if "strata" in how else completely_random
    return choices(make(treated, **how), draws=99, rng=_rng())


def _welch(outcome, treated):
    own = np.isin(np.arange(len(outcome)), treated)
    a, b = outcome[own], outcome[~own]
    return (a.mean() - b.mean()) / sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))


def _naive(outcome, chosen, statistic):
    made = abs(statistic(outcome, np.flatnonzero(chosen.assignment.treated)))
    found = [abs(statistic(outcome, row)) for row in chosen.treated]
    return np.mean([each >= made * (1 - 1e-9) for each in found])


OUTCOME = np.array([12.0, 3.5, 4.0, 11.0, -2.0, 5.5, 2.0, 9.0, 1.0])
TREATED = np.isin(np.arange(9), (0, 3, 7))


def test_all_choices_at_once_give_the_p_value_of_one_after_the_other():
    chosen = _listed(TREATED)
    found = randomisation_test(OUTCOME, chosen, alpha=ALPHA)
    assert found.p_value == pytest.approx(_naive(OUTCOME, chosen, _welch), abs=SAME)
    assert found.exact
    assert found.choices == 84


def test_the_plain_difference_counts_the_choices_at_least_as_far_apart():
    chosen = _listed(TREATED)
    found = randomisation_test(OUTCOME, chosen, alpha=ALPHA, statistic="difference")

    def apart(outcome, rows):
        own = np.isin(np.arange(9), rows)
        return outcome[own].mean() - outcome[~own].mean()

    assert found.estimate == pytest.approx(apart(OUTCOME, (0, 3, 7)))
    assert found.p_value == pytest.approx(_naive(OUTCOME, chosen, apart), abs=SAME)


def test_districts_are_compared_within_and_weigh_by_their_pilots():
    outcome = np.array([5.0, 1.0, 2.0, 30.0, 20.0, 22.0, 24.0])
    treated = np.isin(np.arange(7), (0, 3, 4))
    chosen = _listed(treated, strata=[0, 0, 0, 1, 1, 1, 1])
    found = randomisation_test(outcome, chosen, alpha=ALPHA, statistic="difference")
    first, second = 5 - 1.5, 25 - 23
    assert found.estimate == pytest.approx((first + 2 * second) / 3)
    assert found.choices == 3 * 6
    assert found.n_comparison == 4


def test_the_error_of_districts_is_the_scatter_between_them():
    outcome = np.array([5.0, 1.0, 2.0, 30.0, 20.0, 22.0, 9.0, 4.0])
    strata = [0, 0, 0, 1, 1, 1, 2, 2]
    treated = np.isin(np.arange(8), (0, 3, 6))
    chosen = _listed(treated, strata=strata)

    def by_district(values, rows):
        apart = []
        for district in range(3):
            members = np.flatnonzero(np.array(strata) == district)
            own = np.intersect1d(members, rows)
            apart.append(values[own].mean() - values[np.setdiff1d(members, own)].mean())
        return np.mean(apart) / np.std(apart, ddof=1)

    found = randomisation_test(outcome, chosen, alpha=ALPHA)
    assert found.p_value == pytest.approx(_naive(outcome, chosen, by_district), abs=SAME)


def test_a_unit_of_a_district_without_pilots_changes_nothing():
    treated = np.isin(np.arange(7), (0, 3))
    strata = [0, 0, 0, 1, 1, 1, 2]
    for strange in (0.0, 1e6, np.nan):
        outcome = np.array([5.0, 1.0, 2.0, 30.0, 20.0, 22.0, strange])
        found = randomisation_test(
            outcome, _listed(treated, strata=strata), alpha=0.3, statistic="difference"
        )
        assert found.estimate == pytest.approx(6.25)
        assert found.p_value == pytest.approx(1 / 9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=7, max_size=7), st.floats(-20, 20))
def test_an_effect_taken_off_is_tested_as_the_outcomes_without_it(values, effect):
    outcome = np.round(np.array(values), 3)
    treated = np.arange(7) < 3
    chosen = _listed(treated)
    for statistic in ("difference", "studentised"):
        at_once = p_value(prepare(outcome, chosen, statistic=statistic), effect)
        before = prepare(outcome - effect * treated, chosen, statistic=statistic)
        assert at_once == pytest.approx(p_value(before), abs=2 / 35 + SAME)


@pytest.mark.parametrize("statistic", ["difference", "studentised"])
def test_the_interval_holds_the_effects_that_are_not_rejected(statistic):
    outcome = np.random.default_rng(5).normal(size=12) * 4
    chosen = _listed(np.arange(12) < 4)
    found = randomisation_test(outcome, chosen, alpha=ALPHA, statistic=statistic)
    sums = prepare(outcome, chosen, statistic=statistic)
    assert found.conf_low < found.estimate < found.conf_high
    for end, outward in ((found.conf_low, -1), (found.conf_high, 1)):
        assert p_value(sums, end + outward * 1e-6) <= ALPHA
        assert p_value(sums, end - outward * 1e-6) > ALPHA
        assert all(p_value(sums, end + outward * far) <= ALPHA for far in (0.1, 1, 10, 100))


def test_the_interval_moves_with_the_outcome():
    outcome = np.random.default_rng(6).normal(size=11)
    treated = np.arange(11) < 3
    chosen = _listed(treated)
    first = randomisation_test(outcome, chosen, alpha=ALPHA)
    moved = randomisation_test(3 * outcome + 7 * treated - 50, chosen, alpha=ALPHA)
    assert moved.conf_low == pytest.approx(3 * first.conf_low + 7, abs=1e-6)
    assert moved.conf_high == pytest.approx(3 * first.conf_high + 7, abs=1e-6)


def test_where_no_choice_could_reach_alpha_nothing_is_bounded():
    outcome = np.array([100.0, 90.0, 95.0, 1.0, 2.0, 0.0])
    found = randomisation_test(outcome, _listed(np.arange(6) < 3), alpha=ALPHA)
    assert found.smallest_p == pytest.approx(0.1)
    assert found.p_value == pytest.approx(0.1)
    assert (found.conf_low, found.conf_high) == (-inf, inf)


def test_equal_outcomes_everywhere_are_no_evidence_at_all():
    found = randomisation_test(
        np.full(9, 4.0), _listed(TREATED), alpha=ALPHA, statistic="difference"
    )
    assert (found.estimate, found.p_value) == (0.0, 1.0)
    assert (found.conf_low, found.conf_high) == (0.0, 0.0)


def test_draws_count_the_choice_that_was_made():
    outcome = np.concatenate([np.full(8, 50.0), np.zeros(100)]) + np.linspace(0, 1, 108)
    chosen = choices(completely_random(np.arange(108) < 8), draws=999, rng=_rng())
    found = randomisation_test(outcome, chosen, alpha=ALPHA)
    assert found.p_value == found.smallest_p == pytest.approx(1 / 1000)
    assert not found.exact


def test_draws_come_near_the_full_list():
    outcome = np.random.default_rng(8).normal(size=14) + (np.arange(14) < 4)
    mechanism = completely_random(np.arange(14) < 4)
    full = randomisation_test(outcome, choices(mechanism, draws=1, rng=_rng()), alpha=ALPHA)
    drawn = choices(mechanism, draws=20_000, rng=_rng(), listed=0)
    found = randomisation_test(outcome, drawn, alpha=ALPHA)
    assert found.p_value == pytest.approx(full.p_value, abs=4 * sqrt(0.25 / 20_000))
    assert found.conf_low == pytest.approx(full.conf_low, abs=0.2)


def test_the_order_of_units_does_not_matter():
    order = np.random.default_rng(9).permutation(9)
    strata = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    whole = randomisation_test(OUTCOME, _listed(TREATED, strata=strata), alpha=ALPHA)
    shuffled = randomisation_test(
        OUTCOME[order], _listed(TREATED[order], strata=strata[order]), alpha=ALPHA
    )
    assert shuffled.p_value == pytest.approx(whole.p_value, abs=SAME)
    assert shuffled.estimate == pytest.approx(whole.estimate)


def test_a_missing_outcome_is_refused():
    with pytest.raises(ValueError, match="an outcome is missing"):
        randomisation_test(np.where(TREATED, np.nan, 1.0), _listed(TREATED), alpha=ALPHA)


def test_one_treated_unit_has_no_standard_error():
    with pytest.raises(ValueError, match="1 treated and 8 comparison units"):
        randomisation_test(OUTCOME, _listed(np.arange(9) < 1), alpha=ALPHA)


def test_the_outcome_handed_in_is_not_changed():
    given = OUTCOME.copy()
    randomisation_test(given, _listed(TREATED), alpha=ALPHA)
    assert (given == OUTCOME).all()


def test_the_listed_choices_are_all_there_are():
    assert len(_listed(TREATED).treated) == len(list(combinations(range(9), 3)))


def test_an_interval_that_no_effect_leaves_is_without_bound():
    outcome = np.array([9.0, 3.5, 4.0, 11.0, 5.0, 5.5, 12.0, 6.0, 4.5])
    treated = np.isin(np.arange(9), (0, 3, 6))
    chosen = _listed(treated, strata=np.repeat([0, 1, 2], 3))
    found = randomisation_test(outcome, chosen, alpha=ALPHA)
    assert found.smallest_p < ALPHA
    far = prepare(outcome, chosen, statistic="studentised")
    for limit, effect in ((found.conf_low, -1e9), (found.conf_high, 1e9)):
        assert np.isinf(limit) == (p_value(far, effect) > ALPHA)
