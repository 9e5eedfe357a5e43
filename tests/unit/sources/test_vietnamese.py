from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.numerals import number
from commune_pilots.sources.vietnamese import Printed, normalise, parse_figure


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


def test_trailing_zeros_are_information():
    assert [parse_figure(text).decimals for text in ("2", "2,0", "2,00")] == [0, 1, 2]


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
