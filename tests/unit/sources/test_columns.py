from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.columns import (
    agrees,
    read_codes,
    read_counts,
    read_numbers,
    read_percents,
    read_texts,
)


def _column(*cells: Any, **marks: Any) -> RawTable:
    rows = [[cell] for cell in cells]
    numbers = list(range(2, len(rows) + 2))
    return RawTable(file="a", sheet="", header=["Số"], rows=rows, numbers=numbers, **marks)


def _rules(found: Any) -> list[tuple[str, int | None]]:
    return [(one.rule, one.row) for one in found]


def test_counts_are_read_whatever_cells_they_stand_in():
    read = read_counts(_column(445365.0, "1.230", 7, "0"), 0)
    assert read.values == (445365, 1230, 7, 0)
    assert _rules(read.found) == [("marks_vi", 3)]


def test_what_is_not_reported_is_missing_and_told_row_by_row():
    read = read_counts(_column(1, None, "-", "KPS", "n/a", " "), 0)
    assert read.values == (1, None, None, 0, None, None)
    assert [row for _, row in _rules(read.found)] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(("rule", "row"), [("blank", 3), ("not_known", 4), ("none_happened", 5)])
def test_each_kind_of_nothing_has_a_rule_of_its_own(rule, row):
    read = read_counts(_column(1, None, "-", "KPS"), 0)
    assert (rule, row) in _rules(read.found)


@pytest.mark.parametrize("cell", ["1234(1)", "1234 (a)", "1234*", "1234 **", "1234[2]", "1.234²"])
def test_a_note_is_taken_off_and_told(cell):
    read = read_counts(_column(cell), 0)
    assert read.values == (1234,)
    assert _rules(read.found)[0] == ("footnote", 2)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (-1, "negative"),
        (1.5, "whole"),
        (True, "truth value"),
        (dt.date(2026, 4, 1), "a day"),
        (1e15, "15 digits"),
        ("nhiều", "cannot be read"),
        ("#N/A", "formula failed"),
        ("12(345)", "cannot be read"),
    ],
)
def test_what_is_no_count_refuses_the_column_at_its_row(cell, words):
    with pytest.raises(InputError, match=rf"row 3, column “Số”: .*{words}"):
        read_counts(_column(1, cell), 0)


def test_a_percent_cell_is_no_count():
    with pytest.raises(InputError, match="percent cell"):
        read_counts(_column(0.5, percent=frozenset({(0, 0)})), 0)


def test_one_number_for_several_rows_is_no_count_of_each():
    with pytest.raises(InputError, match=r"row 3, .*merged over several cells"):
        read_counts(_column(5, 5, filled=frozenset({(1, 0)})), 0)


def test_a_word_for_several_rows_is_one_of_each():
    assert read_counts(_column("KPS", "KPS", filled=frozenset({(1, 0)})), 0).values == (0, 0)


def test_percent_cells_and_plain_ones_come_out_in_one_measure():
    read = read_percents(_column(0.615, 72.25, percent=frozenset({(0, 0)})), 0)
    assert read.values == (Decimal("61.5"), Decimal("72.25"))
    assert _rules(read.found) == [("percent_cells", 2)]


def test_exact_decimals_of_percent_cells_are_kept():
    read = read_percents(_column(0.1, 0.07, percent=frozenset({(0, 0), (1, 0)})), 0)
    assert read.values == (10, 7)


@pytest.mark.parametrize("cell", [0.615, "0,6", 1])
def test_a_plain_number_up_to_one_is_unclear_alone(cell):
    with pytest.raises(InputError, match="part of one"):
        read_percents(_column(72.25, cell), 0)


@pytest.mark.parametrize(
    ("cell", "known", "value"),
    [(0.615, "61.4876", "61.5"), (0.6, "0.6", "0.6"), (1, "100", "100"), (0.61, "61.2", "61")],
)
def test_counts_tell_what_a_number_up_to_one_means(cell, known, value):
    read = read_percents(_column(cell), 0, expected={0: Decimal(known)})
    assert read.values == (Decimal(value),)


def test_counts_that_fit_neither_reading_leave_it_unclear():
    with pytest.raises(InputError, match="part of one"):
        read_percents(_column(0.615), 0, expected={0: Decimal(30)})


def test_a_percent_sign_settles_the_measure():
    assert read_percents(_column("0,6%", "61%"), 0).values == (Decimal("0.6"), 61)


def test_zero_is_zero_in_either_measure():
    assert read_percents(_column(0, 50.5), 0).values == (0, Decimal("50.5"))


def test_a_share_above_a_hundred_is_refused():
    with pytest.raises(InputError, match="above 100"):
        read_percents(_column(50, 100.5), 0)


def test_numbers_keep_their_decimals():
    assert read_numbers(_column("1.234,5", 7.25), 0).values == (Decimal("1234.5"), Decimal("7.25"))


@pytest.mark.parametrize(
    ("printed", "exact", "agree"),
    [
        ("61.5", "61.4876", True),
        ("61.5", "61.59", True),
        ("61.5", "61.7", False),
        ("61", "61.99", True),
        ("100", "99.5", True),
    ],
)
def test_a_printed_share_agrees_if_cutting_or_rounding_explains_it(printed, exact, agree):
    assert agrees(Decimal(printed), Decimal(exact)) is agree


def test_codes_are_the_text_that_was_typed():
    codes, found = read_codes(_column("00123", "1E05", "1.001612", "000.00.53.H48-220921-0099"), 0)
    assert codes == ["00123", "1E05", "1.001612", "000.00.53.H48-220921-0099"]
    assert found == ()


def test_a_code_in_a_number_cell_is_told():
    codes, found = read_codes(_column("00123", 123.0, 124.0), 0)
    assert codes == ["00123", "123", "124"]
    assert _rules(found) == [("code_is_number", 3)]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (1234567890123456.0, "15 digits"),
        ("1,23457E+15", "15 digits"),
        (1.00162, "fraction"),
        (dt.datetime(2026, 5, 1), "into a day"),
        (True, "truth value"),
        ("#REF!", "formula"),
    ],
)
def test_a_code_that_a_spreadsheet_damaged_is_refused(cell, words):
    with pytest.raises(InputError, match=words):
        read_codes(_column(cell), 0)


def test_names_that_look_like_nothing_are_names():
    assert read_texts(_column("Null", "None", "nan", 4.0, None), 0) == [
        "Null",
        "None",
        "nan",
        "4",
        "",
    ]
