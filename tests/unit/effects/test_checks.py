from __future__ import annotations

import pandas as pd
import pytest
from drawn import observations, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.checks import (
    check_contrasts,
    national_change,
    relabelled_share,
    rival_events,
)
from commune_pilots.effects.contrast import contrast_all

NAMES = {"00001": "One", "00002": "Two"}


def _figures():
    return observations(
        """
        observation  unit   role    printed  period_end
        o1           00001  before  16,8     2021-12-31
        o2           00001  after   98,08    2022-12-31
        """
    )


def _pilots(second="pilot"):
    return table(
        f"""
        unit   programme  opened_precision  arm       source
        00001  p          year              pilot     s1
        00002  p          year              {second}  s1
        """,
        of="pilots",
    )


def _events():
    return table(
        """
        event   source  unit  name_vi  name_en  date_start  programme  moves
        during  s1      80    a        a        2022-06-01  -          payment_share;online_share
        own     s1      80    a        a        2022-06-01  p          online_share
        other   s1      80    a        a        2022-06-01  -          payment_share
        early   s1      80    a        a        2021-06-01  -          online_share
        late    s1      80    a        a        2023-06-01  -          online_share
        undated s1      80    a        a        -           -          online_share
        mute    s1      80    a        a        2022-06-01  -          -
        """,
        of="events",
    )


def _contrasts(figures, rounding="nearest"):
    return contrast_all(
        figures, NAMES, indicators=[], rounding=rounding, least_dossiers=1, alpha=0.05
    )


@pytest.fixture
def checked(indicators):
    def _checked(figures=None, events=None, pilots=None, contrasts=None):
        figures = _figures() if figures is None else figures
        found = check_contrasts(
            _contrasts(figures) if contrasts is None else contrasts,
            figures,
            _events() if events is None else events,
            _pilots() if pilots is None else pilots,
            indicators,
            least_dossiers=1,
            alpha=0.05,
        )
        return found.set_index("check")

    return _checked


def test_every_contrast_gets_the_same_eight_checks(checked):
    assert checked().index.tolist() == [
        "denominators",
        "rounding",
        "common_trend",
        "other_measures",
        "assisted_filing",
        "comparison_units",
        "selective_reporting",
        "dated_periods",
    ]


def test_without_a_contrast_there_is_nothing_to_check(checked):
    figures = _figures().iloc[1:].reset_index(drop=True)
    assert checked(figures).empty


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [("16,8", "98,08", "passed"), ("2,0", "8,3", "failed"), ("10", "36", "not_possible")],
)
def test_denominators_are_ruled_out_only_if_decided(checked, before, after, outcome):
    figures = observations(
        f"""
        observation  unit   role    printed
        o1           00001  before  {before}
        o2           00001  after   {after}
        """
    )
    least = 40 if outcome == "not_possible" else 1
    contrasts = contrast_all(
        figures, NAMES, indicators=[], rounding="nearest", least_dossiers=least, alpha=0.05
    )
    found = checked(figures, contrasts=contrasts).loc["denominators"]
    assert found["outcome"] == outcome
    assert found["statistic"] == contrasts["witness_p"].iloc[0]


def test_rounding_is_ruled_out_if_no_convention_is_needed_for_the_answer(checked):
    assert checked().loc["rounding", "outcome"] == "passed"


def test_rounding_stands_if_the_answer_hangs_on_the_convention(checked):
    contrasts = _contrasts(_figures()).assign(denominators="decisive")
    assert checked(contrasts=contrasts).loc["rounding", "outcome"] == "failed"


def test_a_common_trend_cannot_be_seen_and_must_be_as_large_as_the_change(checked):
    found = checked().loc["common_trend"]
    assert (found["outcome"], found["statistic"], found["decimals"]) == ("not_possible", 81.3, 1)
    assert pd.isna(found["reference"])


def test_measures_outside_the_pilot_stand_as_rivals_and_are_named(checked):
    found = checked().loc["other_measures"]
    assert (found["outcome"], found["statistic"]) == ("failed", 2.0)
    assert found["reference"] == "during;undated"


def test_without_a_printed_measure_other_measures_still_cannot_be_excluded(checked):
    found = checked(events=schemas.empty("events")).loc["other_measures"]
    assert (found["outcome"], found["statistic"]) == ("not_possible", 0.0)


@pytest.mark.parametrize(
    ("definition", "outcome"),
    [
        ("online_level34_assisted", "failed"),
        ("online_remote_only", "passed"),
        ("online_full_process", "not_possible"),
    ],
)
def test_assisted_filing_stands_if_the_definition_counts_it(checked, definition, outcome):
    found = checked(_figures().assign(definition=definition)).loc["assisted_filing"]
    assert found["outcome"] == outcome
    assert found["statistic"] == pytest.approx(100 * (1 - 16.8 / 98.08))


@pytest.mark.parametrize(
    ("arm", "outcome", "count"), [("pilot", "failed", 0.0), ("comparison", "passed", 1.0)]
)
def test_a_comparison_is_missed_where_no_unit_is_one(checked, arm, outcome, count):
    found = checked(pilots=_pilots(arm)).loc["comparison_units"]
    assert (found["outcome"], found["statistic"]) == (outcome, count)


@pytest.mark.parametrize(
    ("arm", "outcome", "count"), [("pilot", "failed", 1.0), ("comparison", "passed", 0.0)]
)
def test_pilots_without_a_printed_pair_are_counted_as_unreported(checked, arm, outcome, count):
    found = checked(pilots=_pilots(arm)).loc["selective_reporting"]
    assert (found["outcome"], found["statistic"]) == (outcome, count)


@pytest.mark.parametrize(
    ("missing", "outcome", "count"),
    [([], "passed", 0.0), ([1], "failed", 1.0), ([0, 1], "failed", 2.0)],
)
def test_ends_without_a_printed_date_are_counted(checked, missing, outcome, count):
    figures = _figures()
    undated = figures.assign(period_end=figures["period_end"].drop(index=missing))
    found = checked(undated).loc["dated_periods"]
    assert (found["outcome"], found["statistic"]) == (outcome, count)


def test_tables_handed_to_check_contrasts_are_not_changed(checked):
    given = {
        "figures": _figures(),
        "events": _events(),
        "pilots": _pilots(),
        "contrasts": _contrasts(_figures()),
    }
    before = {name: frame.copy(deep=True) for name, frame in given.items()}
    checked(**given)
    for name, frame in given.items():
        assert_frame_equal(frame, before[name])


@pytest.mark.parametrize(
    ("before_end", "after_end", "rivals"),
    [
        ("2021-12-31", "2022-12-31", ["during", "undated"]),
        ("2021-12-31", None, ["during", "late", "undated"]),
        (None, "2022-12-31", ["during", "early", "undated"]),
        (None, None, ["during", "early", "late", "undated"]),
    ],
)
def test_a_measure_is_a_rival_if_it_may_fall_between_the_two_figures(before_end, after_end, rivals):
    figures = _figures().assign(period_end=pd.to_datetime([before_end, after_end]))
    contrast = {
        "indicator": "online_share",
        "before_observation": "o1",
        "after_observation": "o2",
    }
    found = rival_events(_events(), contrast, figures.set_index("observation"))
    assert found["event"].tolist() == rivals


def test_looking_for_rivals_leaves_the_events_as_they_were_it_is_not_changed():
    events = _events()
    contrast = {"indicator": "online_share", "before_observation": "o1", "after_observation": "o2"}
    rival_events(events, contrast, _figures().set_index("observation"))
    assert_frame_equal(events, _events())


def test_the_national_change_is_found_by_its_indicator_and_scope():
    figures = observations(
        """
        observation  unit   scope    role   printed  indicator
        o1           00001  unit     level  5        online_share_gain
        o2           VN     country  level  14,57    online_share_gain
        """
    )
    assert national_change(figures, {"indicator": "online_share"}) == "o2"
    assert national_change(figures, {"indicator": "payment_share"}) is None


def test_the_national_gain_of_the_press_is_found(press_tables):
    figures = press_tables["observations"]
    assert national_change(figures, {"indicator": "online_share"}) == "ctx-05"


@pytest.mark.parametrize(
    ("before", "after", "share"), [(None, 53.53, 100.0), (20.0, 80.0, 75.0), (50.0, 50.0, 0.0)]
)
def test_the_share_to_relabel_is_what_undoes_the_change(before, after, share):
    assert relabelled_share({"before": before, "after": after}) == pytest.approx(share)
