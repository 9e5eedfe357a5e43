from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import plan_of
from scipy.stats import norm

from commune_pilots import schemas
from commune_pilots.scaling.costs import chance_worth, economics, measuring_error, per_point
from commune_pilots.scaling.gain import Gain, carried
from commune_pilots.scaling.information import Stakes, evpi, evsi_months, evsi_pilots, forgone
from commune_pilots.vocabulary import Economic

OWN = {
    "trend_per_month": 0.5,
    "cost_per_commune": 6e7,
    "hours_per_commune": 480.0,
    "dossiers_per_year": 1200,
    "value_per_dossier": 400_000.0,
}
GAIN = Gain(low=10.0, high=30.0, mean=20.0, std_error=6.0, std_dev=10.0, base=40.0)
RANGE = Gain(low=10.0, high=30.0, base=40.0)


def _scenario(**changes):
    return plan_of(**{**OWN, **changes})


def _economics(gain=GAIN, scenario=None, **changes):
    counts = {"candidates": 12, "pilots": 4, "more_pilots": 4, **changes}
    return economics(gain, scenario or _scenario(), **counts).set_index("quantity")


def _row(quantity, *args, **changes):
    found = _economics(*args, **changes).loc[quantity]
    return found["outcome"], found["low"], found["expected"], found["high"]


def test_every_quantity_has_one_row_whatever_is_known():
    for gain in (GAIN, RANGE, None):
        assert _economics(gain).index.tolist() == list(get_args(Economic))
        assert schemas.check(_economics(gain).reset_index(), "economics") is not None


def test_further_dossiers_of_a_hundred_are_the_gain():
    assert _row("added_per_hundred")[0] == "computed"
    assert _row("added_per_hundred")[1:] == pytest.approx((10, 20, 30))


def test_a_further_dossier_costs_the_cost_over_the_further_dossiers():
    # 20 points of 1,200 dossiers are 240 further ones.
    expected = (6e7 / 360, 6e7 / 240, 6e7 / 120)
    assert _row("cost_per_dossier")[0] == "computed"
    assert _row("cost_per_dossier")[1:] == pytest.approx(expected)


def test_hours_are_reckoned_alike():
    assert _row("hours_per_dossier")[1:] == pytest.approx((480 / 360, 480 / 240, 480 / 120))


def test_the_break_even_fraction_is_what_must_be_left_of_the_gain():
    # 12.5 points pay: 150 further dossiers at 400,000 are 60 million.
    _, low, expected, high = _row("break_even_fraction")
    assert (low, expected, high) == pytest.approx((12.5 / 30, 12.5 / 20, 12.5 / 10))
    left = replace(GAIN, mean=20 * expected, low=0.1)
    cost = _row("cost_per_dossier", left)[2]
    assert cost == pytest.approx(400_000)


def test_above_1_even_the_whole_gain_does_not_pay():
    assert _row("break_even_fraction", scenario=_scenario(value_per_dossier=1e5))[1] > 1


def test_the_chance_that_it_is_worth_it_is_that_of_the_next_commune():
    assert _row("chance_worth")[2] == pytest.approx(norm.sf((12.5 - 20) / 10))


def test_the_chance_falls_as_the_cost_rises():
    costs = (1e7, 6e7, 1e8, 2e8)
    found = [_row("chance_worth", scenario=_scenario(cost_per_commune=cost))[2] for cost in costs]
    assert found == sorted(found, reverse=True)
    assert chance_worth(GAIN, points=20) == pytest.approx(0.5)
    assert chance_worth(RANGE, points=20) is None


@pytest.mark.parametrize("quantity", ["cost_per_dossier", "hours_per_dossier"])
def test_where_the_gain_may_be_nothing_the_cost_is_not_bounded(quantity):
    amount = {"cost_per_dossier": 6e7, "hours_per_dossier": 480}[quantity]
    crossing = replace(GAIN, low=-5.0)
    found = _economics(crossing).loc[quantity]
    assert found["outcome"] == "not_bounded"
    assert found["low"] == pytest.approx(amount / 360)
    assert found[["expected", "high"]].isna().all()


@pytest.mark.parametrize("high", [0.0, -1.0])
def test_where_there_is_no_gain_no_cost_is_named(high):
    found = _economics(Gain(low=-5.0, high=high, base=40.0)).loc["cost_per_dossier"]
    assert found["outcome"] == "not_bounded"
    assert found[["low", "expected", "high"]].isna().all()


@given(
    low=st.floats(0.01, 50),
    wider=st.floats(0, 50),
    part=st.floats(0, 1),
    amount=st.floats(1, 1e9),
)
def test_an_amount_per_point_lies_between_its_bounds_and_covers_every_gain(
    low, wider, part, amount
):
    gain = Gain(low=low, high=low + wider)
    found = per_point(amount, gain)
    at = amount / (low + part * wider)
    assert found["outcome"] == "computed"
    assert found["low"] * (1 - 1e-9) <= at <= found["high"] * (1 + 1e-9)


def test_fiellers_set_holds_every_cost_that_a_gain_of_the_interval_may_have():
    # A gain from -5 to 30 admits each cost above 6e7/360, and, as a loss, each below -6e7/60.
    found = per_point(6e7 / 12, Gain(low=-5.0, high=30.0))
    for gain in (30, 20, 1, 0.001):
        assert 6e7 / (12 * gain) >= found["low"] * (1 - 1e-12)
    assert found.get("high") is None


def test_of_a_range_no_chance_and_no_middle_is_said():
    found = _economics(RANGE)
    assert found.loc["added_per_hundred", ["low", "high"]].tolist() == pytest.approx([10, 30])
    assert found["expected"].isna().all()
    for quantity in ("chance_worth", "evpi", "evsi_pilots", "evsi_month"):
        assert found.loc[quantity, "outcome"] == "unknown"
        assert found.loc[quantity, "missing"] == "gain_distribution"


@pytest.mark.parametrize(
    ("name", "unknown"),
    [
        (
            "cost_per_commune",
            {
                "cost_per_dossier", "break_even_fraction", "chance_worth", "evpi", "evsi_pilots",
                "evsi_month",
            },
        ),
        ("hours_per_commune", {"hours_per_dossier"}),
        ("dossiers_per_year", set(get_args(Economic)) - {"added_per_hundred"}),
        (
            "value_per_dossier",
            {"break_even_fraction", "chance_worth", "evpi", "evsi_pilots", "evsi_month"},
        ),
        ("dossiers_per_month", {"evsi_pilots", "evsi_month"}),
        ("baseline_share", {"evsi_pilots", "evsi_month"}),
    ],
)  # fmt: skip
def test_what_needs_a_planning_value_that_nobody_knows_says_so(name, unknown):
    found = _economics(scenario=_scenario(**{name: None}))
    said = found[found["outcome"] == "unknown"]
    assert set(said.index) == unknown
    assert set(said["missing"]) == {name}
    assert said[["low", "expected", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("changes", "unknown", "name"),
    [
        ({"candidates": 0}, {"evpi", "evsi_pilots", "evsi_month"}, "candidates"),
        ({"pilots": 0}, {"evsi_month"}, "pilots"),
    ],
)
def test_what_needs_communes_that_are_not_there_says_so(changes, unknown, name):
    found = _economics(**changes)
    said = found[found["outcome"] == "unknown"]
    assert set(said.index) == unknown
    assert set(said["missing"]) == {name}


def test_without_a_gain_all_is_unknown_and_all_that_is_missing_is_named():
    found = _economics(None, _scenario(cost_per_commune=None, value_per_dossier=None))
    assert (found["outcome"] == "unknown").all()
    assert found.loc["added_per_hundred", "missing"] == "gain"
    assert found.loc["break_even_fraction", "missing"] == "gain;cost_per_commune;value_per_dossier"


def test_the_gain_is_carried_to_the_baseline_and_saturates():
    steep = Gain(low=53.0, high=81.28, base=16.8)
    found = _row("added_per_hundred", steep)
    expected = carried(steep, to=40.0)
    assert found[1] == pytest.approx(expected.low)
    assert found[3] == pytest.approx(expected.high)
    assert found[3] < 60
    as_measured = _row("added_per_hundred", steep, _scenario(baseline_share=None))
    assert as_measured[3] == pytest.approx(81.28)


def test_the_error_of_a_share_is_binomial_and_from_period_to_period():
    expected = sqrt(1e4 * 0.25 / 200 + 25)
    assert measuring_error(_scenario(), GAIN, months=2) == pytest.approx(expected)
    assert measuring_error(_scenario(), RANGE, months=2) < expected
    assert measuring_error(_scenario(dossiers_per_month=None), GAIN, months=2) is None
    assert measuring_error(_scenario(baseline_share=None), GAIN, months=2) is None


def test_the_worth_of_knowing_more_is_that_of_the_stakes():
    stakes = Stakes(mean=20.0, std_error=6.0, value=4_800_000.0, cost=6e7, communes=12)
    stage = sqrt(1e4 * 0.25 / 200 + 25)
    month = sqrt(1e4 * 0.25 / 100 + 25)
    pilots = evsi_pilots(stakes, pilots=4, effect_sd=8.0, noise_sd=sqrt(2) * stage)
    told = evsi_months(stakes, months=1, pilots=4, effect_sd=8.0, noise_sd=month)
    found = _economics()["expected"]
    assert found["evpi"] == pytest.approx(evpi(stakes))
    assert found["evsi_pilots"] == pytest.approx(pilots)
    assert found["evsi_month"] == pytest.approx(told - forgone(stakes, months=1))


def test_waiting_costs_where_scaling_now_is_expected_to_pay():
    assert _row("evsi_month")[2] < 0


def test_waiting_pays_where_the_decision_is_close_and_much_can_be_learnt():
    close = replace(GAIN, mean=12.5, std_error=9.0, std_dev=12.0)
    assert _row("evsi_month", close)[2] > 0
    assert _row("evsi_pilots", close)[2] > 0


def test_money_is_in_dong_and_work_in_hours():
    measured_in = _economics()["measured_in"].to_dict()
    assert measured_in["added_per_hundred"] == "dossiers"
    assert measured_in["hours_per_dossier"] == "hours"
    assert measured_in["break_even_fraction"] == "ratio"
    assert measured_in["chance_worth"] == "probability"
    assert {measured_in[name] for name in ("cost_per_dossier", "evpi", "evsi_month")} == {"dong"}
