from __future__ import annotations

import pandas as pd
import pytest
from drawn import observations
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.coverage import unit_names
from commune_pilots.scaling.targets import attain_targets

NAMES = {"VN": "Country", "00001": "One", "00002": "Two"}


def _against(target, result, *, target_word="exact", result_word="exact", role="after"):
    figures = observations(
        f"""
        observation  unit   role    printed   qualifier
        t            00001  target  {target}  {target_word}
        r            00001  {role}  {result}  {result_word}
        """
    )
    return attain_targets(figures, NAMES).iloc[0]


def _attained(cases, **settings):
    """Set pairs of a target, a result and its qualifier against each other, a definition a pair."""
    rows = [
        f"t{at} 00001 target {target} exact d{at}\nr{at} 00001 after {result} {word} d{at}"
        for at, (target, result, word, _) in enumerate(cases)
    ]
    header = "observation unit role printed qualifier definition"
    found = attain_targets(observations("\n".join([header, *rows])), NAMES, **settings)
    return list(zip(cases, found["attainment"], strict=True))


def test_a_target_is_reached_only_if_what_is_printed_says_so():
    cases = [
        ("80", "80", "exact", "reached"),
        ("80", "86,41", "exact", "reached"),
        ("80", "79,99", "exact", "not_reached"),
        ("60", "60", "over", "reached"),
        ("60", "65", "at_least", "reached"),
        ("60", "65", "more_than", "reached"),
        ("80", "60", "over", "no_result"),
        ("80", "60", "at_least", "no_result"),
        ("60", "60", "nearly", "not_reached"),
        ("60", "50", "nearly", "not_reached"),
        ("60", "70", "nearly", "no_result"),
        ("60", "70", "about", "no_result"),
        ("60", "50", "about", "no_result"),
    ]
    assert _attained(cases) == [(case, case[-1]) for case in cases]


def test_a_target_for_what_should_fall_is_a_ceiling():
    cases = [
        ("5", "5", "exact", "reached"),
        ("5", "4,9", "exact", "reached"),
        ("5", "5,1", "exact", "not_reached"),
        ("5", "4", "nearly", "reached"),
        ("5", "6", "nearly", "no_result"),
        ("5", "5", "over", "not_reached"),
        ("5", "4", "over", "no_result"),
        ("5", "4", "about", "no_result"),
    ]
    found = _attained(cases, lower_is_better=["online_share"])
    assert found == [(case, case[-1]) for case in cases]


@pytest.mark.parametrize("role", ["after", "level"])
def test_a_later_figure_or_a_level_answers_a_target(role):
    assert _against("80", "90", role=role)["result_observation"] == "r"


@pytest.mark.parametrize("role", ["before", "rank", "target"])
def test_nothing_else_answers_a_target(role):
    assert pd.isna(_against("80", "90", role=role)["result_observation"])


def test_the_gap_is_the_result_less_the_target():
    found = _against("80", "98,08")
    assert (found["target"], found["result"]) == (80.0, 98.08)
    assert found["gap"] == pytest.approx(18.08)
    assert found["unit_name"] == "One"


def test_a_goal_without_a_number_is_no_target():
    figures = observations(
        """
        observation  unit   role    printed  qualifier  period_end
        t            00001  target  -        no_number  2022-12-31
        r            00001  after   60       over       -
        """
    )
    found = attain_targets(figures, NAMES).iloc[0]
    assert (found["attainment"], found["result"]) == ("no_target", 60.0)
    assert pd.isna(found["target"])
    assert pd.isna(found["gap"])
    assert found["deadline"] == pd.Timestamp("2022-12-31")


def test_a_target_without_a_result_has_no_answer():
    figures = observations("observation unit role printed\n t 00001 target 80")
    found = attain_targets(figures, NAMES).iloc[0]
    assert found["attainment"] == "no_result"
    assert pd.isna(found["result"])
    assert pd.isna(found["gap"])


@pytest.mark.parametrize("column", ["unit", "scope", "indicator", "definition"])
def test_a_result_that_measures_something_else_is_no_answer(column):
    figures = observations(
        """
        observation  unit   role    printed
        t            00001  target  80
        r            00001  after   90
        """
    )
    other = {"unit": "00002", "scope": "office", "indicator": "x", "definition": "y"}[column]
    apart = figures.assign(**{column: [figures[column].iloc[0], other]})
    assert attain_targets(apart, NAMES)["attainment"].tolist() == ["no_result"]


@pytest.mark.parametrize("order", [["t", "old", "new"], ["t", "new", "old"]])
def test_the_latest_result_answers_whatever_the_order_of_rows(order):
    figures = observations(
        """
        observation  unit   role    printed  period_end
        t            00001  target  60       2023-12-31
        old          00001  level   40       2022-08-31
        new          00001  level   70       2023-12-31
        """
    )
    sent = figures.set_index("observation").loc[order].reset_index()
    found = attain_targets(sent[figures.columns], NAMES).iloc[0]
    assert found["result_observation"] == "new"


def test_without_targets_there_is_a_table_without_rows():
    figures = observations("observation unit role printed\n r 00001 after 90")
    assert_frame_equal(attain_targets(figures, NAMES), schemas.empty("targets"))


def test_the_figures_handed_to_attain_targets_are_not_changed():
    figures = observations(
        """
        observation  unit   role    printed
        t            00001  target  80
        r            00001  after   90
        """
    )
    before = figures.copy(deep=True)
    attain_targets(figures, NAMES)
    assert_frame_equal(figures, before)


def test_a_deadline_printed_apart_joins_its_target():
    figures = observations(
        """
        observation  unit   role      printed   period_end
        t            00001  target    80        -
        d            00001  deadline  nam_2025  2025-12-31
        """
    )
    found = attain_targets(figures, NAMES)
    assert found["target_observation"].tolist() == ["t"]
    assert found["deadline"].tolist() == [pd.Timestamp("2025-12-31")]


def test_a_deadline_of_another_definition_joins_nothing():
    figures = observations(
        """
        observation  unit   role      printed   period_end  definition
        t            00001  target    80        2024-12-31  d1
        d            00001  deadline  nam_2025  2025-12-31  d2
        """
    )
    found = attain_targets(figures, NAMES)
    assert found["deadline"].tolist() == [pd.Timestamp("2024-12-31")]


def test_national_targets_of_indicators_without_own_figures_stay_out():
    figures = observations("observation unit scope role printed\n t VN country target 80")
    assert attain_targets(figures, NAMES).empty


@pytest.mark.parametrize(
    ("definition", "attainment"), [("national", "reached"), ("own", "no_result")]
)
def test_a_national_target_is_answered_by_own_figures_under_its_definition_alone(
    definition, attainment
):
    figures = observations(
        f"""
        observation  unit   scope    role    printed  definition
        t            VN     country  target  80       national
        n            VN     country  level   95       national
        a            00001  unit     after   90       {definition}
        """
    )
    found = attain_targets(figures, NAMES)
    assert found["attainment"].tolist() == [attainment]
    assert found["unit_name"].tolist() == [NAMES["VN"]]


def test_every_target_of_the_press_gets_an_answer_the_national_ones_last(press_tables):
    figures = press_tables["observations"]
    found = attain_targets(figures, unit_names(press_tables["units"]))
    asked = figures[figures["role"] == "target"]
    national = asked["scope"] == "country"
    listed = [*asked.loc[~national, "observation"], *asked.loc[national, "observation"]]
    assert found["target_observation"].tolist() == listed
    answers = found.set_index("target_observation")["attainment"]
    assert answers["001-10"] == "no_target"
    assert answers["003-16"] == "no_result"
    assert answers["ctx-15"] == answers["ctx-16"] == "no_result"  # 80% by 2025, 50% in 2023


def test_the_deadline_of_the_press_target_is_the_one_printed(press_tables):
    found = attain_targets(press_tables["observations"], unit_names(press_tables["units"]))
    deadlines = found.set_index("target_observation")["deadline"]
    assert deadlines["001-10"] == pd.Timestamp("2022-12-31")
    assert deadlines["004-06"] == pd.Timestamp("2025-12-31")
