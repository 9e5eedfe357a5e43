from __future__ import annotations

import datetime as dt

import pytest

from commune_pilots.sources import rows


@pytest.mark.parametrize(
    "row",
    [
        ["(1)", "(2)", "(3)=(1)+(2)"],
        [1.0, 2.0, 3.0],
        ["A", "B", "1", "2"],
        ["(1)", "(2)", "(3) = (4)/(5)*100", "(4)"],
        ["a", "b", "1", "2"],
        ["1", "1a", "2"],
    ],
)
def test_a_row_that_numbers_the_columns_is_known(row):
    assert rows.is_numbering(row)


@pytest.mark.parametrize(
    "row", [[1, "Xã A", 2, 3], [4, 5, 6], [1, 3, 9], ["1"], ["A", "B"], [], [1.0, 2.5, 3.0]]
)
def test_other_rows_number_nothing(row):
    assert not rows.is_numbering(row)


@pytest.mark.parametrize(
    "label",
    [
        "Tổng cộng",
        "TỔNG CỘNG",
        "Cộng",
        "Cộng:",
        "Tổng số",
        "Tổng cộng (I+II)",
        "Cộng huyện A",
        "Toàn tỉnh",
        "Tổng",
        "Tổng hồ sơ",
        "Total",
        "II. Tổng cộng",
    ],
)
def test_a_total_is_known_by_its_whole_label(label):
    assert rows.is_total([None, label, 12])


@pytest.mark.parametrize("label", ["Xã Tổng Cọt", "Tổng Cọt", "Cộng Hòa", "Xã Cộng Hiền", "Xã A"])
def test_a_commune_is_no_total(label):
    assert not rows.is_total([1, label, 12])


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (["I", "Cấp huyện", None], "Cấp huyện"),
        (["II.", "Khu vực 2", None], "Khu vực 2"),
        (["A", "Lĩnh vực đất đai"], "Lĩnh vực đất đai"),
        (["I. Huyện Cần Giuộc", None], "I. Huyện Cần Giuộc"),
        (["Huyện Châu Thành", None, None], "Huyện Châu Thành"),
        (["I", "Cấp huyện", 12], ""),
        (["Xã A", None], ""),
        (["1", "Xã A"], ""),
        ([None, None], ""),
    ],
)
def test_a_section_has_a_label_and_no_count(row, label):
    assert rows.section_of(row) == label


@pytest.mark.parametrize(
    "row",
    [
        ["NGƯỜI LẬP BIỂU", None, None, "THỦ TRƯỞNG ĐƠN VỊ"],
        ["KT. CHỦ TỊCH", *[None] * 3],
        ["Long An, ngày 25 tháng 5 năm 2026", *[None] * 3],
        ["Ghi chú: không", *[None] * 3],
        ["* Số tạm tính", *[None] * 3],
        ["(Ký, ghi rõ họ tên)", *[None] * 3],
    ],
)
def test_signatures_days_and_notes_stand_below(row):
    assert rows.is_below(row, width=4)


@pytest.mark.parametrize(
    "row",
    [
        ["Xác nhận tình trạng hôn nhân", "Hộ tịch", "Xã A", "Mới"],
        ["Ghi chú", 12, None, None],
        ["Xã A", None, None, None],
        [None] * 4,
    ],
)
def test_rows_of_data_do_not(row):
    assert not rows.is_below(row, width=4)


@pytest.mark.parametrize("numeral", ["I", "IV", "IX.", "XII)", "A", "B.", "Đ"])
def test_roman_numbers_and_capitals_start_a_section(numeral):
    assert rows.starts_roman([None, numeral, "x"])


@pytest.mark.parametrize("first", ["1", "IIII", "i", "Xã", "AB", 1.0])
def test_other_cells_start_none(first):
    assert not rows.starts_roman([first])


def test_numbers_and_days_are_what_counts():
    assert all(map(rows.is_number, [1, 2.5, "445.365", "61,5%", "-3", "KPS", "1 234"]))
    assert not any(map(rows.is_number, [None, True, "Xã 4", "12-2026a", dt.date(2026, 1, 1)]))
    assert rows.counts([None, dt.date(2026, 1, 1)])
    assert not rows.counts(["a", None])


@pytest.mark.parametrize(
    ("row", "merged", "group"),
    [
        ([None, "Hồ sơ", None, "Kết quả"], False, True),
        ([None, None, "Hồ sơ"], False, True),
        (["Tiêu đề", None, None], False, False),
        (["Hồ sơ", None, None], True, True),
        ([None, "Đơn vị tính: hồ sơ"], True, False),
        (["UBND TỈNH", None, "CỘNG HÒA XÃ HỘI"], True, False),
        ([None, "Tháng 4 năm 2026"], False, False),
        (["Kỳ báo cáo", "Hồ sơ"], False, True),
        ([None, 12], False, False),
        ([None, None], False, False),
    ],
)
def test_a_row_above_groups_names_unless_it_is_a_letterhead(row, merged, group):
    assert rows.is_group(row, merged=merged) is group


@pytest.mark.parametrize(
    ("row", "under", "spells"),
    [
        ([None, "đúng hạn", "quá hạn"], ["Xã", "Đã giải quyết", None], True),
        ([None, "đúng hạn"], ["Xã", "Đã giải quyết"], False),
        (["Xã A", "x", "y"], ["Xã", "Đã giải quyết", None], False),
        ([None, "x", 3], ["Xã", "Đã giải quyết", None], False),
    ],
)
def test_a_row_below_spells_names_out_under_a_blank(row, under, spells):
    assert rows.is_subheader(row, under=under) is spells
