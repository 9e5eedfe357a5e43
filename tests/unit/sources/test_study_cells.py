"""Cells of a study: what is written in the shown form is read back exactly, the rest refused."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots import catalogue
from commune_pilots.contracts import workbook
from commune_pilots.contracts.workbook import Column
from commune_pilots.sources.study_cells import (
    CellError,
    Start,
    last_day,
    plain,
    read_cell,
    reference_names,
)
from commune_pilots.sources.vietnamese import parse_figure

CHOICES = [one for sheet in workbook.SHEETS for one in sheet.columns if one.kind == "choice"]
CODES = st.from_regex(r"\A[0-9A-Za-z_-]{1,20}\Z")
NAMES = st.text(st.characters(categories=["L", "Nd", "Zs"]), min_size=1, max_size=30)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))


def _column(kind, **of):
    return Column(name="x", kind=kind, **of)


def _rule(cell, kind, **of):
    with pytest.raises(CellError) as caught:
        read_cell(cell, _column(kind, **of))
    assert f"rule.{caught.value.rule}" in catalogue.entries()
    return caught.value.rule


@pytest.mark.parametrize("column", CHOICES, ids=lambda one: f"{one.name}-{one.words}")
def test_every_choice_that_is_offered_is_read_back(column):
    assert len(set(workbook.shown_choices(column))) == len(column.choices)
    for value, shown in zip(column.choices, workbook.shown_choices(column), strict=True):
        assert read_cell(shown, column) == value
        assert read_cell(f" {shown.upper()} ", column) == value


@given(code=CODES, name=NAMES)
def test_every_reference_that_is_offered_is_read_back(code, name):
    column = _column("reference", refers="unit")
    assert read_cell(workbook.shown_reference(code, name), column) == (code,)
    assert read_cell(code, column) == (code,)


@given(codes=st.lists(CODES, min_size=1, max_size=4))
def test_several_references_in_one_cell_are_read_in_their_order(codes):
    shown = workbook.AND.join(workbook.shown_reference(code, "Tên gọi") for code in codes)
    column = _column("references", refers="indicator")
    assert read_cell(shown, column) == tuple(codes)
    assert read_cell(";".join(codes), column) == tuple(codes)


@given(whole=st.integers(0, 999_999), part=st.from_regex(r"\A[0-9]{0,4}\Z"))
def test_a_figure_keeps_every_digit_as_printed(whole, part):
    printed = f"{whole},{part}" if part else str(whole)
    read = read_cell(printed, _column("figure"))
    assert read == printed
    assert parse_figure(read).decimals == len(part)


@given(count=st.integers(0, 10**9))
def test_a_count_is_read_plain_with_thousands_and_as_a_number(count):
    column = _column("count")
    shown = f"{count:,}".replace(",", ".")
    found = [read_cell(cell, column) for cell in (str(count), shown, count, float(count))]
    assert found == [count] * 4


@given(day=DAYS)
def test_a_day_is_read_day_first(day):
    moment = dt.datetime(day.year, day.month, day.day)
    column = _column("day")
    assert read_cell(f"{day:%d/%m/}{day.year}", column) == moment
    assert read_cell(f"{day.day}/{day.month}/{day.year}", column) == moment
    assert read_cell(moment, column) == moment


@given(month=DAYS.map(lambda day: day.replace(day=1)))
def test_a_month_is_read_and_ends_on_its_last_day(month):
    read = read_cell(f"{month:%m}/{month.year}", _column("month"))
    assert isinstance(read, dt.datetime)
    assert read.date() == month
    assert read_cell(read, _column("month")) == read
    assert (last_day(read) + dt.timedelta(days=1)).day == 1
    assert last_day(read).month == month.month


@pytest.mark.parametrize(
    "cell",
    ["2024-03", "3/2024", "03-2024", "Tháng 3/2024", "tháng 03 năm 2024", "01/03/2024",
     "2024-03-01", dt.datetime(2024, 3, 1)],
)  # fmt: skip
def test_every_certain_way_to_write_a_month_is_read(cell):
    assert read_cell(cell, _column("month")) == dt.datetime(2024, 3, 1)


def test_the_words_after_each_code_are_kept_in_order():
    several, one = (_column(kind, refers="unit") for kind in ("references", "reference"))
    told = "28159 · Thị trấn Cần Giuộc; 28160;28161 ·  Xã A "
    assert reference_names(told, several) == ("Thị trấn Cần Giuộc", "", "Xã A")
    assert reference_names("a · b; c", one) == ("b; c",)


@pytest.mark.parametrize(
    ("cell", "day", "precision"),
    [
        ("15/03/2024", dt.datetime(2024, 3, 15), "day"),
        ("01/03/2024", dt.datetime(2024, 3, 1), "day"),
        ("03/2024", dt.datetime(2024, 3, 1), "month"),
        ("tháng 3/2024", dt.datetime(2024, 3, 1), "month"),
        ("2024", dt.datetime(2024, 1, 1), "year"),
        (2024.0, dt.datetime(2024, 1, 1), "year"),
        (dt.datetime(2024, 3, 15), dt.datetime(2024, 3, 15), "day"),
    ],
)
def test_a_start_says_how_much_of_it_is_known(cell, day, precision):
    assert read_cell(cell, _column("start")) == Start(day, precision)


@pytest.mark.parametrize(
    ("cell", "kind", "rule"),
    [
        (16.8, "figure", "study_figure_number"),
        (dt.datetime(2026, 8, 16), "figure", "study_figure_number"),
        ("#DIV/0!", "figure", "study_error"),
        ("#GETTING_DATA", "count", "study_uncomputed"),
        ("=1+1", "text", "study_hostile"),
        ("<script>", "text", "study_hostile"),
        ("Th\ufffd nghi\ufffdm", "text", "study_hostile"),
        (True, "text", "study_text"),
        (dt.datetime(2024, 1, 1), "text", "study_text"),
        (28159, "code", "study_code_number"),
        (1837.0, "reference", "study_code_number"),
        ("mã nguồn", "code", "study_code"),
        ("a" * 21, "code", "study_code"),
        (" · Tên", "reference", "study_reference"),
        ("Xã Cần Giuộc", "reference", "study_reference"),
        ("02/03/2024", "month", "study_month"),
        ("2024-13", "month", "study_month"),
        (45000, "day", "study_day_number"),
        ("31/06/2024", "day", "study_day"),
        ("03/2024", "day", "study_day"),
        (dt.datetime(2024, 3, 1, 8), "day", "study_day"),
        ("13/2024", "month", "study_month"),
        (dt.datetime(2024, 3, 5), "month", "study_month"),
        (3.2024, "month", "study_day_number"),
        ("quý I/2024", "start", "study_start"),
        (45000, "start", "study_day_number"),
        (dt.datetime(2024, 3, 1), "start", "study_start_cell"),
        ("1,5", "count", "study_count"),
        ("1.23", "count", "study_count"),
        (1.5, "count", "study_count"),
        (-1, "count", "study_count"),
        ("12 nghìn", "count", "study_count"),
        ("80%", "number", "study_number"),
        ("55.44", "number", "study_number"),
        (True, "number", "study_number"),
    ],
)
def test_what_is_not_certain_breaks_a_rule_of_its_own(cell, kind, rule):
    assert _rule(cell, kind) == rule


def test_a_word_that_no_list_offers_is_no_choice():
    assert _rule("simulated", "choice", choices=("pilot",), words="workbook.choice.arm") == (
        "study_choice"
    )


def test_a_number_has_a_decimal_comma_or_is_a_number_cell():
    assert read_cell("55,44", _column("number")) == 55.44
    assert read_cell("1.234,5", _column("number")) == 1234.5
    assert read_cell(55.44, _column("number")) == 55.44


def test_blank_text_is_no_value():
    assert [plain(cell) for cell in ("  ", "\u200b", None, 0, " a  b ")] == [
        None,
        None,
        None,
        0,
        "a b",
    ]
