from __future__ import annotations

import pytest
from drawn import table
from pandas.testing import assert_frame_equal
from plans import plan_of

from commune_pilots import schemas
from commune_pilots.scaling.rollout import draw, planned, stage_table
from commune_pilots.scaling.stepped_wedge import Wedge, detectable, draw_order, power

DRAWN = """
    candidate  name  support  stage  former_pilots
    00001      A     inside       1  -
    00002      B     outside      1  -
    00003      C     inside       2  -
    00004      D     unknown      2  -
    00005      E     inside       3  -
    00006      F     inside       3  -
    00007      G     inside       -  90001
"""


def _scenario(**changes):
    return plan_of(**changes)


def _projections(drawing=DRAWN):
    return table(drawing, of="projections")


def _stages(scenario=None, *, projections=None, **changes):
    drawn = _projections() if projections is None else projections
    return stage_table(
        drawn, scenario or _scenario(), **{"alpha": 0.05, "gain": 15.0, "seed": 7, **changes}
    )


def test_each_stage_has_its_month_its_candidates_and_those_inside_the_evidence():
    found = _stages()
    assert found["stage"].tolist() == [1, 2, 3]
    assert found["first_month"].tolist() == [1, 3, 5]
    assert found["candidates"].tolist() == [2, 2, 2]
    assert found["started"].tolist() == [2, 4, 6]
    assert found["inside"].tolist() == [1, 1, 2]


def test_each_row_records_the_seed_of_the_draw():
    assert _stages(seed=20230601)["seed"].tolist() == [20230601] * 3


def test_a_candidate_that_contains_a_pilot_takes_no_part():
    with_pilot = _stages()
    without = _stages(projections=_projections().query("stage.notna()"))
    assert_frame_equal(with_pilot, without)
    assert with_pilot["candidates"].sum() == 6


def test_power_is_that_of_the_wedge_up_to_the_end_of_each_stage():
    wedge = Wedge(waves=(2, 2, 2), dossiers=200, baseline=40, between=10, period=5, effect=8)
    found = _stages()
    expected = [power(wedge, gain=15, alpha=0.05, through=stage) for stage in (1, 2, 3)]
    assert found["power"].tolist() == pytest.approx(expected)
    assert found["detectable"].tolist() == pytest.approx(
        [detectable(wedge, alpha=0.05, through=stage) for stage in (1, 2, 3)]
    )


def test_the_low_power_is_that_of_twice_the_spread_from_period_to_period():
    wedge = Wedge(waves=(2, 2, 2), dossiers=200, baseline=40, between=10, period=10, effect=8)
    found = _stages()
    expected = [power(wedge, gain=15, alpha=0.05, through=stage) for stage in (1, 2, 3)]
    assert found["power_low"].tolist() == pytest.approx(expected)
    assert (found["power_low"] < found["power"]).all()


def test_without_a_spread_from_period_to_period_nothing_lowers_the_power():
    found = _stages(_scenario(period_sd=0.0))
    assert found["power_low"].tolist() == found["power"].tolist()


def test_power_grows_from_stage_to_stage_and_the_detectable_gain_shrinks():
    found = _stages()
    assert found["power"].is_monotonic_increasing
    assert found["power_low"].is_monotonic_increasing
    assert found["detectable"].is_monotonic_decreasing


def test_a_gain_just_detectable_at_the_end_has_four_chances_in_five():
    last = _stages()["detectable"].iloc[-1]
    assert _stages(gain=last)["power"].iloc[-1] == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize("name", ["dossiers_per_month", "baseline_share"])
def test_where_a_planning_value_is_not_known_no_power_is_made_up(name):
    found = _stages(_scenario(**{name: None}))
    assert found[["power", "power_low", "detectable"]].isna().all(axis=None)
    assert found["started"].tolist() == [2, 4, 6]


def test_a_single_candidate_identifies_nothing():
    found = _stages(projections=_projections().head(1))
    assert found["candidates"].tolist() == [1, 0, 0]
    assert found[["power", "power_low", "detectable"]].isna().all(axis=None)


def test_candidates_all_in_one_stage_identify_nothing():
    found = _stages(projections=_projections().assign(stage=1).astype({"stage": "Int64"}))
    assert found["candidates"].tolist() == [7, 0, 0]
    assert found[["power", "power_low", "detectable"]].isna().all(axis=None)


def test_without_candidates_the_stages_stand_empty():
    found = _stages(projections=_projections().head(0))
    assert found["candidates"].tolist() == [0, 0, 0]
    assert found["power"].isna().all()


@pytest.mark.parametrize("gain", [0.0, 61.0])
def test_a_gain_that_cannot_be_has_no_power_but_the_detectable_one_stands(gain):
    found = _stages(gain=gain)
    assert found[["power", "power_low"]].isna().all(axis=None)
    assert found["detectable"].notna().all()


def test_a_stage_the_scenario_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"stages \[3\] are drawn; the scenario has 1 to 2"):
        _stages(_scenario(stages=2))


def test_the_table_keeps_its_contract_and_the_projections_are_not_changed():
    drawn = _projections()
    before = drawn.copy(deep=True)
    assert schemas.check(_stages(projections=drawn), "stages") is not None
    assert_frame_equal(drawn, before)


def test_a_period_of_the_wedge_is_one_stage_long():
    assert planned((1, 2), _scenario(stage_months=6)).dossiers == 600


@pytest.mark.parametrize(
    ("waves", "changes"),
    [((0, 0), {}), ((1, 2), {"baseline_share": None}), ((1, 2), {"dossiers_per_month": None})],
)
def test_no_wedge_is_planned_without_what_it_needs(waves, changes):
    assert planned(waves, _scenario(**changes)) is None


def _beside():
    """Draw candidates as they are before the draw: inside, outside, unknown, around a pilot."""
    return table(
        """
        candidate  name  support  former_pilots
        00001      A     inside   -
        00002      B     outside  -
        00003      C     inside   -
        00004      D     unknown  -
        00005      E     inside   90005
        00006      F     inside   -
        00007      G     inside   -
        """,
        of="projections",
    )


def _drawn(found):
    return found.set_index("candidate")["stage"].dropna().to_dict()


def test_only_candidates_inside_that_hold_no_pilot_are_drawn_to_stages():
    found = _drawn(draw(_beside(), stages=2, seed=7))
    assert found == draw_order(["00001", "00003", "00006", "00007"], stages=2, seed=7)
    assert sorted(found.values()) == [1, 1, 2, 2]


def test_nothing_but_the_stage_is_written_down():
    before = _beside().assign(gain_low=10.0, gain_high=50.0)
    kept = before.copy(deep=True)
    found = draw(before, stages=2, seed=7)
    assert_frame_equal(found.drop(columns="stage"), before.drop(columns="stage"))
    assert_frame_equal(before, kept)
    assert schemas.check(found, "projections") is not None


def test_where_the_pilots_speak_for_nobody_nothing_is_drawn():
    for support in ("outside", "unknown"):
        assert _drawn(draw(_beside().assign(support=support), stages=2, seed=7)) == {}
    everyone = _beside().assign(former_pilots="90005")
    assert _drawn(draw(everyone, stages=2, seed=7)) == {}
    assert draw(_beside().head(0), stages=2, seed=7).empty


def test_the_draw_does_not_depend_on_the_order_of_the_candidates():
    backwards = _beside().iloc[::-1].reset_index(drop=True)
    assert _drawn(draw(backwards, stages=2, seed=7)) == _drawn(draw(_beside(), stages=2, seed=7))


@pytest.mark.slow
def test_another_seed_draws_another_order_and_the_same_seed_the_same():
    orders = [tuple(_drawn(draw(_beside(), stages=4, seed=seed)).values()) for seed in range(20)]
    again = [tuple(_drawn(draw(_beside(), stages=4, seed=seed)).values()) for seed in range(20)]
    assert orders == again
    assert len(set(orders)) > 5


def test_an_earlier_draw_is_forgotten():
    once = draw(_beside(), stages=2, seed=7)
    assert_frame_equal(draw(once, stages=2, seed=8), draw(_beside(), stages=2, seed=8))


def test_all_who_are_drawn_are_inside_in_every_stage():
    found = _stages(_scenario(stages=2), projections=draw(_beside(), stages=2, seed=7))
    assert found["candidates"].tolist() == found["inside"].tolist() == [2, 2]
