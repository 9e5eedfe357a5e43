"""Worked examples with a known truth: what is drawn is what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commune_pilots.simulate.panels import (
    WEDNESDAYS_OPENED,
    campaign_series,
    draw_days,
    holidays,
    pilot_panel,
    weekday_log,
)

EXAMPLES = [
    (pilot_panel, {"communes": 8, "months": 4, "before": 2}),
    (campaign_series, {"communes": 2, "months": 4, "before": 2, "event": 1}),
    (weekday_log, {"communes": 1}),
]


def _drawn(make, seed=1, **asked):
    return make(rng=np.random.default_rng(seed), **asked)


def _wide(worked):
    panel = worked.tables["panel"]
    shares = 100 * panel["numerator"].astype(float) / panel["denominator"].astype(float)
    return panel.assign(share=shares).pivot(index="unit", columns="period_start", values="share")


@pytest.mark.parametrize(("make", "small"), EXAMPLES)
def test_the_same_seed_draws_the_same_tables_and_another_others(make, small):
    one, again, other = (_drawn(make, seed, **small).tables["panel"] for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one["numerator"].equals(other["numerator"])


# A panel with pilots


def test_a_panel_has_one_pilot_in_each_of_eight_districts_of_108_communes():
    tables = _drawn(pilot_panel).tables
    units = tables["units"].set_index("code")
    communes = units[units["level"] == "commune"]
    assert len(communes) == 108
    assert (units["level"] == "district").sum() == 8
    assert set(communes["parent"]) == set(units.index[units["level"] == "district"])
    assert communes["parent"].value_counts().between(13, 14).all()
    pilots = tables["pilots"]["unit"]
    assert len(pilots) == 8
    assert communes.loc[pilots, "parent"].is_unique
    assert len(tables["panel"]) == 108 * 36


def test_pilots_are_drawn_by_lot():
    chosen = [
        tuple(_drawn(pilot_panel, seed, months=2).tables["pilots"]["unit"]) for seed in (1, 2)
    ]
    assert chosen[0] != chosen[1]


@pytest.mark.parametrize("effect", [0.0, 9.0])
def test_pilot_communes_rise_by_the_effect_beyond_others(effect):
    worked = _drawn(pilot_panel, communes=200, effect=effect)
    wide = _wide(worked)
    months = wide.columns
    change = wide[months[24:]].mean(axis=1) - wide[months[:24]].mean(axis=1)
    pilot = change.index.isin(worked.tables["pilots"]["unit"])
    assert change[pilot].mean() - change[~pilot].mean() == pytest.approx(effect, abs=2.0)
    assert worked.truth["effect"] == effect


def test_the_effect_is_all_that_is_added_to_what_would_have_been():
    one, other = (_drawn(pilot_panel, communes=16, effect=effect).tables for effect in (0.0, 9.0))
    assert one["panel"]["denominator"].equals(other["panel"]["denominator"])
    assert one["pilots"].equals(other["pilots"])


# A campaign


def test_a_campaign_starts_everywhere_in_one_month_beside_one_known_event():
    worked = _drawn(campaign_series)
    pilots, events = worked.tables["pilots"], worked.tables["events"]
    assert len(pilots) == 30
    assert set(pilots["opened"]) == {pd.Timestamp(2024, 1, 1)}
    assert events["date_start"].tolist() == [pd.Timestamp(2022, 9, 1)]
    assert worked.truth["at_12_months"] == pytest.approx(6 + 12 * 0.3)


def test_level_slope_and_event_are_those_said():
    plain = _wide(_drawn(campaign_series, level=0.0, slope=0.0, event_step=0.0)).mean()
    whole = _wide(_drawn(campaign_series)).mean()
    added = (whole - plain).to_numpy()
    assert added[:20].mean() == pytest.approx(0.0, abs=0.7)
    assert added[20:36].mean() == pytest.approx(3.0, abs=0.7)
    assert added[36:].mean() == pytest.approx(9.0 + 0.3 * 8.5, abs=0.7)
    assert added[45:].mean() - added[36:45].mean() == pytest.approx(0.3 * 9, abs=0.9)


# A weekday


def test_days_are_working_days_and_saturdays_of_two_years_without_holidays():
    days = _drawn(weekday_log).tables["days"]
    assert days["unit"].nunique() == 3
    assert set(days["day"].dt.day_of_week) == set(range(6))
    assert not days["day"].isin(holidays()).any()
    assert days["day"].dt.year.value_counts().index.isin([2023, 2024]).all()
    assert (days["numerator"] <= days["denominator"]).all()


def test_wednesdays_gain_and_a_part_of_it_the_others_lose():
    days = draw_days(rng=np.random.default_rng(1), gain=8.0, displaced=0.5, step=10.0, communes=40)
    after = days["day"] >= WEDNESDAYS_OPENED
    mean = days.groupby([days["day"].dt.day_of_week, after])["denominator"].mean().unstack()
    moved = mean[True] - mean[False]
    assert moved[2] == pytest.approx(8.0, abs=0.5)
    assert -moved[[0, 1, 3, 4]].sum() == pytest.approx(4.0, abs=1.0)
    assert moved[5] == pytest.approx(0, abs=0.3)


def test_months_of_the_weekday_log_add_its_days_up():
    worked = _drawn(weekday_log)
    panel = worked.tables["panel"]
    for name in ("numerator", "denominator"):
        assert panel[name].sum() == worked.tables["days"][name].sum()
    assert len(panel) == 3 * 24
