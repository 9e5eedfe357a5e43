from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.numerals import number
from commune_pilots.sources.vietnamese import (
    Printed,
    PrintedShare,
    figure_forms,
    normalise,
    parse_figure,
    parse_figure_of,
    parse_share,
)


@given(
    units=st.integers(min_value=0, max_value=10**12),
    decimals=st.integers(min_value=0, max_value=6),
)
def test_a_number_written_the_vietnamese_way_is_read_back_exactly(units, decimals):
    value = Decimal(units).scaleb(-decimals)
    read = parse_figure(number(value, "vi", decimals=decimals))
    assert read == Printed(value=value, decimals=decimals)


@given(units=st.integers(min_value=0, max_value=10**4), decimals=st.integers(0, 2))
def test_a_share_is_read_back_with_its_percent_sign_and_stray_spaces(units, decimals):
    value = Decimal(units).scaleb(-decimals)
    written = number(value, "vi", decimals=decimals)
    for printed in (f"{written}%", f"{written} %", f"\u00a0{written}\u202f% ", f"{written}\u200b"):
        assert parse_figure(printed) == Printed(value=value, decimals=decimals)


@pytest.mark.parametrize(
    ("printed", "value", "decimals"),
    [
        ("98,08", "98.08", 2),
        ("98,08%", "98.08", 2),
        ("16,8", "16.8", 1),
        ("2,0", "2.0", 1),
        ("0,1", "0.1", 1),
        ("0", "0", 0),
        ("91", "91", 0),
        ("08", "8", 0),
        ("100 %", "100", 0),
        ("445.365", "445365", 0),
        ("1.755", "1755", 0),
        ("3.740", "3740", 0),
        ("1.234.567", "1234567", 0),
        ("1.234.567,8", "1234567.8", 1),
        ("32000", "32000", 0),
        ("59 ngàn", "59000", 0),
        ("59 nghìn", "59000", 0),
        ("59\u00a0ngàn", "59000", 0),
        ("59 Ngàn", "59000", 0),
        ("1,2 triệu", "1200000", 0),
        ("1,5 tỷ", "1500000000", 0),
        ("17/63", "17", 0),
        ("6/63", "6", 0),
        ("hạng nhất", "1", 0),
        ("Hạng nhì", "2", 0),
        ("hạng ba", "3", 0),
        (unicodedata.normalize("NFD", "hạng nhất"), "1", 0),
        (unicodedata.normalize("NFD", "59 nghìn"), "59000", 0),
    ],
)
def test_a_figure_as_a_newspaper_prints_it_is_read_exactly(printed, value, decimals):
    assert parse_figure(printed) == Printed(value=Decimal(value), decimals=decimals)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        " ",
        "%",
        "16.8",
        "1.23",
        "98.08%",
        "12.34.567",
        "1.2345",
        "1234.567",
        "1.234.56",
        ".500",
        "1.",
        ",5",
        "5,",
        "1,2,3",
        "1,234.5",
        "1.234,",
        "-5",
        "\u22125",
        "1e5",
        "5-10",
        "O,5",
        "l7",
        "hơn 60",
        "gần 60",
        "trên 99%",
        "60 mô hình",
        "59 ngan",
        "ngàn",
        "1234(1)",
        "445 365",
        "17/",
        "/63",
        "17/63/1",
        "hạng tư",
        "chưa có",
        "KPS",
        "nan",
        "inf",
    ],
)
def test_what_is_not_certain_is_refused(printed):
    with pytest.raises(ValueError):
        parse_figure(printed)


@pytest.mark.parametrize("printed", ["0.500", "00.123", "016.800"])
def test_a_thousands_group_after_a_leading_zero_is_refused(printed):
    with pytest.raises(ValueError):
        parse_figure(printed)


@pytest.mark.parametrize(
    ("printed", "units"),
    [
        ("98,08", {"percent", "rank", "count", "score"}),
        ("17/63", {"rank"}),
        ("hạng nhất", {"rank"}),
        ("59 ngàn", {"count"}),
        ("2 Triệu", {"count"}),
    ],
)
def test_a_form_is_read_for_the_units_that_print_it_alone(printed, units):
    for unit in ("percent", "rank", "count", "score"):
        if unit in units:
            assert parse_figure_of(printed, unit) == parse_figure(printed)
        else:
            with pytest.raises(ValueError, match=printed):
                parse_figure_of(printed, unit)


@pytest.mark.parametrize("unit", ["percent", "rank", "count", "score"])
def test_every_form_that_is_offered_for_a_unit_is_read(unit):
    for form in figure_forms(unit).split("; "):
        parse_figure_of(form, unit)


def test_trailing_zeros_are_information():
    assert [parse_figure(text).decimals for text in ("2", "2,0", "2,00")] == [0, 1, 2]


@given(
    units=st.integers(min_value=0, max_value=10**6),
    decimals=st.integers(min_value=0, max_value=4),
    mark=st.sampled_from(",."),
    percent=st.sampled_from(["", "%", " %", "\u00a0%"]),
)
def test_a_share_written_with_either_mark_is_read_back_exactly(units, decimals, mark, percent):
    value = Decimal(units % (100 * 10**decimals + 1)).scaleb(-decimals)
    read = parse_share(f"{value:.{decimals}f}".replace(".", mark) + percent)
    assert read == PrintedShare(value=value, decimals=decimals)


@given(k=st.integers(min_value=0, max_value=10**6), more=st.integers(min_value=0, max_value=10**6))
def test_counts_are_read_back_as_they_are_written(k, more):
    n = max(1, k + more)
    read = parse_share(f"{k}/{n}")
    assert (read.numerator, read.denominator, read.decimals) == (k, n, 2)
    assert read.value is not None
    assert abs(read.value - Decimal(100 * k) / n) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("typed", "value", "decimals", "qualifier"),
    [
        ("16,8", "16.8", 1, "exact"),
        ("16.8", "16.8", 1, "exact"),
        ("98,08%", "98.08", 2, "exact"),
        ("98.08 %", "98.08", 2, "exact"),
        (" 98,08\u00a0% ", "98.08", 2, "exact"),
        ("2,0", "2.0", 1, "exact"),
        ("2.000", "2", 3, "exact"),
        ("0", "0", 0, "exact"),
        ("100", "100", 0, "exact"),
        ("100,00%", "100", 2, "exact"),
        ("đạt 98,08%", "98.08", 2, "exact"),
        ("Ðạt 98,08%", "98.08", 2, "exact"),
        ("trên 99", "99", 0, "over"),
        ("quá 50", "50", 0, "over"),
        ("over 99%", "99", 0, "over"),
        ("above 99.5", "99.5", 1, "over"),
        ("hơn 60", "60", 0, "more_than"),
        ("more than 60", "60", 0, "more_than"),
        ("ít nhất 90", "90", 0, "at_least"),
        ("tối thiểu 90", "90", 0, "at_least"),
        ("at least 90", "90", 0, "at_least"),
        ("gần 5", "5", 0, "nearly"),
        ("dưới 5", "5", 0, "nearly"),
        ("chưa đến 5", "5", 0, "nearly"),
        ("nearly 5", "5", 0, "nearly"),
        ("almost 5", "5", 0, "nearly"),
        ("under 5", "5", 0, "nearly"),
        ("below 5", "5", 0, "nearly"),
        ("khoảng 16,8", "16.8", 1, "about"),
        ("xấp xỉ 16,8", "16.8", 1, "about"),
        ("about 16.8", "16.8", 1, "about"),
        ("around 16.8", "16.8", 1, "about"),
        ("TRÊN 99%", "99", 0, "over"),
        ("At Least  90", "90", 0, "at_least"),
        ("Ít\u00a0nhất 90", "90", 0, "at_least"),
        (unicodedata.normalize("NFD", "trên 99"), "99", 0, "over"),
        (unicodedata.normalize("NFD", "ÍT NHẤT 90"), "90", 0, "at_least"),
        (unicodedata.normalize("NFD", "đạt 98,08"), "98.08", 2, "exact"),
    ],
)
def test_a_share_is_read_as_somebody_types_it(typed, value, decimals, qualifier):
    expected = PrintedShare(value=Decimal(value), decimals=decimals, qualifier=qualifier)
    assert parse_share(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        *("chưa có", "Chưa có", "CHƯA CÓ", "không có"),
        *("none yet", "None yet", "none", " none  yet "),
        unicodedata.normalize("NFD", "chưa có"),
        unicodedata.normalize("NFD", "KHÔNG CÓ"),
    ],
)
def test_none_yet_has_no_value(typed):
    assert parse_share(typed) == PrintedShare(value=None, qualifier="none_yet")


@pytest.mark.parametrize(
    ("typed", "value", "k", "n"),
    [
        ("16/95", "16.84", 16, 95),
        ("16 / 95", "16.84", 16, 95),
        ("0/5", "0", 0, 5),
        ("5/5", "100", 5, 5),
        ("51/52", "98.08", 51, 52),
        ("1/32", "3.13", 1, 32),
        ("5/32", "15.63", 5, 32),
    ],
)
def test_counts_give_their_share_rounded_half_up(typed, value, k, n):
    assert parse_share(typed) == PrintedShare(
        value=Decimal(value), decimals=2, numerator=k, denominator=n
    )


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "%", "a", "nan", "inf", "1e2", "-5", "\u22125", "+5", "5-10", "5;6"),
        *("16,", "16.", ",5", ".5", "1,2,3", "1.234,5", "1,234.5", "16 8", "16,8%%", "%16,8"),
        *("100,01", "101", "1000", "445.365", "0,1234567"),
        *("1/0", "0/0", "6/5", "-1/5", "16,5/95", "16/", "/95", "16/95/2", "16/95%", "hơn 1/2"),
        *("over", "trên", "over over 5", "trên99", "trên chưa có", "none yet 5", "chưa", "yet"),
        *("16,8 phần trăm", "60 mô hình", "~5", "≥90", "> 99", "99+", "tren 99", "hạng nhất"),
    ],
)
def test_a_share_that_is_not_certain_is_refused(typed):
    with pytest.raises(ValueError):
        parse_share(typed)


def test_text_is_composed():
    decomposed = unicodedata.normalize("NFD", "Cần Giuộc")
    assert decomposed != "Cần Giuộc"
    assert normalise(decomposed) == "Cần Giuộc"


@pytest.mark.parametrize("stroke", ["\u00d0", "\u0189", "\u0110"])
def test_letters_that_look_like_d_with_stroke_become_it(stroke):
    assert normalise(f"{stroke}ức Vân") == "\u0110ức Vân"


def test_spaces_of_every_kind_become_single_plain_ones():
    assert normalise(" Quang\u00a0\u202f Thuận\n\t") == "Quang Thuận"


def test_what_cannot_be_seen_is_taken_out():
    assert normalise("\ufeffQuang\u200b Thu\u00adận\u2060") == "Quang Thuận"


@given(st.text("aĐÐ\u1ea7\u0302\u0301 \u00a0\u200b\n.%5,", max_size=40))
def test_normal_text_stays_as_it_is(text):
    once = normalise(text)
    assert normalise(once) == once
