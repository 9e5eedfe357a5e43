"""Personal data is found however people write it; figures, codes and hashes are left alone."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_pilots.sources.privacy import Hit, cover, scan_table, scan_text


def _kinds(text):
    return [hit.kind for hit in scan_text(text)]


@pytest.mark.parametrize(
    "text",
    [
        "0912345678", "lh 0912 345 678", "0912.345.678", "0912-345-678", "09 1234 5678",
        "+84 912 345 678", "+84912345678", "(+84) 912345678", "0084912345678", "84912345678",
        "ĐT: 912345678", "điện thoại 912 345 678", "SĐT.0912345678", "năm 2022 0912345678",
        "0912. 345. 678", "024 3825 1234", "(0206) 3852 123", "02063852123", "0206.3852.123",
        "+84 24 3825 1234",
    ],
)  # fmt: skip
def test_telephone_numbers_are_found_in_every_usual_grouping(text):
    assert _kinds(text) == ["phone"]


@pytest.mark.parametrize("mark", ["/", " - ", "-", "; ", ", "])
def test_two_numbers_behind_each_other_are_two(mark):
    assert _kinds(f"0912345678{mark}0987654321") == ["phone", "phone"]


@pytest.mark.parametrize(
    "text",
    ["1900 1234", "1800 8008", "1022", "hotline: 0912 345 678", "Đường dây nóng 0206.3852.123",
     "Tổng đài hỗ trợ: 0206 3852 123"],
)  # fmt: skip
def test_short_numbers_and_what_is_named_a_hotline_are_public(text):
    assert _kinds(text) == []


@pytest.mark.parametrize(
    "text",
    ["001099012345", "CCCD 001 099 012 345", "số 079.123.456.789", "0790-9901-2345",
     "CCCD: 123456789012", "số định danh cá nhân 999999999999"],
)  # fmt: skip
def test_citizen_ids_are_found_by_their_province_or_by_the_word_before(text):
    assert _kinds(text) == ["citizen_id"]


@pytest.mark.parametrize("text", ["000099012345", "123456789012", "097099012345", "0010990123456"])
def test_twelve_digits_of_no_province_are_no_citizen_id(text):
    assert "citizen_id" not in _kinds(text)


@pytest.mark.parametrize("text", ["123456789", "CMND 123 456 789", "Chứng minh số: 012345678"])
def test_identity_cards_are_found(text):
    assert _kinds(text) == ["identity_card"]


@pytest.mark.parametrize("text", ["binh.nt@gmail.com", "nguyenvana@caobang.gov.vn", "a+b@x.vn."])
def test_addresses_of_electronic_mail_are_found(text):
    assert _kinds(text) == ["email"]


@pytest.mark.parametrize(
    "text",
    [
        "sinh ngày 12/03/1985", "Ngày sinh: 12/3/1985", "sinh ngày 12 tháng 3 năm 1985",
        "born 1985-03-12", "date of birth: 12/03/1985", "Nguyễn Văn An, 12/03/1985",
        "NGUYỄN VĂN AN;12/03/1985", "Nguyễn Đình Ân (sinh năm 1985)", "Trần Thị Hoa sn 1990",
        "Hà Thị Lan 01-02-1970", "ngày sinh 01/02/2021",
    ],
)  # fmt: skip
def test_dates_of_birth_are_found_by_the_word_or_by_a_name(text):
    assert _kinds(text) == ["birth_date"]


@pytest.mark.parametrize(
    "text",
    [
        "hồ sơ phát sinh ngày 12/03/2021", "đăng ký khai sinh ngày 12/3/2022",
        "Hà Nội, ngày 12/03/2010", "Cao Bằng 31/12/2011", "Dương Xuân Hội 31/12/2022",
        "người sinh năm 2010 trở lên", "xã Dương Xuân Hội: từ 01/01/2021",
    ],
)  # fmt: skip
def test_other_dates_are_no_dates_of_birth(text):
    assert _kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "1.234.567.891", "123.456.789", "1 234 567 891", "445.365", "59.000.000.000 đồng",
        "250000000", "123456789 đồng", "000.00.53.H48-220921-0099", "98,08%", "0,123456789",
        "0.1234567891011", "1.612e-24", "28159 28237 27691", "2026-11-22", "20230601",
        "3fba1b367a3fe5b54c5aba0481e6f0c82ea3cc72dea8daf55da7d77111916e88", "0 25 50 75 100",
        "M 12.345678 123.456789012 L 3.5 4", "0 30 35 40 45 50 ngày", "@media print", "v1@2",
    ],
)  # fmt: skip
def test_figures_sums_codes_hashes_and_drawings_are_left_alone(text):
    assert _kinds(text) == []


@pytest.mark.parametrize(
    "text",
    ["０９１２３４５６７８", "0912\u00a0345\u00a0678", "09\u200b12345\u00ad678",
     "0912\u2011345\u2011678"],
)  # fmt: skip
def test_odd_spaces_digits_and_hidden_characters_hide_nothing(text):
    assert _kinds(text) == ["phone"]


def test_decomposed_text_reads_like_composed_text():
    assert _kinds(unicodedata.normalize("NFD", "Nguyễn Đình Ân, 12/03/1985")) == ["birth_date"]


def test_a_hit_tells_kind_and_line_and_never_the_value():
    found = scan_text("Ghi chú\nlh 0912345678\n\nan@x.vn và CCCD 001099012345")
    assert found == (Hit("phone", 2), Hit("email", 4), Hit("citizen_id", 4))
    assert "0912" not in repr(found)


def test_one_piece_is_told_once_by_its_surest_kind():
    assert _kinds("CCCD 001 099 012 345") == ["citizen_id"]
    assert _kinds("(+84) 912345678") == ["phone"]


def test_text_without_any_of_it_gives_nothing():
    assert scan_text("") == ()


# Tables


def test_a_hit_in_a_table_is_told_by_column_row_and_kind_alone():
    table = pd.DataFrame(
        {"code": ["1.001612", "000.00.53.H48-220921-0099", None],
         "note": ["", "gọi 0912 345 678 hoặc an@x.vn", "CCCD 001099012345"]}
    )  # fmt: skip
    found = scan_table(table)
    assert found == [("note", 2, "phone"), ("note", 2, "email"), ("note", 3, "citizen_id")]
    assert "0912" not in repr(found)


@pytest.mark.parametrize("kind", ["object", "string", "str", "category"])
def test_every_kind_of_text_column_is_looked_at(kind):
    table = pd.DataFrame({"note": pd.Series(["x", "0912345678"], dtype=kind)})
    assert scan_table(table) == [("note", 2, "phone")]


def test_counts_and_days_are_not_looked_at():
    days = pd.to_datetime(["1990-02-01"])
    table = pd.DataFrame({"count": [912345678], "share": [912345678.5], "day": days})
    assert scan_table(table) == []
    assert scan_table(pd.DataFrame({"note": pd.Series([None], dtype="str")})) == []


def test_rows_count_from_one_whatever_the_index():
    table = pd.DataFrame({"note": ["x", "0912345678"]}, index=[70, 71])
    assert scan_table(table) == [("note", 2, "phone")]


def test_a_column_full_of_numbers_is_told_by_its_first_ones():
    table = pd.DataFrame({"note": [f"09{n:08}" for n in range(50)], "name": ["an@x.vn"] * 50})
    assert scan_table(table, most=3) == [
        ("note", 1, "phone"), ("note", 2, "phone"), ("note", 3, "phone"),
        ("name", 1, "email"), ("name", 2, "email"), ("name", 3, "email"),
    ]  # fmt: skip


_PIECES = st.sampled_from(
    ["0912 345 678", "0912345678", "(+84) 912345678", "０９１２３４５６７８", "09\u200b12345678",
     "0912\u2013345\u2013678", "024 3825 1234", "001099012345", "001.099.012.345", "CCCD",
     "CMND 123 456 789", "123456789", "an@x.vn", "ngày sinh 1/2/1990",
     "sinh ngày 1 tháng 2 năm 1990",
     "Nguyễn Văn An", "NGUYỄN VĂN AN", "Hà Thị Lan", "sinh năm 1990", "born in 1990", "1990-02-01",
     "01.02.2010", "000.00.53.H48-220921-0099", "1.001612.000.00.00.H48", "a3f9c0d2e1b4f5a6",
     "1.234.567 đồng", "Xã Cần Giuộc", "đt", "", "\n", "; ", " - ", "2021", "H", "12"]
)  # fmt: skip
_TEXTS = st.lists(_PIECES, min_size=1, max_size=5).map(" ".join)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(_TEXTS, st.sampled_from(["NFC", "NFD"])), min_size=1, max_size=20))
def test_a_table_is_found_to_hold_what_its_texts_hold(drawn):
    texts = [unicodedata.normalize(form, text) for text, form in drawn]
    expected = [
        ("t", row, hit.kind) for row, text in enumerate(texts, start=1) for hit in scan_text(text)
    ]
    assert scan_table(pd.DataFrame({"t": texts})) == expected


def test_cells_that_hold_personal_data_are_covered_and_no_other():
    table = pd.DataFrame({"value": ["0912345678", "31/06/2022", None], "rule": ["a", "b", "c"]})
    covered = cover(table, ["value"])
    assert covered["value"].tolist()[:2] == ["•••", "31/06/2022"]
    assert covered["value"].isna().tolist() == [False, False, True]
    assert table["value"].tolist()[0] == "0912345678"
