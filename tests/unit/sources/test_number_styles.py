from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.numerals import number
from commune_pilots.sources.number_styles import (
    Fault,
    choose_style,
    is_damaged,
    parse_number,
)


def _choose(*texts: str, whole: bool = True, most: int | None = None) -> str | Fault:
    limit = None if most is None else Decimal(most)
    return choose_style(dict(enumerate(texts)), whole=whole, most=limit)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from(["vi", "en"]))
def test_counts_written_in_one_style_are_read_back(counts, language):
    texts = {row: number(count, language) for row, count in enumerate(counts)}
    style = choose_style(texts, whole=True)
    assert not isinstance(style, Fault)
    assert [parse_number(text, style, whole=True) for text in texts.values()] == counts


@given(
    st.lists(st.integers(0, 10_000), min_size=1), st.integers(0, 2), st.sampled_from(["vi", "en"])
)
def test_shares_written_in_one_style_are_read_back(units, decimals, language):
    values = [Decimal(unit).scaleb(-2) for unit in units]
    texts = {row: number(v, language, decimals=decimals) for row, v in enumerate(values)}
    style = choose_style(texts, whole=False, most=Decimal(100))
    assert not isinstance(style, Fault)
    for text, value in zip(texts.values(), values, strict=True):
        assert abs(parse_number(text, style, whole=False) - value) < Decimal(10) ** -decimals


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["445.365", "12"], "vi"),
        (["445,365", "12"], "en"),
        (["12", "7"], "vi"),
        (["1 230", "12"], "vi"),
        (["12.0", "7.0"], "vi"),
        (["12,0"], "vi"),
    ],
)
def test_whole_numbers_choose_the_style_that_leaves_them_whole(texts, style):
    assert _choose(*texts) == style


@pytest.mark.parametrize(
    ("texts", "rule", "row"),
    [
        (["445.365", "445,365"], "marks_mixed", 1),
        (["12.0", "445.365"], "marks_mixed", 1),
        (["12", "1.5"], "count_fraction", 1),
        (["12", "-3"], "negative", 1),
        (["12", "(3)"], "negative", 1),
        (["12", "1O"], "letter_for_digit", 1),
        (["12", "12 hồ sơ"], "unit_in_cell", 1),
        (["12", "61%"], "unit_in_cell", 1),
        (["12", "#REF!"], "error_cell", 1),
        (["12", "1.2E+05"], "digits_lost", 1),
        (["12", "1.23.456"], "not_a_number", 1),
        (["1.2345"], "count_fraction", 0),
    ],
)
def test_a_column_that_no_style_fits_names_the_first_text_at_fault(texts, rule, row):
    assert _choose(*texts) == Fault(row, rule)


def test_a_number_that_two_styles_read_differently_is_unclear():
    assert _choose("1.234", "5", whole=False) == Fault(0, "marks_unclear")
    assert _choose("1.234", "5,5", whole=False) == "vi"
    assert _choose("1.234", "5.5", whole=False) == "en"


def test_a_bound_tells_thousands_from_decimals():
    assert _choose("72.250", whole=False, most=100) == "en"
    assert _choose("72,250", whole=False, most=100) == "vi"


def test_a_share_above_its_bound_is_named():
    assert _choose("61,5", "722,5", whole=False, most=100) == Fault(1, "share_above")


def test_no_text_fits_every_style():
    assert _choose() == "vi"


def test_digits_that_a_spreadsheet_cut_are_known():
    assert is_damaged("1.23457E+15")
    assert is_damaged("1,2e+15")
    assert not is_damaged("1E05")
    assert not is_damaged("12345")
