"""Figures of a study: only forms that the indicator's unit has, and counts that can print them."""

from __future__ import annotations

from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.contracts import workbook
from commune_pilots.sources.study_figures import read_figure
from commune_pilots.sources.study_sheets import Entry, Filled

SHEET = Filled(workbook.sheet_of("observations"), "x", ())


@pytest.fixture(scope="module")
def reading(indicators):
    def read(printed, *, indicator="online_share", **values):
        cells = {"printed": printed, "qualifier": "exact", "role": "after"} | values
        shown = {name: str(value) for name, value in cells.items()}
        return read_figure(SHEET, Entry(2, cells, shown), indicators[indicator])

    return read


def _only(told):
    row, failures = told
    assert row == {}
    assert len(failures) == 1
    return failures[0].column, failures[0].rule


@pytest.mark.parametrize(
    ("printed", "rule", "says"),
    [
        ("17/63", "study_figure_slash", "Tử số"),
        ("3/4", "study_figure_slash", "16,8"),
        ("59 ngàn", "figure", "16,8"),
        ("2 triệu", "figure", "16,8"),
        ("hạng nhất", "figure", "16,8"),
        ("-5", "study_figure_sign", "không có dấu"),
        ("+16,8", "study_figure_sign", "không có dấu"),
        (",8", "study_figure_zero", "0,8"),
        ("98.08", "study_figure_dot", "98,08"),
        ("chưa có", "study_figure_blank", "“chưa có” hoặc “không nêu số” ở cột “Cách nêu số”"),
        ("-", "study_figure_blank", "để trống"),
        ("Không", "study_figure_blank", "để trống"),
    ],
)
def test_what_no_percentage_is_printed_as_has_its_sentence(reading, printed, rule, says):
    told = reading(printed)
    assert _only(told) == ("Con số như in", rule)
    sentence = told[1][0].sentence("vi")
    assert says in sentence
    if rule in ("figure", "study_figure_sign"):
        assert not any(other in sentence for other in ("17/63", "ngàn"))


@pytest.mark.parametrize(
    ("printed", "indicator", "value"),
    [
        ("17/63", "dti_rank", 17),
        ("hạng nhì", "emulation_rank", 2),
        ("59 ngàn", "ecommerce_accounts", 59_000),
        ("1.234", "ecommerce_accounts", 1234),
    ],
)
def test_ranks_and_counts_keep_their_own_forms(reading, printed, indicator, value):
    row, failures = reading(printed, indicator=indicator)
    assert (row["value"], failures) == (value, [])


@given(whole=st.integers(1, 5000), data=st.data(), decimals=st.integers(0, 2))
def test_counts_that_print_a_figure_cut_or_rounded_are_never_refused(
    reading, whole, data, decimals
):
    part = data.draw(st.integers(0, whole))
    scaled = 100 * part * 10**decimals
    for units in {scaled // whole, floor(scaled / whole + 0.5), -(-scaled // whole)}:
        whole_units, rest = divmod(units, 10**decimals)
        printed = f"{whole_units},{rest:0{decimals}d}" if decimals else str(whole_units)
        assert reading(printed, numerator=part, denominator=whole)[1] == []
        assert reading(printed, denominator=whole)[1] == []


@pytest.mark.parametrize(
    ("printed", "counts", "told"),
    [
        ("16,8", {"numerator": 900, "denominator": 1000}, ("Tử số", "study_counts")),
        ("16,8", {"numerator": 169, "denominator": 1000}, ("Tử số", "study_counts")),
        ("16,8", {"denominator": 10}, ("Mẫu số", "study_counts_none")),
        ("16,8", {"numerator": 0, "denominator": 0}, ("Mẫu số", "study_denominator")),
        ("16,8", {"numerator": 12, "denominator": 10}, ("Tử số", "most")),
        (
            "99",
            {"numerator": 98, "denominator": 100, "qualifier": "over"},
            ("Tử số", "study_counts"),
        ),
        (
            "99",
            {"numerator": 100, "denominator": 100, "qualifier": "nearly"},
            ("Tử số", "study_counts"),
        ),
    ],
)
def test_counts_that_cannot_print_the_figure_are_refused(reading, printed, counts, told):
    label, rule = _only(reading(printed, **counts))
    columns = workbook.sheet_of("observations").columns
    named = {
        "Tử số": next(one for one in columns if one.name == "numerator"),
        "Mẫu số": next(one for one in columns if one.name == "denominator"),
    }
    assert (label, rule) == (workbook.column_label(SHEET.sheet, named[told[0]]), told[1])


def test_the_sentence_says_what_the_counts_give(reading):
    sentence = reading("16,8", numerator=900, denominator=1000)[1][0].sentence("vi")
    assert "900/1000 là 90,00%" in sentence


def test_a_bound_admits_counts_on_its_side(reading):
    assert reading("99", numerator=995, denominator=1000, qualifier="over")[1] == []
    assert reading("99", numerator=985, denominator=1000, qualifier="nearly")[1] == []


def test_a_row_with_another_fault_is_not_judged(indicators):
    entry = Entry(2, {"printed": "17/63"}, {"printed": "17/63", "role": "cỡ"}, sound=False)
    assert read_figure(SHEET, entry, indicators["online_share"]) == ({}, [])
