from __future__ import annotations

import pandas as pd
import pytest
from drawn import table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.scaling.decision import decide


def _contrasts(drawing):
    return table(
        drawing,
        of="contrasts",
        unit_name="x",
        indicator="online_share",
        definition="d",
        before_observation="b",
        after_observation="a",
        after="50",
        change="10",
        change_decimals="0",
        change_bound="exact",
        change_high="11",
        denominators="decided",
        reason="r",
    )


def _pilots():
    return table(
        """
        unit   programme  opened_precision  arm         source
        00001  p          year              pilot       s1
        00002  p          year              pilot       s1
        00003  p          year              comparison  s1
        """,
        of="pilots",
    )


def _decide(contrasts, pilots=None, *, least_change=10.0, scaling="high", stages="medium"):
    return decide(
        contrasts,
        _pilots() if pilots is None else pilots,
        decision="d1",
        grade_for_scaling=scaling,
        grade_for_stages=stages,
        least_change=least_change,
    ).iloc[0]


def _one(grade, low="20"):
    return _contrasts(f"contrast unit change_low grade\n c1 00001 {low} {grade}")


@pytest.mark.parametrize(
    ("grade", "option", "reason"),
    [
        ("high", "scale", "grade_reached"),
        ("medium", "stages", "grade_reached_for_stages"),
        ("low", "extend", "grade_below_stages"),
        ("none", "extend", "grade_below_stages"),
    ],
)
def test_the_strongest_option_the_grade_carries_is_chosen(grade, option, reason):
    found = _decide(_one(grade))
    assert (found["option"], found["reason"], found["grade"]) == (option, reason, grade)


def test_without_any_contrast_measurement_is_prepared_first():
    found = _decide(schemas.empty("contrasts"))
    assert (found["option"], found["reason"], found["grade"]) == ("prepare", "no_contrast", "none")
    assert (found["contrasts"], found["units_with_contrast"]) == (0, 0)


def test_the_users_own_thresholds_decide():
    assert _decide(_one("medium"), scaling="medium")["option"] == "scale"
    assert _decide(_one("medium"), scaling="high", stages="high")["option"] == "extend"


@pytest.mark.parametrize(
    ("low", "option"), [("10.0", "scale"), ("9.99", "extend"), ("-", "extend"), ("-40", "extend")]
)
def test_a_change_must_be_large_enough_over_its_whole_range(low, option):
    assert _decide(_one("high", low))["option"] == option


def test_a_small_change_keeps_its_grade_but_carries_no_option():
    found = _decide(_one("high", "1"))
    assert (found["grade"], found["option"]) == ("high", "extend")


def test_the_best_of_several_contrasts_carries_the_option():
    contrasts = _contrasts(
        """
        contrast  unit   change_low  grade
        c1        00001  20          low
        c2        00002  20          medium
        """
    )
    assert _decide(contrasts)["option"] == "stages"


def test_size_and_grade_must_come_from_the_same_contrast():
    contrasts = _contrasts(
        """
        contrast  unit   change_low  grade
        c1        00001  80          low
        c2        00002  1           high
        """
    )
    assert _decide(contrasts)["option"] == "extend"


def test_units_are_counted_once_however_many_contrasts_they_have():
    contrasts = _contrasts(
        """
        contrast  unit   change_low  grade
        c1        00001  20          low
        c2        00001  20          low
        """
    )
    found = _decide(contrasts)
    assert (found["contrasts"], found["units_with_contrast"]) == (2, 1)


def test_only_pilots_count_as_piloted():
    assert _decide(_one("low"))["units_piloted"] == 2


def test_a_unit_in_two_programmes_is_piloted_once():
    pilots = pd.concat([_pilots(), _pilots().assign(programme="q")], ignore_index=True)
    assert _decide(_one("low"), pilots)["units_piloted"] == 2


def test_the_verdict_records_the_thresholds_it_was_reached_under():
    found = _decide(_one("low"), least_change=12.5)
    assert (found["decision"], found["least_change"]) == ("d1", 12.5)
    assert (found["grade_for_scaling"], found["grade_for_stages"]) == ("high", "medium")


def test_tables_handed_to_decide_are_not_changed():
    contrasts, pilots = _one("low", "-"), _pilots()
    _decide(contrasts, pilots)
    assert_frame_equal(contrasts, _one("low", "-"))
    assert_frame_equal(pilots, _pilots())
