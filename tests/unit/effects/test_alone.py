from __future__ import annotations

import numpy as np
import pandas as pd
import provinces
import pytest

from commune_pilots.effects.alone import (
    SERIES,
    WEEKDAYS,
    closed_days,
    cut_series,
    series_rows,
    weekday_row,
)
from commune_pilots.effects.effect_rows import About

START = 12 * 2024


def _about(level, assumptions):
    return About(
        indicator="online_share", definition="online", level=level, design="trend_adjusted",
        alpha=0.05, smallest_p=0.0, n_treated=6, n_comparison=0, assumptions=assumptions,
    )  # fmt: skip


def _cut(tables, **instead):
    arms = provinces.arms(tables)
    given = {"indicator": "online_share", "anticipation": arms.panel.anticipation, **instead}
    return cut_series(arms.panel.panel, tables["events"], **given)


def _event(tables, day, **instead):
    events = tables["events"].assign(date_start=pd.Timestamp(day), **instead)
    return {**tables, "events": events}


def _weekday(tables):
    return weekday_row(tables["days"], tables["pilots"], about=_about("D", WEEKDAYS))


def test_a_campaign_is_cut_at_its_start_with_its_known_event_for_a_year():
    cut = _cut(provinces.campaign())
    assert (cut.start, cut.horizon, cut.refused) == (START, 12, None)
    assert cut.events == (START - 16,)
    assert len(cut.months) == 54


@pytest.mark.parametrize(
    ("day", "instead", "known"),
    [
        ("2022-09-15", {}, (START - 16,)),
        ("2022-09-15", {"moves": "other"}, ()),
        ("2022-09-15", {"programme": "own"}, ()),
        ("2019-01-01", {}, ()),
        ("2030-01-01", {}, ()),
    ],
)
def test_only_dated_measures_outside_the_pilot_within_the_months_get_a_step(day, instead, known):
    assert _cut(_event(provinces.campaign(), day, **instead)).events == known


def test_a_measure_in_the_month_of_the_start_cannot_be_told_apart():
    cut = _cut(_event(provinces.campaign(), "2024-01-20"))
    assert cut.refused == "not_separable"
    rows = list(series_rows(cut, _about("C4", SERIES)))
    assert [row["refused"] for row in rows] == ["not_separable"]


def test_starts_that_differ_are_not_one_cut():
    assert _cut(provinces.staggered(provinces.campaign())).refused == "start_dates_differ"


def test_nobody_s_start_is_no_cut():
    tables = provinces.campaign()
    assert _cut({**tables, "pilots": tables["pilots"].iloc[:0]}) is None


def test_months_of_an_opening_are_left_out():
    tables = provinces.campaign()
    cut = _cut({**tables, "pilots": tables["pilots"].assign(opened=pd.Timestamp(2024, 1, 15))})
    assert cut.start == START + 1
    assert START not in cut.months


def test_the_gap_at_the_horizon_comes_first_and_holds_the_truth():
    rows = list(series_rows(_cut(provinces.campaign()), _about("C4", SERIES)))
    assert [row["method"] for row in rows] == [
        "interrupted", "interrupted", "newey_west", "forecast",
    ]  # fmt: skip
    first, start, newey_west, _ = rows
    assert first["conf_low"] < 9.6 < first["conf_high"]
    assert (first["at"], start["at"]) == (12, 0)
    assert start["conf_low"] < 6.0 < start["conf_high"]
    assert newey_west["p_value"] is None


def test_a_forecast_is_asked_where_no_other_measure_is_known():
    cut = _cut(_event(provinces.campaign(), "2019-01-01"))
    rows = list(series_rows(cut, _about("C4", SERIES)))
    assert np.isfinite(rows[-1]["estimate"])


def test_days_on_which_nobody_tells_a_count_are_taken_for_holidays():
    days = provinces.wednesdays()["days"]
    closed = closed_days(days)
    assert pd.Timestamp(2024, 4, 30) in closed
    assert all(day.day_of_week < 5 for day in closed)
    assert not set(closed) & set(days["day"])


def test_wednesdays_are_told_and_decide_nothing():
    row = _weekday(provinces.wednesdays())
    assert row["conf_low"] < 10.0 < row["conf_high"]
    assert (row["answer"], row["n_treated"]) == ("not_decidable", 3)


def test_days_of_communes_without_the_pilot_do_not_enter():
    tables = provinces.wednesdays()
    fewer = {**tables, "pilots": tables["pilots"].iloc[:2]}
    assert _weekday(fewer)["n_treated"] == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda pilots: pilots.iloc[:0], "start_unknown"),
        (lambda pilots: pilots.assign(opened=pd.NaT), "start_unknown"),
        (lambda pilots: pilots.assign(opened=pd.Timestamp(2024, 12, 2)), "too_few_weeks"),
    ],
)
def test_a_weekday_without_start_or_weeks_is_refused(change, reason):
    tables = provinces.wednesdays()
    row = _weekday({**tables, "pilots": change(tables["pilots"])})
    assert (row["answer"], row["refused"]) == ("refused", reason)
