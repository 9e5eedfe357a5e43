"""The verdicts of the four press runs, computed in-process from the raw data, against the printed.

What is expected is worked out by hand from the figures the press prints and the rule of
docs/methods.md, M6: a change counts with what rounding, chance and a common rise of
15 points leave, half of ALL pilot communes, and two at least, must show 10 points, a pair that
chance explains has grade none. No pooled table is handed over: every press pair has grade low at
best, a pooled change the weakest grade of its units, and the lowest grade for scaling that a run
may ask is medium, so that no pooled change of the press can scale or stop anything, whatever its
chance.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import get_args

import pandas as pd
import pytest

from commune_pilots import schemas
from commune_pilots.clean import corrections, scope
from commune_pilots.effects import contrast, coverage, pairing
from commune_pilots.effects.evidence import at_least
from commune_pilots.params import Run, load_corrections, load_run
from commune_pilots.scaling.decision import Case, Rule, choose, decide
from commune_pilots.scaling.stress import stress_verdict
from commune_pilots.scenario import load_scenario
from commune_pilots.vocabulary import PoolMethod

RUNS = ("long_an", "bac_kan", "hau_giang", "cao_bang")
CAN_GIUOC, DUONG_XUAN_HOI, PHUONG_4 = "28159", "28237", "27691"
SONG_CAU, QUANG_THUAN = "01837", "02017"


@pytest.fixture(scope="module")
def judged(root, _press_once, indicators):
    """Run the pure pipeline once for each run: its case, and the answers under any rounding."""
    mended = corrections.correct_all(
        {name: frame.copy() for name, frame in _press_once.items()},
        load_corrections(root / "params" / "corrections.yml"),
    )
    return {name: _judged_of(name, mended, root / "params") for name in RUNS}


def _judged_of(name, tables, params):
    run = load_run(name, params)
    return _judged(run, tables, load_scenario(run.scenario, params))


def _judged(run, tables, plan):
    kept, _ = scope.keep_scope(tables, sources=run.sources, units=run.units, province=run.province)
    names = coverage.unit_names(kept["units"])
    terms = contrast.Terms(
        rounding=run.rounding, least_dossiers=run.least_dossiers, alpha=run.alpha
    )

    def contrasts(terms):
        return pairing.contrast_all(kept["observations"], names, terms, indicators=run.indicators)

    case = Case(
        contrasts=contrasts(terms),
        pilots=kept["pilots"],
        pooled=schemas.empty("pooled"),
        rule=Rule(**{name: getattr(run, name) for name in Rule.__dataclass_fields__}),
        trend=plan.common_trend,
    )
    anyhow = contrasts(replace(terms, rounding="any"))[["contrast", "denominators"]]
    return run, case, anyhow.assign(rounding="any", method="fisher_central"), plan


def _verdict(judged, name):
    run, case, _, plan = judged[name]
    return decide(case, decision=run.decision, plan=plan).iloc[0]


def _stress(judged, name):
    _, case, anyhow, plan = judged[name]
    found = stress_verdict(case, anyhow, plan)
    return found.set_index("setting") if len(found) else found


def _resting(judged, name):
    resting = _verdict(judged, name)["rests_on"].split(";")
    contrasts = judged[name][1].contrasts
    return set(contrasts.loc[contrasts["contrast"].isin(resting), "unit"])


def _half_step(printed):
    return Decimal(1).scaleb(Decimal(printed).as_tuple().exponent) / 2


def _least_change(before, after):
    """Work out the least change that two printed percentages leave, in points."""
    low = Decimal(after) - _half_step(after)
    return float(low - Decimal(before) - _half_step(before))


@pytest.mark.parametrize("name", RUNS)
def test_every_press_run_is_judged_by_the_same_rule(judged, name):
    assert judged[name][1].rule == Rule(
        grade_for_scaling="high",
        grade_for_stages="low",
        least_change=10.0,
        least_share=50.0,
        least_chance=0.8,
    )


@pytest.mark.parametrize(
    ("name", "option", "reason", "grade", "counted", "piloted"),
    [
        ("long_an", "stages", "enough_units", "low", 2, 3),
        ("bac_kan", "extend", "no_unit", "none", 0, 8),
        ("hau_giang", "prepare", "no_contrast", "none", 0, None),
        ("cao_bang", "prepare", "no_contrast", "none", 0, None),
    ],
)
def test_each_press_run_reaches_the_option_its_figures_carry(
    judged, name, option, reason, grade, counted, piloted
):
    found = _verdict(judged, name)
    assert (found["option"], found["reason"], found["grade"]) == (option, reason, grade)
    assert (found["units_counted"], found["units_strong"]) == (counted, 0)
    assert found["units_piloted"] == (piloted or found["units_piloted"])
    assert pd.isna(found["chance_low"]) and pd.isna(found["chance_high"])


def test_long_an_rests_on_can_giuoc_and_duong_xuan_hoi(judged):
    assert _resting(judged, "long_an") == {CAN_GIUOC, DUONG_XUAN_HOI}
    contrasts = judged["long_an"][1].contrasts.set_index("unit")
    assert contrasts.loc[CAN_GIUOC, "change_low"] == pytest.approx(_least_change("16.8", "98.08"))
    assert contrasts.loc[DUONG_XUAN_HOI, "change_low"] == pytest.approx(
        _least_change("18.98", "86.41")
    )
    assert contrasts.loc[PHUONG_4, "grade"] == "none"  # "none yet" may be 0 of 1


def test_long_an_goes_by_stages_only_with_its_conditions(judged):
    conditions = _verdict(judged, "long_an")["conditions"].split(";")
    assert {"comparison_first", "drawn_order", "monthly_counts", "stage_gate"} <= set(conditions)


def test_no_pair_of_bac_kan_is_above_the_common_rise_by_the_change_asked(judged):
    assert pd.isna(_verdict(judged, "bac_kan")["rests_on"])
    case = judged["bac_kan"][1]
    assert case.trend == 15
    contrasts = case.contrasts.set_index("unit")
    assert contrasts.loc[SONG_CAU, "change_low"] == pytest.approx(_least_change("0.1", "10.7"))
    assert contrasts.loc[QUANG_THUAN, "change_low"] < 10
    assert choose(replace(case, trend=0.0)).option == "extend"  # nor would one commune be enough


def test_every_press_verdict_takes_off_the_same_common_rise(judged):
    assert {judged[name][1].trend for name in RUNS} == {15.0}


@pytest.mark.parametrize("name", ["hau_giang", "cao_bang"])
def test_without_a_pair_the_verdict_rests_on_nothing_and_asks_for_figures(judged, name):
    found = _verdict(judged, name)
    assert pd.isna(found["rests_on"]) and found["contrasts"] == 0
    assert {"numeric_target", "baseline"} <= set(found["conditions"].split(";"))
    assert _stress(judged, name).empty


def test_what_turns_long_an_is_what_the_docs_say(judged):
    found = _stress(judged, "long_an")
    turns = found["flips_at"].dropna()
    contrasts, trend = judged["long_an"][1].contrasts.set_index("unit"), 15
    least = contrasts.loc[DUONG_XUAN_HOI, "conf_low"]  # chance leaves less than rounding
    assert 56.55 < least < 56.65 < _least_change("18.98", "86.41")
    assert contrasts.loc[CAN_GIUOC, "conf_low"] > least
    assert turns["common_trend"] == pytest.approx(least - 10)  # 46.6 points, of which 15 are off
    assert turns["counted_otherwise"] == pytest.approx(100 * (least - 10 - trend) / 86.41)  # 36.6%
    assert turns["change_double"] == pytest.approx(least - trend)  # 41.6 points
    assert turns["every_pilot"] == pytest.approx(200 / 3)
    assert turns["clustering"] == pytest.approx(13.6, abs=0.05)
    assert set(found.index[found["changes"]]) == {
        "counted_otherwise",
        "every_pilot",
        "grade_higher",
    }
    assert set(found.loc[found["changes"], "option"]) == {"extend"}


def test_nothing_turns_bac_kan_as_the_docs_say(judged):
    found = _stress(judged, "bac_kan")
    assert set(found["option"]) == {"extend"}
    assert not found["changes"].any()
    assert found["flips_at"].isna().all()


@pytest.mark.parametrize("name", RUNS)
def test_no_press_pair_reaches_any_grade_for_scaling(judged, name):
    lowest = get_args(Run.model_fields["grade_for_scaling"].annotation)
    assert not any(
        at_least(grade, needed)
        for grade, needed in product(judged[name][1].contrasts["grade"], lowest)
    )


@pytest.mark.parametrize("grade_for_scaling", ["medium", "high"])
@pytest.mark.parametrize("chance", [0.0, 1.0])
@pytest.mark.parametrize("name", RUNS)
def test_no_pooled_change_of_the_press_could_scale_or_stop_anything(
    judged, name, chance, grade_for_scaling
):
    _, case, _, _ = judged[name]
    case = replace(case, rule=replace(case.rule, grade_for_scaling=grade_for_scaling))
    kinds = case.contrasts[["indicator", "definition"]].drop_duplicates()
    rows = [
        {
            **kind,
            "quantity": "change",
            "method": method,
            "pilots": 3,
            "outcome": "pooled",
            "threshold": case.rule.least_change,
            "chance_low": chance,
            "chance_high": chance,
            "grade": "low",
        }
        for kind, method in product(kinds.to_dict("records"), get_args(PoolMethod))
    ]
    assert choose(replace(case, pooled=schemas.build(rows, "pooled"))) == choose(case)
