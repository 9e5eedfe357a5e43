from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from cases import STRENGTH, alternatives_of, case_of, cases, fell, planned
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.scaling.decision import choose
from commune_pilots.scaling.stress import stress_verdict

few = settings(max_examples=20)
P1, P2, P3 = ({"unit": unit} for unit in ("p1", "p2", "p3"))
HIGH = {"grade": "high"}
SURE = {"chance_low": 0.9, "chance_high": 0.95}
VAIN = {"chance_low": 0.05, "chance_high": 0.1}
# The moves whose size the table gives, in the direction that takes support away.
SIZED = ("clustering", "common_trend", "counted_otherwise", "change_double", "every_pilot")
ADVERSE = ("any_rounding", *SIZED, "grade_higher")
# Two communes far above the thresholds by unequal margins, a third one whose pair chance explains.
PRINTED = (
    {**P1, "change_low": 81.0, "after": 98.0, "design_effect": 40.0},
    {**P2, "change_low": 67.0, "after": 86.0, "design_effect": 13.0},
    {**P3, "change_low": 53.0, "after": 54.0, "design_effect": 0.5, "grade": "none"},
)


def _stress(case, answers=None, **sizes):
    said = dict.fromkeys(case.contrasts["contrast"], "decided") if answers is None else answers
    found = stress_verdict(case, alternatives_of(said), planned(**sizes))
    return found.set_index("setting")


def _moved(case, setting, size):
    """Make the same move apart from the code."""
    contrasts, rule = case.contrasts.copy(), case.rule
    if setting == "clustering":
        contrasts.loc[contrasts["design_effect"] < size, "grade"] = "none"
    elif setting == "common_trend":
        return replace(case, trend=size)
    elif setting == "counted_otherwise":
        for end in ("change_low", "conf_low"):
            contrasts[end] -= contrasts["after"] * size / 100
    elif setting in ("change_double", "change_half"):
        rule = replace(rule, least_change=size)
    else:
        rule = replace(rule, least_share=size)
    return replace(case, contrasts=contrasts, rule=rule)


stressed = st.fixed_dictionaries(
    {
        "design_effect": st.sampled_from([1.0, 5.0, 13.0, 13.5]),
        "common_trend": st.sampled_from([0.0, 5.0, 15.0, 60.0]),
        "assisted_share": st.sampled_from([0.0, 50.0, 90.0]),
    }
)
leaning = cases(least_pairs=1).filter(lambda case: choose(case).option in ("scale", "stages"))
# A higher threshold asks for a deeper fall as well: what fell could be forgiven.
risen = leaning.filter(lambda case: not fell(case))


def test_without_contrasts_there_is_nothing_to_ask_again():
    found = stress_verdict(case_of(), schemas.empty("alternatives"), planned())
    assert_frame_equal(found, schemas.empty("stress"))


def test_each_assumption_and_threshold_is_moved_once():
    found = _stress(case_of(*PRINTED))
    assert found["assumption"].to_dict() == {
        "any_rounding": "A1",
        "clustering": "A2",
        "common_trend": "A3",
        "counted_otherwise": "A4",
        "silent_alike": "A9",
        "change_half": "A6",
        "change_double": "A6",
        "one_pilot": "A6",
        "every_pilot": "A6",
        "grade_higher": "A6",
    }
    schemas.check(found.reset_index()[list(schemas.columns("stress"))], "stress")


def test_sizes_come_from_the_scenario_and_the_rule_with_their_measure():
    sizes = {"design_effect": 7.0, "common_trend": 3.0, "assisted_share": 20.0}
    found = _stress(case_of(*PRINTED, least_change=12.0), **sizes)
    assert found["at"].dropna().to_dict() == {
        "clustering": 7.0,
        "common_trend": 3.0,
        "counted_otherwise": 20.0,
        "change_half": 6.0,
        "change_double": 24.0,
        "one_pilot": 100 / 3,
        "every_pilot": 100.0,
    }
    assert found["measured_in"].dropna().to_dict() == {
        "clustering": "ratio",
        "common_trend": "points",
        "counted_otherwise": "percent",
        "change_half": "points",
        "change_double": "points",
        "one_pilot": "percent",
        "every_pilot": "percent",
    }


def test_an_option_turns_where_the_second_of_two_communes_needed_falls_away():
    found = _stress(case_of(*PRINTED))
    assert found["flips_at"].dropna().to_dict() == {
        "clustering": 13.0,
        "common_trend": 57.0,
        "counted_otherwise": pytest.approx(100 * 57 / 86),
        "change_double": 67.0,
        "every_pilot": pytest.approx(200 / 3),
    }
    assert found.index[found["changes"]].tolist() == ["every_pilot", "grade_higher"]
    assert found["units_counted"].to_dict() == {
        name: 0 if name == "grade_higher" else 2 for name in found.index
    }
    assert set(found["units_piloted"]) == {3}


def test_the_best_pair_of_a_commune_bears_for_it():
    weak = {**P2, "change_low": 12.0, "after": 90.0, "design_effect": 2.0}
    found = _stress(case_of(*PRINTED, weak))
    assert found["flips_at"].dropna().to_dict() == {
        "clustering": 13.0,
        "common_trend": 57.0,
        "counted_otherwise": pytest.approx(100 * 57 / 86),
        "change_double": 67.0,
        "every_pilot": pytest.approx(200 / 3),
    }


def test_another_definition_that_bears_more_puts_the_turn_further_out():
    other = {"definition": "d2", "change_low": 50.0, "after": 60.0, "design_effect": 9.0}
    rows = [{**one, "change_low": 15.0, "design_effect": 3.0} for one in (P1, P2, P3)]
    found = _stress(case_of(*rows, {**P1, **other}, {**P2, **other}))
    assert found["flips_at"].dropna().to_dict() == {
        "clustering": 9.0,
        "common_trend": 40.0,
        "counted_otherwise": pytest.approx(100 * 40 / 60),
        "change_double": 50.0,
    }  # every pilot carries it: no share that can be asked turns it


def test_an_option_that_rests_on_no_number_of_communes_has_no_size_that_turns_it():
    assert _stress(case_of(PRINTED[0]))["flips_at"].isna().all()


def test_from_a_later_share_of_nothing_nothing_can_be_taken():
    nothing = {"change_low": 0.0, "change_high": 0.5, "after": 0.0}
    found = _stress(case_of({**P1, **nothing}, {**P2, **nothing}, least_change=0.0))
    assert pd.isna(found.loc["counted_otherwise", "flips_at"])
    assert found.loc["common_trend", "flips_at"] == 0
    beside = {"change_low": 10.0, "after": 40.0}
    for one, other in ((P1, P2), (P2, P1)):
        found = _stress(case_of({**one, **nothing}, {**other, **beside}, least_change=0.0))
        assert found.loc["counted_otherwise", "flips_at"] == 25


@pytest.mark.parametrize(
    ("answers", "option", "counted"),
    [
        ({"c0": "decided", "c1": "decided", "c2": "decisive"}, "stages", 2),
        ({"c0": "decided", "c1": "decisive", "c2": "decided"}, "extend", 1),
        ({"c0": "decided", "c1": "open", "c2": "decided"}, "extend", 1),
        ({"c0": "decided", "c2": "decided"}, "extend", 1),
        ({}, "extend", 0),
    ],
)
def test_a_pair_not_known_to_be_decided_under_any_rounding_loses_its_grade(
    answers, option, counted
):
    found = _stress(case_of(*PRINTED), answers).loc["any_rounding"]
    assert (found["option"], found["units_counted"]) == (option, counted)
    assert found["changes"] == (option != "stages")


def test_silent_communes_are_taken_to_be_like_the_best_pair():
    rows = ({**P1, **HIGH, "change_low": 12.0}, {**P2, "change_low": 60.0})
    found = _stress(case_of(*rows, communes=5, pooled=[SURE])).loc["silent_alike"]
    assert (found["option"], found["units_counted"], found["grade"]) == ("scale", 5, "high")
    assert found["changes"]


@pytest.mark.parametrize(
    ("rows", "communes"), [((P1, P2, P3), 3), (({**P1, "change_low": 1.0},), 3)]
)
def test_where_no_commune_is_silent_or_none_counts_none_is_added(rows, communes):
    case = case_of(*rows, communes=communes)
    found = _stress(case).loc["silent_alike"]
    assert (found["option"], found["units_counted"]) == (
        choose(case).option,
        choose(case).units_counted,
    )


def test_a_commune_whose_own_pair_is_too_small_is_not_silent():
    rows = (P1, {**P2, "change_low": 1.0})
    found = _stress(case_of(*rows, communes=4)).loc["silent_alike"]
    assert (found["units_counted"], found["option"]) == (3, "stages")


@pytest.mark.parametrize("communes", [3, 11, 22, 39])
def test_where_one_commune_is_asked_two_are_still_needed(communes):
    found = _stress(case_of(P1, communes=communes)).loc["one_pilot"]
    assert (found["option"], found["changes"]) == ("extend", False)
    two = _stress(case_of(P1, P2, communes=communes)).loc["one_pilot"]
    assert (two["option"], two["changes"]) == ("stages", communes > 4)


@pytest.mark.parametrize(
    ("stages", "higher"), [("low", "extend"), ("medium", "stages"), ("high", "stages")]
)
def test_one_grade_more_is_asked_up_to_the_highest(stages, higher):
    rows = [{**one, "grade": "high" if stages != "low" else "low"} for one in (P1, P2)]
    assert _stress(case_of(*rows, grade_for_stages=stages)).loc["grade_higher", "option"] == higher


def test_province_wide_scaling_turns_with_the_communes_strong_enough_for_it():
    rows = [{**P1, **HIGH}, {**P2, **HIGH, "design_effect": 4.0}, P3]
    found = _stress(case_of(*rows, pooled=[SURE]))
    assert found.loc["every_pilot", "flips_at"] == pytest.approx(200 / 3)
    assert found.loc["every_pilot", "option"] == "stages"
    assert found.loc["clustering", "flips_at"] == 4.0
    assert found.loc["counted_otherwise", "flips_at"] == pytest.approx(100 * 10 / 98)
    assert found.loc["change_double", "flips_at"] == 10.0


@pytest.mark.parametrize("trend", [0.0, 15.0, 40.0])
def test_the_common_rise_that_turns_it_is_the_whole_one(trend):
    found = _stress(case_of(*PRINTED, trend=trend), common_trend=12.0)
    assert found.loc["common_trend", ["at", "flips_at"]].tolist() == [trend + 12, 57]
    assert found.loc["common_trend", "changes"] == (trend + 12 > 57)
    assert found.loc["change_double", "flips_at"] == 67 - trend
    assert found.loc["counted_otherwise", "flips_at"] == pytest.approx(100 * (57 - trend) / 86)


@pytest.mark.parametrize("grade", ["medium", "high"])
def test_no_common_rise_turns_what_stands_beside_a_comparison(grade):
    rows = [{**one, "grade": grade} for one in PRINTED]
    found = _stress(case_of(*rows, trend=15.0), common_trend=80.0).loc["common_trend"]
    assert (found["option"], found["changes"], found["units_counted"]) == ("stages", False, 3)
    assert pd.isna(found["flips_at"])


def test_of_two_needed_the_one_without_a_comparison_turns_with_the_common_rise():
    found = _stress(case_of({**PRINTED[0], "grade": "medium"}, PRINTED[1], trend=15.0))
    assert found.loc["common_trend", "flips_at"] == 57


def test_what_was_counted_otherwise_is_taken_off_the_interval_too():
    rows = [{**one, "change_low": 80.0, "conf_low": 30.0, "after": 80.0} for one in (P1, P2)]
    found = _stress(case_of(*rows), assisted_share=26.0).loc["counted_otherwise"]
    assert (found["flips_at"], found["option"]) == (25.0, "extend")


def test_a_definition_under_which_one_fell_puts_no_turn_further_out():
    large = {"definition": "d2", "change_low": 70.0, "after": 90.0, "design_effect": 90.0}
    against = {**P3, "definition": "d2", "change_low": -30.0}
    rows = (*PRINTED[:2], *({**one, **large} for one in (P1, P2)), against)
    found = _stress(case_of(*rows))
    assert choose(case_of(*rows)).rests_on == ("c0", "c1")
    assert found.loc[["clustering", "common_trend"], "flips_at"].tolist() == [13.0, 57.0]


def test_the_chance_of_a_larger_gain_is_not_taken_from_that_of_a_smaller():
    rows = [{**one, **HIGH, "change_low": 80.0} for one in (P1, P2, P3)]
    found = _stress(case_of(*rows, pooled=[SURE]))
    assert found.loc[["change_half", "change_double"], "option"].tolist() == ["scale", "stages"]
    assert found.loc["change_double", "flips_at"] == 10.0
    against = _stress(case_of(*rows, pooled=[VAIN]))
    assert against.loc[["change_half", "change_double"], "option"].tolist() == ["stages", "stop"]


def test_to_stop_turns_where_no_pair_of_the_grade_is_left():
    rows = [{**P1, **HIGH, "design_effect": 6.0}, {**P2, **HIGH, "design_effect": 3.0}]
    case = case_of(*rows, pooled=[VAIN])
    assert _stress(case)["flips_at"].dropna().to_dict() == {"clustering": 6.0}
    turned = [_stress(case, design_effect=size).loc["clustering"] for size in (6.0, 6.01)]
    assert [(row["option"], row["changes"]) for row in turned] == [
        ("stop", False),
        ("extend", True),
    ]


def test_tables_handed_over_are_not_changed():
    case, same = (case_of(*PRINTED[:2], pooled=[SURE]) for _ in range(2))
    alternatives = alternatives_of({"c0": "open"})
    stress_verdict(case, alternatives, planned())
    for name in ("contrasts", "pilots", "pooled"):
        assert_frame_equal(getattr(case, name), getattr(same, name))
    assert_frame_equal(alternatives, alternatives_of({"c0": "open"}))


# What holds of every case.


@pytest.mark.slow
@few
@given(case=cases(least_pairs=1), sizes=stressed)
def test_every_row_is_the_rule_asked_of_the_moved_case(case, sizes):
    found = _stress(case, **sizes)
    for setting in (*SIZED, "change_half", "one_pilot"):
        row = found.loc[setting]
        again = choose(_moved(case, setting, row["at"]))
        assert (row["option"], row["grade"]) == (again.option, again.grade)
        assert row["units_counted"] == again.units_counted
    higher = {"low": "medium", "medium": "high", "high": "high"}[case.rule.grade_for_stages]
    again = choose(replace(case, rule=replace(case.rule, grade_for_stages=higher)))
    assert found.loc["grade_higher", "option"] == again.option
    assert (found["changes"] == (found["option"] != choose(case).option)).all()
    assert (found["units_piloted"] == len(case.piloted)).all()


@pytest.mark.slow
@few
@given(case=risen, sizes=stressed)
def test_below_the_size_that_turns_it_the_option_stands_and_beyond_it_it_does_not(case, sizes):
    base, found = choose(case).option, _stress(case, **sizes)
    for setting in SIZED:
        at, turn, changes = found.loc[setting, ["at", "flips_at", "changes"]]
        if pd.isna(turn):
            assert setting in ("counted_otherwise", "common_trend", "every_pilot")
            assert not changes
            most = 1e6 if setting == "common_trend" else 100.0
            assert choose(_moved(case, setting, most)).option == base
            continue
        assert choose(_moved(case, setting, turn - 1e-6)).option == base
        assert choose(_moved(case, setting, turn + 1e-6)).option != base
        assert changes == (at > turn) or abs(at - turn) < 1e-6


@pytest.mark.slow
@few
@given(case=cases(least_pairs=1), sizes=stressed, answer=st.sampled_from(["decided", "decisive"]))
def test_a_move_against_the_evidence_never_carries_a_stronger_option(case, sizes, answer):
    base = STRENGTH.get(choose(case).option)
    assume(base is not None)
    found = _stress(case, {"c0": answer, "c1": "decided"}, **sizes)
    for setting in ADVERSE:
        if setting == "change_double" and fell(case):
            continue  # twice the change asks for twice the fall
        assert STRENGTH[found.loc[setting, "option"]] <= base


@pytest.mark.slow
@few
@given(case=cases(least_pairs=1), random=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_pilots_is_of_no_account(case, random):
    def shuffled(frame):
        return frame.iloc[random.sample(range(len(frame)), len(frame))]

    other = replace(case, contrasts=shuffled(case.contrasts), pilots=shuffled(case.pilots))
    assert_frame_equal(_stress(other), _stress(case))


@pytest.mark.slow
@few
@given(case=leaning)
def test_pairs_of_other_units_leave_the_table_as_it_is(case):
    own = replace(case, contrasts=case.contrasts[case.contrasts["unit"].isin(case.piloted)])
    assert_frame_equal(_stress(own), _stress(case))


def test_without_pilot_communes_every_answer_is_that_there_is_no_basis():
    found = _stress(case_of({"unit": "c1"}, communes=0, comparison=["c1"]))
    assert set(found["option"]) == {"prepare"}
    assert not found["changes"].any()
    assert found["flips_at"].isna().all()
