"""More where more was given? Slopes, groups of like dose, and the step of the ladder."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pandas as pd
import pytest

from commune_pilots.effects.dose import (
    check_monotone,
    dose_design,
    dose_refusal,
    dose_slope,
)

ALPHA, DRAWS = 0.05, 499


def _tables(*, units=20, slope=2.0, noise=1.0, undosed=5, periods=2, seed=1):
    rng = np.random.default_rng(seed)
    names = [f"u{index:02d}" for index in range(units)]
    dose = np.where(np.arange(units) < undosed, 0.0, rng.uniform(1, 6, units))
    doses = dose[:, None] * np.linspace(0, 1, periods)
    common = np.cumsum(rng.normal(1, 2, periods))
    shares = 30 + rng.normal(0, 5, (units, 1)) + common + slope * doses
    shares = shares + rng.normal(0, noise, shares.shape)
    return pd.DataFrame(shares, index=names), pd.DataFrame(doses, index=names)


def _slope(shares, doses, rng, **asked):
    return dose_slope(shares, doses, alpha=ALPHA, draws=DRAWS, rng=rng, **asked)


@pytest.mark.parametrize("periods", [2, 6])
def test_the_slope_is_found_again_whatever_moves_all_units(periods, rng):
    found = _slope(*_tables(periods=periods, noise=0.0), rng)
    assert found.slope.estimate == pytest.approx(2.0)
    assert (found.units, found.undosed, found.periods) == (20, 5, periods)


def test_two_periods_give_the_least_squares_slope_of_changes_on_doses(rng):
    shares, doses = _tables(noise=3.0)
    found = _slope(shares, doses, rng)
    by_hand = np.polyfit(doses[1] - doses[0], shares[1] - shares[0], 1)[0]
    assert found.slope.estimate == pytest.approx(by_hand)


def test_the_standard_error_leaves_one_unit_out_at_a_time(rng):
    shares, doses = _tables(noise=3.0)
    changes, given = (shares[1] - shares[0]).to_numpy(), doses[1].to_numpy()
    left_out = [
        np.polyfit(np.delete(given, unit), np.delete(changes, unit), 1)[0] for unit in range(20)
    ]
    own = np.polyfit(given, changes, 1)[0]
    error = (19 / 20 * np.square(np.array(left_out) - own).sum()) ** 0.5
    assert _slope(shares, doses, rng).slope.std_error == pytest.approx(error)


def test_a_clear_slope_has_the_smallest_p_value_and_none_has_a_large_one(rng):
    clear, none = (_slope(*_tables(slope=slope), rng).slope for slope in (3.0, 0.0))
    assert clear.p_value == clear.smallest_p == pytest.approx(1 / (DRAWS + 1))
    assert none.p_value > 0.05


def test_the_smallest_p_value_counts_the_ways_to_deal_the_doses(rng):
    shares, doses = _tables(units=6, undosed=5)
    found = _slope(shares, doses, rng)
    ways = len(set(permutations(doses[1])))
    assert ways == 6
    assert found.slope.smallest_p == pytest.approx(1 / ways)
    assert found.slope.p_value >= 1 / ways


def test_doses_are_dealt_anew_within_districts_only(rng):
    shares, doses = _tables(units=8, undosed=0)
    strata = pd.Series(list("aabbccdd"), index=shares.index)
    found = _slope(shares, doses, rng, strata=strata)
    assert found.slope.smallest_p == pytest.approx(1 / factorial(2) ** 4)
    assert found.slope.estimate == _slope(shares, doses, rng).slope.estimate


def test_tables_are_left_as_they_were(rng):
    shares, doses = _tables()
    before = shares.copy(), doses.copy()
    _slope(shares, doses, rng)
    pd.testing.assert_frame_equal(shares, before[0])
    pd.testing.assert_frame_equal(doses, before[1])


def test_what_has_no_slope_is_refused_with_a_reason():
    shares, doses = _tables()
    assert dose_refusal(shares, doses) is None
    assert dose_refusal(shares[:5], doses[:5]) == "too_few_units"
    assert dose_refusal(shares, doses * 0 + 3) == "no_variation"
    assert dose_refusal(shares.mask(shares > 33), doses) == "incomplete"


# The ladder


def test_a_slope_is_a_comparison_only_with_units_without_dose_and_a_clean_past(rng):
    shares, doses = _tables()
    found = _slope(shares, doses, rng)
    clean = _slope(_tables(slope=0.0, seed=4)[0], doses, rng)
    assert clean.slope.p_value >= ALPHA
    assert dose_design(found, clean, alpha=ALPHA) == "comparison"
    assert dose_design(found, None, alpha=ALPHA) == "trend_adjusted"
    assert dose_design(found, found, alpha=ALPHA) == "trend_adjusted"
    dosed = _slope(*_tables(undosed=2), rng)
    assert dose_design(dosed, clean, alpha=ALPHA) == "trend_adjusted"


def test_a_past_that_could_show_nothing_is_not_clean(rng):
    shares, doses = _tables(units=6, undosed=5, slope=0.0)
    past = _slope(shares, doses, rng)
    assert past.slope.smallest_p > ALPHA
    assert dose_design(past, past, alpha=ALPHA) == "trend_adjusted"


# Groups of like dose


def _monotone(means, *, noise=0.5, size=6, doses=(0, 1, 2)):
    rng = np.random.default_rng(2)
    dose = np.repeat(np.array(doses, dtype=float), size)
    changes = np.repeat(np.array(means, dtype=float), size) + rng.normal(0, noise, len(dose))
    names = [f"u{index}" for index in range(len(dose))]
    return check_monotone(
        pd.Series(changes, index=names), pd.Series(dose, index=names), groups=3, alpha=ALPHA
    )


@pytest.mark.parametrize(
    ("means", "noise", "answer"),
    [
        ((0, 5, 10), 0.5, "passed"),
        ((0, 10, 2), 0.5, "failed"),
        ((5, 0, 10), 0.5, "failed"),
        ((0, 10, 9.9), 6.0, "open"),
    ],
)
def test_a_fall_with_more_dose_fails_only_beyond_chance(means, noise, answer):
    assert _monotone(means, noise=noise).result == answer


def test_groups_hold_units_of_like_dose_and_their_means():
    found = _monotone((0, 5, 10), noise=0.0).table
    assert found["least_dose"].tolist() == [0, 1, 2]
    assert found["units"].tolist() == [6, 6, 6]
    assert found["mean"].tolist() == pytest.approx([0, 5, 10])
    assert found["rising"].tolist() == pytest.approx([0, 5, 10])


def test_the_closest_means_that_never_fall_pool_a_fall():
    found = _monotone((0, 10, 4), noise=0.0).table
    assert found["rising"].tolist() == pytest.approx([0, 7, 7])


def test_units_without_dose_are_a_group_of_their_own():
    found = _monotone((0, 5, 10, 11), doses=(0, 1, 2, 3)).table
    assert found["most_dose"].tolist()[0] == 0
    assert found["units"].sum() == 24
    assert len(found) == 3


@pytest.mark.parametrize(("size", "doses"), [(2, (0, 1, 2)), (6, (0, 1, 1)), (6, (2, 2, 2))])
def test_fewer_than_three_groups_of_three_cannot_tell(size, doses):
    found = _monotone((0, 5, 10), size=size, doses=doses)
    assert found.result == "not_possible"
    assert found.table["rising"].isna().all()
