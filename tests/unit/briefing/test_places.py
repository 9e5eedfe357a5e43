"""Names of provinces: without their kind, in the order of a Vietnamese dictionary."""

from __future__ import annotations

import pytest

from commune_pilots.briefing.places import alphabetical, plain_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Tỉnh Long An", "Long An"),
        ("Thành phố Cần Thơ", "Cần Thơ"),
        ("Long An", "Long An"),
        ("Tỉnh mô phỏng", "Tỉnh mô phỏng"),
        ("", ""),
    ],
)
def test_the_kind_of_unit_is_left_out_before_a_proper_name_only(name, plain):
    assert plain_name(name) == plain


def test_letters_stand_as_in_a_vietnamese_dictionary_and_tones_come_last():
    names = ["An", "Ăn", "Ân", "Da", "Đa", "Mo", "Mô", "Mơ", "Tu", "Tư"]
    assert sorted(set(names), key=alphabetical) == names
    assert sorted(["Hoà B", "Hoa A", "Hoa C"], key=alphabetical) == ["Hoa A", "Hoà B", "Hoa C"]


def test_capitals_make_no_difference():
    assert alphabetical("LONG AN")[0] == alphabetical("Long An")[0]
