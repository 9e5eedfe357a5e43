from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.sources.periods import (
    Span,
    find_periods,
    find_years,
    month_of,
    names_period,
    parse_period,
)

APRIL = month_of(2026, 4)


@pytest.mark.parametrize(
    "written",
    [
        "04/2026",
        "4/2026",
        "04-2026",
        "04.2026",
        "2026-04",
        "202604",
        "T4/2026",
        "T04-2026",
        "Tháng 4/2026",
        "tháng 4 năm 2026",
        "Tháng 04, năm 2026",
        "tháng tư năm 2026",
        "Th4/2026",
        "Apr-26",
        "April 2026",
        "T4/26",
        "(04/2026)",
        "01/04/2026",
        "30/04/2026",
        "2026-04-01",
        dt.datetime(2026, 4, 1),
        dt.date(2026, 4, 30),
        4.2026,
        202604.0,
        46113.0,
        "kỳ 04/2026",
        "từ ngày 01/4/2026 đến ngày 30/4/2026",
        "01/04/2026 - 30/04/2026",
    ],
)
def test_every_way_to_write_a_month_is_that_month(written):
    assert parse_period(written) == APRIL


@pytest.mark.parametrize(
    ("written", "first", "months"),
    [
        ("Quý II/2023", 4, 3),
        ("quý 2 năm 2023", 4, 3),
        ("Q2/2023", 4, 3),
        ("Quí IV-2023", 10, 3),
        ("6 tháng đầu năm 2023", 1, 6),
        ("sáu tháng đầu năm 2023", 1, 6),
        ("9 tháng đầu năm 2023", 1, 9),
        ("6 tháng cuối năm 2023", 7, 6),
        ("năm 2023", 1, 12),
        ("Cả năm 2023", 1, 12),
        ("2023", 1, 12),
        (2023, 1, 12),
        ("từ tháng 2 đến tháng 5/2023", 2, 4),
        ("T1-T4/2023", 1, 4),
        ("lũy kế đến tháng 4/2023", 1, 4),
        ("Luỹ kế đến hết tháng 4 năm 2023", 1, 4),
        ("lũy kế đến 30/4/2023", 1, 4),
        ("từ đầu năm đến 30/4/2023", 1, 4),
    ],
)
def test_longer_periods_have_their_first_and_last_day(written, first, months):
    assert parse_period(written) == month_of(2023, first, months=months)


def test_a_span_of_days_is_kept_to_the_day():
    span = parse_period("Từ ngày 15/12/2022 đến ngày 14/3/2023")
    assert span == Span(dt.date(2022, 12, 15), dt.date(2023, 3, 14))


@given(st.integers(2000, 2099), st.integers(1, 12))
def test_a_month_that_became_a_number_is_read_back(year, month):
    assert parse_period(float(f"{month}.{year}")) == month_of(year, month)


@pytest.mark.parametrize(
    ("written", "first", "months"),
    [
        ("4", 4, 1),
        (4, 4, 1),
        ("T4", 4, 1),
        ("Tháng 4", 4, 1),
        ("Quý II", 4, 3),
        ("6 tháng đầu năm", 1, 6),
    ],
)
def test_a_name_without_its_year_needs_one_from_elsewhere(written, first, months):
    assert parse_period(written, year=2026) == month_of(2026, first, months=months)
    with pytest.raises(ValueError, match=r".*"):
        parse_period(written)


@pytest.mark.parametrize(
    "written",
    [
        "13/2026",
        "0/2026",
        "15/04/2026",
        "31/06/2026",
        dt.date(2026, 4, 15),
        13.2026,
        4.5,
        4.19,
        0,
        -4,
        "tháng này",
        "",
        None,
        True,
        "Quý V/2026",
        "13 tháng đầu năm 2026",
        "04/26",
        "30/4/2026 - 1/4/2026",
        "từ tháng 5 đến tháng 2/2023",
        "1/2026/3",
    ],
)
def test_what_is_no_period_is_never_made_one(written):
    with pytest.raises(ValueError, match=r".*"):
        parse_period(written)


@pytest.mark.parametrize("text", ["T4", "Tháng 12", "04/2026", "Quý I", "Năm 2023", "2026"])
def test_headers_that_are_periods_are_known(text):
    assert names_period(text)


@pytest.mark.parametrize(
    "text", ["4", "Tháng", "Năm", "Tháng năm", "Tháng/năm", "Đúng hạn", "TT", ""]
)
def test_other_headers_are_none(text):
    assert not names_period(text)


@pytest.mark.parametrize(
    ("title", "spans"),
    [
        ("BÁO CÁO THÁNG 4 NĂM 2026", {APRIL}),
        ("Kỳ báo cáo: tháng 4/2026", {APRIL}),
        (
            "Quý I/2023 (Từ ngày 15/12/2022 đến ngày 14/3/2023)",
            {Span(dt.date(2022, 12, 15), dt.date(2023, 3, 14))},
        ),
        ("Long An, ngày 5 tháng 5 năm 2026", set()),
        ("Số: 12/BC-UBND ngày 05/5/2026 về tháng 4/2026", {APRIL}),
        ("Tháng 4/2026 so với tháng 4/2025", {APRIL, month_of(2025, 4)}),
        ("6 tháng đầu năm 2023", {month_of(2023, 1, months=6)}),
        ("Bảng số 04/2026", {APRIL}),
        ("Danh sách các xã", set()),
    ],
)
def test_a_title_gives_the_periods_it_names(title, spans):
    assert find_periods(title) == spans


@pytest.mark.parametrize(
    ("title", "years"),
    [
        ("Số hồ sơ năm 2026", {2026}),
        ("Ngày 5 tháng 5 năm 2026", set()),
        ("Kế hoạch 2025-2026", set()),
        ("Năm 2025 và năm 2026", {2025, 2026}),
    ],
)
def test_a_title_gives_the_years_it_names(title, years):
    assert find_years(title) == years
