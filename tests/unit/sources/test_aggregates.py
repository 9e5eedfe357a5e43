from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from bad_files import (
    HEADER,
    TODAY,
    counts_of,
    known,
    layout,
    read,
    true_counts,
    written,
    xlsx_bytes,
)

from commune_pilots.errors import InputError
from commune_pilots.sources.aggregates import PLACE, read_aggregate
from commune_pilots.sources.files import read_sheets

FORM_06A = [
    ["Biểu số 06a/VPCP/KSTT"],
    ["TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"],
    ["Tháng 4 năm 2026 (Từ ngày 01/4/2026 đến ngày 30/4/2026)"],
    [
        "TT",
        "Đơn vị/Lĩnh vực",
        "Tiếp nhận",
        None,
        None,
        None,
        "Đã giải quyết",
        None,
        None,
        None,
        "Đang giải quyết",
        None,
        None,
    ],
    [
        None,
        None,
        "Tổng số",
        "Trong kỳ",
        None,
        "Kỳ trước",
        "Tổng số",
        "Trước hạn",
        "Đúng hạn",
        "Quá hạn",
        "Tổng số",
        "Trong hạn",
        "Quá hạn",
    ],
    [None, None, None, "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", *[None] * 8],
    ["(1)", "(2)", "(3)=(4)+(5)+(6)", *[f"({at})" for at in range(4, 14)]],
    ["I", "Khu vực 1", *[None] * 11],
    [1, "Phường Long An", 130, 90, 30, 10, 120, 50, 65, 5, 10, 9, 1],
    [2, "Xã Cần Giuộc", 60, 40, 15, 5, 55, 20, 30, 5, 5, 5, 0],
    ["II", "Khu vực 2", *[None] * 11],
    [3, "Xã Hòa Bình", 22, 10, 10, 2, 20, 10, 10, 0, 2, 2, 0],
    [None, "Tổng cộng", 212, 140, 55, 17, 195, 80, 105, 10, 17, 16, 1],
    [],
    ["NGƯỜI LẬP BIỂU", *[None] * 8, "THỦ TRƯỞNG ĐƠN VỊ"],
]
MERGES = (
    "A1:D1",
    "A2:M2",
    "A3:M3",
    "A4:A6",
    "B4:B6",
    "C4:F4",
    "G4:J4",
    "K4:M4",
    "C5:C6",
    "D5:E5",
    "F5:F6",
    "G5:G6",
    "H5:H6",
    "I5:I6",
    "J5:J6",
    "K5:K6",
    "L5:L6",
    "M5:M6",
)


def _form(rows: list[list[Any]] | None = None) -> bytes:
    def merge(sheet: Any) -> None:
        for one in MERGES:
            sheet.merge_cells(one)

    return xlsx_bytes(rows or FORM_06A, edit=merge)


def _rules(found: Any) -> set[str]:
    return {one.rule for one in found.found}


def test_form_06a_is_read_from_its_three_row_header():
    found = read(_form(), "06a.xlsx", by=layout("form_06a"))
    long_an = found.counts.set_index("unit").loc["27694"]
    assert long_an["period_start"] == pd.Timestamp(2026, 4, 1)
    assert long_an[["received", "online", "counter_post", "carried_over"]].tolist() == [
        130,
        90,
        30,
        10,
    ]
    assert long_an[["processed", "early", "on_time", "late"]].tolist() == [120, 50, 65, 5]
    assert long_an[["pending", "pending_in_time", "pending_late"]].tolist() == [10, 9, 1]
    assert sorted(found.counts["unit"]) == ["00123", "27694", "28159"]


def test_form_06a_tells_its_sections_numbering_total_and_end():
    found = read(_form(), "06a.xlsx", by=layout("form_06a"))
    assert {"numbering_row", "section_row", "total_row", "below_table"} <= _rules(found)
    assert not {one.rule for one in found.found if one.outcome == "flagged"}


def test_form_06a_flags_sums_that_do_not_agree():
    rows = [list(row) for row in FORM_06A]
    rows[8][3] = 91
    rows[12][2] = 213
    found = read(_form(rows), "06a.xlsx", by=layout("form_06a"))
    told = {(one.rule, one.row): one.value for one in found.found if one.outcome == "flagged"}
    assert told[("sum_differs", 9)] == "91 + 30 + 10 ≠ 130"
    assert ("total_differs", 13) in told


def test_form_06a_by_fields_adds_them_up_to_its_unit():
    rows = [list(row) for row in FORM_06A if row[:1] not in (["I"], ["II"])]
    for row, field in zip(rows[7:10], ("Đất đai", "Hộ tịch", "Chứng thực"), strict=True):
        row[1] = field
    by = layout("form_06a").model_copy(update={"rows": "fields", "unit": "27694"})
    found = read(_form(rows), "06a.xlsx", by=by)
    assert found.counts[["unit", "received", "late"]].values.tolist() == [["27694", 212, 10]]


def test_a_field_without_a_count_makes_the_sum_unknown():
    rows = [list(row) for row in FORM_06A if row[:1] not in (["I"], ["II"])]
    rows[8][9] = None
    by = layout("form_06a").model_copy(update={"rows": "fields", "unit": "27694"})
    found = read(_form(rows), "06a.xlsx", by=by)
    assert found.counts["received"].tolist() == [212]
    assert found.counts["late"].isna().tolist() == [True]


def test_fields_without_a_unit_are_refused():
    by = layout("form_06a").model_copy(update={"rows": "fields"})
    with pytest.raises(InputError, match="no column of units"):
        read(_form(), "06a.xlsx", by=by)


def test_counts_come_with_their_place():
    found = read(xlsx_bytes(written(), name="Bảng 1"), "a.xlsx")
    assert tuple(found.counts.columns[: len(PLACE)]) == PLACE
    assert found.counts["row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert set(found.counts["sheet"]) == {"Bảng 1"}
    assert set(found.counts["file"]) == {"a.xlsx"}


def test_sheets_of_one_file_are_read_together_and_held_against_each_other():
    def second(sheet: Any) -> None:
        other = sheet.parent.create_sheet("T5")
        for row in written():
            other.append(row)

    with pytest.raises(InputError, match=r"sheet T5, row 2: unit 27694 .*the other: T4 2"):
        read(xlsx_bytes(written(), name="T4", edit=second), "a.xlsx")


def test_a_sheet_that_shares_few_names_is_passed_over_and_told():
    def second(sheet: Any) -> None:
        sheet.parent.create_sheet("Danh mục").append(["Mã xã", "Tên xã"])
        sheet.parent["Danh mục"].append(["27694", "Phường Long An"])

    found = read(xlsx_bytes(written(), edit=second), "a.xlsx")
    assert counts_of(found) == true_counts()
    assert [one.sheet for one in found.found if one.rule == "sheet_no_table"] == ["Danh mục"]


def test_a_row_of_a_district_is_left_out_and_told():
    rows = [row[1:] for row in written()]
    rows.insert(1, ["Huyện Cần Giuộc", "04/2026", 9, 9, 9, 0, 100.0])
    found = read(xlsx_bytes(rows), "a.xlsx")
    assert counts_of(found) == true_counts()
    assert [one.row for one in found.found if one.rule == "not_a_commune"] == [2]


def test_nothing_is_counted_after_the_day_of_reading():
    sheets = read_sheets(xlsx_bytes(written()), file="a.xlsx")
    with pytest.raises(InputError, match="after the file was read"):
        read_aggregate(sheets, layout(), known=known(), today=dt.date(2026, 3, 31))


def test_reading_changes_no_sheet():
    sheets = read_sheets(xlsx_bytes(written()), file="a.xlsx")
    before = [list(map(tuple, sheet.rows)) for sheet in sheets]
    read_aggregate(sheets, layout(), known=known(), today=TODAY)
    assert [list(map(tuple, sheet.rows)) for sheet in sheets] == before


def test_a_file_without_the_columns_is_refused_with_its_sheets():
    with pytest.raises(InputError, match=r"no table with the declared columns .*Bìa"):
        read(xlsx_bytes([["Báo cáo"], ["Xin gửi"]], name="Bìa"), "a.xlsx")


def test_a_missing_required_column_names_the_nearest_header():
    rows = [[*HEADER[:3], "Tiếp nhân hồ", *HEADER[4:]], *written()[1:]]
    with pytest.raises(InputError, match=r"no column “Tiếp nhận .*nearest: “Tiếp nhân hồ”"):
        read(xlsx_bytes(rows), "a.xlsx")
