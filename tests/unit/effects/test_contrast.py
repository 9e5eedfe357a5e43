from __future__ import annotations

import pandas as pd
import pytest
from drawn import observations
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.contrast import (
    contrast_all,
    contrast_pair,
    levels_alone,
    pair_figures,
)

NAMES = {"00001": "One", "00002": "Two", "00003": "Three"}


def _figure(printed, qualifier="exact"):
    if qualifier == "none_yet":
        return {"printed": "chưa có", "value": None, "decimals": None, "qualifier": qualifier}
    number = printed.replace(",", ".")
    return {
        "printed": printed,
        "value": float(number),
        "decimals": len(number.partition(".")[2]),
        "qualifier": qualifier,
    }


def _pair(before, after, *, rounding="nearest", least=1, alpha=0.05):
    return contrast_pair(before, after, rounding=rounding, least_dossiers=least, alpha=alpha)


def _all(figures, *, indicators=(), rounding="nearest", least=1):
    return contrast_all(
        figures,
        NAMES,
        indicators=list(indicators),
        rounding=rounding,
        least_dossiers=least,
        alpha=0.05,
    )


def _two_units():
    return observations(
        """
        observation  unit   role    printed  indicator      definition
        o1           00001  before  2,0      payment_share  d1
        o2           00001  after   8,3      payment_share  d1
        o3           00002  before  16,8     online_share   d2
        o4           00002  after   98,08    online_share   d2
        o5           00003  before  18,98    online_share   d2
        o6           00003  after   86,41    online_share   d2
        """
    )


def test_a_figure_before_meets_the_one_after_of_the_same_unit():
    pairs = pair_figures(_two_units())
    assert pairs[["unit", "printed_before", "printed_after"]].values.tolist() == [
        ["00001", "2,0", "8,3"],
        ["00002", "16,8", "98,08"],
        ["00003", "18,98", "86,41"],
    ]


@pytest.mark.parametrize("column", ["unit", "scope", "indicator", "definition"])
def test_figures_that_differ_in_what_they_measure_never_meet(column):
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  after   98,08
        """
    )
    other = {"unit": "00002", "scope": "office", "indicator": "x", "definition": "y"}[column]
    apart = figures.assign(**{column: [figures[column].iloc[0], other]})
    assert pair_figures(apart).empty


def test_levels_and_targets_are_no_end_of_a_pair():
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  level   98,08
        o3           00001  target  80
        """
    )
    assert pair_figures(figures).empty


def test_pairing_leaves_the_figures_as_they_were_it_is_not_changed():
    figures = _two_units()
    pair_figures(figures)
    _all(figures)
    assert_frame_equal(figures, _two_units())


@pytest.mark.parametrize(
    ("before", "after", "change", "decimals"),
    [
        ("16,8", "98,08", 81.3, 1),
        ("18,98", "86,41", 67.43, 2),
        ("0,1", "10,7", 10.6, 1),
        ("2,0", "8,3", 6.3, 1),
        ("98,08", "16,8", -81.3, 1),
        ("50", "50", 0.0, 0),
        ("16,75", "98", 81.0, 0),
    ],
)
def test_the_change_carries_the_fewer_decimals_of_its_ends(before, after, change, decimals):
    found = _pair(_figure(before), _figure(after))
    assert (found.change, found.change_decimals) == (change, decimals)
    assert found.change_bound == "exact"


def test_the_range_of_the_change_is_what_rounding_leaves_open():
    found = _pair(_figure("16,8"), _figure("98,08"))
    assert found.change_low == pytest.approx(98.075 - 16.85)
    assert found.change_high == pytest.approx(98.085 - 16.75)


def test_the_gap_closed_is_the_change_over_what_was_left_to_a_hundred():
    found = _pair(_figure("20"), _figure("60"))
    assert found.gap_closed_low == pytest.approx(100 * (59.5 - 20.5) / (100 - 20.5))
    assert found.gap_closed_high == pytest.approx(100 * (60.5 - 19.5) / (100 - 19.5))


def test_after_none_yet_the_change_is_at_most_the_later_figure():
    found = _pair(_figure("", "none_yet"), _figure("53,53"))
    assert (found.change, found.change_bound, found.change_decimals) == (53.53, "at_most", 2)
    assert found.change_high == pytest.approx(53.535)
    assert (found.before, found.change_low, found.smallest_before) == (None, None, None)
    assert (found.gap_closed_low, found.gap_closed_high) == (None, None)


def test_nothing_was_left_to_close_at_a_hundred():
    found = _pair(_figure("100"), _figure("100"), rounding="truncate")
    assert found.gap_closed_low is None


def test_a_pair_decided_over_all_denominators_is_low_evidence_at_best():
    found = _pair(_figure("16,8"), _figure("98,08"))
    assert (found.denominators, found.grade) == ("decided", "low")


def test_a_pair_whose_denominators_are_decisive_is_no_evidence():
    found = _pair(_figure("2,0"), _figure("8,3"))
    assert (found.denominators, found.grade, found.reason) == (
        "decisive",
        "none",
        "denominators_decisive",
    )


def test_a_known_floor_on_dossiers_can_decide_a_pair():
    low, high = (_pair(_figure("", "none_yet"), _figure("53,53"), least=n) for n in (1, 200))
    assert (low.denominators, high.denominators) == ("decisive", "decided")


def test_a_bound_in_words_admits_its_whole_side():
    found = _pair(_figure("20"), _figure("60", "over"))
    assert found.change_low == pytest.approx(60 - 20.5)
    assert found.change_high == pytest.approx(100 - 19.5)


def test_every_pair_is_one_row_sorted_by_indicator_and_the_later_figure():
    found = _all(_two_units())
    assert found["contrast"].tolist() == ["c-o3-o4", "c-o5-o6", "c-o1-o2"]
    assert found["unit_name"].tolist() == ["Two", "Three", "One"]
    assert found["after"].tolist() == [98.08, 86.41, 8.3]


def test_chosen_indicators_leave_the_others_out():
    found = _all(_two_units(), indicators=["payment_share"])
    assert found["contrast"].tolist() == ["c-o1-o2"]


def test_without_a_pair_there_is_a_table_without_rows():
    figures = _two_units().query("role == 'after'").reset_index(drop=True)
    assert_frame_equal(_all(figures), schemas.empty("contrasts"))


def test_the_five_pairs_of_the_press_are_measured(press_tables):
    names = dict(press_tables["units"][["code", "name"]].itertuples(index=False))
    found = contrast_all(
        press_tables["observations"],
        names,
        indicators=[],
        rounding="any",
        least_dossiers=1,
        alpha=0.05,
    )
    columns = ["unit", "change", "change_bound", "denominators", "grade"]
    assert found[columns].values.tolist() == [
        ["28159", 81.3, "exact", "decided", "low"],
        ["28237", 67.43, "exact", "decided", "low"],
        ["27691", 53.53, "at_most", "decisive", "none"],
        ["01837", 10.6, "exact", "decided", "low"],
        ["02017", 6.3, "exact", "decisive", "none"],
    ]


def _alone(figures, indicators, *, paired=()):
    return levels_alone(figures, NAMES, indicators, paired=list(paired), rounding="nearest")


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
    assert found["low"].tolist() == pytest.approx([90.5, 39.5])
    assert found["high"].tolist() == pytest.approx([91.5, 40.5])


@pytest.mark.parametrize(
    ("printed", "saturated"), [("98,99", False), ("99", True), ("99,9", True), ("100", True)]
)
def test_a_share_of_99_or_more_is_saturated(indicators, printed, saturated):
    figures = observations(f"observation unit role printed\n o1 00001 level {printed}")
    assert _alone(figures, indicators)["saturated"].tolist() == [saturated]


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


def test_a_figure_without_a_number_is_no_level(indicators):
    figures = observations(
        "observation unit role printed qualifier\n o1 00001 after chua_co none_yet"
    )
    assert_frame_equal(_alone(figures, indicators), schemas.empty("levels"))


def test_listing_levels_leaves_the_figures_as_they_were_it_is_not_changed(indicators):
    figures = _two_units()
    _alone(figures, indicators)
    assert_frame_equal(figures, _two_units())


def test_every_level_of_the_press_is_listed_once(press_tables, indicators):
    names = dict(press_tables["units"][["code", "name"]].itertuples(index=False))
    found = levels_alone(press_tables["observations"], names, indicators, paired=[], rounding="any")
    figures = press_tables["observations"]
    expected = figures[figures["role"].isin(["after", "level", "rank"]) & figures["value"].notna()]
    assert found["observation"].tolist() == expected["observation"].tolist()
    assert pd.isna(found.set_index("observation").loc["000-08", "low"])
