from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from commune_pilots.scaling.pilot_design import (
    PilotPlan,
    assignment_of,
    change_variance,
    detectable_by_formula,
    foresee,
    months_needed,
    pilots_needed,
    power_by_formula,
    std_error,
)
from commune_pilots.scaling.stepped_wedge import Wedge, gain_variance

ALPHA = 0.05
PLAN = PilotPlan(
    communes=108,
    pilots=8,
    per_district=False,
    months_before=12,
    months_after=12,
    own_change=3.0,
    month=5.0,
    autocorrelation=0.4,
)
FEW = {"alpha": ALPHA, "wanted": 0.8, "seed": 5, "simulations": 40, "draws": 199}


def test_independent_months_average_out():
    plan = replace(PLAN, own_change=0.0, autocorrelation=0.0)
    assert change_variance(plan) == pytest.approx(25 * (1 / 12 + 1 / 12))


def test_a_commune_s_own_change_does_not_average_out():
    many = replace(PLAN, months_before=2000, months_after=2000)
    assert change_variance(many) == pytest.approx(9, abs=0.1)


def test_the_variance_of_a_change_is_that_of_simulated_months():
    rng = np.random.default_rng(3)
    months = rng.normal(0, 5, (40_000, 10))
    months[:, 1:] *= sqrt(1 - 0.6**2)
    for month in range(1, 10):
        months[:, month] += 0.6 * months[:, month - 1]
    simulated = months[:, 4:].mean(axis=1) - months[:, :4].mean(axis=1)
    plan = replace(PLAN, months_before=4, months_after=6, own_change=0.0, autocorrelation=0.6)
    assert change_variance(plan) == pytest.approx(simulated.var(), rel=0.03)


def test_two_periods_of_a_stepped_wedge_have_the_same_error():
    """Hussey & Hughes 2007 with levels that differ without bound leave differences in changes."""
    wedge = Wedge(waves=(8, 100), dossiers=10**9, baseline=40, between=1e4, period=3, effect=0)
    plan = replace(PLAN, own_change=0.0, month=3.0, autocorrelation=0.0)
    plan = replace(plan, months_before=1, months_after=1)
    assert std_error(plan) ** 2 == pytest.approx(gain_variance(wedge, gain=5, through=1), rel=1e-4)


def test_the_error_of_districts_is_that_of_their_sizes():
    plan = replace(PLAN, communes=9, pilots=2, per_district=True)  # districts of 5 and 4
    by_hand = change_variance(plan) * (1 + 1 / 4 + 1 + 1 / 3) / 4
    assert std_error(plan) ** 2 == pytest.approx(by_hand)
    assert np.bincount(assignment_of(plan).strata).tolist() == [5, 4]


def test_power_is_alpha_without_a_gain_and_rises_with_it():
    powers = [power_by_formula(PLAN, gain=gain, alpha=ALPHA) for gain in (1e-9, 2, 5, 10, 60)]
    assert powers[0] == pytest.approx(ALPHA, abs=1e-6)
    assert powers == sorted(powers)
    assert powers[-1] == pytest.approx(1.0)


def test_the_detectable_gain_is_detected_with_the_chance_wanted():
    gain = detectable_by_formula(PLAN, alpha=ALPHA, wanted=0.9)
    assert power_by_formula(PLAN, gain=gain, alpha=ALPHA) == pytest.approx(0.9, abs=1e-4)


def test_few_pilots_are_as_many_as_needed_and_one_fewer_are_not():
    asked = {"gain": 5.0, "alpha": ALPHA, "wanted": 0.8}
    found = pilots_needed(PLAN, **asked)
    assert found is not None
    below, at = (
        power_by_formula(replace(PLAN, pilots=k), gain=5.0, alpha=ALPHA) for k in (found - 1, found)
    )
    assert below < 0.8 <= at


def test_months_are_as_many_as_needed_and_one_fewer_are_not():
    found = months_needed(PLAN, gain=5.5, alpha=ALPHA, wanted=0.8)
    assert found is not None
    short, enough = (
        power_by_formula(replace(PLAN, months_before=m, months_after=m), gain=5.5, alpha=ALPHA)
        for m in (found - 1, found)
    )
    assert short < 0.8 <= enough


def test_no_number_of_months_makes_up_for_communes_that_change_on_their_own():
    assert months_needed(replace(PLAN, pilots=3), gain=5.0, alpha=ALPHA, wanted=0.8) is None


def test_no_number_of_pilots_makes_up_for_too_few_communes():
    plan = replace(PLAN, communes=6, pilots=2)
    assert pilots_needed(plan, gain=50.0, alpha=ALPHA, wanted=0.8) is None


def test_a_plan_whose_smallest_p_is_above_alpha_decides_nothing():
    plan = replace(PLAN, communes=12, pilots=1)
    found = foresee(plan, gains=(5.0, 500.0), **FEW)
    assert found.smallest_p == pytest.approx(1 / 12)
    assert (found.power, found.by_formula, found.detectable) == (None, None, None)
    assert months_needed(plan, gain=500.0, alpha=ALPHA, wanted=0.8) is None


@pytest.mark.parametrize("per_district", [False, True])
def test_a_foreseen_pilot_detects_large_gains_and_rarely_small_ones(per_district):
    plan = replace(PLAN, per_district=per_district)
    found = foresee(plan, gains=(0.01, 5.0, 50.0), **FEW)
    assert found.power is not None
    assert found.power[0] <= 0.2
    assert found.power[2] == 1.0
    assert found.power[0] < found.power[1]
    assert found.detectable == pytest.approx(5.0, rel=0.4)


def test_the_same_seed_foresees_the_same():
    first, second = (foresee(PLAN, gains=(5.0,), **FEW) for _ in range(2))
    assert first == second


def test_a_chance_that_no_gain_tried_reaches_is_none():
    found = foresee(PLAN, gains=(5.0,), **(FEW | {"wanted": 0.9999999}))
    assert found.detectable is None or found.detectable > 5


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"pilots": 0}, "0 pilots of 108"),
        ({"pilots": 107}, "109 at least"),
        ({"pilots": 60, "per_district": True}, "120 at least"),
        ({"months_before": 0}, "no month before or after"),
        ({"own_change": -1.0}, "negative or both are 0"),
        ({"own_change": 0.0, "month": 0.0}, "negative or both are 0"),
        ({"autocorrelation": 1.0}, "between -1 and 1"),
    ],
)
def test_planning_values_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        foresee(replace(PLAN, **wrong), gains=(5.0,), **FEW)
