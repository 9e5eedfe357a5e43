from __future__ import annotations

import pandas as pd
import pytest
from drawn import observations
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.coverage import unit_names
from commune_pilots.effects.levels import SATURATED_FROM, levels_alone

NAMES = {"00001": "One", "00002": "Two", "00003": "Three"}


def _alone(figures, indicators, *, paired=(), rounding="nearest"):
    return levels_alone(figures, NAMES, indicators, paired=list(paired), rounding=rounding)


def test_figures_without_a_partner_are_listed_as_levels(indicators):
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  after   98,08
        o3           00002  after   91
        o4           00003  level   40
        o5           00003  target  80
        """
    )
    found = _alone(figures, indicators, paired=["o1", "o2"])
    assert found["observation"].tolist() == ["o3", "o4"]
    assert found["unit_name"].tolist() == ["Two", "Three"]
    assert found["low"].tolist() == pytest.approx([90.5, 39.5])
    assert found["high"].tolist() == pytest.approx([91.5, 40.5])


def test_a_figure_before_alone_is_no_level(indicators):
    figures = observations("observation unit role printed\n o1 00001 before 16,8")
    assert_frame_equal(_alone(figures, indicators), schemas.empty("levels"))


def test_a_share_of_99_or_more_is_saturated(indicators):
    figures = observations(
        """
        observation  unit   role   printed
        o1           00001  level  98,99
        o2           00001  level  99
        o3           00001  level  99,9
        o4           00001  level  100
        """
    )
    assert _alone(figures, indicators)["saturated"].tolist() == [False, True, True, True]
    assert SATURATED_FROM == 99.0


def test_a_bound_in_words_is_given_as_its_whole_range(indicators):
    figures = observations(
        """
        observation  unit   role   printed  qualifier
        o1           00001  level  60       over
        o2           00001  level  60       at_least
        o3           00001  level  60       nearly
        o4           00001  level  60       about
        """
    )
    found = _alone(figures, indicators)
    assert found["low"].tolist() == pytest.approx([60, 60, 0, 59.5])
    assert found["high"].tolist() == pytest.approx([100, 100, 60, 60.5])


@pytest.mark.parametrize(("rounding", "low", "high"), [("truncate", 40, 41), ("any", 39, 41)])
def test_the_range_of_a_level_follows_the_way_of_rounding(indicators, rounding, low, high):
    figures = observations("observation unit role printed\n o1 00001 level 40")
    found = _alone(figures, indicators, rounding=rounding).iloc[0]
    assert (found["low"], found["high"]) == pytest.approx((low, high))


def test_a_count_is_no_share_has_no_interval_and_is_never_saturated(indicators):
    figures = observations(
        "observation unit role printed\n o1 00001 level 520",
        indicator="digital_teams",
        definition="digital_teams_hamlets",
    )
    found = _alone(figures, indicators).iloc[0]
    assert (found["value"], found["saturated"]) == (520.0, False)
    assert found[["low", "high", "denominator_low"]].isna().all()


def test_a_count_printed_beside_a_share_implies_its_denominator(indicators):
    figures = observations(
        "observation unit role printed numerator\n o1 00001 level 16 32000",
        indicator="app_household_share",
        definition="app_households_installed_share",
    )
    found = _alone(figures, indicators).iloc[0]
    assert (found["denominator_low"], found["denominator_high"]) == (193_940, 206_451)


def test_without_a_count_or_of_a_share_that_may_be_0_no_denominator_is_implied(indicators):
    figures = observations(
        """
        observation  unit   role   printed  numerator
        o1           00001  level  16       -
        o2           00001  level  0        32000
        o3           00001  level  0        0
        """
    )
    found = _alone(figures, indicators)[["denominator_low", "denominator_high"]]
    assert found.isna().all(axis=None)


def test_a_figure_without_a_number_is_no_level(indicators):
    figures = observations(
        "observation unit role printed qualifier\n o1 00001 after chua_co none_yet"
    )
    assert_frame_equal(_alone(figures, indicators), schemas.empty("levels"))


def test_listing_levels_leaves_the_figures_as_they_were(indicators):
    figures = observations("observation unit role printed\n o1 00001 level 16,8")
    before = figures.copy(deep=True)
    _alone(figures, indicators)
    assert_frame_equal(figures, before)


def test_every_level_of_the_press_is_listed_once(press_tables, indicators):
    names = unit_names(press_tables["units"])
    figures = press_tables["observations"]
    found = levels_alone(figures, names, indicators, paired=[], rounding="any")
    expected = figures[figures["role"].isin(["after", "level", "rank"]) & figures["value"].notna()]
    assert found["observation"].tolist() == expected["observation"].tolist()
    assert pd.isna(found.set_index("observation").loc["000-08", "low"])
