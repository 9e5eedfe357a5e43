from __future__ import annotations

from dataclasses import replace

import numpy as np
import provinces
import pytest

from commune_pilots.effects import placebos
from commune_pilots.effects.placebos import NOT_POSSIBLE

HOW = {"alpha": provinces.ALPHA, "seed": provinces.SEED}
ALL = [
    placebos.pre_trend,
    placebos.placebo_in_time,
    placebos.placebo_in_space,
    placebos.leave_one_out,
]


def _moved(arms, points, months):
    """Add points to the pilots in some months."""
    outcome = arms.wide.outcome.copy()
    outcome[np.ix_(arms.treated, months)] += points
    return replace(arms, wide=replace(arms.wide, outcome=outcome))


@pytest.fixture(scope="module")
def arms():
    return provinces.arms(provinces.province())


@pytest.mark.parametrize("check", ALL)
def test_a_simulated_province_passes(arms, check):
    assert check(arms, **HOW).outcome == "passed"


def test_a_drift_before_the_start_fails_and_is_told_in_points_a_year(arms):
    before = placebos.pre_trend(arms, **HOW).statistic
    drift = np.add.outer(np.zeros(int(arms.treated.sum())), np.arange(18) / 2)
    found = placebos.pre_trend(_moved(arms, drift, np.arange(18)), **HOW)
    assert found.outcome == "failed"
    assert found.statistic == pytest.approx(before + 6.0)


def test_a_step_before_the_start_fails_the_placebo_in_time(arms):
    before = placebos.placebo_in_time(arms, **HOW).statistic
    found = placebos.placebo_in_time(_moved(arms, 5.0, np.arange(9, 18)), **HOW)
    assert found.outcome == "failed"
    assert found.statistic == pytest.approx(before + 5.0)


def test_no_effect_does_not_stand_out_among_other_communes(arms):
    found = placebos.placebo_in_space(_moved(arms, -9.0, np.arange(18, 30)), **HOW)
    assert found.outcome == "failed"
    assert found.statistic > 5


def test_an_effect_that_one_pilot_carries_fails_when_it_is_left_out(arms):
    first = np.flatnonzero(arms.treated)[0]
    lone = _moved(arms, -8.0, np.arange(18, 30))
    lone.wide.outcome[first, 18:] += 1.0
    whole = placebos.test_of(lone, **HOW)
    found = placebos.leave_one_out(lone, **HOW)
    told = whole.p_value <= provinces.ALPHA
    assert found.outcome == ("failed" if told else "not_possible")


def test_the_pilot_left_out_and_the_estimate_without_it_are_named(arms):
    found = placebos.leave_one_out(arms, **HOW)
    pilots = arms.wide.units[arms.treated]
    assert found.reference in set(pilots)
    kept = arms.wide.districts != arms.wide.districts[list(arms.wide.units).index(found.reference)]
    again = placebos.test_of(placebos.keep(arms, kept), **HOW)
    assert found.statistic == again.estimate


def test_too_few_months_before_leave_nothing_to_look_at():
    tables = provinces.province()
    panel = tables["panel"]
    late = {**tables, "panel": panel[panel["period_start"] >= "2022-03-01"]}
    arms = provinces.arms(late)
    assert arms.months_before == 4
    assert placebos.pre_trend(arms, **HOW) == NOT_POSSIBLE
    assert placebos.placebo_in_time(arms, **HOW) == NOT_POSSIBLE


def test_a_design_that_could_show_nothing_passes_nothing():
    tables = provinces.undistricted(provinces.with_pilots(provinces.province(), 1))
    others = sorted(set(tables["panel"]["unit"]) - set(provinces.pilots_of(tables)))
    arms = provinces.arms(provinces.without(tables, others[6:]))
    assert [check(arms, **HOW) for check in ALL] == [NOT_POSSIBLE] * 4


def test_without_comparison_nothing_is_possible_and_nothing_is_estimated(arms):
    alone = replace(arms, assignment=None)
    assert [check(alone, **HOW) for check in ALL] == [NOT_POSSIBLE] * 4
    with pytest.raises(ValueError, match="no pilots beside"):
        placebos.test_of(alone, **HOW)


def test_the_same_seed_asks_the_same_choices(arms):
    assert placebos.test_of(arms, **HOW) == placebos.test_of(arms, **HOW)


def test_one_comparison_unit_has_no_scatter_to_divide_by():
    tables = provinces.undistricted(provinces.with_pilots(provinces.province(), 3))
    others = sorted(set(tables["panel"]["unit"]) - set(provinces.pilots_of(tables)))
    found = placebos.test_of(provinces.arms(provinces.without(tables, others[1:])), **HOW)
    assert (found.statistic, found.smallest_p) == ("difference", 0.25)


def test_starts_of_their_own_are_dealt_anew():
    arms = provinces.arms(provinces.staggered(provinces.province()))
    assert placebos.pre_trend(arms, **HOW).outcome == "passed"
    assert placebos.placebo_in_space(arms, **HOW) == NOT_POSSIBLE
    assert placebos.test_of(arms, **HOW).n_treated == 8
