from __future__ import annotations

import pytest
from bad_files import layout

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import RawTable
from commune_pilots.sources.layouts import aliases
from commune_pilots.sources.table_columns import column_of, locate_columns, missing


def _table(*header: str, titles: tuple[str, ...] = ()) -> RawTable:
    rows = [["x"] * len(header)]
    return RawTable(file="a", sheet="", header=header, rows=rows, numbers=[2], titles=titles)


def _locate(table: RawTable) -> tuple[dict[str, int], list[tuple[str, str]]]:
    columns, told = locate_columns(table, layout(), aliases(layout()))
    return columns, [(one.rule, one.column) for one in told]


def test_columns_are_found_wherever_they_stand():
    columns, told = _locate(_table("Hồ sơ > Tiếp nhận", "Tháng", "Mã xã"))
    assert columns == {"received": 0, "period": 1, "unit_code": 2}
    assert told == []


def test_what_is_not_read_is_told_by_its_name():
    _, told = _locate(_table("Tiếp nhận", "STT", "Ghi chú", "Cột mới", ""))
    assert told == [
        ("column_ignored", "Ghi chú"),
        ("column_unknown", "Cột mới"),
        ("column_unnamed", ""),
    ]


@pytest.mark.parametrize(
    "header", ["Họ và tên", "Số CCCD", "SĐT", "Điện thoại liên hệ", "Địa chỉ", "Email", "Chủ hồ sơ"]
)
def test_personal_columns_are_told_as_such(header):
    assert _locate(_table("Tiếp nhận", header))[1] == [("column_personal", header)]


@pytest.mark.parametrize("header", ["CHU_HO_SO", "SoDienThoai", "Ho ten nguoi dan", "So CCCD"])
def test_personal_columns_without_marks_are_told_as_such(header):
    _, told = _locate(_table("Mã xã", "Tháng", "Tiếp nhận", header))
    assert ("column_personal", header) in told


def test_a_column_named_without_marks_is_read_and_told():
    columns, told = _locate(_table("Ma xa", "Tháng", "Tiếp nhận"))
    assert columns["unit_code"] == 0
    assert told == [("header_unaccented", "Ma xa")]


def test_an_empty_column_without_a_header_is_nothing():
    table = RawTable(file="a", sheet="", header=["Tiếp nhận", ""], rows=[[1, None]], numbers=[2])
    assert _locate(table)[1] == []


def test_two_columns_of_one_meaning_are_refused():
    with pytest.raises(InputError, match=r"column “Số hồ sơ”.*the other: “Tiếp nhận”"):
        _locate(_table("Tiếp nhận", "Số hồ sơ"))


def test_a_required_column_that_is_missing_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"no column “Tiếp nhận .*nearest: “Tiep nhận hs”"):
        _locate(_table("Mã xã", "Tiep nhận hs"))
    assert missing(layout(), {"unit": 0}) == ["received"]


@pytest.mark.parametrize(
    "title",
    ["Đơn vị tính: nghìn hồ sơ", "ĐVT: 1.000 hồ sơ", "(Đơn vị: triệu đồng)", "ĐVT: 1000 HS"],
)
def test_a_table_in_thousands_is_refused(title):
    with pytest.raises(InputError, match="thousands or millions"):
        _locate(_table("Tiếp nhận", titles=(title,)))


def test_a_header_in_thousands_is_refused():
    with pytest.raises(InputError, match="thousands or millions"):
        _locate(_table("Tiếp nhận (ĐVT: nghìn hồ sơ)"))


def test_a_table_in_dossiers_is_read():
    assert _locate(_table("Tiếp nhận", titles=("Đơn vị tính: hồ sơ",)))[0] == {"received": 0}


def test_the_column_of_a_kind_of_cells_is_found():
    assert column_of(layout(), {"period": 3, "received": 1}, "period") == 3
    assert column_of(layout(), {"received": 1}, "period") is None
