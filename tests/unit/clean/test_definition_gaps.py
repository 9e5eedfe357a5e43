from __future__ import annotations

import pytest
from drawn import table

from commune_pilots.clean.definition_gaps import definition_gaps

HEADER = "unit period_start period_end definition numerator denominator\n"
MAY, JUNE = "2025-05-01 2025-05-31", "2025-06-01 2025-06-30"


def _gaps(*rows):
    drawing = HEADER + "\n".join(rows)
    panel = table(drawing, of="panel", source="s1", indicator="online_share", file="a", row=2)
    return definition_gaps(panel).to_dict("records")


def test_two_definitions_are_compared_over_the_months_both_tell():
    (found,) = _gaps(
        f"00001 {MAY} d1 20 100",
        f"00001 {JUNE} d1 90 100",
        f"00001 {MAY} d2 30 50",
        f"00002 {MAY} d2 30 30",
    )
    assert (found["first"], found["second"], found["months"]) == ("d1", "d2", 1)
    assert (found["first_share"], found["second_share"]) == (20.0, 60.0)
    assert found["difference"] == pytest.approx(40.0)


def test_shares_are_of_all_dossiers_and_no_mean_of_shares():
    (found,) = _gaps(
        f"00001 {MAY} d1 10 100",
        f"00001 {JUNE} d1 200 900",
        f"00001 {MAY} d2 10 100",
        f"00001 {JUNE} d2 200 900",
    )
    assert found["first_share"] == pytest.approx(21.0)


def test_an_unknown_count_is_no_common_month():
    assert _gaps(f"00001 {MAY} d1 - 100", f"00001 {MAY} d2 10 100") == []


def test_one_definition_alone_has_no_gap():
    assert _gaps(f"00001 {MAY} d1 10 100") == []


@pytest.mark.parametrize("numerator", [1, 7, 93])
def test_a_share_that_would_tell_a_small_count_is_missing(numerator):
    (found,) = _gaps(f"00001 {MAY} d1 {numerator} 100", f"00001 {MAY} d2 50 100")
    assert found["first_share"] != found["first_share"]
    assert found["difference"] != found["difference"]


@pytest.mark.parametrize("numerator", [0, 8, 92, 100])
def test_other_shares_are_told(numerator):
    (found,) = _gaps(f"00001 {MAY} d1 {numerator} 100", f"00001 {MAY} d2 50 100")
    assert found["difference"] == pytest.approx(50 - numerator)


def test_each_definition_is_held_against_the_next_one():
    found = _gaps(*(f"00001 {MAY} d{at} 50 100" for at in (1, 2, 3)))
    assert [(row["first"], row["second"]) for row in found] == [("d1", "d2"), ("d2", "d3")]
