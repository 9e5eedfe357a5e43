from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from commune_pilots.numerals import (
    MINUS,
    day,
    number,
    p_value,
    percent,
    period,
    points,
    rounded,
)


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (445365, 0, "445.365", "445,365"),
        (98.08, 2, "98,08", "98.08"),
        (2, 1, "2,0", "2.0"),
        (999, 0, "999", "999"),
        (1000, 0, "1.000", "1,000"),
        (0, 0, "0", "0"),
    ],
)
def test_each_language_writes_a_number_with_its_own_marks(value, decimals, vi, en):
    assert number(value, "vi", decimals=decimals) == vi
    assert number(value, "en", decimals=decimals) == en


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_negative_number_has_a_true_minus_sign(language):
    assert number(-5, language) == f"{MINUS}5"
    assert MINUS == "\u2212"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_number_that_rounds_to_zero_has_no_sign(language):
    assert number(-0.4, language) == "0"


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (2.675, 2, "2.68"),
        (Decimal("81.28"), 1, "81.3"),
        (Decimal("81.25"), 1, "81.3"),
        (-2.5, 0, "-3"),
    ],
)
def test_halves_are_rounded_up_from_the_shortest_text_of_a_float(value, decimals, expected):
    assert rounded(value, decimals) == Decimal(expected)


def test_a_share_carries_the_percent_sign():
    assert percent(98.08, "vi", decimals=2) == "98,08%"
    assert percent(98.08, "en", decimals=2) == "98.08%"


def test_a_difference_is_in_percentage_points_and_never_has_a_percent_sign():
    assert points(81.3, "vi", decimals=1) == "81,3 điểm phần trăm"
    assert points(81.3, "en", decimals=1) == "81.3 percentage points"


def test_a_signed_difference_shows_its_direction():
    assert points(6.3, "en", decimals=1, signed=True) == "+6.3 percentage points"
    assert points(-6.3, "en", decimals=1, signed=True) == f"{MINUS}6.3 percentage points"
    assert points(0, "en", signed=True) == "0 percentage points"


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (1.0, "p = 1,00", "p = 1.00"),
        (0.936, "p = 0,94", "p = 0.94"),
        (0.1, "p = 0,10", "p = 0.10"),
        (0.0996, "p = 0,100", "p = 0.100"),
        (0.0478, "p = 0,048", "p = 0.048"),
        (0.0055, "p = 0,006", "p = 0.006"),
        (0.001, "p = 0,001", "p = 0.001"),
        (0.000458, "p < 0,001", "p < 0.001"),
        (8.7e-24, "p < 0,001", "p < 0.001"),
        (0.0, "p < 0,001", "p < 0.001"),
    ],
)
def test_a_p_value_has_the_decimals_it_bears_and_a_tiny_one_is_never_0(value, vi, en):
    assert p_value(value, "vi") == vi
    assert p_value(value, "en") == en


@pytest.mark.parametrize(
    ("language", "style", "expected"),
    [
        ("vi", "short", "15/5/2024"),
        ("vi", "long", "ngày 15 tháng 5 năm 2024"),
        ("en", "short", "15 May 2024"),
        ("en", "long", "15 May 2024"),
    ],
)
def test_a_day_is_written_as_each_language_writes_it(language, style, expected):
    assert day(date(2024, 5, 15), language, style=style) == expected


def test_the_month_is_spelt_out_in_a_long_english_date_only():
    assert day(date(2026, 11, 22), "en", style="long") == "22 November 2026"
    assert day(date(2026, 11, 22), "en") == "22 Nov 2026"


@pytest.mark.parametrize(
    ("start", "end", "vi", "en"),
    [
        ("2021-01-01", "2021-12-31", "2021", "2021"),
        ("2024-02-01", "2024-02-29", "2/2024", "Feb 2024"),
        ("2023-02-01", "2023-02-28", "2/2023", "Feb 2023"),
        ("2022-11-22", "2022-11-22", "22/11/2022", "22 Nov 2022"),
        ("2024-01-01", "2024-06-30", "1/1/2024 – 30/6/2024", "1 Jan 2024 – 30 Jun 2024"),
        ("2024-02-01", "2024-02-28", "1/2/2024 – 28/2/2024", "1 Feb 2024 – 28 Feb 2024"),
        ("2020-01-01", "2021-12-31", "1/1/2020 – 31/12/2021", "1 Jan 2020 – 31 Dec 2021"),
        ("2023-08-29", None, "29/8/2023", "29 Aug 2023"),
        (None, "2025-12-31", "31/12/2025", "31 Dec 2025"),
        (None, None, "", ""),
    ],
)
def test_a_span_is_written_as_short_as_it_is_known(start, end, vi, en):
    ends = [None if each is None else date.fromisoformat(each) for each in (start, end)]
    assert period(*ends, "vi") == vi
    assert period(*ends, "en") == en
