from __future__ import annotations

from typing import Any

import pytest
from bad_files import layout

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Cell, RawTable, Sheet
from commune_pilots.sources.layouts import aliases
from commune_pilots.sources.sheet_tables import find_table

HEADER = ["Mã xã", "Tháng", "Tiếp nhận", "Đúng hạn"]
BODY: list[list[Cell]] = [["27694", "04/2026", 12.0, 9.0], ["28159", "04/2026", 7.0, 5.0]]


def _find(rows: list[list[Any]], **marks: Any) -> RawTable:
    found = find_table(Sheet(file="a.xlsx", name="T4", rows=rows, **marks), aliases(layout()))
    assert found is not None
    return found


def _told(table: RawTable) -> list[tuple[str, int | None]]:
    return [(one.rule, one.row) for one in table.found]


def test_a_plain_table_is_itself():
    table = _find([HEADER, *BODY])
    assert (table.header, table.rows, table.numbers) == (HEADER, BODY, [2, 3])
    assert table.found == []


def test_what_stands_above_becomes_titles():
    table = _find([["BÁO CÁO", *[None] * 3], [None] * 4, HEADER, *BODY])
    assert table.titles == ["BÁO CÁO"]
    assert table.numbers == [4, 5]


def test_what_stands_below_becomes_the_foot_and_ends_the_table():
    table = _find([HEADER, *BODY, [None] * 4, ["NGƯỜI LẬP BIỂU", *[None] * 3]])
    assert table.foot == ["NGƯỜI LẬP BIỂU"]
    assert _told(table) == [("below_table", 5)]


def test_counts_below_the_end_refuse_the_sheet():
    with pytest.raises(InputError, match="sheet T4, row 4"):
        _find([HEADER, BODY[0], ["Ghi chú:", None, None, None], BODY[1]])


def test_a_sheet_without_known_names_holds_no_table():
    assert (
        find_table(Sheet(file="a", name="", rows=[["x", "y"], [1, 2]]), aliases(layout())) is None
    )
    assert find_table(Sheet(file="a", name="", rows=[]), aliases(layout())) is None


def test_names_in_two_rows_are_joined_along_merged_cells():
    rows = [["Mã xã", "Tháng", "Hồ sơ", None], [None, None, "Tiếp nhận", "Đúng hạn"], *BODY]
    table = _find(rows, merged=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3)])
    assert table.header == ["Mã xã", "Tháng", "Hồ sơ > Tiếp nhận", "Hồ sơ > Đúng hạn"]


def test_a_group_above_known_names_stays_with_them():
    rows = [[None, None, "Đang giải quyết", None], HEADER, *BODY]
    table = _find(rows, merged=[(0, 2, 0, 3)])
    assert table.header[2] == "Đang giải quyết > Tiếp nhận"


def test_names_below_the_known_ones_stay_with_them():
    rows = [
        [*HEADER[:3], "Đang giải quyết", None],
        [None] * 3 + ["Đúng hạn", "Quá hạn"],
        *[[*row, 1.0] for row in BODY],
    ]
    assert _find(rows).header[3:] == ["Đang giải quyết > Đúng hạn", "Đang giải quyết > Quá hạn"]


def test_a_label_merged_down_is_filled_in_and_told():
    rows = [["Tỉnh", *HEADER], ["Long An", *BODY[0]], [None, *BODY[1]]]
    table = _find(rows, merged=[(1, 0, 2, 0)])
    assert [row[0] for row in table.rows] == ["Long An", "Long An"]
    assert table.filled == {(1, 0)}
    assert _told(table) == [("merged_filled", 3)]


def test_totals_are_kept_apart_by_their_row():
    table = _find([HEADER, *BODY, ["Tổng cộng", None, 19.0, 14.0]])
    assert dict(table.totals) == {4: ["Tổng cộng", None, 19.0, 14.0]}
    assert table.numbers == [2, 3]


def test_rows_of_a_section_bear_its_name():
    rows = [
        ["TT", *HEADER],
        ["I", "Khu vực 1", None, None, None],
        [1.0, *BODY[0]],
        ["II", "Khu vực 2", None, None, None],
        [2.0, *BODY[1]],
    ]
    table = _find(rows)
    assert table.sections == ["Khu vực 1", "Khu vực 2"]
    assert _told(table) == [("section_row", 2), ("section_row", 4)]


def test_a_roman_row_with_counts_is_the_total_of_its_section():
    rows = [["TT", *HEADER], ["I", "Khu vực 1", None, 19.0, 14.0], [1.0, *BODY[0]], [2.0, *BODY[1]]]
    table = _find(rows)
    assert table.numbers == [3, 4]
    assert list(table.totals) == [2]
    assert table.sections == ["Khu vực 1", "Khu vực 1"]


def test_rows_numbered_in_roman_throughout_are_rows():
    table = _find([["TT", *HEADER], ["I", *BODY[0]], ["II", *BODY[1]]])
    assert table.numbers == [2, 3]


def test_hidden_rows_stay_and_struck_rows_go_and_both_are_told():
    table = _find(
        [HEADER, *BODY, ["00123", "04/2026", 1.0, 1.0]],
        hidden=frozenset({1}),
        struck=frozenset({(3, at) for at in range(4)}),
    )
    assert table.numbers == [2, 3]
    assert _told(table) == [("row_hidden", 2), ("row_struck", 4)]


def test_a_struck_cell_in_a_row_that_counts_refuses_the_sheet():
    with pytest.raises(InputError, match="row 2, column “C”: found “12”"):
        _find([HEADER, *BODY], struck=frozenset({(1, 2)}))


def test_percent_marks_follow_their_cells():
    rows = [["BÁO CÁO", *[None] * 3], HEADER, [None] * 4, *BODY]
    assert _find(rows, percent=frozenset({(4, 3)})).percent == {(1, 3)}


def test_a_numbering_row_and_a_repeated_header_are_taken_out():
    table = _find([HEADER, ["(1)", "(2)", "(3)", "(4)"], BODY[0], HEADER, BODY[1]])
    assert table.numbers == [3, 5]
    assert _told(table) == [("numbering_row", 2), ("header_repeated", 4)]


def test_a_row_of_small_numbers_further_down_is_data():
    table = _find([HEADER, BODY[0], ["1", "2", "3", "4"]])
    assert table.numbers == [2, 3]
