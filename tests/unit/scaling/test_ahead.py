from __future__ import annotations

from itertools import chain
from typing import get_args

import pandas as pd
import pytest
from built import LAYOUT
from drawn import in_contract, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas, vocabulary
from commune_pilots.assumptions import resting
from commune_pilots.scaling.ahead import of_economics, of_pooled, of_stages
from commune_pilots.scaling.costs import economics
from commune_pilots.scaling.gain import Gain
from commune_pilots.scaling.rollout import stage_table
from commune_pilots.scenario import load_scenario

OF = {"run": "r", "data": "simulated"}
GAIN = Gain(low=5.0, high=60.0, mean=35.0, std_error=4.0, std_dev=9.0, base=20.0)
ENDS = {
    "low": "prediction_low", "high": "prediction_high", "least": "chance_low", "most": "chance_high"
}  # fmt: skip
POOLED = """
    quantity definition method        left_out outcome   low  high least most
    level    d1         reml          -        pooled    41.5 98.5 0.25  0.75
    level    d1         half_normal_1 -        pooled    40.0 99.0 0.2   0.8
    change   d1         reml          -        pooled    -3.5 64.0 0.5   0.9
    change   d2         reml          -        pooled    10.0 20.0 0.75  1.0
    level    d1         reml          00001    pooled    31.0 97.0 0.1   0.6
    change   d3         reml          -        too_few   1.0  2.0  0.1   0.2
    level    d4         reml          -        saturated 1.0  2.0  0.1   0.2
    """
CONTRASTS = """
    contrast definition before_observation after_observation change_bound
    c1       d1         b1                 a1                exact
    c2       d1         b2                 a2                at_most
    c3       d2         b3                 a3                exact
    c4       d1         b4                 a4                exact
    """
STAGES = """
    stage first_month candidates started inside seed power detectable
    1     1           3          3       2      7    -     -
    2     4           3          6       3      7    0.35  21.5
    3     7           2          8       1      7    -     14.0
    """
ECONOMICS = """
    quantity            outcome     low   expected  high  measured_in missing
    added_per_hundred   computed    5.0   35.0      60.0  dossiers    -
    cost_per_dossier    not_bounded 9000  -         -     dong        -
    hours_per_dossier   unknown     -     -         -     hours       hours_per_commune
    chance_worth        computed    -     0.75      -     probability -
    evsi_month          computed    -     -125000.0 -     dong        -
    """


def _pooled(drawing=POOLED):
    same = {"indicator": "online_share", "pilots": 3, "threshold": 10.0, "grade": "low"}
    return in_contract(table(drawing).rename(columns=ENDS).assign(**same), "pooled")


def _contrasts(drawing=CONTRASTS):
    return table(drawing, of="contrasts")


def _of_pooled(pooled=None, contrasts=None, *, confidence=95.0):
    pooled = _pooled() if pooled is None else pooled
    contrasts = _contrasts() if contrasts is None else contrasts
    return pd.concat(of_pooled(pooled, contrasts, confidence, OF), ignore_index=True)


def _of_stages(stages):
    return pd.concat(of_stages(stages, OF), ignore_index=True)


def _drawn():
    """Every row that the three tables above leave."""
    return pd.concat(
        [
            _of_pooled(),
            _of_stages(table(STAGES, of="stages")),
            of_economics(table(ECONOMICS, of="economics"), 95.0, OF),
        ],
        ignore_index=True,
    )


def _row(found, quantity, subject, definition=None):
    same = found["definition"].isna() if definition is None else found["definition"] == definition
    rows = found[(found["quantity"] == quantity) & (found["subject"] == subject) & same]
    assert len(rows) == 1
    return rows.iloc[0]


# All of them


def test_quantity_subject_and_definition_name_one_row():
    found = schemas.check(_drawn(), "results")
    assert len(found) == 14
    assert not found.duplicated(["quantity", "subject", "definition"]).any()
    assert set(found["run"]) == {"r"}
    assert set(found["data"]) == {"simulated"}


def test_every_number_carries_what_the_register_lists_for_it():
    found = _drawn()
    for quantity, carried in found[["quantity", "assumptions"]].itertuples(index=False):
        assert carried == ";".join(resting(quantity))


@pytest.mark.parametrize(
    "quantity",
    [
        *(f"{kind}_{of}" for kind in ("pooled", "chance") for of in ("level", "change")),
        *("power", "detectable"),
        *get_args(vocabulary.Economic),
    ],
)
def test_whatever_may_be_recorded_ahead_is_in_the_register_with_a_red_assumption(quantity):
    assert {"A10", "A11"} & set(resting(quantity))


def test_the_ends_of_every_row_are_in_order_and_an_interval_has_a_word():
    found = _drawn()
    both = found[found["low"].notna() & found["high"].notna()]
    assert len(both) == 9
    assert (both["low"] <= both["high"]).all()
    bounded = found["low"].notna() | found["high"].notna()
    assert (found["interval"].notna() == bounded).all()


def test_tables_without_rows_are_recorded_as_none():
    empty = _of_pooled(schemas.empty("pooled"), schemas.empty("contrasts"))
    assert_frame_equal(empty, schemas.empty("results"))
    assert_frame_equal(_of_stages(schemas.empty("stages")), schemas.empty("results"))
    assert_frame_equal(of_economics(schemas.empty("economics"), 95.0, OF), schemas.empty("results"))


def test_the_tables_handed_over_are_not_changed():
    pooled, contrasts = _pooled(), _contrasts()
    stages, costs = table(STAGES, of="stages"), table(ECONOMICS, of="economics")
    kept = [frame.copy(deep=True) for frame in (pooled, contrasts, stages, costs)]
    _of_pooled(pooled, contrasts)
    _of_stages(stages)
    of_economics(costs, 95.0, OF)
    for frame, before in zip((pooled, contrasts, stages, costs), kept, strict=True):
        assert_frame_equal(frame, before)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_rows_decides_nothing(seed):
    pooled, contrasts = (
        frame.sample(frac=1, random_state=seed) for frame in (_pooled(), _contrasts())
    )
    assert pooled.index.tolist() != sorted(pooled.index)
    found, plain = (
        frame.assign(observations=frame["observations"].map(lambda ids: sorted(ids.split(";"))))
        .sort_values(["quantity", "subject", "definition"])
        .reset_index(drop=True)
        for frame in (_of_pooled(pooled, contrasts), _of_pooled())
    )
    assert_frame_equal(found, plain)


# The next commune


@pytest.mark.parametrize(
    ("quantity", "definition", "ends", "measured_in"),
    [
        ("level", "d1", (41.5, 98.5), "percent"),
        ("change", "d1", (-3.5, 64.0), "points"),
        ("change", "d2", (10.0, 20.0), "points"),
    ],
)
def test_the_next_commune_has_a_range_and_no_value(quantity, definition, ends, measured_in):
    row = _row(_of_pooled(), f"pooled_{quantity}", "online_share-reml", definition)
    assert pd.isna(row["value"])
    assert (row["low"], row["high"]) == ends
    assert (row["interval"], row["confidence"]) == ("prediction", 95.0)
    assert row["measured_in"] == measured_in
    assert (row["indicator"], row["grade"]) == ("online_share", "low")
    assert pd.isna(row["unit"])


def test_the_confidence_is_the_one_handed_over():
    found = _of_pooled(confidence=90.0)
    ranges = found["quantity"].str.startswith("pooled")
    assert set(found.loc[ranges, "confidence"]) == {90.0}


def test_a_chance_lies_between_what_the_search_found_and_has_no_confidence():
    row = _row(_of_pooled(), "chance_change", "online_share-reml", "d1")
    assert pd.isna(row["value"])
    assert (row["low"], row["high"]) == (0.5, 0.9)
    assert (row["interval"], row["measured_in"]) == ("search", "probability")
    assert pd.isna(row["confidence"])


def test_every_method_has_its_own_row():
    found = _of_pooled()
    levels = found[found["quantity"] == "pooled_level"]
    assert levels["subject"].tolist() == ["online_share-reml", "online_share-half_normal_1"]


def test_nothing_is_recorded_of_too_few_of_saturated_shares_or_with_a_unit_left_out():
    found = _of_pooled()
    assert len(found) == 2 * 4
    assert set(found["definition"]) == {"d1", "d2"}
    assert 31.0 not in found["low"].tolist()


def test_a_level_names_the_later_figures_and_a_change_both_of_pairs_that_are_no_bound():
    found = _of_pooled()
    for kind in ("pooled", "chance"):
        level = _row(found, f"{kind}_level", "online_share-reml", "d1")["observations"]
        change = _row(found, f"{kind}_change", "online_share-reml", "d1")["observations"]
        other = _row(found, f"{kind}_change", "online_share-reml", "d2")["observations"]
        assert level.split(";") == ["a1", "a2", "a4"]
        assert sorted(change.split(";")) == ["a1", "a4", "b1", "b4"]
        assert other == "b3;a3"


def test_ends_that_cross_are_refused():
    with pytest.raises(ValueError, match="low is above high"):
        _of_pooled(_pooled().assign(prediction_high=-50.0))


# Stages


def test_the_power_of_a_stage_is_a_probability_and_the_gain_it_detects_is_in_points():
    found = _of_stages(table(STAGES, of="stages"))
    power, least = (_row(found, name, "stage-2") for name in ("power", "detectable"))
    assert (power["value"], power["measured_in"]) == (0.35, "probability")
    assert (least["value"], least["measured_in"]) == (21.5, "points")
    assert found[["low", "high", "interval", "confidence"]].isna().all(axis=None)


def test_a_stage_that_tells_nothing_has_no_row():
    found = _of_stages(table(STAGES, of="stages"))
    assert found[["quantity", "subject"]].to_numpy().tolist() == [
        ["power", "stage-2"],
        ["detectable", "stage-2"],
        ["detectable", "stage-3"],
    ]


def test_stages_rest_on_planning_values_and_on_no_figure():
    found = _of_stages(table(STAGES, of="stages"))
    assert found["observations"].isna().all()
    assert set(found["assumptions"]) == {"A2;A10"}


def _staged(name, **instead):
    plan = load_scenario(name, LAYOUT.params).model_copy(update=instead)
    units = [f"u{at}" for at in range(8)]
    projections = schemas.build(
        [
            {"candidate": unit, "name": unit, "support": "inside", "stage": 1 + at % plan.stages}
            for at, unit in enumerate(units)
        ],
        "projections",
    )
    return stage_table(projections, plan, alpha=0.05, gain=10.0, seed=7)


def test_power_as_it_is_computed_is_recorded_between_0_and_1():
    found = _of_stages(_staged("simulated"))
    power = found.loc[found["quantity"] == "power", "value"]
    assert len(power)
    assert power.between(0, 1).all()
    assert (found["quantity"] == "detectable").any()


def test_without_planned_dossiers_no_stage_has_a_row():
    stages = _staged("simulated", dossiers_per_month=None)
    assert len(stages)
    assert_frame_equal(_of_stages(stages), schemas.empty("results"))


# Costs


def test_what_could_be_computed_is_recorded_with_its_measure():
    found = of_economics(table(ECONOMICS, of="economics"), 90.0, OF)
    assert found["quantity"].tolist() == ["added_per_hundred", "chance_worth", "evsi_month"]
    assert (found["subject"] == found["quantity"]).all()
    added = found.iloc[0]
    assert (added["value"], added["low"], added["high"]) == (35.0, 5.0, 60.0)
    assert (added["interval"], added["confidence"]) == ("prediction", 90.0)
    assert found["measured_in"].tolist() == ["dossiers", "probability", "dong"]
    assert found["value"].tolist()[1:] == [0.75, -125_000.0]
    assert found[["interval", "confidence"]].iloc[1:].isna().all(axis=None)


@pytest.mark.parametrize("outcome", ["not_bounded", "unknown"])
def test_nothing_is_recorded_of_what_could_not_be_computed(outcome):
    costs = table(ECONOMICS, of="economics").assign(outcome=outcome)
    assert_frame_equal(of_economics(costs, 95.0, OF), schemas.empty("results"))


def _economics(name, gain):
    plan = load_scenario(name, LAYOUT.params)
    return economics(gain, plan, candidates=12, pilots=4, more_pilots=3)


@pytest.mark.parametrize("gain", [None, GAIN, Gain(low=5.0, high=60.0)])
def test_where_no_cost_is_printed_none_is_recorded(gain):
    found = of_economics(_economics("no_costs", gain), 95.0, OF)
    assert found["quantity"].tolist() == ([] if gain is None else ["added_per_hundred"])
    assert not {"dong", "hours", "ratio"} & set(found["measured_in"])


def test_with_every_planning_value_every_quantity_is_recorded_as_computed():
    costs = _economics("simulated", GAIN)
    found = of_economics(costs, 95.0, OF).set_index("quantity")
    assert [*found.index] == [*get_args(vocabulary.Economic)]
    for row in costs.to_dict("records"):
        recorded = found.loc[row["quantity"]]
        for kept, drawn in chain([("value", "expected")], ((end, end) for end in ("low", "high"))):
            assert recorded[kept] == row[drawn] or (pd.isna(recorded[kept]) and pd.isna(row[drawn]))
