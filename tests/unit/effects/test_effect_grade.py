from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from commune_pilots.effects.effect_grade import (
    FOR_HIGH,
    FOR_MEDIUM,
    Answer,
    Outcome,
    comparison_design,
    grade_effect,
)
from commune_pilots.effects.evidence import DESIGNS, GRADES, grade_of
from commune_pilots.vocabulary import Design

ALL = dict.fromkeys(FOR_HIGH, "passed")
WEAKER_ANSWERS = [answer for answer in get_args(Answer) if answer != "told_apart"]


def _rank(grade):
    return GRADES.index(grade)


@pytest.mark.parametrize("design", get_args(Design))
def test_a_grade_is_never_above_what_the_design_carries(design):
    for outcomes in product(get_args(Outcome), repeat=len(FOR_HIGH)):
        for answer in get_args(Answer):
            checks = dict(zip(FOR_HIGH, outcomes, strict=True))
            assert _rank(grade_effect(design, answer, checks=checks)) <= _rank(grade_of(design)[0])


@pytest.mark.parametrize("design", get_args(Design))
@pytest.mark.parametrize("answer", get_args(Answer))
def test_losing_or_failing_any_check_never_raises_a_grade(design, answer):
    for outcomes in product(get_args(Outcome), repeat=len(FOR_HIGH)):
        checks = dict(zip(FOR_HIGH, outcomes, strict=True))
        whole = _rank(grade_effect(design, answer, checks=checks))
        for name in FOR_HIGH:
            for worse in ("failed", "not_possible"):
                assert _rank(grade_effect(design, answer, checks={**checks, name: worse})) <= whole
            lost = {one: outcome for one, outcome in checks.items() if one != name}
            assert _rank(grade_effect(design, answer, checks=lost)) <= whole


def test_a_weaker_design_is_never_graded_above_a_stronger_one():
    ranks = [_rank(grade_effect(design, "told_apart", checks=ALL)) for design in DESIGNS]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("answer", WEAKER_ANSWERS)
def test_what_is_not_told_from_chance_carries_no_claim(answer):
    assert grade_effect("series_comparison", answer, checks=ALL) == "none"


def test_each_grade_has_its_conditions():
    assert grade_effect("series_comparison", "told_apart", checks=ALL) == "high"
    assert grade_effect("comparison", "told_apart", checks=ALL) == "medium"
    assert grade_effect("trend_adjusted", "told_apart", checks=ALL) == "low"
    for name in set(FOR_HIGH) - set(FOR_MEDIUM):
        failed = {**ALL, name: "failed"}
        assert grade_effect("series_comparison", "told_apart", checks=failed) == "medium"
    for name in FOR_MEDIUM:
        failed = {**ALL, name: "failed"}
        assert grade_effect("series_comparison", "told_apart", checks=failed) == "low"
    assert grade_effect("comparison", "told_apart", checks={}) == "low"


@pytest.mark.parametrize(
    ("pilots", "before", "after", "design"),
    [
        (3, 12, 6, "series_comparison"),
        (2, 12, 6, "comparison"),
        (3, 11, 6, "comparison"),
        (3, 12, 5, "comparison"),
        (99, 99, 99, "series_comparison"),
    ],
)
def test_a_series_with_comparison_is_long_on_both_sides_and_has_three_pilots(
    pilots, before, after, design
):
    found = comparison_design(pilots=pilots, months_before=before, months_after=after)
    assert found == design
