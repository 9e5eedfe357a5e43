from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pandas as pd
import pytest
from cases import RULE, STRENGTH, a_pair, case_of, cases, fell, pairs_of, pilots_of, planned
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from commune_pilots import catalogue, schemas
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.evidence import GRADES, weakest
from commune_pilots.scaling.decision import CONDITIONS, Case, choose, decide, rises
from commune_pilots.vocabulary import Option

few, brief = settings(max_examples=30), settings(max_examples=10)
P1, P2, P3 = ({"unit": unit} for unit in ("p1", "p2", "p3"))
HIGH = {"grade": "high"}
BOTH = ({**P1, **HIGH}, {**P2, **HIGH})
SURE = {"chance_low": 0.9, "chance_high": 0.95}
VAIN = {"chance_low": 0.05, "chance_high": 0.1}
OTHER = {"definition": "d2"}


def _option(*rows, **said):
    return choose(case_of(*rows, **said)).option


def _strength(case):
    return STRENGTH.get(choose(case).option)


def _not_stronger(case, than):
    """Say whether a case reaches no more than another that scales, goes on or is kept."""
    weaker, base = _strength(case), _strength(than)
    return weaker is not None and weaker <= base


# The options, one by one.


def test_without_any_contrast_there_is_no_basis_yet():
    found = choose(case_of(pooled=[SURE]))
    assert (found.option, found.reason, found.grade) == ("prepare", "no_contrast", "none")
    assert found.rests_on == ()


def test_enough_communes_at_the_grade_for_stages_carry_stages():
    found = choose(case_of(P1, P2, {**P3, "grade": "none"}))
    assert (found.option, found.reason, found.grade) == ("stages", "enough_units", "low")
    assert (found.rests_on, found.units_counted, found.units_strong) == (("c0", "c1"), 2, 0)


def test_too_few_communes_keep_the_pilot_and_are_what_it_rests_on():
    found = choose(case_of(P1))
    assert (found.option, found.reason, found.grade) == ("extend", "too_few_units", "low")
    assert found.rests_on == ("c0",)


def test_where_no_commune_counts_the_pilot_is_kept_and_rests_on_nothing():
    found = choose(case_of({**P1, "grade": "none"}, {**P2, "change_low": 9.0}))
    assert (found.option, found.reason, found.grade) == ("extend", "no_unit", "none")
    assert (found.rests_on, found.units_counted) == ((), 0)


def test_strong_evidence_and_a_good_chance_carry_the_whole_province():
    found = choose(case_of({**P1, **HIGH}, {**P2, **HIGH}, {**P3}, pooled=[SURE]))
    assert (found.option, found.reason, found.grade) == ("scale", "grade_and_chance", "high")
    assert (found.rests_on, found.units_counted, found.units_strong) == (("c0", "c1"), 3, 2)
    assert found.chance == (0.9, 0.95)


def test_strong_evidence_that_the_next_commune_will_not_gain_stops_the_pilot():
    small = {"change_low": 1.0, **HIGH}
    found = choose(case_of({**P1, **small}, {**P2, **small}, P3, pooled=[VAIN]))
    assert (found.option, found.reason, found.grade) == ("stop", "chance_too_small", "high")
    assert (found.rests_on, found.units_counted) == (("c0", "c1"), 1)


def test_a_small_chance_stops_even_where_enough_communes_count():
    assert _option(*({**one, **HIGH} for one in (P1, P2, P3)), pooled=[VAIN]) == "stop"


@pytest.mark.slow
def test_the_drawn_cases_reach_every_option_so_that_what_holds_of_them_says_something():
    seen = set()

    @settings(max_examples=200)
    @given(cases())
    def draw(case):
        seen.add(choose(case).option)

    draw()
    assert seen == set(get_args(Option))


# What counts.


@pytest.mark.parametrize(
    ("low", "option"),
    [(10.0, "stages"), (9.999, "extend"), (None, "extend"), (-40.0, "extend")],
)
def test_a_change_must_be_large_enough_over_its_whole_range(low, option):
    assert _option({**P1, "change_low": low}, {**P2, "change_low": low}) == option


def test_size_and_grade_must_come_from_the_same_contrast():
    large = {"change_low": 80.0, "grade": "none"}
    sure = {"change_low": 1.0, "grade": "high"}
    rows = [{**one, **kind} for one in (P1, P2, P3) for kind in (large, sure)]
    assert _option(*rows) == "extend"


def test_a_commune_with_several_pairs_counts_once_and_rests_on_all_of_them():
    found = choose(case_of(P1, P1, {**P1, "grade": "medium"}))
    assert (found.option, found.units_counted) == ("extend", 1)
    assert (found.rests_on, found.grade) == (("c0", "c1", "c2"), "low")


def test_communes_are_never_added_up_over_two_definitions():
    assert choose(case_of(P1, {**P2, **OTHER})).units_counted == 1
    assert _option(P1, {**P2, **OTHER}) == "extend"
    assert _option(P1, P2, {**P2, **OTHER}) == "stages"


def test_communes_are_never_added_up_over_two_indicators_with_one_definition():
    assert _option(P1, {**P2, "indicator": "payment_share"}) == "extend"


def test_the_definition_under_which_most_communes_count_speaks():
    found = choose(case_of(P1, {**P2, **OTHER}, {**P3, **OTHER, "grade": "medium"}))
    assert (found.option, found.rests_on, found.grade) == ("stages", ("c1", "c2"), "low")


def test_communes_of_the_comparison_never_count_nor_does_any_other_unit():
    rows = [{"unit": "c1", **HIGH}, {"unit": "x1", **HIGH}, P1]
    found = choose(case_of(*rows, communes=2, comparison=["c1"], least_share=100, pooled=[SURE]))
    assert (found.option, found.rests_on) == ("extend", ("c2",))
    assert (found.units_counted, found.units_strong) == (1, 0)


def test_a_commune_that_is_pilot_in_one_programme_and_compared_in_another_is_a_pilot():
    assert _option(P1, P2, communes=2, comparison=["p1"]) == "stages"


def test_without_a_pilot_commune_there_is_no_basis_yet():
    found = choose(case_of({"unit": "c1"}, communes=0, comparison=["c1"], least_share=1))
    assert (found.option, found.reason) == ("prepare", "no_contrast")


# What a pair shows of the pilot: less rounding, chance and a common rise.


@pytest.mark.parametrize(
    ("change", "trend", "option"),
    [
        (14.57, 0.0, "stages"),
        (14.57, 14.57, "extend"),  # as much as the country rose
        (14.57, 15.0, "extend"),
        (24.99, 15.0, "extend"),
        (25.0, 15.0, "stages"),
    ],
)
def test_pilots_that_rose_as_the_country_did_carry_nothing(change, trend, option):
    found = choose(case_of(*({**one, "change_low": change} for one in (P1, P2, P3)), trend=trend))
    assert found.option == option
    assert found.units_counted == (3 if option == "stages" else 0)


@pytest.mark.parametrize(
    ("grade", "option"),
    [("none", "extend"), ("low", "extend"), ("medium", "stages"), ("high", "stages")],
)
def test_only_a_pair_with_a_comparison_is_spared_the_common_rise(grade, option):
    rows = [{**one, "change_low": 20.0, "grade": grade} for one in (P1, P2, P3)]
    assert _option(*rows, trend=15.0) == option


@pytest.mark.parametrize(
    ("low", "option"),
    [(10.0, "stages"), (9.999, "extend"), (-30.0, "extend"), (None, "stages"), (80.0, "stages")],
)
def test_a_pair_whose_chance_interval_reaches_below_the_threshold_does_not_count(low, option):
    assert _option(*({**one, "conf_low": low} for one in (P1, P2))) == option


def test_an_interval_never_makes_a_rise_of_a_change_without_a_lower_end():
    rows = [{**one, "change_low": None, "conf_low": 80.0} for one in (P1, P2, P3)]
    assert _option(*rows) == "extend"
    rows = [{**one, "change_low": 9.0, "conf_low": 80.0} for one in (P1, P2, P3)]
    assert _option(*rows) == "extend"


@few
@given(cases())
def test_the_rise_is_the_least_of_rounding_and_chance_net_of_the_trend_without_comparison(case):
    expected = []
    for row in case.contrasts.to_dict("records"):
        ends = [row["change_low"], row["conf_low"]]
        net = min(ends) - (case.trend if row["grade"] in ("none", "low") else 0.0)
        expected.append(float("nan") if pd.isna(row["change_low"]) else net)
    assert rises(case).tolist() == pytest.approx(expected, nan_ok=True)


# Where some rose and some fell.


def _fallen(unit, by=-20.0, **said):
    return {"unit": unit, "change_low": by - 1, "change_high": by, **said}


@pytest.mark.parametrize("grade", ["none", "low", "high"])
def test_two_that_rose_and_two_that_fell_carry_nothing(grade):
    rows = (P1, P2, _fallen("p3", grade=grade), _fallen("p4", grade=grade))
    found = choose(case_of(*rows, communes=4))
    assert (found.option, found.units_counted) == ("extend", 2)
    assert found.rests_on == ("c0", "c1")


@pytest.mark.parametrize(
    ("by", "option"), [(-10.0, "extend"), (-9.99, "stages"), (0.0, "stages"), (None, "stages")]
)
def test_one_pilot_that_fell_by_the_change_asked_is_enough_against(by, option):
    fallen = {"unit": "p3", "change_low": -50.0, "change_high": by}
    assert _option(P1, P2, fallen) == option


@pytest.mark.parametrize("pooled", [[SURE], []])
def test_a_pilot_that_fell_keeps_the_strongest_evidence_from_being_scaled(pooled):
    assert _option(*BOTH, _fallen("p3"), pooled=pooled) == "extend"


def test_a_fall_under_another_definition_or_outside_the_pilots_speaks_of_others():
    for other in (OTHER, {"indicator": "payment_share"}, {"unit": "c1"}):
        fallen = {**_fallen("p3"), **other}
        assert _option(P1, P2, fallen, comparison=["c1"]) == "stages"


def test_a_commune_that_rose_by_one_pair_and_fell_by_another_is_against():
    assert _option(P1, P2, P3, _fallen("p1")) == "extend"


def test_a_definition_under_which_one_fell_does_not_hide_one_that_carries():
    rows = [P1, P2, P3, _fallen("p4"), {**P1, **OTHER}, {**P2, **OTHER}]
    found = choose(case_of(*rows, communes=4))
    assert (found.option, found.rests_on, found.units_counted) == ("stages", ("c4", "c5"), 2)


# How many are enough.


@pytest.mark.parametrize(
    ("share", "communes", "needed"),
    [
        (50.0, 2, 2),
        (50.0, 3, 2),
        (50.0, 5, 3),
        (100 / 3, 9, 3),
        (33.4, 9, 4),
        (200 / 3, 3, 2),
        (66.7, 3, 3),
        (100.0, 3, 3),
        (0.1, 3, 2),
        (100.0, 1, 2),
        (50.0, 0, 2),
        (100 / 11, 11, 2),
        (300 / 11, 11, 3),
        (64.4, 250, 161),
    ],
)
def test_the_share_asked_is_met_exactly_and_by_two_at_least(share, communes, needed):
    case = case_of(communes=communes, least_share=share)
    assert case.needed == needed


@given(communes=st.integers(1, 400), data=st.data())
def test_a_share_that_some_communes_make_asks_for_just_those(communes, data):
    some = data.draw(st.integers(1, communes))
    pilots = pd.DataFrame({"unit": range(communes), "arm": "pilot"})
    rule = replace(RULE, least_share=100 * some / communes)
    case = Case(contrasts=pilots, pilots=pilots, pooled=pilots, rule=rule, trend=0.0)
    assert case.needed == max(some, 2)


@pytest.mark.parametrize("communes", [1, 2, 11, 39])
def test_one_commune_is_never_enough_whatever_share_of_the_pilots_it_makes(communes):
    sure = {**P1, **HIGH, "change_low": 80.0}
    asked = {"communes": communes, "least_share": 100 / communes, "pooled": [SURE]}
    found = choose(case_of(sure, **asked))
    assert (found.option, found.reason, found.units_counted) == ("extend", "too_few_units", 1)
    assert _option(sure, {**P1, **HIGH}, **asked) == "extend"  # two pairs of one commune
    if communes > 1:
        assert _option(sure, {**P2, **HIGH}, **asked) == "scale"


# The chance of the next gain.


@pytest.mark.parametrize(
    ("least_chance", "low", "option"),
    [(0.8, 0.8, "scale"), (0.8, 0.7999, "stages"), (0.9, 0.9, "scale"), (0.95, 0.94, "stages")],
)
def test_to_scale_the_lowest_chance_must_be_enough(least_chance, low, option):
    pooled = [{"chance_low": low, "chance_high": 0.99}]
    assert _option(*BOTH, communes=2, least_chance=least_chance, pooled=pooled) == option


@pytest.mark.parametrize(
    ("least_chance", "high", "option"),
    [(0.8, 0.2, "stop"), (0.8, 0.2001, "stages"), (0.9, 0.1, "stop"), (0.66, 0.34, "stop")],
)
def test_to_stop_the_highest_chance_must_be_small_enough(least_chance, high, option):
    pooled = [{"chance_low": 0.0, "chance_high": high}]
    assert _option(*BOTH, communes=2, least_chance=least_chance, pooled=pooled) == option


def test_the_chance_is_the_range_over_every_method():
    pooled = [{**SURE, "method": "reml"}, {**VAIN, "method": "half_normal_1"}]
    found = choose(case_of(*BOTH, communes=2, pooled=pooled))
    assert (found.option, found.chance) == ("stages", (0.05, 0.95))


@pytest.mark.parametrize(
    "beside",
    [
        {"quantity": "level"},
        {"outcome": "too_few"},
        {"outcome": "saturated"},
        {"left_out": "p2"},
        {"grade": "medium"},
        {"grade": "none"},
    ],
)
@pytest.mark.parametrize("chance", [SURE, VAIN])
def test_only_changes_pooled_over_all_units_at_the_grade_speak_of_the_next(beside, chance):
    found = choose(case_of(*BOTH, communes=2, pooled=[{**chance, **beside}]))
    assert (found.option, found.chance) == ("stages", None)


@pytest.mark.parametrize("grades", ["low", "none"])
@pytest.mark.parametrize("chance", [SURE, VAIN])
def test_weak_pairs_neither_scale_nor_stop_whatever_was_pooled(grades, chance):
    rows = [{**one, "grade": grades} for one in (P1, P2, P3)]
    assert _option(*rows, pooled=[chance]) in ("stages", "extend")


@pytest.mark.parametrize(
    ("chance", "ends"),
    [
        ({"chance_low": 0.4}, (0.4, 1.0)),
        ({"chance_high": 0.7}, (0.0, 0.7)),
        ({}, (0.0, 1.0)),
    ],
)
def test_a_chance_that_is_not_known_may_be_any(chance, ends):
    pooled = [chance, {"method": "paule_mandel", "chance_low": 0.5, "chance_high": 0.6}]
    assert choose(case_of(P1, pooled=pooled)).chance == ends


@pytest.mark.parametrize(
    ("threshold", "ends"), [(10.0, (0.4, 0.6)), (20.0, (0.4, 1.0)), (5.0, (0.0, 0.6))]
)
def test_the_chance_of_another_gain_bounds_this_one_on_one_side(threshold, ends):
    pooled = [{"chance_low": 0.4, "chance_high": 0.6, "threshold": threshold}]
    assert choose(case_of(P1, pooled=pooled)).chance == ends


def test_the_chance_under_one_definition_does_not_scale_what_counts_under_another():
    others = [{**one, **OTHER} for one in BOTH]
    assert _option(*BOTH, communes=2, pooled=[{**SURE, **OTHER}]) == "stages"
    assert _option(*others, communes=2, pooled=[{**SURE, **OTHER}]) == "scale"


def test_a_definition_that_is_not_pooled_does_not_hide_one_that_is():
    rows = [{**one, **HIGH} for one in (P1, P2, P3)] + [{**one, **OTHER} for one in BOTH]
    found = choose(case_of(*rows, pooled=[{**SURE, **OTHER}]))
    assert (found.option, found.rests_on, found.units_strong) == ("scale", ("c3", "c4"), 3)


@pytest.mark.parametrize(("chance", "against"), [(SURE, VAIN), (VAIN, SURE)])
def test_a_weaker_definition_that_says_otherwise_is_heard(chance, against):
    pooled = [chance, {**against, **OTHER, "grade": "medium"}]
    assert _option(*BOTH, communes=2, pooled=pooled) == "stages"


def test_to_stop_rests_on_pilot_communes_of_the_pooled_definition_only():
    rows = [{**one, **HIGH} for one in (P1, {**P2, **OTHER}, {"unit": "c1"})]
    assert choose(case_of(*rows, comparison=["c1"], pooled=[VAIN])).rests_on == ("c0",)
    assert _option(*rows[1:], comparison=["c1"], pooled=[VAIN]) == "extend"


# What holds of every case.


@pytest.mark.slow
@few
@given(cases())
def test_the_verdict_is_no_stronger_than_the_weakest_pair_it_rests_on(case):
    found = choose(case)
    resting = case.contrasts[case.contrasts["contrast"].isin(found.rests_on)]
    assert found.grade == weakest(resting["grade"].tolist())
    assert set(resting["unit"]) <= case.piloted


@pytest.mark.slow
@few
@given(cases())
def test_what_scales_rests_on_enough_large_pairs_of_one_definition_at_the_grade(case):
    found, rule = choose(case), case.rule
    resting = case.contrasts[case.contrasts["contrast"].isin(found.rests_on)]
    if found.option in ("scale", "stages"):
        asked = rule.grade_for_scaling if found.option == "scale" else rule.grade_for_stages
        assert 100 * resting["unit"].nunique() >= rule.least_share * len(case.piloted) - 1e-6
        assert resting["unit"].nunique() >= 2
        taken_off = (~resting["grade"].isin(["medium", "high"])).astype(float) * case.trend
        for end in ("change_low", "conf_low"):
            assert (resting[end] - taken_off >= rule.least_change).all()
        same = case.contrasts["definition"].isin(resting["definition"])
        assert not fell(replace(case, contrasts=case.contrasts[same]))
        assert GRADES.index(found.grade) >= GRADES.index(asked)
    if found.option != "stop":
        assert len(resting[["indicator", "definition"]].drop_duplicates()) <= 1


@few
@given(cases())
def test_only_pooled_changes_of_the_grade_scale_or_stop(case):
    graded = case.pooled["grade"].map(GRADES.index) >= GRADES.index(case.rule.grade_for_scaling)
    without = choose(replace(case, pooled=case.pooled[~graded]))
    assert without.option not in ("scale", "stop")
    assert without.chance is None


@pytest.mark.slow
@few
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_pilots_is_of_no_account(case, random):
    def shuffled(frame):
        order = random.sample(range(len(frame)), len(frame))
        return frame.iloc[order]

    other = replace(
        case,
        contrasts=shuffled(case.contrasts),
        pilots=shuffled(case.pilots),
        pooled=shuffled(case.pooled),
    )
    assert choose(other) == choose(case)


@pytest.mark.slow
@few
@given(cases(), st.sampled_from(["c1", "x1"]))
def test_units_outside_the_pilot_change_nothing_where_a_pilot_has_a_pair(case, outside):
    own = case.contrasts["unit"].isin(case.piloted)
    assume(own.any())
    assert choose(replace(case, contrasts=case.contrasts[own])) == choose(case)
    large = pairs_of({"unit": outside, "change_low": 99.0, **HIGH}).assign(contrast="more")
    more = pd.concat([case.contrasts[own], large], ignore_index=True)
    assert choose(replace(case, contrasts=more)) == choose(case)


@few
@given(cases(least_pairs=1))
def test_without_its_pilot_communes_no_case_has_a_basis(case):
    assert choose(replace(case, pilots=pilots_of(0, comparison=["c1"]))).option == "prepare"


HIGHER = st.sampled_from(
    [
        ("least_change", lambda rule: rule.least_change + 5),
        ("least_change", lambda rule: rule.least_change + 30),
        ("least_share", lambda rule: min(rule.least_share + 20, 100)),
        ("least_chance", lambda rule: rule.least_chance + 0.05),
        ("grade_for_stages", lambda rule: "high"),
        ("grade_for_stages", lambda rule: "medium" if rule.grade_for_stages == "low" else "high"),
        ("grade_for_scaling", lambda rule: "high"),
    ]
)


@pytest.mark.slow
@few
@given(cases(), HIGHER)
def test_a_higher_threshold_never_carries_a_stronger_option(case, higher):
    name, raised = higher
    assume(_strength(case) is not None)
    assume(name != "least_change" or not fell(case))  # to ask for more asks for a deeper fall too
    assert _not_stronger(replace(case, rule=replace(case.rule, **{name: raised(case.rule)})), case)


@pytest.mark.slow
@few
@given(cases(), st.sampled_from([0.5, 5.0, 10.0, 60.0]))
def test_a_larger_common_rise_never_carries_a_stronger_option(case, more):
    assume(_strength(case) is not None)
    assert _not_stronger(replace(case, trend=case.trend + more), case)


@pytest.mark.slow
@few
@given(cases(), HIGHER)
def test_a_higher_threshold_never_stops_what_was_not_stopped(case, higher):
    name, raised = higher
    other = replace(case, rule=replace(case.rule, **{name: raised(case.rule)}))
    if choose(case).option == "prepare":
        assert choose(other).option == "prepare"
    elif choose(other).option == "stop":
        assert choose(case).option == "stop"


@pytest.mark.slow
@few
@given(cases(least_pairs=1), st.data())
def test_a_smaller_change_or_a_weaker_grade_never_carries_a_stronger_option(case, data):
    assume(_strength(case) is not None)
    at = data.draw(st.integers(0, len(case.contrasts) - 1))
    smaller, weaker = case.contrasts.copy(), case.contrasts.copy()
    smaller.loc[at, "change_low"] -= data.draw(st.sampled_from([1.0, 10.0, 100.0, float("nan")]))
    place = GRADES.index(weaker.loc[at, "grade"])
    weaker.loc[at, "grade"] = GRADES[data.draw(st.integers(0, place))]
    less_sure = case.contrasts.copy()
    less_sure.loc[at, "conf_low"] -= data.draw(st.sampled_from([1.0, 10.0, 100.0]))
    without = case.contrasts.drop(index=at)
    gone = replace(case, contrasts=case.contrasts.loc[[at]])
    for other in (smaller, weaker, less_sure, *([] if fell(gone) else [without])):
        if len(other):
            assert _not_stronger(replace(case, contrasts=other), case)


@pytest.mark.slow
@few
@given(cases(), st.integers(1, 5))
def test_pilot_communes_without_a_pair_never_carry_a_stronger_option(case, silent):
    assume(_strength(case) is not None)
    more = pilots_of(silent).assign(unit=[f"q{at}" for at in range(silent)])
    pilots = pd.concat([case.pilots, more], ignore_index=True)
    assert _not_stronger(replace(case, pilots=pilots), case)


@pytest.mark.slow
@few
@given(cases(least_pairs=1), st.randoms(use_true_random=False))
def test_one_more_pair_that_did_not_fall_never_carries_a_weaker_option(case, random):
    row = a_pair(random, [*sorted(case.piloted), "x1"])
    more = pairs_of(row).assign(contrast="more")
    other = replace(case, contrasts=pd.concat([case.contrasts, more], ignore_index=True))
    assume(not fell(replace(case, contrasts=more)))
    assume(_strength(case) is not None and _strength(other) is not None)
    assert _not_stronger(case, other)


# The record.


def test_the_record_says_what_was_found_and_under_which_thresholds():
    case = case_of(P1, P2, {"unit": "c1"}, comparison=["c1"], least_change=12.5)
    plan = planned(stage_months=6, review_months=9)
    found = decide(case, decision="d1", plan=plan).iloc[0]
    assert found.to_dict() | {"chance_low": None, "chance_high": None} == {
        "decision": "d1",
        "option": "stages",
        "grade": "low",
        "reason": "enough_units",
        "rests_on": "c0;c1",
        "contrasts": 3,
        "units_with_contrast": 2,
        "units_counted": 2,
        "units_strong": 0,
        "units_piloted": 3,
        "grade_for_scaling": "high",
        "grade_for_stages": "low",
        "least_change": 12.5,
        "least_share": 50.0,
        "least_chance": 0.8,
        "chance_low": None,
        "chance_high": None,
        "conditions": "comparison_first;drawn_order;monthly_counts;stage_gate;same_definition",
        "review_months": 6,
    }
    assert found[["chance_low", "chance_high"]].isna().all()


@pytest.mark.parametrize(
    ("rows", "pooled", "option", "months"),
    [
        ((P1, P2), [], "stages", 4),
        ((P1,), [], "extend", 18),
        ((), [], "prepare", 18),
        (BOTH, [SURE], "scale", 18),
        (BOTH, [VAIN], "stop", 18),
    ],
)
def test_stages_are_looked_at_again_when_the_first_ends_and_all_else_at_the_review(
    rows, pooled, option, months
):
    plan = planned(stage_months=4, review_months=18)
    found = decide(case_of(*rows, pooled=pooled), decision="d1", plan=plan).iloc[0]
    assert (found["option"], found["review_months"]) == (option, months)


def test_the_record_holds_the_chance_where_one_is_known():
    case = case_of(P1, pooled=[{"chance_low": 0.0, "chance_high": 0.25}])
    found = decide(case, decision="d1", plan=planned()).iloc[0]
    assert (found["chance_low"], found["chance_high"]) == (0.0, 0.25)


def test_what_rests_on_nothing_says_so_by_a_missing_cell():
    found = decide(case_of(), decision="d1", plan=planned()).iloc[0]
    assert pd.isna(found["rests_on"])
    assert (found["contrasts"], found["units_with_contrast"], found["units_piloted"]) == (0, 0, 3)


@pytest.mark.slow
@brief
@given(cases())
def test_every_case_makes_a_record_that_keeps_its_contract(case):
    found = decide(case, decision="d1", plan=planned())
    schemas.check(found, "verdicts")
    row = found.iloc[0]
    assert row["conditions"].split(";") == list(CONDITIONS[row["option"]])
    assert row["units_counted"] <= row["units_with_contrast"] <= row["units_piloted"]
    assert row["units_with_contrast"] <= row["contrasts"]


def test_a_commune_in_two_programmes_is_piloted_once():
    case = case_of(P1, P2)
    twice = pd.concat([case.pilots, case.pilots.assign(programme="q")], ignore_index=True)
    found = decide(replace(case, pilots=twice), decision="d1", plan=planned()).iloc[0]
    assert (found["units_piloted"], found["option"]) == (3, "stages")


def test_every_option_has_conditions_worded_in_both_languages():
    assert set(CONDITIONS) == set(get_args(Option))
    for conditions in CONDITIONS.values():
        assert conditions
        for condition in conditions:
            for language in LANGUAGES:
                assert catalogue.entries()[f"briefing.condition.{condition}"][language]


def test_tables_handed_to_decide_are_not_changed():
    case, same = (case_of(P1, {**P2, "change_low": None}, pooled=[SURE]) for _ in range(2))
    decide(case, decision="d1", plan=planned())
    for name in ("contrasts", "pilots", "pooled"):
        assert_frame_equal(getattr(case, name), getattr(same, name))
