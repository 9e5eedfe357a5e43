from __future__ import annotations

from typing import Any

import pytest
from bad_files import layout
from office_logs import HEADER, row

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Sheet
from commune_pilots.sources.layouts import aliases
from commune_pilots.sources.log_rows import LogSheet, dossier_rows, find_log

BLANK: list[Any] = [None] * 6


def _log(*rows: list[Any], **marks: Any) -> LogSheet:
    sheet = Sheet(file="a.xlsx", name="T", rows=rows, **marks)
    found = find_log(sheet, aliases(layout("office_list")))
    assert found is not None
    return dossier_rows(found, code=0, day=2)


def _rules(log: LogSheet) -> list[tuple[str, int | None]]:
    return [(one.rule, one.row) for one in log.table.found]


def test_rows_with_a_code_are_dossiers_and_keep_their_numbers():
    log = _log(["DANH SÁCH", *BLANK[1:]], HEADER, row(1), row(2))
    assert (list(log.table.numbers), log.table.titles) == ([3, 4], ["DANH SÁCH"])
    assert _rules(log) == []


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], "numbering_row"),
        (HEADER, "header_repeated"),
        (["I. Lĩnh vực hộ tịch", *BLANK[1:]], "section_row"),
        (["Tổng cộng", None, "12", *BLANK[3:]], "total_row"),
    ],
)
def test_other_rows_are_taken_out_and_told(cells, rule):
    log = _log(HEADER, cells, row(1))
    assert (list(log.table.numbers), _rules(log)) == ([3], [(rule, 2)])


def test_a_row_without_a_code_that_is_no_such_row_stays():
    log = _log(HEADER, row(1), [None, *row()[1:]], row(2))
    assert list(log.table.numbers) == [2, 3, 4]


def test_a_dossier_whose_cells_read_like_a_total_stays():
    log = _log(HEADER, [*row()[:5], "Tổng cộng"])
    assert list(log.table.numbers) == [2]


def test_a_short_number_is_a_code_where_a_day_stands_beside_it():
    log = _log(HEADER, ["7", *row()[1:]], ["8", *BLANK[1:]])
    assert list(log.table.numbers) == [2, 3]


def test_signatures_end_the_log_and_names_below_are_not_told():
    log = _log(HEADER, row(1), BLANK, [None, None, None, "NGƯỜI LẬP BIỂU", None, None],
               [None, None, None, "Nguyễn Văn Ký", None, None])  # fmt: skip
    assert (list(log.table.numbers), _rules(log)) == ([2], [("below_table", 4)])
    assert log.table.found[0].value == ""


def test_dossiers_below_signatures_refuse_the_file():
    with pytest.raises(InputError, match=r"row 4.*below the signatures"):
        _log(HEADER, row(1), [None, None, None, "NGƯỜI LẬP BIỂU", None, None], row(2))


def test_marks_move_with_the_rows_that_stay():
    log = _log(
        HEADER, HEADER, row(1), row(2),
        struck=frozenset({(3, 0)}), hidden=frozenset({2}), percent=frozenset({(3, 1)}),
    )  # fmt: skip
    assert (log.struck, log.hidden, log.table.percent) == ({(1, 0)}, {0}, {(1, 1)})


def test_a_label_merged_down_stands_in_every_row():
    rows = [HEADER, row(1), [row(2)[0], None, *row()[2:]]]
    log = _log(*rows, merged=[(1, 1, 2, 1)])
    assert [one[1] for one in log.table.rows] == ["28159", "28159"]
    assert log.table.filled == {(1, 1)}


def test_a_sheet_that_names_no_columns_holds_no_log():
    named = aliases(layout("office_list"))
    assert find_log(Sheet(file="a", name="", rows=[["x", "y"], ["1", "2"]]), named) is None
