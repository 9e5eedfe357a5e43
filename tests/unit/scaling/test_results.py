from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from functools import cache
from typing import get_args

import pandas as pd
import pytest
from built import PRESS_RUNS, findings_of
from drawn import observations, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas, vocabulary
from commune_pilots.assumptions import load, resting
from commune_pilots.effects.break_even import MOST_DESIGN_EFFECT
from commune_pilots.effects.contrast import Figure, Terms, contrast_pair
from commune_pilots.errors import ContractError
from commune_pilots.scaling.results import run_results
from commune_pilots.scaling.targets import attain_targets

CAN_GIUOC, PHUONG_4 = "c-001-04-001-03", "c-001-08-001-07"
TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)
TABLES = (
    "contrasts", "counted", "levels", "pooled", "targets", "stages", "economics", "observations",
)  # fmt: skip


def _results(name="r", *, data="press", alpha=0.05, indicators=None, **tables):
    given = {table: tables.get(table, schemas.empty(table)) for table in TABLES}
    return run_results(name, data, **given, indicators=indicators or {}, alpha=alpha)


def _row(found, quantity, subject):
    at = (found["quantity"] == quantity) & (found["subject"] == subject)
    (row,) = found[at].to_dict("records")
    return row


def _numbers(found, quantity, subject):
    """Value, low and high of one row; None for missing."""
    row = _row(found, quantity, subject)
    return [None if pd.isna(row[name]) else row[name] for name in ("value", "low", "high")]


def _contrasts(before, after, **instead):
    """One contrast as the pipeline measures it; `instead` replaces columns."""
    ids = {"contrast": "c", "unit": "00001", "unit_name": "One", "indicator": "online_share"}
    figures = {"definition": "d", "before_observation": "b", "after_observation": "a"}
    measured = _measured(before, after)
    return schemas.build([{**ids, **figures, **measured, **instead}], "contrasts")


@cache
def _measured(before, after):
    return asdict(contrast_pair(before, after, TERMS))


def _figure(printed, qualifier="exact"):
    decimals = len(printed.partition(".")[2])
    return Figure(value=Decimal(printed), decimals=decimals, qualifier=qualifier)


def _changed(before, after, **instead):
    contrasts = _contrasts(_figure(*before), _figure(*after), **instead)
    return _results(contrasts=contrasts)


def _levels(drawing):
    return table(
        drawing,
        of="levels",
        unit="00001",
        unit_name="One",
        definition="d",
        role="level",
        decimals="0",
        saturated="no",
    )


@pytest.fixture(scope="module")
def long_an():
    return findings_of("long_an")["results"]


# The changes of a run


def test_a_change_has_what_rounding_leaves(long_an):
    row = _row(long_an, "change", CAN_GIUOC)
    assert _numbers(long_an, "change", CAN_GIUOC) == [81.3, 81.225, 81.335]  # 98,08 - 16,8 (M3)
    assert row["low"] < 81.28 < row["high"]
    assert (row["interval"], row["measured_in"], row["grade"]) == ("rounding", "points", "low")
    assert (row["unit"], row["scope"], row["indicator"]) == ("28159", "unit", "online_share")
    assert row["observations"] == "001-04;001-03"
    assert pd.isna(row["confidence"])


def test_the_widest_interval_says_its_confidence(long_an):
    row = _row(long_an, "change_worst_case", CAN_GIUOC)
    assert row["value"] == 81.3
    assert (row["low"], row["high"]) == pytest.approx((69.22, 87.63), abs=0.01)
    assert (row["interval"], row["confidence"]) == ("worst_case", 95.0)


@pytest.mark.parametrize(("alpha", "confidence"), [(0.05, 95.0), (0.1, 90.0), (0.01, 99.0)])
def test_the_confidence_is_the_runs_own(alpha, confidence):
    contrasts = _contrasts(_figure("16.8"), _figure("98.08"))
    found = _results(contrasts=contrasts, alpha=alpha)
    assert _row(found, "change_worst_case", "c")["confidence"] == confidence


def test_after_none_yet_the_change_has_no_value_and_no_lower_end(long_an):
    assert _numbers(long_an, "change", PHUONG_4) == [None, None, 53.535]
    assert _row(long_an, "change", PHUONG_4)["interval"] == "bound"
    value, low, high = _numbers(long_an, "change_worst_case", PHUONG_4)
    assert (value, low) == (None, None)
    assert high == pytest.approx(60.87, abs=0.01)


def test_after_none_yet_the_gap_closed_is_not_known(long_an):
    row = _row(long_an, "gap_closed", PHUONG_4)
    assert _numbers(long_an, "gap_closed", PHUONG_4) == [None, None, None]
    assert pd.isna(row["interval"])
    assert row["observations"] == "001-08;001-07"


def test_the_gap_closed_is_known_by_its_ends_in_per_cent(long_an):
    value, low, high = _numbers(long_an, "gap_closed", CAN_GIUOC)
    assert value is None
    assert (low, high) == pytest.approx((97.685, 97.700), abs=0.001)
    assert _row(long_an, "gap_closed", CAN_GIUOC)["measured_in"] == "percent"


@pytest.mark.parametrize(
    ("before", "after", "bound", "ends"),
    [
        (("60", "over"), ("86.4",), "at_most", (-13.65, 26.45)),
        (("20", "nearly"), ("90.0",), "at_least", (69.95, 90.05)),
        (("20.0",), ("90", "over"), "at_least", (69.95, 80.05)),
        (("20.0",), ("90", "nearly"), "at_most", (-20.05, 70.05)),
        (("60", "over"), ("90", "over"), "open", (-10.0, 40.0)),
    ],
)
def test_a_change_that_is_a_bound_has_ends_and_no_value(before, after, bound, ends):
    assert _contrasts(_figure(*before), _figure(*after))["change_bound"].tolist() == [bound]
    found = _changed(before, after)
    value, low, high = _numbers(found, "change", "c")
    assert value is None
    assert (low, high) == pytest.approx(ends)
    assert _row(found, "change", "c")["interval"] == "bound"
    assert _numbers(found, "change_worst_case", "c")[0] is None


def test_about_is_read_as_printed():
    found = _changed(("20", "about"), ("90", "about"))
    assert _numbers(found, "change", "c") == [70.0, 69.0, 71.0]
    assert _row(found, "change", "c")["interval"] == "rounding"


# What chance leaves of them


def test_the_largest_p_is_a_value_where_it_is_certified(long_an):
    row = _row(long_an, "worst_p", CAN_GIUOC)
    assert row["value"] == pytest.approx(8.71e-24, rel=1e-3)
    assert row["measured_in"] == "probability"
    assert pd.isna(row["interval"])


def test_a_p_that_is_not_certified_lies_between_what_was_found_and_its_bound():
    found = _changed(("2.0",), ("8.3",), certified=False, worst_p=0.01, bound_p=0.2)
    assert _numbers(found, "worst_p", "c") == [None, 0.01, 0.2]
    assert _row(found, "worst_p", "c")["interval"] == "search"


def test_the_floor_that_settles_a_pair_says_which_side_it_bounds(long_an):
    assert _numbers(long_an, "floor_needed_both", CAN_GIUOC) == [1.0, None, None]
    assert _numbers(long_an, "floor_needed_before", PHUONG_4) == [5.0, None, None]
    bac_kan = findings_of("bac_kan")["results"]
    row = _row(bac_kan, "floor_needed_both", "c-002-07-002-08")
    assert (row["value"], row["measured_in"]) == (103.0, "dossiers")


@pytest.mark.parametrize(
    ("needed", "short", "numbers"),
    [
        (103, 102, [103.0, None, None]),
        (30_000, 29_950, [None, 29_951.0, 30_000.0]),
        (None, 10_000_000, [None, 10_000_001.0, None]),
    ],
)
def test_a_floor_not_found_exactly_lies_between_what_falls_short_and_what_suffices(
    needed, short, numbers
):
    found = _changed(("2.0",), ("8.3",), floor_needed=needed, floor_short=short)
    assert _numbers(found, "floor_needed_both", "c") == numbers


def test_of_printed_counts_no_floor_is_asked():
    smoke = findings_of("smoke")["results"]
    asked = smoke["quantity"].str.startswith("floor_needed")
    assert "c-sim-07-sim-08" not in smoke.loc[asked, "subject"].tolist()
    assert asked.sum() == 3


@pytest.mark.parametrize(
    ("borne", "numbers"),
    [
        (13.6, [13.6, None, None]),
        (1.0, [1.0, None, None]),
        (0.19, [None, None, 1.0]),
        (MOST_DESIGN_EFFECT, [None, MOST_DESIGN_EFFECT, None]),
    ],
)
def test_a_design_effect_below_one_or_at_the_limit_of_the_search_is_a_bound(borne, numbers):
    found = _changed(("2.0",), ("8.3",), design_effect=borne)
    assert _numbers(found, "design_effect", "c") == numbers
    row = _row(found, "design_effect", "c")
    assert row["measured_in"] == "ratio"
    assert pd.isna(row["interval"]) == (numbers[0] is not None)


def test_the_difference_of_printed_counts_has_its_own_interval():
    row = _row(findings_of("smoke")["results"], "difference", "c-sim-07-sim-08")
    assert row["value"] == pytest.approx(100 * (163 / 255 - 52 / 251))
    assert row["low"] < row["value"] < row["high"]
    assert (row["interval"], row["confidence"]) == ("counted", 95.0)
    assert (row["unit"], row["observations"]) == ("99004", "sim-07;sim-08")


# Levels and targets


def test_a_level_is_a_value_as_printed_or_the_bound_a_word_makes_of_it(indicators):
    levels = _levels(
        """
        observation  scope    indicator       value   qualifier  low   high
        share        unit     online_share    91      exact      90.5  91.5
        around       unit     online_share    30      about      29.5  30.5
        over         unit     online_share    60      over       60    100
        nearly       unit     online_share    60      nearly     0     60
        count        unit     platform_users  445365  exact      -     -
        around_n     unit     platform_users  300     about      -     -
        more         unit     platform_users  172000  more_than  -     -
        least        unit     platform_users  500     at_least   -     -
        fewer        unit     digital_models  60      nearly     -     -
        rank         unit     dti_rank        17      exact      -     -
        nation       country  online_share    43      exact      42.5  43.5
        """
    )
    found = _results(levels=levels, indicators=indicators)
    assert found["quantity"].unique().tolist() == ["level"]
    assert {subject: _numbers(found, "level", subject) for subject in found["subject"]} == {
        "share": [91.0, 90.5, 91.5],
        "around": [30.0, 29.5, 30.5],
        "over": [None, 60.0, 100.0],
        "nearly": [None, 0.0, 60.0],
        "count": [445365.0, None, None],
        "around_n": [300.0, None, None],
        "more": [None, 172000.0, None],
        "least": [None, 500.0, None],
        "fewer": [None, None, 60.0],
        "rank": [17.0, None, None],
    }
    kinds = found.set_index("subject")[["interval", "measured_in"]]
    assert kinds["interval"].dropna().to_dict() == {
        **dict.fromkeys(["share", "around"], "rounding"),
        **dict.fromkeys(["over", "nearly", "more", "least", "fewer"], "bound"),
    }
    assert kinds["measured_in"].tolist() == [*["percent"] * 4, *["count"] * 5, "rank"]


def test_a_level_names_whose_figure_it_is(long_an):
    row = _row(long_an, "level", "001-02")
    assert (row["unit"], row["scope"], row["observations"]) == ("80", "pilot_communes", "001-02")
    assert pd.isna(row["grade"])


def test_an_indicator_that_is_not_in_the_catalogue_has_no_measure_and_is_refused():
    levels = _levels("observation scope indicator value qualifier\n o unit online_share 91 exact")
    with pytest.raises(ContractError) as caught:
        _results(levels=levels, indicators={})
    assert [each.column for each in caught.value.failures] == ["measured_in"]


@pytest.mark.parametrize(
    ("result", "word", "numbers"),
    [
        ("98,08", "exact", [18.08, None, None]),
        ("70", "about", [-10.0, None, None]),
        ("60", "over", [None, -20.0, None]),
        ("90", "at_least", [None, 10.0, None]),
        ("70", "nearly", [None, None, -10.0]),
    ],
)
def test_the_gap_to_a_target_is_a_bound_where_its_result_is(result, word, numbers, indicators):
    figures = observations(
        f"""
        observation  unit   scope           role    printed   qualifier
        t            00001  pilot_communes  target  80        at_least
        r            00001  pilot_communes  after   {result}  {word}
        """
    )
    targets = attain_targets(figures, {"00001": "One"})
    found = _results(targets=targets, observations=figures, indicators=indicators)
    assert _numbers(found, "target_gap", "t") == pytest.approx(numbers)
    row = _row(found, "target_gap", "t")
    assert (row["measured_in"], row["observations"]) == ("points", "t;r")
    assert (row["unit"], row["unit_name"], row["scope"]) == ("00001", "One", "pilot_communes")


def test_a_target_without_a_result_has_a_gap_that_is_not_known():
    found = findings_of("hau_giang")["results"]
    assert _numbers(found, "target_gap", "003-16") == [None, None, None]
    assert _row(found, "target_gap", "003-16")["observations"] == "003-16"


def test_a_target_without_a_number_has_no_row(long_an):
    assert "target_gap" not in long_an["quantity"].tolist()


# The whole table of a run


@pytest.mark.parametrize("name", [*PRESS_RUNS, "smoke"])
def test_run_quantity_subject_and_definition_name_one_row_and_every_figure_is_one_of_the_run(name):
    findings = findings_of(name)
    found = schemas.check(findings["results"], "results")
    assert len(found)
    assert not found.duplicated(["run", "quantity", "subject", "definition"]).any()
    assert set(found["run"]) == {name}
    ids = {one for joined in found["observations"].dropna() for one in joined.split(";")}
    figures = findings["observations"].set_index("observation")
    assert ids <= set(figures.index)
    assert "country" not in set(figures.loc[sorted(ids), "scope"])


@pytest.mark.parametrize("name", [*PRESS_RUNS, "smoke"])
def test_every_number_of_a_run_carries_assumptions_of_the_register(name):
    found = findings_of(name)["results"]
    assert found["assumptions"].notna().all()
    for row in found.to_dict("records"):
        carried = row["assumptions"].split(";")
        assert carried == list(resting(row["quantity"]))
        assert set(carried) <= set(load())


@pytest.mark.parametrize("name", [*PRESS_RUNS, "smoke"])
def test_no_low_is_above_its_high_and_only_an_interval_has_ends(name):
    found = findings_of(name)["results"]
    both = found[found["low"].notna() & found["high"].notna()]
    assert len(both)
    assert (both["low"] <= both["high"]).all()
    bounded = found["low"].notna() | found["high"].notna()
    assert (found["interval"].notna() == bounded).all()
    chances = found[found["measured_in"] == "probability"]
    assert chances[["value", "low", "high"]].stack().dropna().between(0, 1).all()


@pytest.mark.parametrize("name", [*PRESS_RUNS, "smoke"])
def test_what_looks_ahead_is_recorded_as_its_tables_have_it(name):
    findings = findings_of(name)
    counts = findings["results"]["quantity"].value_counts()
    pooled, stages = findings["pooled"], findings["stages"]
    known = pooled[(pooled["outcome"] == "pooled") & pooled["left_out"].isna()]
    for quantity in ("level", "change"):
        methods = (known["quantity"] == quantity).sum()
        assert counts.get(f"pooled_{quantity}", 0) == methods
        assert counts.get(f"chance_{quantity}", 0) == methods
    for quantity in ("power", "detectable"):
        assert counts.get(quantity, 0) == stages[quantity].notna().sum()
    costs = findings["economics"].set_index("quantity")["outcome"]
    for quantity, outcome in costs.items():
        assert counts.get(quantity, 0) == (outcome == "computed")


@pytest.mark.parametrize("name", PRESS_RUNS)
def test_a_press_run_records_no_cost_and_no_gain_of_the_next_commune(name):
    found = findings_of(name)["results"]
    assert not {"dong", "hours"} & set(found["measured_in"])
    assert not set(get_args(vocabulary.Economic)) & set(found["quantity"])
    assert not {"pooled_change", "chance_change"} & set(found["quantity"])


def test_the_simulated_run_records_every_cost():
    found = findings_of("smoke")["results"]
    assert set(get_args(vocabulary.Economic)) <= set(found["quantity"])


def test_one_method_under_two_definitions_has_two_rows():
    row = {
        "quantity": "change", "indicator": "online_share", "method": "reml", "pilots": 3,
        "outcome": "pooled", "threshold": 10.0, "grade": "low", "prediction_low": 1.0,
        "prediction_high": 2.0, "chance_low": 0.1, "chance_high": 0.2,
    }  # fmt: skip
    pooled = schemas.build([{**row, "definition": name} for name in ("d1", "d2")], "pooled")
    found = _results(pooled=pooled)
    assert found["definition"].tolist() == ["d1", "d2"] * 2
    assert found["subject"].nunique() == 1


@pytest.mark.parametrize(("alpha", "confidence"), [(0.05, 95.0), (0.1, 90.0)])
def test_the_range_of_the_next_commune_has_the_confidence_of_the_run(alpha, confidence):
    findings = findings_of("smoke")
    tables = {name: findings[name] for name in ("contrasts", "pooled", "economics")}
    found = _results(**tables, alpha=alpha).set_index("quantity")
    for quantity in ("pooled_level", "pooled_change", "added_per_hundred"):
        assert set(found.loc[[quantity], "confidence"]) == {confidence}


def test_simulated_numbers_are_labelled_and_press_numbers_are_too():
    assert set(findings_of("smoke")["results"]["data"]) == {"simulated"}
    assert {label for name in PRESS_RUNS for label in findings_of(name)["results"]["data"]} == {
        "press"
    }


def test_every_contrast_level_and_target_with_a_number_is_there_once():
    for name in PRESS_RUNS:
        findings = findings_of(name)
        counts = findings["results"]["quantity"].value_counts()
        for quantity in ("change", "gap_closed", "change_worst_case", "worst_p", "design_effect"):
            assert counts.get(quantity, 0) == len(findings["contrasts"])
        assert counts.get("level", 0) == len(findings.levels)
        targets = findings["targets"]
        scopes = findings["observations"].set_index("observation")["scope"]
        own = targets[targets["target_observation"].map(scopes) != "country"]
        assert counts.get("target_gap", 0) == own["target"].notna().sum()


def test_the_tables_of_several_runs_stand_below_each_other_without_losing_a_type():
    tables = [findings_of(name)["results"] for name in ("long_an", "cao_bang", "smoke")]
    joined = pd.concat([*tables, schemas.empty("results")], ignore_index=True)
    assert len(schemas.check(joined, "results")) == sum(map(len, tables))


def test_a_run_without_a_number_has_a_table_without_rows():
    assert_frame_equal(_results(), schemas.empty("results"))


def test_the_tables_handed_to_run_results_are_not_changed(indicators):
    findings = findings_of("hau_giang")
    tables = {name: findings[name].copy(deep=True) for name in TABLES}
    _results(**tables, indicators=indicators)
    for name in TABLES:
        assert_frame_equal(tables[name], findings[name])
