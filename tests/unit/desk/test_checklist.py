from __future__ import annotations

import numpy as np
import pytest

from commune_pilots import assumptions, catalogue
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.contracts import workbook
from commune_pilots.desk.checklist import checklist, fewest_others
from commune_pilots.effects.assignment import completely_random, smallest_p
from commune_pilots.effects.effect_grade import comparison_design, grade_effect
from commune_pilots.effects.evidence import DESIGNS, GRADES, grade_of
from commune_pilots.effects.interrupted import interruption_refusal

ASKED = checklist(alpha=0.05)
BY_NAME = {row.name: row for row in ASKED}


def test_rows_go_from_what_carries_no_grade_to_what_may_carry_the_highest():
    grades = [GRADES.index(row.grade) for row in ASKED]
    assert grades == sorted(grades)
    assert (ASKED[0].grade, ASKED[-1].grade) == ("none", "high")


def test_every_design_of_the_ladder_is_asked_for_with_its_own_grade():
    assert {row.design for row in ASKED} == set(DESIGNS)
    assert all(row.grade == grade_of(row.design)[0] for row in ASKED)


def test_every_place_is_a_sheet_and_columns_of_the_workbook():
    for row in ASKED:
        for table, names in row.places:
            known = {column.name for column in workbook.sheet_of(table).columns}
            assert set(names) <= known, row.name


def test_every_row_is_worded_and_rests_on_assumptions_of_the_register():
    for row in ASKED:
        assert row.assumed
        assert set(row.assumed) <= set(assumptions.load())
        for part in ("what", "of", "without"):
            for language in LANGUAGES:
                key = f"new_study.checklist.{row.name}.{part}"
                assert catalogue.text(key, language, **row.numbers)


def test_the_numbers_of_a_long_series_are_those_at_which_the_design_changes():
    asked = BY_NAME["long_series"].numbers
    enough = {
        "pilots": asked["pilots"],
        "months_before": asked["before"],
        "months_after": asked["after"],
    }
    assert comparison_design(**enough) == "series_comparison"
    for name in enough:
        assert comparison_design(**{**enough, name: enough[name] - 1}) == "comparison"


def test_what_a_long_series_promises_the_grader_keeps():
    passed = dict.fromkeys(("pre_trend", "placebo_in_time", "leave_one_out"), "passed")
    for name in ("comparison", "long_series"):
        row = BY_NAME[name]
        assert grade_effect(row.design, "told_apart", checks=passed) == row.grade
        assert grade_effect(row.design, "not_decidable", checks=passed) == "none"


def test_the_months_of_a_series_are_those_at_which_it_is_no_longer_refused():
    asked = BY_NAME["months"].numbers

    def refused(before: int, after: int) -> str | None:
        months = np.arange(before + after)
        dossiers = np.full(len(months), 1000.0)
        return interruption_refusal(months, dossiers / 4, dossiers, start=before, horizon=after - 1)

    assert refused(asked["before"], asked["after"]) is None
    assert refused(asked["before"] - 1, asked["after"]) == "too_few_months"
    assert refused(asked["before"], asked["after"] - 1) == "too_few_months_after"


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("pilots", [1, 2, 3])
def test_one_comparison_commune_fewer_could_decide_nothing(pilots, alpha):
    others = fewest_others(pilots, alpha=alpha)

    def least(others: int) -> float:
        return smallest_p(completely_random(np.arange(pilots + others) < pilots))

    assert least(others) <= alpha < least(others - 1)


def test_a_stricter_error_level_asks_for_more_comparison_communes():
    strict = {row.name: row.numbers for row in checklist(alpha=0.01)}
    assert strict["comparison"]["others"] > BY_NAME["comparison"].numbers["others"]
