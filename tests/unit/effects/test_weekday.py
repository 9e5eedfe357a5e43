"""One weekday against the others: whole weeks, contrasts, and what the others lost."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pandas as pd
import pytest

from commune_pilots.effects.weekday import (
    Weeks,
    contrast_weekday,
    displace,
    weekday_refusal,
    whole_weeks,
)

OPENED = pd.Timestamp(2024, 1, 1)  # a Monday
MONDAY = pd.Timestamp(2023, 10, 2)
ALPHA = 0.05


def _days(*, weeks=26, units=("a", "b"), days=7):
    dates = pd.date_range(MONDAY, periods=7 * weeks)
    dates = dates[dates.day_of_week < days]
    rows = [
        {"unit": unit, "day": day, "numerator": 3, "denominator": 10 + day.day_of_week}
        for unit in units
        for day in dates
    ]
    return pd.DataFrame(rows)


def _weeks(*, before=(20, 18, 18, 18, 18), after=None, share=(0.3, 0.3), own=0.0, noise=0, size=20):
    """Lay out `size` weeks a side; the share filed online of Wednesdays after is `own` higher."""
    after = before if after is None else after
    rng = np.random.default_rng(3)
    dossiers = np.vstack([np.tile(before, (size, 1)), np.tile(after, (size, 1))]).astype(float)
    if noise:
        dossiers += rng.integers(-noise, noise + 1, dossiers.shape)
    shares = np.repeat(np.array(share)[:, None], size, axis=0) * np.ones(5)
    shares[size:, 2] += own
    filed = dossiers * shares
    if noise:
        filed = np.clip(filed + rng.normal(0, 1, filed.shape), 0, dossiers)
    return Weeks(filed=filed, dossiers=dossiers, after=np.arange(2 * size) >= size, dropped={})


# Whole weeks


def test_days_of_all_communes_are_added_up_by_week_and_weekday():
    found = whole_weeks(_days(), opened=OPENED, holidays=[])
    assert found.dossiers.shape == (26, 5)
    assert found.dossiers[0].tolist() == [20, 22, 24, 26, 28]
    assert found.filed[0].tolist() == [6] * 5
    assert found.after.tolist() == [False] * 13 + [True] * 13
    assert found.dropped == {}


def test_a_holiday_leaves_its_week_out_and_one_at_the_weekend_none():
    found = whole_weeks(
        _days(), opened=OPENED, holidays=[pd.Timestamp(2023, 10, 11), pd.Timestamp(2023, 10, 21)]
    )
    assert found.dropped == {"holiday": 1}
    assert len(found.after) == 25


def test_a_holiday_without_rows_is_a_holiday_and_not_incomplete():
    holiday = pd.Timestamp(2023, 10, 11)
    days = _days()
    found = whole_weeks(days[days["day"] != holiday], opened=OPENED, holidays=[holiday])
    assert found.dropped == {"holiday": 1}


def test_a_day_that_one_commune_does_not_tell_leaves_the_week_out():
    days = _days()
    missing = (days["unit"] == "b") & (days["day"] == pd.Timestamp(2023, 10, 19))
    for told in (days[~missing], days.assign(numerator=days["numerator"].mask(missing))):
        found = whole_weeks(told, opened=OPENED, holidays=[])
        assert found.dropped == {"incomplete": 1}
        assert (found.dossiers.sum(axis=1) == 120).all()


def test_the_week_that_a_start_cuts_is_neither_before_nor_after():
    found = whole_weeks(_days(), opened=pd.Timestamp(2024, 1, 3), holidays=[])
    assert found.dropped == {"opening": 1}
    assert (~found.after).sum() == 13
    assert found.after.sum() == 12


def test_days_are_left_as_they_were():
    days = _days()
    before = days.copy()
    whole_weeks(days, opened=OPENED, holidays=[])
    pd.testing.assert_frame_equal(days, before)


def test_too_few_weeks_and_days_without_dossiers_are_refused():
    assert weekday_refusal(_weeks()) is None
    assert weekday_refusal(_weeks(size=8)) is None
    assert weekday_refusal(_weeks(size=7)) == "too_few_weeks"
    assert weekday_refusal(_weeks(after=(20, 18, 18, 18, 0))) == "no_dossiers"


# The day against the others


def test_the_day_gains_what_it_gains_beyond_the_others():
    found = contrast_weekday(
        _weeks(after=(22, 20, 28, 20, 20), share=(0.3, 0.35), own=0.1), alpha=ALPHA
    )
    assert found.share.estimate == pytest.approx(10)
    assert found.count.estimate == pytest.approx(8)
    assert found.ratio.estimate == pytest.approx((28 / 82) / (18 / 74))
    assert (found.weeks_before, found.weeks_after) == (20, 20)


def test_what_moves_every_day_alike_is_no_gain_of_one():
    found = contrast_weekday(_weeks(after=(40, 36, 36, 36, 36), share=(0.3, 0.6)), alpha=ALPHA)
    assert found.share.estimate == pytest.approx(0, abs=1e-9)
    assert found.ratio.estimate == pytest.approx(1)


def test_the_rank_of_the_largest_of_five_is_one_fifth_and_no_less():
    found = contrast_weekday(_weeks(after=(20, 18, 40, 18, 18), own=0.3, noise=2), alpha=ALPHA)
    for estimate in (found.share, found.count, found.ratio):
        assert estimate.p_value == pytest.approx(0.2)
        assert estimate.smallest_p == pytest.approx(0.2)
    assert found.by_weekday["weekday"].tolist() == [0, 1, 2, 3, 4]
    own = found.by_weekday.set_index("weekday")
    assert own["share"].abs().idxmax() == 2
    assert own.loc[2, "share"] == found.share.estimate
    assert np.exp(own.loc[2, "log_ratio"]) == pytest.approx(found.ratio.estimate)


def test_another_weekday_may_be_the_one():
    weeks = _weeks(after=(20, 18, 18, 18, 40), noise=2)
    friday = contrast_weekday(weeks, alpha=ALPHA, weekday=4)
    wednesday = contrast_weekday(weeks, alpha=ALPHA)
    assert friday.count.p_value == pytest.approx(0.2)
    assert wednesday.count.p_value > 0.2
    assert friday.count.estimate > wednesday.count.estimate


def test_a_standard_error_is_that_of_weekly_numbers():
    weeks = _weeks(noise=3, size=200)
    found = contrast_weekday(weeks, alpha=ALPHA)
    weekly = weeks.dossiers[:, 2] - weeks.dossiers[:, [0, 1, 3, 4]].mean(axis=1)
    error = np.hypot(*(weekly[side].std(ddof=1) / 200**0.5 for side in (weeks.after, ~weeks.after)))
    assert found.count.std_error == pytest.approx(error, rel=0.25)
    around = (found.ratio.conf_low * found.ratio.conf_high) ** 0.5
    assert around == pytest.approx(found.ratio.estimate)


def test_each_gradient_is_that_of_its_number():
    weeks = _weeks(noise=3)
    nudged = replace(weeks, dossiers=weeks.dossiers.copy(), filed=weeks.filed.copy())
    nudged.dossiers[weeks.after, 2] += 1e-6
    one, other = (contrast_weekday(each, alpha=ALPHA) for each in (weeks, nudged))
    after = weeks.dossiers[weeks.after].mean(axis=0)
    moved = np.log(other.ratio.estimate / one.ratio.estimate)
    assert moved == pytest.approx(1e-6 / after[2], rel=1e-3)


# Displacement


@pytest.mark.parametrize(
    ("after", "displaced"),
    [((20, 18, 26, 18, 18), 0.0), ((18, 16, 26, 16, 16), 1.0), ((19, 17, 26, 17, 17), 0.5)],
)
def test_what_the_others_lost_is_set_beside_what_the_day_gained(after, displaced):
    found = displace(_weeks(after=after), counted="dossiers", alpha=ALPHA)
    assert found.gain.estimate == pytest.approx(8)
    assert found.others.estimate == pytest.approx(-8 * displaced)
    assert found.total.estimate == pytest.approx(8 * (1 - displaced))
    assert found.displaced.estimate == pytest.approx(displaced)


def test_others_that_gain_too_displace_less_than_nothing():
    found = displace(_weeks(after=(22, 20, 26, 20, 20)), counted="dossiers", alpha=ALPHA)
    assert found.displaced.estimate == pytest.approx(-1.0)


def test_growth_that_would_have_come_anyway_is_taken_off():
    found = displace(
        _weeks(after=(22, 19.8, 19.8, 19.8, 19.8)), counted="dossiers", alpha=ALPHA, expected=1.1
    )
    for estimate in (found.gain, found.others, found.total):
        assert estimate.estimate == pytest.approx(0, abs=1e-9)
    assert found.expected == 1.1


def test_dossiers_filed_online_are_counted_where_asked():
    found = displace(_weeks(own=0.5), counted="filed", alpha=ALPHA)
    assert found.gain.estimate == pytest.approx(9)
    assert found.others.estimate == pytest.approx(0, abs=1e-9)


def test_a_gain_that_could_be_none_leaves_the_part_displaced_unbounded():
    found = displace(_weeks(noise=8), counted="dossiers", alpha=ALPHA)
    assert found.gain.conf_low < 0 < found.gain.conf_high
    assert (found.displaced.conf_low, found.displaced.conf_high) == (-inf, inf)
    sure = displace(_weeks(after=(18, 16, 40, 16, 16), noise=3), counted="dossiers", alpha=ALPHA)
    assert -inf < sure.displaced.conf_low < sure.displaced.estimate < sure.displaced.conf_high
